"""The files of the timeline logger: where captures lie, how they are appended to, and how they are read.

Under ``$GMPSAI_DATA_DIR/timeline_captures``: one file of lines per UTC day, only ever appended to, and each distinct
recipe once. A line counts when it is on the disk; one that a crash tore is cut off before the next is written, and
passed over by readers until then.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.file_locks import take_lock
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry, recipe_identity
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.json_objects import ForeignContentError, json_object, member
from gmpsai_assets.timeline.records import Captured, Record, from_line, to_line, unsealed

_TAIL_BYTES = 1 << 16
"""Far more than a few lines: one holds some hundred bytes. Where no whole line is in it, all of the file is read."""


class AnotherLoggerError(RuntimeError):
    """A second timeline logger was started on the same data directory."""


class RecipeLostError(LookupError):
    """A recipe that a capture refers to is missing or damaged."""


@dataclass(frozen=True)
class CaptureFiles:
    """The captures under one data directory."""

    data_directory: Path
    _whole: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    @property
    def folder(self) -> Path:
        """Where all of it lies."""
        return self.data_directory / "timeline_captures"

    @property
    def heartbeat(self) -> Path:
        """The file by which the logger shows that it lives."""
        return self.folder / "heartbeat.json"

    def day_file(self, day: date) -> Path:
        """The file of lines that were written on a UTC day."""
        return self.folder / f"{day.isoformat()}.jsonl"

    @contextmanager
    def only_writer(self) -> Iterator[None]:
        """Within the block no other process writes captures here.

        Raises:
            AnotherLoggerError: one does already. The lock ends with its process, however that ends.
        """
        path = self.folder / "lock"
        lock = take_lock(path, wait=False)
        if lock is None:
            holder = path.read_text().strip() or "unknown"
            msg = f"another timeline logger, process {holder}, writes to {self.folder} already; stop it first"
            raise AnotherLoggerError(msg)
        try:
            path.write_text(f"{os.getpid()}\n")
            yield
        finally:
            lock.release()

    def append(self, records: Iterable[Record], now: int) -> None:
        """Add lines to the file of the UTC day; they are on the disk when this returns.

        Args:
            records: in order of time.
            now: microseconds since 1970 UTC.

        Raises:
            OSError: they could not be written; what was there is whole.
        """
        path = self.day_file(from_microseconds(now).date())
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            end = _whole_bytes(descriptor)
            os.ftruncate(descriptor, end)
            try:
                _write_all(descriptor, b"".join(map(to_line, records)))
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)
        if is_new:
            atomic.sync_directory(path.parent)

    def read(self, start: datetime, end: datetime) -> list[Record]:
        """All whole lines of the UTC days that a span touches, in the order written."""
        first, last = (each.astimezone(UTC).date() for each in (start, end))
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [record for day in days for record in _records(self.day_file(day))]

    def last_captured(self) -> Captured | None:
        """The supercycle that was captured last; None before the first."""
        for path in sorted(self.folder.glob("????-??-??.jsonl"), reverse=True):
            found = None
            for record in _records(path):
                if isinstance(record, Captured):
                    found = record
            if found is not None:
                return found
        return None

    def keep_recipe(self, identity: str, entries: Iterable[RecipeEntry]) -> None:
        """Make sure that a recipe is on the disk; one that is there and whole is left alone."""
        if not self._is_whole(identity):
            content = {"recipe_id": identity, "entries": list(entries)}
            text = json.dumps(content, separators=(",", ":"))
            atomic.write_bytes(self._recipe_file(identity), text.encode())
        self._whole.add(identity)

    def _is_whole(self, identity: str) -> bool:
        """Whether a recipe is on the disk; its content is looked at once."""
        if identity in self._whole:
            return self._recipe_file(identity).exists()
        try:
            self.recipe(identity)
        except RecipeLostError:
            return False
        return True

    def recipe(self, identity: str) -> tuple[RecipeEntry, ...]:
        """The entries of a recipe.

        Raises:
            RecipeLostError: it is not there, or its content is not that of its name.
        """
        path = self._recipe_file(identity)
        try:
            entries = _entries(json_object(path.read_bytes()))
        except (OSError, ForeignContentError) as error:
            msg = f"the recipe {identity} cannot be read from {path}: {error}"
            raise RecipeLostError(msg) from error
        if recipe_identity(entries) != identity:
            msg = f"{path} does not hold the recipe of its name"
            raise RecipeLostError(msg)
        return entries

    def _recipe_file(self, identity: str) -> Path:
        return self.folder / "recipes" / f"{identity}.json"


def _entries(document: Mapping[str, Any]) -> tuple[RecipeEntry, ...]:
    """The entries of a recipe as it is kept: a list of lists.

    Raises:
        ForeignContentError: they are something else.
    """
    kinds = tuple(RecipeEntry.__annotations__.items())
    names = RecipeEntry._fields
    rows = member(document, "entries", list)
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        msg = f"entries should be lists of {', '.join(names)}"
        raise ForeignContentError(msg)
    return tuple(
        RecipeEntry(*(member(dict(zip(names, row, strict=True)), *each) for each in kinds))
        for row in rows
    )


def _records(path: Path) -> Iterator[Record]:
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            record = from_line(line[:-1]) if line.endswith(b"\n") else None
            if record is not None:
                yield record


def _whole_bytes(descriptor: int) -> int:
    """Where the last whole line ends; usually found in the tail, otherwise in the whole file."""
    size = os.fstat(descriptor).st_size
    for start in (max(0, size - _TAIL_BYTES), 0):
        tail = os.pread(descriptor, size - start, start)
        end = len(tail)
        while end:
            begin = tail.rfind(b"\n", 0, end - 1) + 1
            if tail[end - 1 : end] == b"\n" and unsealed(tail[begin : end - 1]) is not None:
                return start + end
            end = begin
    return 0


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
