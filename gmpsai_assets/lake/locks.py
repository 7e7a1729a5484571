"""A lock file that one process at a time can hold, and that no killed process can leave locked.

What is locked, and for how long, is said by the callers.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOG = logging.getLogger(__name__)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock of a file; wait for whoever holds it now.

    The kernel gives the lock back when its holder ends, however it ends. The file is removed with the lock.

    Args:
        path: the lock file; it and its folder are made.

    Raises:
        OSError: if the file cannot be made.
    """
    descriptor = _acquire(path)
    try:
        yield
    finally:
        _give_back(descriptor, path)


@contextmanager
def if_free(path: Path) -> Iterator[bool]:
    """Hold the lock of a file if nobody else does, without waiting; tells whether it is held.

    Args:
        path: the lock file.

    Raises:
        OSError: if the file cannot be made.
    """
    descriptor = _opened(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held = _is_at(descriptor, path)
    except BlockingIOError:
        held = False
    try:
        yield held
    finally:
        if held:
            _give_back(descriptor, path)
        else:
            os.close(descriptor)


def _give_back(descriptor: int, path: Path) -> None:
    # Removed while the lock is still held, so that nobody's new lock file is removed.
    path.unlink(missing_ok=True)
    os.close(descriptor)


def _opened(path: Path) -> int:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            continue  # the folder was removed between the two lines


def _acquire(path: Path) -> int:
    while True:
        descriptor = _opened(path)
        try:
            _wait(descriptor, path)
            if _is_at(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the holder before removed the file: try for the new one


def _wait(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _LOG.warning("another run works on %s; this one waits for it to end", path.stem)
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
