"""What the timeline logger records: captured supercycles, gaps, starts and stops, and recipes; each as one line.

Times are microseconds since 1970 UTC in memory and ISO texts in a line, so that the files can be read with any tool.
"""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from gmpsai_assets.acnet.clock import from_microseconds, to_microseconds
from gmpsai_assets.lake.json_objects import ForeignContentError, json_object, made_of

_LINE = re.compile(rb'(\{.*),"check":"([0-9a-f]{8})"\}')


@dataclass(frozen=True)
class Captured:
    """One supercycle whose timeline was read while it played.

    Attributes:
        start: when it began.
        uncertainty_seconds: the start is within plus and minus this, by the clock of the logger's machine.
        length_seconds: planned length.
        recipe_id: identity of the timeline.
        captured_at: when the timeline had been read.
        readings: how many readings of the elapsed time the start comes from.
        origin: who captured it, in free words.
    """

    kind: ClassVar[str] = "captured"
    start: int
    uncertainty_seconds: float
    length_seconds: float
    recipe_id: str
    captured_at: int
    readings: int
    origin: str = "timeline logger"

    @property
    def planned_end(self) -> int:
        """When the next one should begin."""
        return self.start + round(self.length_seconds * 1e6)


@dataclass(frozen=True)
class Gap:
    """A span whose supercycles could not be captured.

    Attributes:
        start: when the first of them should have begun.
        end: when the next captured one began, or until when nothing had been captured.
        reason: why.
    """

    kind: ClassVar[str] = "gap"
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Running:
    """The logger began or ended.

    Attributes:
        at: when.
        what: which of both.
        process: its number.
    """

    kind: ClassVar[str] = "running"
    at: int
    what: Literal["started", "stopped"]
    process: int


Record = Captured | Gap | Running
_KINDS: dict[str, type[Captured] | type[Gap] | type[Running]] = {
    each.kind: each for each in (Captured, Gap, Running)
}
_TIMES = frozenset({"start", "end", "captured_at", "at"})


def to_line(record: Record) -> bytes:
    """A record as one JSON object with a checksum, and a line end."""
    values = {
        name: _iso(value) if name in _TIMES else value for name, value in asdict(record).items()
    }
    return sealed({"kind": record.kind, **values})


def from_line(line: bytes) -> Record | None:
    """The record of a line without its end; None if the line is torn, damaged, or not of a form known here."""
    values = unsealed(line) or {}
    kind = _KINDS.get(str(values.get("kind")))
    if kind is None:
        return None
    try:
        times = {name: _instant(values[name]) for name in _TIMES & values.keys()}
        return made_of(kind, {**values, **times})
    except ForeignContentError:  # a member is missing or is no instant
        return None


def sealed(values: Mapping[str, Any]) -> bytes:
    """An object as a line of JSON whose last member is the CRC-32 of all before it."""
    text = json.dumps(values, separators=(",", ":")).encode()[:-1]
    return b'%s,"check":"%08x"}\n' % (text, zlib.crc32(text))


def unsealed(line: bytes) -> dict[str, Any] | None:
    """The object of such a line without its end; None if it is not whole."""
    found = _LINE.fullmatch(line)
    if found is None or zlib.crc32(found[1]) != int(found[2], 16):
        return None
    try:
        return json_object(found[1] + b"}")
    except ForeignContentError:
        return None


def _iso(microseconds: int) -> str:
    return f"{from_microseconds(microseconds):%Y-%m-%dT%H:%M:%S.%fZ}"


def _instant(text: Any) -> int:
    try:
        instant = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError as error:
        msg = f"{text!r:.80} is no time"
        raise ForeignContentError(msg) from error
    if instant.tzinfo is None:
        msg = f"{text!r:.80} is a time without a zone"
        raise ForeignContentError(msg)
    return to_microseconds(instant)
