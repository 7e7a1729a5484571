"""Faults on demand: what can go wrong, how it is asked for, and which requests it meets.

A fault is written ``KIND[,key=value]...``. Which requests it meets:

* ``device=B:VIMIN``, ``event=0c``, ``verb=logger_get``: only these; each may be left out.
* ``start=2026-03-10T10:00:00`` with ``end=...`` or ``seconds=30``: only requests whose window
  touches this one, and of their rows only those in it. Local time, or with ``Z`` or an offset.
* ``first=2``: only the first two requests that it meets. ``skip=3``: not the first three of them.

Kinds, and their own keys with defaults:

* of the connection: ``http-500`` (any status), ``hang`` (``delay=3600`` seconds without a byte),
  ``slow`` (``rate=2000`` bytes a second), ``cut`` and ``short`` (``bytes=1000``: the connection
  breaks off there; or the reply ends there, inside a line, as if it were whole; a reply that is not longer, in
  its middle; ``short,lines=400`` ends after so many whole lines)
* of the reply: ``html`` (a web page with status 200), ``no-values``, ``error-dio-no-such``,
  ``error-clib-syntax``, ``error-dio-noatt``, ``error-dpm-pend``, ``error-message``, ``error-echo``
* of its notation: ``crlf``, ``tabs``, ``spaces``, ``preamble`` (a line before the rows), ``pre``
  (rows inside HTML), ``warning`` and ``aborted`` (an error text of no known kind before or after
  the rows), ``torn`` (every thousandth line loses its second half and its line end)
* of the rows: ``stars``, ``nan``, ``inf``, ``text`` (of a value), ``duplicates``, ``disorder``
  (``every=1000`` rows), ``d-exponents``, ``hex-words``, ``decimal-commas`` (a value in another notation,
  ``every=1`` row), ``gap`` and ``frozen`` (30 s in the middle of the request if no window is
  given), ``clock-step`` (``step=2.0`` seconds, from the middle on), ``tier-1s`` and ``tier-5min``
  (one sample a second, or in five minutes), ``outside`` (also 30 s before and after the window),
  ``rows-487`` (no more than ``pages=1`` times 487 rows), ``other-window`` (the answer to the window
  ``shift=-18000`` seconds later, as if local time were taken for UTC in summer), ``no-head`` and ``no-tail``
  (without its first or last ``rows=8`` rows, if it has more than ``over=0``);
  ``frozen,device=G:SCTIME`` also holds the time into the supercycle where it is

Here faults are read and counted. What they do to rows and texts is in ``fault_effects``, to a
reply in ``answers``, to a connection in ``connection``.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, to_microseconds
from gmpsai_assets.emulator.texts import ERROR_TEXTS

CONNECTION_FAULTS = frozenset({"hang", "slow", "cut", "short"})
REPLY_FAULTS = frozenset({"html", "no-values", *(f"error-{name}" for name in ERROR_TEXTS)})
NOTATION_FAULTS = frozenset(
    {"crlf", "tabs", "spaces", "preamble", "pre", "warning", "aborted", "torn"}
)
VALUE_WORDS = {"stars": "*****", "nan": "NaN", "inf": "Infinity", "text": "Off"}
"""What is written for a value by the faults of this name."""

NOTATIONS = frozenset({"d-exponents", "hex-words", "decimal-commas"})
"""Other notations of a value; ``render`` writes them."""

STREAM_FAULTS = frozenset({"outside", "rows-487", "other-window", "no-head", "no-tail"})
"""Faults of the rows that are about the reply as a whole."""

ROW_FAULTS = (
    STREAM_FAULTS
    | NOTATIONS
    | {
        *VALUE_WORDS,
        "duplicates",
        "disorder",
        "gap",
        "frozen",
        "clock-step",
        "tier-1s",
        "tier-5min",
    }
)

_OWN_KEYS = {
    "hang": ("delay",),
    "slow": ("rate",),
    "cut": ("bytes",),
    "short": ("bytes", "lines"),
    **dict.fromkeys((*VALUE_WORDS, *NOTATIONS), ("every",)),
    "duplicates": ("every",),
    "disorder": ("every",),
    "clock-step": ("step",),
    "rows-487": ("pages",),
    "outside": ("seconds",),
    "other-window": ("shift",),
    "no-head": ("rows", "over"),
    "no-tail": ("rows", "over"),
    "gap": ("seconds",),
    "frozen": ("seconds",),
}
"""Keys of a kind beside those that every kind has; ``seconds`` goes with ``start`` for all."""

_NUMBERS = {
    "delay": 3600.0,
    "rate": 2000.0,
    "bytes": 1000.0,
    "lines": 0.0,
    "every": 1000.0,
    "step": 2.0,
    "pages": 1.0,
    "shift": -18_000.0,
    "rows": 8.0,
    "over": 0.0,
    "seconds": 30.0,
}
_EVERY_ROW = dict.fromkeys(NOTATIONS, 1.0)
"""A notation is that of a column; all else that has ``every`` meets a row now and then."""


class FaultSyntaxError(ValueError):
    """A fault was asked for in words the emulator does not know."""


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        kind: what goes wrong.
        device: upper case name it is limited to, or empty.
        event: TCLK code it is limited to, or None.
        verb: command it is limited to, or empty.
        start: first instant it is limited to, microseconds since 1970 UTC, or None.
        end: first instant after, or None.
        first: number of requests it meets, or None for all.
        skip: number of requests it lets pass before.
        numbers: values of the keys of its kind.
    """

    kind: str
    device: str = ""
    event: int | None = None
    verb: str = ""
    start: int | None = None
    end: int | None = None
    first: int | None = None
    skip: int = 0
    numbers: dict[str, float] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """The value of a key of its kind, or the default."""
        usual = _EVERY_ROW.get(self.kind, _NUMBERS[name]) if name == "every" else _NUMBERS[name]
        return self.numbers.get(name, usual)

    @property
    def status(self) -> int | None:
        """The HTTP status of a fault ``http-NNN``."""
        return int(self.kind[5:]) if self.kind.startswith("http-") else None


@dataclass(frozen=True)
class Target:
    """What a fault is compared with: one request.

    Attributes:
        verb: its command.
        device: upper case name, or empty.
        event: TCLK code, or None.
        start: first instant of its window, or None if it has no window.
        end: last instant.
    """

    verb: str
    device: str = ""
    event: int | None = None
    start: int | None = None
    end: int | None = None


class FaultBook:
    """The faults of a running emulator, and how often each of them was met.

    Args:
        texts: faults in the grammar of this module.

    Raises:
        FaultSyntaxError: if one cannot be read.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self._met: list[int] = []
        self.replace(texts)

    def replace(self, texts: Iterable[str]) -> None:
        """Forget all faults and take these.

        Raises:
            FaultSyntaxError: if one cannot be read; then nothing changes.
        """
        faults = [parse_fault(text) for text in texts]
        with self._lock:
            self._faults = faults
            self._met = [0] * len(faults)

    def meeting(self, target: Target) -> list[Fault]:
        """The faults that meet this request; it counts for those limited to some requests."""
        found = []
        with self._lock:
            for index, fault in enumerate(self._faults):
                if not _meets(fault, target):
                    continue
                self._met[index] += 1
                number = self._met[index] - fault.skip
                if number >= 1 and (fault.first is None or number <= fault.first):
                    found.append(fault)
        return found


def parse_fault(text: str) -> Fault:
    """Read one fault.

    Raises:
        FaultSyntaxError: if the kind, a key or a value is unknown, or the key is one of another kind.
    """
    kind, *pairs = [part.strip() for part in text.split(",")]
    known = CONNECTION_FAULTS | REPLY_FAULTS | NOTATION_FAULTS | ROW_FAULTS
    is_status = kind.startswith("http-") and kind[5:].isdigit() and 400 <= int(kind[5:]) <= 599
    if kind not in known and not is_status:
        msg = f"no fault {kind!r}; there are http-NNN, {', '.join(sorted(known))}"
        raise FaultSyntaxError(msg)
    values: dict[str, str] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        keys = _keys_of(kind, pairs)
        if not separator or key not in keys or key in values:
            msg = (
                f"cannot read {pair!r} of the fault {text!r}; keys of {kind} are {', '.join(keys)}"
            )
            raise FaultSyntaxError(msg)
        values[key] = value
    try:
        return _fault_of(kind, values)
    except ValueError as error:
        msg = f"cannot read the fault {text!r}: {error}"
        raise FaultSyntaxError(msg) from error


_LIMITS = ("device", "event", "verb", "start", "end", "first", "skip")


def _keys_of(kind: str, pairs: Iterable[str]) -> tuple[str, ...]:
    window = ("seconds",) if any(pair.startswith("start=") for pair in pairs) else ()
    return tuple(dict.fromkeys((*_LIMITS, *window, *_OWN_KEYS.get(kind, ()))))


_SIGNED = ("step", "shift")


def _number(key: str, text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or (number < 0 and key not in _SIGNED):
        msg = f"{key} must be a finite number{'' if key in _SIGNED else ' that is not negative'}, got {text}"
        raise ValueError(msg)
    return number


def _count(key: str, text: str) -> int:
    number = int(text)
    if number < 0:
        msg = f"{key} must not be negative, got {text}"
        raise ValueError(msg)
    return number


def _fault_of(kind: str, values: dict[str, str]) -> Fault:
    start = _instant(values["start"]) if "start" in values else None
    end = _instant(values["end"]) if "end" in values else None
    if end is None and start is not None and "seconds" in values:
        end = start + round(_number("seconds", values["seconds"]) * 1e6)
    return Fault(
        kind=kind,
        device=values.get("device", "").upper(),
        event=int(values["event"], 16) if "event" in values else None,
        verb=values.get("verb", ""),
        start=start,
        end=end,
        first=_count("first", values["first"]) if "first" in values else None,
        skip=_count("skip", values.get("skip", "0")),
        numbers={key: _number(key, text) for key, text in values.items() if key in _NUMBERS},
    )


def _instant(text: str) -> int:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ACCELERATOR_ZONE)
    return to_microseconds(instant)


def _meets(fault: Fault, target: Target) -> bool:
    if fault.verb and fault.verb != target.verb:
        return False
    if fault.device and fault.device != target.device:
        return False
    if fault.event is not None and fault.event != target.event:
        return False
    if fault.start is None and fault.end is None:
        return True
    if target.start is None or target.end is None:
        return False
    begins_before = fault.end is None or target.start < fault.end
    ends_after = fault.start is None or target.end >= fault.start
    return begins_before and ends_after
