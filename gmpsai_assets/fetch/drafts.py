"""Drafts: what came of the subjects of a pull that is not published yet, so that a later run need not fetch it again.

A draft is an Arrow file behind a line with its checksum, under ``drafts/``, written whole or not at all. What is
published belongs to ``lake``.
"""

import hashlib
import io
import json
import logging
import re
import shutil
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.fetch.outcome import Outcome, SubjectData
from gmpsai_assets.fetch.progress import progress_path
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.json_objects import ForeignContentError, json_object, member
from gmpsai_assets.lake.locks import if_free
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named
from gmpsai_assets.lake.tables import DayTable

_OUTCOME = b"outcome"
_ORIGIN = b"origin"
_PULL_FILE = "pull.json"
_HEAD_BYTES = 64
"""Length of the line before the Arrow file; Arrow wants its buffers at multiples of 64."""

_GRACE = timedelta(days=30)
"""Drafts stay so much longer than the logger's memory: a person may still publish them with ``allow_partial``."""

_DAY = r"(\d{4}-\d\d-\d\d)"
_LOG = logging.getLogger(__name__)


def stay_until(since: datetime, kept_days: float) -> datetime:
    """Until when drafts stay at least, if their day is not published before.

    Args:
        since: the last pull that worked with them, aware; the day that they are of does not matter.
        kept_days: how long the logger keeps samples, in days of 24 hours.
    """
    return since + timedelta(days=kept_days) + _GRACE


class Drafts:
    """The drafts of one table and day, from one source and window; safe to share between threads.

    Args:
        folder: the lake's folder of drafts.
        table: name of the table.
        day: the partition key.
        origin: whatever makes drafts foreign when it differs: source, window, node.
    """

    def __init__(self, folder: Path, table: str, day: str, origin: Mapping[str, Any]) -> None:
        known = {"table": table, "day": day, **origin}
        self._origin = json.dumps(known, sort_keys=True, default=str).encode()
        self._folder = folder / f"{table}-{day}-{hashlib.sha256(self._origin).hexdigest()[:12]}"
        self._verified: set[str] = set()

    def begin(
        self, now: Callable[[], datetime] = utc_now, kept_days: float = KEPT_DAYS
    ) -> datetime:
        """Make the folder; returns the time at which this pull was first begun (UTC, seconds).

        Its drafts are as young as this moment from now on, and stay as long as the logger's memory asks for.

        Args:
            now: gives the present moment, aware.
            kept_days: how long the logger keeps samples, in days of 24 hours.
        """
        path = self._folder / _PULL_FILE
        before = _read_note(path)
        begun = now().replace(microsecond=0) if before is None else before.begun
        longest = kept_days if before is None else max(kept_days, before.kept_days)
        # Written anew and not only touched: the older one may be another account's.
        atomic.write_bytes(path, _Note(begun, longest).to_bytes())
        return begun

    def store(self, rows: pa.Table, outcome: Outcome) -> None:
        """Keep what came of a subject.

        Raises:
            OSError: if it cannot be written; no part of it is left.
        """
        final = self._path(outcome.subject)
        draft = atomic.unused_name(final)
        described = json.dumps(asdict(outcome)).encode()
        schema = rows.schema.with_metadata({_OUTCOME: described, _ORIGIN: self._origin})
        try:
            with draft.open("xb", buffering=0) as file:
                file.write(bytes(_HEAD_BYTES))
                content = _Summed(file)
                with pa.ipc.new_file(content, schema) as writer:
                    writer.write_table(rows.cast(schema))
                file.seek(0)
                file.write(_head(content.size, content.checksum))
            draft.replace(final)
        finally:
            draft.unlink(missing_ok=True)
        self._verified.add(outcome.subject)

    def load(self, subject: str) -> SubjectData | None:
        """What is kept of a subject, or None. A damaged draft, as a power cut can leave it, is removed.

        Raises:
            OSError: if the disk cannot be read.
        """
        path = self._path(subject)
        try:
            with damage_named(path):
                return self._read(path, subject)
        except FileNotFoundError:
            return None
        except DamagedFileError as error:
            _LOG.warning("the draft of %s is removed and fetched again: %s", subject, error)
            path.unlink(missing_ok=True)
            return None

    def _read(self, path: Path, subject: str) -> SubjectData:
        content = _mapped(path)
        if subject not in self._verified:
            # One of an earlier process is read through: its length and its readability say nothing about its bytes.
            _compare(content.slice(0, _HEAD_BYTES).to_pybytes(), _head_of(content))
        rows = pa.ipc.open_file(content.slice(_HEAD_BYTES)).read_all()
        described = rows.schema.metadata or {}
        _compare(described.get(_ORIGIN), self._origin)
        outcome = Outcome.from_metadata(json_object(described.get(_OUTCOME, b"")))
        _compare((outcome.subject, outcome.rows), (subject, rows.num_rows))
        self._verified.add(subject)
        return SubjectData(rows.replace_schema_metadata(None), outcome)

    def _path(self, subject: str) -> Path:
        # Device names hold ':' and '|'; the hexadecimal form is safe on every file system.
        return self._folder / f"{subject.encode().hex()}.arrow"


def remove_drafts(folder: Path, table: str, day: str) -> None:
    """Forget all drafts of a table and day, those of other lists and sources too; called when it is published."""
    for drafts in folder.glob(f"{table}-{day}-*"):
        shutil.rmtree(drafts, ignore_errors=True)


def _mapped(path: Path) -> pa.Buffer:
    with pa.memory_map(str(path)) as source:
        return source.read_buffer()


class _Summed:
    """What Arrow writes a file to: passes it on, and keeps its length and CRC-32, so that it need not be read again."""

    closed = False

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.size = 0
        self.checksum = 0

    def tell(self) -> int:
        return self.size

    def write(self, data: bytes | pa.Buffer) -> int:
        rest = memoryview(data).cast("B")
        written = len(rest)
        self.size += written
        self.checksum = zlib.crc32(rest, self.checksum)
        while rest:
            rest = rest[self._file.write(rest) :]
        return written

    def flush(self) -> None:
        """The file below has no buffer."""


def _head_of(content: pa.Buffer) -> bytes:
    return _head(content.size - _HEAD_BYTES, zlib.crc32(content.slice(_HEAD_BYTES)))


def _head(size: int, checksum: int) -> bytes:
    """The first bytes of a draft: what it is, and length and CRC-32 of all that follows."""
    line = f"gmpsai draft, {size} bytes, crc32 {checksum:08x}\n".encode()
    return line.ljust(_HEAD_BYTES, b"\0")


def _compare(found: object, expected: object) -> None:
    if found != expected:
        msg = f"{found!r} where {expected!r} is due"
        raise ForeignContentError(msg)


@dataclass(frozen=True)
class _Note:
    """What lies with the drafts of a pull.

    Attributes:
        begun: when the pull was first begun, aware.
        kept_days: how long its loggers keep samples, in days of 24 hours.
    """

    begun: datetime
    kept_days: float

    def to_bytes(self) -> bytes:
        """JSON with a checksum."""
        content = {"begun": self.begun.isoformat(), "kept_days": self.kept_days}
        return json.dumps({**content, "checksum": _checksum(content)}).encode()


def _read_note(path: Path) -> _Note | None:
    """The note; None if there is none, or if it is damaged."""
    try:
        with damage_named(path):
            content = json_object(path.read_bytes())
            _compare(content.pop("checksum", None), _checksum(content))
            begun = datetime.fromisoformat(member(content, "begun", str))
            return _Note(begun, member(content, "kept_days", float))
    except (FileNotFoundError, DamagedFileError):
        return None


def _checksum(content: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())


def remove_leftovers(lake: Lake, table: DayTable, kept_days: float, now: datetime) -> None:
    """Remove the publications and progress files of dead processes, and drafts that nobody works with any more.

    How old the day of a draft is does not matter: an old day that is pulled now has young drafts. What a running
    process works with, which holds the lock of the day, is left alone.

    Args:
        lake: whose drafts are looked at.
        table: the table that is pulled.
        kept_days: how long the logger keeps samples, in days of 24 hours; drafts that were promised longer stay.
        now: the present moment, aware.

    Raises:
        OSError: if the folder of drafts cannot be written.
    """
    for day, paths in _by_day(lake, table).items():
        gone = [path for path in paths if not _stays(path, table, kept_days, now)]
        if not gone:
            continue
        with if_free(lake.lock_file(table, day)) as free:
            # Another process may have begun to work with them meanwhile, and ended.
            if free:
                _remove([path for path in gone if not _stays(path, table, kept_days, now)], day)


def _stays(path: Path, table: DayTable, kept_days: float, now: datetime) -> bool:
    """Whether a folder holds drafts that are young enough."""
    if not path.name.startswith(f"{table.name}-") or path.suffix == ".json":
        return False
    note = _read_note(path / _PULL_FILE)
    promised = kept_days if note is None else max(kept_days, note.kept_days)
    changed = max((_changed(each) for each in (path, *path.glob("*"))), default=0.0)
    return stay_until(datetime.fromtimestamp(changed, UTC), promised) >= now


def _changed(path: Path) -> float:
    """When a file was changed, seconds since 1970 UTC; 0 for one that has vanished."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _by_day(lake: Lake, table: DayTable) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    places = (*lake.building_places(table), progress_path(lake.drafts, "", "").parent)
    for path in (path for place in places for path in place.glob("*")):
        kinds = f"publication-{table.name}-{_DAY}-.*|{table.name}-{_DAY}(?:-[0-9a-f]+|[.]json)"
        name = re.fullmatch(kinds, path.name)
        if name:
            found.setdefault(name[1] or name[2], []).append(path)
    return found


def _remove(paths: list[Path], day: str) -> None:
    for path in paths:
        _LOG.warning("%s is left from a pull of %s that has ended; it is removed", path.name, day)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
