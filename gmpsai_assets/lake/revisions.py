"""Replacing a published file without fear: the older one is kept under a number, with what differs.

Whether two files differ is decided in ``difference``; where a day's files lie, in ``day_store``; how the newer ones get
to their place, in ``publication``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.difference import FileDifference, file_difference
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named

What = Literal["published", "unchanged", "replaced", "removed"]


@dataclass(frozen=True)
class Published:
    """What became of one file of a publication.

    Attributes:
        file: the published file.
        what: ``published`` for the first time, ``unchanged`` because the content is the same, ``replaced``, or
            ``removed`` because it is no part of the day any more.
        revision: the number under which the older file is kept.
        difference: how the newer one differs; None where nothing was compared or the older one is unreadable.
    """

    file: Path
    what: What
    revision: int | None = None
    difference: FileDifference | None = None

    def __str__(self) -> str:
        if self.what == "removed" and self.revision is not None:
            return (
                f"{self.file.name} is no part of the day any more; kept as revision {self.revision}"
            )
        if self.revision is None:
            return f"{self.file.name} {self.what}"
        how = "the older file could not be read" if self.difference is None else self.difference
        return f"{self.file.name} replaced, the older one kept as revision {self.revision}: {how}"


@dataclass(frozen=True)
class Revision:
    """An older file of a day that another one has replaced; 1 is the oldest.

    Attributes:
        number: counts from 1 for each file of a day.
        file: the older file, as it was.
        record: when it was replaced, and the difference to its successor.
    """

    number: int
    file: Path
    record: Mapping[str, Any]


def kept_if_different(draft: Path, final: Path, revisions: Path) -> Published:
    """Compare a draft file with the published one, and keep that as a revision if the content differs.

    Nothing is published here: both files stay where they are.

    Args:
        draft: the finished file.
        final: its place.
        revisions: the folder for older files of the day, on the same file system.

    Raises:
        OSError: if the disk is full or not writable.
    """
    if not final.exists():
        return Published(final, "published")
    difference = _difference(final, draft)
    if difference is not None and not difference:
        return Published(final, "unchanged")
    number = _keep(final, draft, revisions, difference)
    return Published(final, "replaced", number, difference)


def kept_if_removed(final: Path, revisions: Path) -> Published:
    """Keep a published file that leaves the day as a revision.

    Raises:
        OSError: if the disk is full or not writable.
    """
    return Published(final, "removed", _keep(final, None, revisions, None))


def revisions_in(folder: Path, name: str) -> list[Revision]:
    """The older versions of one file, the oldest first.

    Args:
        folder: the day's folder of revisions; it need not exist.
        name: the file's name, such as ``MLrn.parquet``.
    """
    return [
        Revision(number, path, json.loads(_record_path(path).read_text()))
        for number, path in _numbered(folder, name)
    ]


def _difference(older: Path, newer: Path) -> FileDifference | None:
    try:
        with damage_named(older):
            return file_difference(older, newer)
    except DamagedFileError:
        return None  # damaged, or of another program: worth keeping, impossible to compare


def _keep(older: Path, newer: Path | None, folder: Path, difference: FileDifference | None) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    kept = list(_numbered(folder, older.name))
    number = kept[-1][0] + 1 if kept else 1
    if kept and kept[-1][1].samefile(older):
        number = kept[-1][0]  # a run that was killed between keeping and replacing
    path = folder / f"{older.stem}.r{number}{older.suffix}"
    record = {
        "file": older.name,
        "revision": number,
        "replaced_at": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "older_pulled_at": _pulled_at(older),
        "newer_pulled_at": None if newer is None else _pulled_at(newer),
        "difference": None if difference is None else difference.as_json(),
    }
    # The record first: a revision then always has one.
    atomic.write_bytes(_record_path(path), json.dumps(record, indent=2).encode() + b"\n")
    if not path.exists():
        atomic.link_or_copy(older, path)
    atomic.sync_directory(folder)
    return number


def _numbered(folder: Path, name: str) -> Iterator[tuple[int, Path]]:
    stem, suffix = Path(name).stem, Path(name).suffix
    numbers = (
        path.name.removeprefix(f"{stem}.r").removesuffix(suffix)
        for path in folder.glob(f"{stem}.r*{suffix}")
    )
    for number in sorted(int(text) for text in numbers if text.isdecimal()):
        yield number, folder / f"{stem}.r{number}{suffix}"


def _record_path(revision: Path) -> Path:
    return revision.with_suffix(".json")


def _pulled_at(file: Path) -> str | None:
    try:
        with damage_named(file):
            return read_metadata(file).get("pulled_at")
    except DamagedFileError:
        return None
