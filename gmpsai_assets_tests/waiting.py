"""Waits that end by themselves: for a process or thread to end, for its first line, for a lock to be waited for."""

import logging
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

LIMIT_SECONDS = 120.0
"""Far more than anything in a test takes on a busy machine: whoever waits so long waits for ever."""

_LOCKS = logging.getLogger("gmpsai_assets.lake.locks")


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.waits = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "this one waits" in record.getMessage():
            self.waits.set()


@contextmanager
def somebody_waits() -> Iterator[threading.Event]:
    """Within the block, an event that is set as soon as a lock is waited for in this process."""
    listener = _Listener()
    _LOCKS.addHandler(listener)
    try:
        yield listener.waits
    finally:
        _LOCKS.removeHandler(listener)


def wait_for_end(*others: threading.Thread | BaseProcess, seconds: float = LIMIT_SECONDS) -> None:
    """Wait until threads and processes have ended; a process that does not end is killed, and the test fails.

    A thread cannot be killed: start it with ``daemon=True``, so that it does not keep the test run from ending.
    """
    for other in others:
        other.join(timeout=seconds)
        if other.is_alive():
            if isinstance(other, BaseProcess):
                other.kill()
            raise AssertionError(f"{other.name} has not ended within {seconds:g} s")


def first_line(process: subprocess.Popen[str], seconds: float = LIMIT_SECONDS) -> str:
    """The first line that a process prints; one that stays silent is killed, and gives what it printed."""
    assert process.stdout is not None
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        return process.stdout.readline()
    finally:
        timer.cancel()
