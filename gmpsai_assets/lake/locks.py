"""A lock for the length of a block, whose file goes with it.

What is locked, and for how long, is decided by the callers.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock

from gmpsai_assets.acnet.file_locks import take_lock

_LOG = logging.getLogger(__name__)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock of a file; wait for whoever holds it now.

    The kernel gives the lock back when its holder ends, however it ends. The file is removed with the lock.

    Args:
        path: the lock file; it and its folder are made.

    Raises:
        OSError: the file cannot be made or locked.
    """
    with if_free(path) as held:
        if held:
            yield
            return
    _LOG.warning("another run works on %s; this one waits for it to end", path.stem)
    lock = take_lock(path, wait=True)
    try:
        yield
    finally:
        _give_back(lock, path)


@contextmanager
def if_free(path: Path) -> Iterator[bool]:
    """Hold the lock of a file if nobody else does, without waiting; the value says whether it is held.

    Args:
        path: the lock file; it and its folder are made.

    Raises:
        OSError: the file cannot be made or locked.
    """
    lock = take_lock(path, wait=False)
    try:
        yield lock is not None
    finally:
        _give_back(lock, path)


def _give_back(lock: BaseFileLock | None, path: Path) -> None:
    if lock is not None:
        # Removed while the lock is still held, so that nobody's new lock file is removed.
        path.unlink(missing_ok=True)
        lock.release()
