"""The files of one day while they are being written, and the one moment at which they appear, all of them.

Where they lie is decided in ``day_store``; what becomes of a file that differs from a published one, in ``revisions``.
"""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.atomic import put_folder
from gmpsai_assets.lake.revisions import Published, kept_if_different, kept_if_removed

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)
_BROKEN = (errno.EIO,)
_APART = (errno.EXDEV,)
_NO_FOLDER = (errno.EEXIST, errno.ENOTDIR)

_WHAT = {
    **dict.fromkeys(_FULL, "there is no space left"),
    **dict.fromkeys(_NOT_WRITABLE, "it cannot be written"),
    **dict.fromkeys(_BROKEN, "the disk reports an error"),
    **dict.fromkeys(_APART, "its folders lie on different file systems"),
    **dict.fromkeys(_NO_FOLDER, "something else is where a folder should be"),
}
_NEXT_STEPS = {
    **dict.fromkeys(
        _FULL, "Make room (a day of 47 parameters takes about 1.3 GB while it is pulled)"
    ),
    **dict.fromkeys(_NOT_WRITABLE, "Make the folder writable for the user of this process"),
    **dict.fromkeys(_BROKEN, "Look at the disk and at the system's log"),
    **dict.fromkeys(
        _APART,
        "Mount the whole data directory, or make the table's folder a symbolic link to a folder inside the mount",
    ),
    **dict.fromkeys(_NO_FOLDER, "Mount the disk that a link leads to, or move the file away"),
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
        named = error.filename2 or error.filename
        place = f" at {named}" if named else ""
        msg = (
            f"{what} could not be stored under {root}: {_WHAT[number]}{place} ({error.strerror or error}). "
            "What was published before is intact, and finished subjects are kept as drafts as far as they fitted. "
            f"{_NEXT_STEPS[number]}, then materialise the day again."
        )
        raise DayNotStoredError(number, msg) from error


_DATA = ".parquet"


class Publication:
    """The files of one day while they are being written.

    Args:
        folder: where they are written.
        final_folder: where they will appear.
        revisions: where replaced files are kept, after a comparison; None to replace without asking.
    """

    def __init__(self, folder: Path, final_folder: Path, revisions: Path | None = None) -> None:
        self._folder, self._final_folder, self._revisions = folder, final_folder, revisions
        self._names: list[str] = []
        self._published: tuple[Published, ...] | None = None

    def file(self, name: str) -> Path:
        """Where to write the file that will have this name in the day's folder."""
        self._names.append(name)
        return self._folder / name

    @property
    def names(self) -> Sequence[str]:
        """The files asked for so far."""
        return tuple(self._names)

    def publish(self) -> tuple[Published, ...]:
        """Put all files in their place at once; whatever else the day's folder holds leaves it, data as a revision.

        Everything that needs room or can fail is done before: the comparison, the revisions, the way to the disk.

        Returns:
            What became of each, those that left last; the same again if it was called before.

        Raises:
            OSError: if the disk is full or not writable; all that was published before is intact.
        """
        if self._published is None:
            for name in self._names:
                atomic.sync_file(self._folder / name)
            published = (*map(self._compared, self._names), *self._left())
            if any(each.what != "unchanged" for each in published):
                self._put(published)
            self._published = published
        return self._published

    def _compared(self, name: str) -> Published:
        draft, final = self._folder / name, self._final_folder / name
        if self._revisions is not None:
            return kept_if_different(draft, final, self._revisions)
        return Published(final, "replaced" if final.exists() else "published")

    def _left(self) -> list[Published]:
        data = atomic.visible_files(self._final_folder, f"*{_DATA}")
        return [
            kept_if_removed(file, self._revisions)
            if self._revisions is not None
            else Published(file, "removed")
            for file in data
            if file.name not in self._names
        ]

    def _put(self, published: Sequence[Published]) -> None:
        for each in published:
            if each.what == "unchanged":
                self._take_along(each.file)
        put_folder(self._folder, self._final_folder)

    def _take_along(self, file: Path) -> None:
        target = self._folder / file.name
        target.unlink(missing_ok=True)
        atomic.link_or_copy(file, target)
