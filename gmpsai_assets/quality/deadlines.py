"""Until when what a day lacks can still be fetched: the deadlines of a whole ledger put together.

Each gap's own deadline comes from ``completeness``; how long loggers keep data is written in ``acnet.retention``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.retention import deadline_text


@dataclass(frozen=True)
class Deadlines:
    """What pulling a day again can bring, at a given moment.

    Attributes:
        next: the first deadline that is still ahead, aware; else the last one that passed; None if there never
            was anything to fetch.
        obtainable: missing samples whose deadline is ahead.
        forgotten: missing samples whose deadline has passed unused.
        now: the moment.
    """

    next: datetime | None
    obtainable: int
    forgotten: int
    now: datetime

    @property
    def hours_left(self) -> float | None:
        """Hours until the first of the missing samples are forgotten; 0 when all are, None without any."""
        if self.next is None:
            return None
        return max((self.next - self.now) / timedelta(hours=1), 0.0)

    def __str__(self) -> str:
        if self.next is None:
            return ""
        until = deadline_text(self.next, self.now)
        if self.next <= self.now:
            return f"{_samples(self.forgotten)} missing for good: {until}"
        forgotten = f"; {self.forgotten:,} more samples are forgotten" if self.forgotten else ""
        return f"{_samples(self.obtainable)} missing {until}: pull the day again{forgotten}"


def deadlines(ledger: Sequence[Mapping[str, Any]], now: datetime) -> Deadlines:
    """The deadlines of a day.

    Args:
        ledger: rows of ``completeness``; times are aware, or microseconds since 1970 UTC.
        now: the present moment, aware.
    """
    listed = [
        (_instant(gap["obtainable_until"]), int(gap["missing"]))
        for row in ledger
        for gap in row["gaps"]
    ]
    # Of a device without a known rate some samples may be missing; how many is not known.
    listed += [(_instant(row["obtainable_until"]), 0) for row in ledger if not row["gaps"]]
    known = [(until, missing) for until, missing in listed if until is not None]
    ahead = [(until, missing) for until, missing in known if until > now]
    passed = [(until, missing) for until, missing in known if until <= now]
    first = min((until for until, _ in ahead), default=None)
    last = max((until for until, _ in passed), default=None)
    return Deadlines(
        next=last if first is None else first,
        obtainable=sum(missing for _, missing in ahead),
        forgotten=sum(missing for _, missing in passed),
        now=now,
    )


def _samples(count: int) -> str:
    """So many samples; of devices without a known rate none can be counted, and none need be missing."""
    return f"{count:,} samples" if count else "samples that may be"


def _instant(value: datetime | int | None) -> datetime | None:
    return from_microseconds(value) if isinstance(value, int) else value
