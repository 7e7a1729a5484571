"""The logger lists that hold a device: the tables of ``show/whereLogged`` and ``show/logger_lists``.

A table has a title, a line of column names, and a row for each list; all of it is found by words, since the widths of
the columns shift with the longest name, and a rule of dashes is there or not. One answer may hold the tables of several
devices, and refusals of others before and between them (linac-logger-device-cleaner). Which of the lists counts is not
decided here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gmpsai_assets.acnet.devices import LISTED_NAME_GRAMMAR
from gmpsai_assets.acnet.errors import (
    AcnetError,
    DeviceRefused,
    TruncatedReply,
    UnreadableReply,
)
from gmpsai_assets.acnet.replies.lines import plain
from gmpsai_assets.acnet.replies.refusals import refusal
from gmpsai_assets.acnet.tclk import NOMINAL_TICK_HZ

_TITLE = re.compile(
    r"Logger lists containing (?P<name>\S+) ?(?:\( ?(?P<bracketed>\d{1,9}) ?\)|= ?(?P<equals>\d{1,9}))? ?:?",
    re.IGNORECASE,
)
_COLUMN_NAMES = re.compile(r"Name Node List Data Event", re.IGNORECASE)
_RULE = re.compile(r"-+(?: -+)*")
_ROW = re.compile(
    rf"(?P<device>{LISTED_NAME_GRAMMAR}) (?P<node>[A-Z]\w{{0,7}}) (?P<rate>\S.*?) (?P<number>\d{{1,9}}) (?P<event>\S+)",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"(?:Bad|Invalid) device name \((\S+)\).*", re.IGNORECASE)
"""``Bad device name (L:MTAF01) at line number 178``; such lines stand before and between the tables."""

_NAMED_PERIOD = re.compile(r"([\d.]+) ?(Hz|Sec|Min|Hour|Day)s?", re.IGNORECASE)
_SECONDS = {"sec": 1.0, "min": 60.0, "hour": 3600.0, "day": 86_400.0}
_PERIODIC = re.compile(r"[pq](?:,(?P<time>\d{1,12})(?P<unit>[smuhk]?))?(?:,.*)?", re.IGNORECASE)
_USUAL_TIME = "1000"
_MILLISECONDS = {"": 1.0, "m": 1.0, "s": 1e3, "u": 1e-3}
_HERTZ = {"h": 1.0, "k": 1e3}
_WHEN_SOMETHING_HAPPENS = re.compile(r"(?:e|s),.+|client|n|never", re.IGNORECASE)
_TICK_MILLISECONDS = (66, 67)
"""The Booster's 15 Hz in whole milliseconds; the pool manager takes 67 for 66 (LoggerConfigCache.java)."""


@dataclass(frozen=True)
class LoggerList:
    """One list of one logger node.

    Attributes:
        device: the device, in capitals; elements of an array device with their brackets.
        node: the logger node, such as ``MLrn``.
        rate: the name of the list: ``15 Hz``, ``15 Sec``, ``Event``, ``Client``.
        number: the number of the list on its node.
        event: when a sample is kept, as a data event: ``p,66,true`` or ``e,0A,e,0``.
    """

    device: str
    node: str
    rate: str
    number: int
    event: str

    @property
    def nominal_rate_hz(self) -> float | None:
        """Samples a second that the list keeps; None if it keeps one when something happens, or nothing says it.

        The data event counts, since the name is a word of people. It is in whole milliseconds, though: where the name
        is the same to a millisecond, it is the name that is exact.
        """
        named, kept = self._named_rate_hz, self._event_rate_hz
        if named is None or kept is None:
            return kept or named
        return kept if self.contradicts_itself else named

    @property
    def contradicts_itself(self) -> bool:
        """Whether its name says another rate than its data event."""
        named, kept = self._named_rate_hz, self._event_rate_hz
        if named is None or kept is None:
            return False
        return abs(1000 / named - 1000 / kept) >= 1

    @property
    def has_no_rate(self) -> bool:
        """Whether it keeps a sample when something happens: an event, a state, a client that asks for it."""
        return (
            self.nominal_rate_hz is None
            and _WHEN_SOMETHING_HAPPENS.fullmatch(self.event) is not None
        )

    @property
    def _named_rate_hz(self) -> float | None:
        named = _NAMED_PERIOD.fullmatch(self.rate)
        amount = _number(named[1]) if named else 0.0
        if not named or not amount:
            return None
        unit = named[2].lower()
        return amount if unit == "hz" else 1 / (amount * _SECONDS[unit])

    @property
    def _event_rate_hz(self) -> float | None:
        periodic = _PERIODIC.fullmatch(self.event)
        if not periodic:
            return None
        amount, unit = int(periodic["time"] or _USUAL_TIME), (periodic["unit"] or "").lower()
        if not amount:
            return None
        if unit in _HERTZ:
            return amount * _HERTZ[unit]
        milliseconds = amount * _MILLISECONDS[unit]
        return NOMINAL_TICK_HZ if milliseconds in _TICK_MILLISECONDS else 1000 / milliseconds


def _number(text: str) -> float:
    """The number of a text of digits and points; 0 for one that is none, such as ``1.2.3``."""
    return float(text) if text.count(".") <= 1 and text != "." else 0.0


def parse_logger_lists(body: bytes, subject: str, device: str) -> tuple[LoggerList, ...]:
    """The lists that hold a device or elements of it, in order; none if its table announces none.

    Args:
        body: the reply.
        subject: what was asked, for messages.
        device: the device or element that was asked about, in any case. Rows of other devices are left out; those of
            other elements of its array are not.

    Raises:
        DeviceRefused: the device is refused.
        UnreadableReply: there is no table of the device, a row of it is not understood, or their number is not the
            one in the title.
        TruncatedReply: the last line has no end, and its rate is not the one of its name.
        AcnetError: by name, for an error text.
    """
    text = plain(body).decode("ascii", "replace")
    tables = _tables([line for line in text.split("\n") if line])
    wanted = device.upper()
    own = [table for table in tables if table.is_about(wanted)]
    if not own:
        raise _no_table(body, text, tables, subject, wanted)
    rows = [row for table in own for row in table.rows(subject)]
    if rows and rows[-1].contradicts_itself and not body.rstrip(b" ").endswith((b"\n", b">")):
        msg = "the reply ends in the middle of a line"
        raise TruncatedReply(msg, subject=subject, received=text)
    return tuple(dict.fromkeys(row for row in rows if _array(row.device) == _array(wanted)))


@dataclass(frozen=True)
class _Table:
    """The lines of one table.

    Attributes:
        name: the device of its title, in capitals; empty where there is no title.
        announced: how many rows the title announces; None if it does not.
        lines: the lines below.
    """

    name: str
    announced: int | None
    lines: list[str]

    def is_about(self, device: str) -> bool:
        """Whether it is titled so, or has a row of it, as the table of an array device has of its elements."""
        found = map(_ROW.fullmatch, self.lines)
        rows = any(row is not None and row["device"].upper() == device for row in found)
        return self.name == device or rows

    def rows(self, subject: str) -> list[LoggerList]:
        """All of its rows.

        Raises:
            UnreadableReply: a line is no row, or their number is not the one in the title.
        """
        lines = [
            line for line in self.lines if not (line.startswith("! ") or _REFUSED.fullmatch(line))
        ]
        rows = [_row(line, subject) for line in lines]
        if self.announced is None and not rows:
            msg = "a table of logger lists breaks off before its rows"
            raise UnreadableReply(msg, subject=subject, received=" ".join(self.lines) or self.name)
        if self.announced not in (None, len(rows)):
            msg = f"{self.announced} lists are announced and {len(rows)} came"
            raise UnreadableReply(msg, subject=subject, received="\n".join(lines))
        for row in rows:
            if self.name and _array(row.device) != _array(self.name):
                msg = f"the table of {self.name} has a row of {row.device}"
                raise UnreadableReply(msg, subject=subject, received="\n".join(lines))
        return rows


def _array(device: str) -> str:
    """The device that elements are of."""
    return re.split(r"[\[{]", device, maxsplit=1)[0]


def _tables(lines: Sequence[str]) -> list[_Table]:
    """The tables of an answer; each begins with its title, or, where there is none, with its column names or rule."""
    tables: list[_Table] = []
    for line in lines:
        title = _TITLE.fullmatch(line)
        columns = bool(_COLUMN_NAMES.fullmatch(line) or _RULE.fullmatch(line))
        if title:
            announced = title["bracketed"] or title["equals"]
            tables.append(
                _Table(title["name"].upper(), None if announced is None else int(announced), [])
            )
        elif columns and not tables:
            tables.append(_Table("", None, []))
        elif not columns and tables:
            tables[-1].lines.append(line)
    return tables


def _no_table(
    body: bytes, text: str, tables: Sequence[_Table], subject: str, device: str
) -> AcnetError:
    """Why an answer has no table of the device."""
    refused = filter(None, map(_REFUSED.fullmatch, text.split("\n")))
    if any(each[1].upper() in (device, _array(device)) for each in refused):
        return DeviceRefused("Bad device name", subject=subject, received=text)
    if tables:
        names = ", ".join(
            dict.fromkeys(table.name or "devices without a title" for table in tables)
        )
        msg = f"the lists are those of {names}"
        return UnreadableReply(msg, subject=subject, received=text)
    return refusal(body.decode("ascii", "replace"), subject)


def _row(line: str, subject: str) -> LoggerList:
    found = _ROW.fullmatch(line)
    if not found:
        msg = "a row of the table of logger lists is not understood"
        raise UnreadableReply(msg, subject=subject, received=line)
    device, node, rate, number, event = found.groups()
    return LoggerList(device.upper(), node, rate, int(number), event)
