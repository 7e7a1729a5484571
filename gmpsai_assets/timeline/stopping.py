"""The clean end on a signal: at once while waiting or asking, after the write while writing.

A signal's handler runs in the middle of anything, so it must not take a lock; it sets a flag, and breaks off only what
was declared as interruptible.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequested(BaseException):
    """Somebody asked for the end. Not an ``Exception``: nothing that handles failures may catch it."""


class StopSwitch:
    """Remembers that the end was asked for."""

    def __init__(self) -> None:
        self.requested = False
        self._interruptible = False

    def listen(self) -> None:
        """Take SIGTERM, SIGINT and SIGHUP as requests to end; only the main thread can."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)

    def request(self) -> None:
        """Ask for the end from another thread: what is under way goes on until it is done."""
        self.requested = True

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Within the block a signal ends what is under way.

        Raises:
            StopRequested: the end was asked for, before or within.
        """
        self._interruptible = True
        try:
            if self.requested:
                raise StopRequested
            yield
        finally:
            self._interruptible = False

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True
        if self._interruptible:
            raise StopRequested
