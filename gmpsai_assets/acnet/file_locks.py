"""The kernel's lock on a file: one process at a time holds it, and whoever ends gives it back, however it ends.

The one place that takes such a lock, and that says what to do where a file system has none. What is locked, and for
how long, belongs to the callers.
"""

import errno
from pathlib import Path
from typing import Literal, overload

from filelock import BaseFileLock, Timeout, UnixFileLock

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems without locks answer: some NFS, FUSE and cluster mounts."""

_POLL_SECONDS = 0.01


@overload
def take_lock(path: Path, *, wait: Literal[True]) -> BaseFileLock: ...
@overload
def take_lock(path: Path, *, wait: Literal[False]) -> BaseFileLock | None: ...
def take_lock(path: Path, *, wait: bool) -> BaseFileLock | None:
    """Take the lock of a file; ``release`` gives it back. It can be released in another thread.

    Args:
        path: the lock file; it and its folder are made, as the umask lets them be. What it holds stays.
        wait: whether to wait for whoever holds it now.

    Returns:
        The lock, held; None if another holds it and this call does not wait.

    Raises:
        OSError: the file cannot be made, or its file system has no locks; the message then names the way out.
    """
    # No soft lock in its place: that one would stay locked after its holder was killed.
    lock = UnixFileLock(
        path, thread_local=False, poll_interval=_POLL_SECONDS, fallback_to_soft=False
    )
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=wait)
        except Timeout:
            return None
        except FileNotFoundError:
            continue  # the folder was removed between the two lines
        except PermissionError as error:
            msg = (
                f"{path} may not be locked by the account of this process: another one has made it, or its folder. "
                f"Where accounts share a data directory, let it belong to their group and set their umask to 002; "
                f"make what is there already writable for the group (chmod -R g+w)"
            )
            raise PermissionError(error.errno, msg) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            msg = (
                f"{path} cannot be locked: its file system has no file locks ({error.strerror}), and without them two "
                "runs would overwrite each other's work. Mount it with locks, or set GMPSAI_DATA_DIR (of a site: "
                "GMPSAI_SITE_DIR) to a folder on a local disk"
            )
            raise OSError(error.errno, msg) from error
        return lock
