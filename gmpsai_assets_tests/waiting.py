"""Tells a test when another thread has begun to wait for a lock, so that no test has to guess how long that takes."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

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
