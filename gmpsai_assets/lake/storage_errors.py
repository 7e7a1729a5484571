"""What a person is told when the data directory takes nothing more: what happened, to which day, and what to do.

Only the wording belongs here; nothing is caught and passed over.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)
_BROKEN = (errno.EIO,)

_WHAT = {
    **dict.fromkeys(_FULL, "there is no space left"),
    **dict.fromkeys(_NOT_WRITABLE, "it cannot be written"),
    **dict.fromkeys(_BROKEN, "the disk reports an error"),
}
_NEXT_STEPS = {
    **dict.fromkeys(
        _FULL, "Make room (a day of 47 parameters takes about 1.3 GB while it is pulled)"
    ),
    **dict.fromkeys(_NOT_WRITABLE, "Make the folder writable for the user of this process"),
    **dict.fromkeys(_BROKEN, "Look at the disk and at the system's log"),
}


class DayNotStoredError(OSError):
    """A day could not be written to the data directory; what was published before is intact."""


@contextmanager
def explained_storage(what: str, root: Path) -> Iterator[None]:
    """Turn the system's error of a disk that is full, broken or not writable into a ``DayNotStoredError``.

    Args:
        what: the table and day that are being written.
        root: the data directory.
    """
    try:
        yield
    except DayNotStoredError:
        raise
    except OSError as error:
        number = error.errno
        if number not in _WHAT:
            raise
        msg = (
            f"{what} could not be stored under {root}: {_WHAT[number]} ({error.strerror or error}). "
            "What was published before is intact, and finished subjects are kept as drafts as far as they fitted. "
            f"{_NEXT_STEPS[number]}, then materialise the day again."
        )
        raise DayNotStoredError(number, msg) from error
