"""The files of one day while they are being written, and the one moment at which they appear.

Where they lie is decided in ``day_store``; what becomes of a file that differs from a published one, in ``revisions``.
"""

from collections.abc import Sequence
from pathlib import Path

from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.revisions import Published, put_compared


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
        """Move the files to their place: a new day at once, an existing one file by file in the order written.

        Returns:
            What became of each; the same again if it was called before.

        Raises:
            OSError: if the disk is full or not writable; what was published before is intact.
        """
        if self._published is None:
            for name in self._names:
                atomic.sync_file(self._folder / name)
            new_day = not self._final_folder.exists()
            self._published = self._publish_new_day() if new_day else self._publish_files()
        return self._published

    def _publish_files(self) -> tuple[Published, ...]:
        places = [(self._folder / name, self._final_folder / name) for name in self._names]
        if self._revisions is not None:
            return tuple(put_compared(*each, self._revisions) for each in places)
        published = []
        for draft, final in places:
            published.append(Published(final, "replaced" if final.exists() else "published"))
            atomic.put_in_place(draft, final)
        return tuple(published)

    def _publish_new_day(self) -> tuple[Published, ...]:
        self._final_folder.parent.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o755)  # mkdtemp keeps others out; a published day is for everyone
        atomic.sync_directory(self._folder)
        self._folder.rename(self._final_folder)
        atomic.sync_directory(self._final_folder.parent)
        return tuple(Published(self._final_folder / name, "published") for name in self._names)
