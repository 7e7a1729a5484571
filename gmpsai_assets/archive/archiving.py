"""The archive of one day: which files go to the tape path, under which names, and the manifest that makes it archived.

How a file gets there belongs to ``tape``. The manifest lists the day's files with sizes and checksums and is written
last: a day whose manifest is stored is archived.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.archive.tape import (
    AlreadyArchivedError,
    Fingerprint,
    Stored,
    TapeStore,
    fingerprint,
)
from gmpsai_assets.archive.tape_mark import TapeError
from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.json_objects import (
    ForeignContentError,
    json_object,
    made_of,
    member,
    objects,
)
from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.lake.tables import column

MANIFEST_FILE = "manifest.json"


MANIFEST_FILES = pa.schema(
    [
        column("name", pa.string(), "name of the file in the tape path"),
        column("size", pa.int64(), "size of the file, read back", "bytes"),
        column("adler32", pa.string(), "checksum as dCache reports it, eight hexadecimal digits"),
        column("sha256", pa.string(), "checksum of the bytes, 64 hexadecimal digits"),
    ]
)
"""The columns of the list ``files`` of a manifest."""


@dataclass(frozen=True)
class Manifest:
    """What is archived of a day as of one moment.

    A day that changed has several, ``manifest.json``, ``manifest.r1.json`` and so on. **The one with the highest
    sequence number is in force**, whichever of the older files it lists again.

    Attributes:
        day: the local day.
        sequence: 0 for the first manifest of the day, then counted up.
        archived_at: when it was written, aware.
        files: the day's files; a file that did not change keeps the name it was archived under.
    """

    day: str
    sequence: int
    archived_at: datetime
    files: tuple[Stored, ...]

    def to_bytes(self) -> bytes:
        """The manifest as JSON in UTF-8."""
        window = day_window(self.day)
        document = {
            "day": self.day,
            "sequence": self.sequence,
            "archived_at": self.archived_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
            "files": [{"name": file.name, **asdict(file.fingerprint)} for file in self.files],
        }
        return json.dumps(document, indent=2).encode() + b"\n"

    def lists(self, files: Sequence[Stored]) -> bool:
        """Whether these files, with these names and bytes, are what it lists."""
        return _identities(self.files) == _identities(files)


def parse_manifest(content: bytes, name: str, sequence: int) -> Manifest:
    """Read a manifest back.

    Args:
        content: its bytes.
        name: its name in the tape path, for the message.
        sequence: its number by its name; one that says another number is not what was written.

    Raises:
        TapeError: it is no manifest, or not the one of that name.
    """
    try:
        document = json_object(content)
        found = Manifest(
            day=member(document, "day", str),
            sequence=member(document, "sequence", int),
            archived_at=_instant(member(document, "archived_at", str)),
            files=tuple(_stored(entry) for entry in objects(document, "files")),
        )
    except ForeignContentError as error:
        msg = f"{name} in the tape path cannot be read as a manifest: {error!r}; look at it before archiving that day"
        raise TapeError(msg) from error
    if found.sequence != sequence:
        msg = f"{name} in the tape path says that it is number {found.sequence}; look at it before archiving that day"
        raise TapeError(msg)
    return found


def _stored(entry: Mapping[str, Any]) -> Stored:
    return Stored(member(entry, "name", str), made_of(Fingerprint, entry), existed=True)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r:.80} is no time"
        raise ForeignContentError(msg) from error


def _identities(files: Sequence[Stored]) -> list[tuple[str, Fingerprint]]:
    return [(file.name, file.fingerprint) for file in files]


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
