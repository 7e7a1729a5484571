"""The archive of one day: which files go to the tape path, under which names, with which manifest.

How a file gets there belongs to ``tape``. A day whose manifest is stored is archived; the manifest comes last.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.fingerprint import fingerprint
from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.lake.tape import Stored, TapeStore

_MOST_REVISIONS = 1000


@dataclass(frozen=True)
class ArchivedDay:
    """A day in the tape path.

    Attributes:
        manifest: name of the manifest in the tape path.
        files: the day's files, read back and equal.
        new_files: how many of them were not there before.
        size: bytes of all files together.
    """

    manifest: str
    files: tuple[Stored, ...]
    new_files: int
    size: int


def archive_day(lake: Lake, tape: TapeStore, day: str) -> ArchivedDay:
    """Put all published files of a day into the tape path, then a manifest that lists them.

    A file that changed since it was archived is stored beside the old one as a numbered revision;
    archiving an unchanged day again stores nothing.

    Raises:
        TapeError: a file could not be stored; those stored before stay, and a later call goes on.
    """
    stored = tuple(
        _put_revision(tape, file, folder, file.name) for folder, file in _files(lake, day)
    )
    listing = json.dumps(manifest(day, stored), indent=2).encode() + b"\n"
    with TemporaryDirectory() as scratch:
        local = Path(scratch) / "manifest.json"
        local.write_bytes(listing)
        written = _put_revision(tape, local, _folder(day), local.name)
    return ArchivedDay(
        manifest=written.name,
        files=stored,
        new_files=sum(not file.existed for file in stored),
        size=sum(file.fingerprint.size for file in stored),
    )


def manifest(day: str, files: tuple[Stored, ...]) -> dict[str, Any]:
    """The manifest: the day, its window in UTC, and name, size and checksums of each file."""
    window = day_window(day)
    return {
        "day": day,
        "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
        "files": [{"name": file.name, **asdict(file.fingerprint)} for file in files],
    }


def _folder(day: str) -> str:
    # A few hundred files a directory at most, so days are grouped by year and month.
    return f"{day[:4]}/{day[5:7]}/{day}"


def _files(lake: Lake, day: str) -> Iterator[tuple[str, Path]]:
    for table in DAY_TABLES:
        for file in lake.day_files(table, day):
            yield f"{_folder(day)}/{table.folder}", file


def _put_revision(tape: TapeStore, local: Path, folder: str, name: str) -> Stored:
    wanted = fingerprint(local)
    stem, dot, suffix = name.rpartition(".")
    for revision in range(_MOST_REVISIONS):
        candidate = f"{folder}/{name if revision == 0 else f'{stem}.r{revision}{dot}{suffix}'}"
        present = tape.stat(candidate)
        if present is None or present == wanted:
            return tape.put(local, candidate)
    msg = f"{folder}/{name} has {_MOST_REVISIONS} revisions in {tape}; something rewrites that day"
    raise RuntimeError(msg)
