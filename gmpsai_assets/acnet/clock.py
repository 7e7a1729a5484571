"""The accelerator's wall clock: America/Chicago days and windows, and their place in UTC.

Here belongs every conversion between local time and UTC. No request and no reply is parsed here.
All arithmetic is done in UTC; local time is only read in or written out.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import isnan
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import numpy as np  # the timeline logger runs all the time, and has no use for it

ZONE_NAME = "America/Chicago"
ACCELERATOR_ZONE = ZoneInfo(ZONE_NAME)

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
"""Months as the control system writes them in a date, ``27-JUN-2019``."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


Day: TypeAlias = "str | date | np.datetime64"
"""A day as people write it; see ``day_key``."""


@dataclass(frozen=True, order=True)
class Window:
    """A half-open span of time ``[start, end)`` in UTC.

    Raises:
        ValueError: if an end is naive, or the window is empty or reversed.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name, instant in (("start", self.start), ("end", self.end)):
            if instant.tzinfo is None:
                msg = f"the {name} of a window needs a time zone, got the naive time {instant}"
                raise ValueError(msg)
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            msg = f"a window must end after it starts, got {self.start} to {self.end}"
            raise ValueError(msg)

    @property
    def start_microseconds(self) -> int:
        """First instant inside, microseconds since 1970 UTC."""
        return to_microseconds(self.start)

    @property
    def end_microseconds(self) -> int:
        """First instant outside, microseconds since 1970 UTC."""
        return to_microseconds(self.end)

    @property
    def seconds(self) -> float:
        """Length in true seconds: 82,800, 86,400 or 90,000 for a local day."""
        return (self.end - self.start).total_seconds()

    @property
    def hours(self) -> float:
        """Length in hours."""
        return self.seconds / 3600

    def __str__(self) -> str:
        return f"{local_moment(self.start)} to {local_moment(self.end)}"


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant; exact."""
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The UTC instant at so many microseconds since 1970; exact."""
    return _EPOCH + timedelta(microseconds=microseconds)


def local_midnight(day: date) -> datetime:
    """The UTC instant at which the local day begins."""
    return datetime.combine(day, time(), tzinfo=ACCELERATOR_ZONE).astimezone(UTC)


def day_window(day: str | date) -> Window:
    """The window of one local day, midnight to midnight: 23, 24 or 25 hours long.

    Args:
        day: the partition key ``YYYY-MM-DD``, or a date.

    Raises:
        ValueError: if the text is not exactly a date of that form.
    """
    if isinstance(day, str):
        day = parse_day(day)
    return Window(local_midnight(day), local_midnight(day + timedelta(days=1)))


def parse_day(text: str) -> date:
    """Read a partition key. ``2026-3-7`` and ``20260307`` are refused, not guessed at.

    Raises:
        ValueError: if the text is not exactly ``YYYY-MM-DD``.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        msg = f"a day is written YYYY-MM-DD, got {text!r}"
        raise ValueError(msg)
    return day


def day_key(day: Day) -> str:
    """The key ``YYYY-MM-DD`` of a day in whatever form Python has it.

    Args:
        day: the key itself; a date, also NumPy's; or a time, also of pandas: of an aware one its local day.

    Raises:
        ValueError: if a text is not exactly a date of that form, or what is given is no date.
    """
    if isinstance(day, str):
        return parse_day(day).isoformat()
    if hasattr(day, "astype"):
        day = day.astype("datetime64[D]").item()
    if isinstance(day, datetime) and day.tzinfo is not None:
        return local_day_of(day)
    if not isinstance(day, date) or isnan(day.year):  # as of what pandas calls no time
        msg = f"a day is a date, or written YYYY-MM-DD, got {day!r}"
        raise ValueError(msg)
    return f"{day:%Y-%m-%d}"


def local_day_of(instant: datetime) -> str:
    """The key ``YYYY-MM-DD`` of the local day that holds an aware instant."""
    return instant.astimezone(ACCELERATOR_ZONE).date().isoformat()


def newest_complete_day(now: datetime) -> str:
    """The key of the last local day that has ended by ``now`` (aware)."""
    return (now.astimezone(ACCELERATOR_ZONE).date() - timedelta(days=1)).isoformat()


def local_text(instant: datetime) -> str:
    """An aware instant as local wall time ``YYYY-MM-DD HH:MM:SS``, as requests write it; not for people."""
    return f"{instant.astimezone(ACCELERATOR_ZONE):%Y-%m-%d %H:%M:%S}"


def local_moment(instant: datetime, *, milliseconds: bool = False) -> str:
    """An aware instant as local wall time with its zone, for people: ``2026-03-10 01:30:00 CDT``.

    Args:
        instant: cut, not rounded, so that it never shows another day.
        milliseconds: whether they are written, too.
    """
    local = instant.astimezone(ACCELERATOR_ZONE)
    fraction = f".{local.microsecond // 1000:03d}" if milliseconds else ""
    return f"{local:%Y-%m-%d %H:%M:%S}{fraction} {local:%Z}"


def local_minute(instant: datetime) -> str:
    """An aware instant as local wall time with its zone, for people: ``2026-03-20 00:00 CDT``."""
    return f"{instant.astimezone(ACCELERATOR_ZONE):%Y-%m-%d %H:%M %Z}"


def is_repeated_local_time(instant: datetime) -> bool:
    """Whether the wall time of an aware instant occurs twice (01:00 to 02:00 in November).

    Such a time cannot be written in a request: the laboratory's clock text has no zone.
    """
    local = instant.astimezone(ACCELERATOR_ZONE)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def utc_offset_microseconds(microseconds: int) -> int:
    """Local time minus UTC, in microseconds, at an instant given in microseconds since 1970 UTC."""
    offset = from_microseconds(microseconds).astimezone(ACCELERATOR_ZONE).utcoffset()
    return (offset or timedelta(0)) // _MICROSECOND
