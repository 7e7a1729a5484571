"""The archive of one day: which files go to the tape path, under which names, and when a manifest is written.

How a file gets there belongs to ``tape``, what a manifest says to ``manifest``. A day whose manifest is stored is
archived; the manifest comes last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from gmpsai_assets.archive.manifest import MANIFEST_FILE, Manifest, parse_manifest
from gmpsai_assets.archive.tape import (
    AlreadyArchivedError,
    Stored,
    TapeError,
    TapeStore,
    fingerprint,
)
from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.schemas import DAY_TABLES

_MOST_REVISIONS = 1000


@dataclass(frozen=True)
class ArchivedDay:
    """A day in the tape path.

    Attributes:
        manifest: name of the manifest in force, in the tape path.
        sequence: its number.
        archived_at: when it was written, aware.
        files: the day's files, read back and equal.
        new_files: how many of them were not there before.
        size: bytes of all files together.
    """

    manifest: str
    sequence: int
    archived_at: datetime
    files: tuple[Stored, ...]
    new_files: int
    size: int


def archive_day(lake: Lake, tape: TapeStore, day: str) -> ArchivedDay:
    """Put all published files of a day into the tape path, then a manifest that lists them.

    A file that changed since it was archived is stored beside the old one as a numbered revision. Archiving a day
    again whose files are those of its newest manifest stores nothing. Two archivers at once both end well.

    Raises:
        DayNotPublishedError: a table has no file of that day; nothing was stored.
        TapeError: a file could not be stored; those stored before stay, and a later call goes on.
    """
    files = list(_files(lake, day))
    stored = tuple(_put_revision(tape, file, folder) for folder, file in files)
    name, manifest = _put_manifest(tape, day, stored)
    return ArchivedDay(
        manifest=name,
        sequence=manifest.sequence,
        archived_at=manifest.archived_at,
        files=stored,
        new_files=sum(not file.existed for file in stored),
        size=sum(file.fingerprint.size for file in stored),
    )


def newest_manifest(tape: TapeStore, day: str) -> tuple[str, Manifest] | None:
    """Name and content of the manifest in force, by which a day is restored; None if the day is not archived.

    Raises:
        TapeError: it cannot be read.
    """
    found = None
    for sequence in range(_MOST_REVISIONS):
        name = _revision_name(_folder(day), MANIFEST_FILE, sequence)
        if not tape.exists(name):
            break
        found = name, sequence
    return found and (found[0], parse_manifest(tape.read(found[0]), *found))


def _put_manifest(tape: TapeStore, day: str, files: tuple[Stored, ...]) -> tuple[str, Manifest]:
    """Store a manifest of these files as the newest, unless the newest lists just these."""
    while True:
        newest = newest_manifest(tape, day)
        if newest and newest[1].lists(files):
            return newest
        sequence = newest[1].sequence + 1 if newest else 0
        if sequence >= _MOST_REVISIONS:
            raise _too_many_revisions(tape, f"{_folder(day)}/{MANIFEST_FILE}")
        manifest = Manifest(day, sequence, datetime.now(UTC), files)
        name = _revision_name(_folder(day), MANIFEST_FILE, sequence)
        with TemporaryDirectory() as scratch:
            local = Path(scratch) / MANIFEST_FILE
            local.write_bytes(manifest.to_bytes())
            try:
                tape.put(local, name)
            except AlreadyArchivedError:
                continue  # another archiver took that number: look at what it stored
        return name, manifest


def _put_revision(tape: TapeStore, local: Path, folder: str) -> Stored:
    """Store a file under its name, or under that of its next revision if other bytes have it."""
    wanted = fingerprint(local)
    for revision in range(_MOST_REVISIONS):
        candidate = _revision_name(folder, local.name, revision)
        present = tape.stat(candidate)
        if present is not None and present != wanted:
            continue
        try:
            return tape.put(local, candidate)
        except AlreadyArchivedError:
            continue  # another archiver stored other bytes meanwhile
    raise _too_many_revisions(tape, f"{folder}/{local.name}")


def _revision_name(folder: str, name: str, revision: int) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{folder}/{name if revision == 0 else f'{stem}.r{revision}{dot}{suffix}'}"


def _too_many_revisions(tape: TapeStore, name: str) -> TapeError:
    return TapeError(
        f"{name} has {_MOST_REVISIONS} revisions in {tape}; something rewrites that day: find it before archiving again"
    )


def _folder(day: str) -> str:
    # A few hundred files a directory at most, so days are grouped by year and month.
    return f"{day[:4]}/{day[5:7]}/{day}"


def _files(lake: Lake, day: str) -> Iterator[tuple[str, Path]]:
    """Folder in the tape path and local path of each published file."""
    missing = [table.name for table in DAY_TABLES if not lake.day_files(table, day)]
    if missing:
        msg = f"{', '.join(missing)} of {day} not published; materialise that day first, nothing of it was archived"
        raise DayNotPublishedError(msg)
    for table in DAY_TABLES:
        for file in lake.day_files(table, day):
            yield f"{_folder(day)}/{table.name}", file
