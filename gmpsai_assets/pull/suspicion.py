"""What looks wrong about the rows of one subject: missing stretches, a slower tier, mixed clocks, a frozen value.

Pure functions on arrays; what to do about a doubt is decided in ``review``. A day of a device, 1.3 million rows, is
judged in a few passes over its intervals.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.pull.outcome import FindingKind
from gmpsai_assets.pull.rows import MIXED_INTERVALS, Rows, Times
from gmpsai_assets.pull.tiers import runs_of, silence_at_the_ends, tier_runs

PAGE_ROWS = 487
"""Rows of one reply page of the laboratory's data pool manager: a reply of so many may be the first page alone."""

HOLE_SECONDS = 2.0
HOLE_PERIODS = 5
WATCHED_PERIODS = 3
FROZEN_SECONDS = 10.0
FROZEN_ROWS = 50
MOVING_SHARE = 0.2
FROZEN_RUNS = 3
"""A device that stands still more often than this does so by itself."""

_MICROSECONDS = 1_000_000
_BLOCK_ROWS = FROZEN_ROWS // 2

Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Doubt:
    """A span whose rows may not be what the logger holds.

    Attributes:
        kind: what is suspicious.
        start: first instant, microseconds since 1970 UTC.
        end: first instant after.
        detail: the numbers behind it, as a clause.
    """

    kind: FindingKind
    start: int
    end: int
    detail: str


@dataclass(frozen=True)
class Expectation:
    """What is known of the rows before they come.

    Attributes:
        window: what was asked for.
        period: the nominal interval in microseconds; None if there is none, as for most events.
        failed: spans that could not be fetched, which are no holes.
        watched: spans in which something was missing before: shorter holes count there, too.
    """

    window: Window
    period: float | None
    failed: tuple[tuple[int, int], ...] = ()
    watched: tuple[tuple[int, int], ...] = ()

    @property
    def hole(self) -> float:
        """The shortest interval that is a hole, in microseconds."""
        return max(HOLE_SECONDS * _MICROSECONDS, HOLE_PERIODS * (self.period or 0))


def doubts(rows: Rows, expected: Expectation) -> list[Doubt]:
    """Everything suspicious about the rows, the most far-reaching first; empty for a clean day.

    Args:
        rows: at least one row, in order of time, all inside the window.
        expected: what is known of them.
    """
    period = expected.period
    if period is None:
        return _row_limit(rows, expected)
    # One pass for the extremes spares most of the others on a clean day.
    intervals = np.diff(rows.time)
    found = _mixed_clocks(rows, intervals, period)
    slow = np.flatnonzero(intervals > 1.5 * period)
    tier = tier_runs(intervals, slow)
    found += _slower_tier(rows, intervals, tier)
    found += _row_limit(rows, expected)
    found += _holes(
        rows, intervals, _outside_runs(slow, tier), silence_at_the_ends(intervals, tier), expected
    )
    return found + _frozen(rows, period)


def _mixed_clocks(rows: Rows, intervals: Times, period: float) -> list[Doubt]:
    short = np.flatnonzero(intervals < period / 2)
    if len(short) < MIXED_INTERVALS:
        return []
    # Short intervals within a second of each other are one event.
    first, last = runs_of(rows.time[short], _MICROSECONDS)
    return [
        Doubt("clock step", *_span(rows, short[a], short[b] + 1), f"{b - a + 1} short intervals")
        for a, b in zip(first, last, strict=True)
        if b - a + 1 >= MIXED_INTERVALS
    ]


def _slower_tier(rows: Rows, intervals: Times, runs: list[tuple[int, int]]) -> list[Doubt]:
    return [
        Doubt(
            "slower tier",
            *_span(rows, a, b + 1),
            f"one sample every {np.median(intervals[a : b + 1]) / _MICROSECONDS:.3g} s",
        )
        for a, b in runs
    ]


def _outside_runs(slow: NDArray[np.intp], runs: list[tuple[int, int]]) -> NDArray[np.intp]:
    for a, b in runs:
        slow = slow[(slow < a) | (slow > b)]
    return slow


def _row_limit(rows: Rows, expected: Expectation) -> list[Doubt]:
    """A whole number of pages, and then nothing for long."""
    if not len(rows) or len(rows) % PAGE_ROWS:
        return []
    last, end = int(rows.time[-1]), expected.window.end_microseconds
    longest = int(np.diff(rows.time).max())
    if end - last <= max(3 * longest, expected.hole) or _touches(expected.failed, last, end):
        return []
    return [
        Doubt("row limit", last, end, f"{len(rows)} rows, a multiple of {PAGE_ROWS}, and no more")
    ]


def _holes(
    rows: Rows,
    intervals: Times,
    slow: NDArray[np.intp],
    allowed: tuple[float, float],
    expected: Expectation,
) -> list[Doubt]:
    window = expected.window
    start, end = window.start_microseconds, window.end_microseconds
    spans: Spans = []
    if rows.time[0] - start >= max(expected.hole, allowed[0]):
        spans.append((start, int(rows.time[0])))
    least = WATCHED_PERIODS * (expected.period or 0) if expected.watched else expected.hole
    candidates = slow[intervals[slow] >= least]
    spans += [_between(rows, index) for index in candidates]
    found = [
        Doubt("hole", a, b, f"nothing for {_length(a, b)}")
        for a, b in spans
        if not _touches(expected.failed, a, b)
        and (b - a >= expected.hole or _touches(expected.watched, a, b))
    ]
    last = int(rows.time[-1])
    tail = end - last >= max(expected.hole, allowed[1])
    if tail and not _touches(expected.failed, last, end):
        found.append(Doubt("tail missing", last, end, f"nothing for the last {_length(last, end)}"))
    return found


def _frozen(rows: Rows, period: float) -> list[Doubt]:
    needed = max(FROZEN_ROWS, int(FROZEN_SECONDS * _MICROSECONDS / period))
    value = rows.value
    blocks = value[: len(value) // _BLOCK_ROWS * _BLOCK_ROWS].reshape(-1, _BLOCK_ROWS)
    if not (blocks == blocks[:, :1]).all(axis=1).any():
        return []  # a run of FROZEN_ROWS would fill at least one block
    changes = np.flatnonzero(value[1:] != value[:-1])
    lengths = np.diff(changes, prepend=-1, append=len(value) - 1)
    long = np.flatnonzero(lengths >= needed)
    others = len(value) - int(lengths[long].sum())
    moves = others > len(value) / 2 and len(changes) > MOVING_SHARE * others
    if not 0 < len(long) <= FROZEN_RUNS or not moves:
        return []
    starts = np.append(0, changes + 1)[long]
    return [
        Doubt(
            "frozen value",
            *_span(rows, first, first + length - 1),
            f"{length} samples of {value[first]:g} in a row",
        )
        for first, length in zip(starts, lengths[long], strict=True)
    ]


def without_number(rows: Rows) -> list[Doubt]:
    """Spans of rows that hold no number, a minute apart at least."""
    missing = np.flatnonzero(np.isnan(rows.value))
    if not len(missing):
        return []
    first, last = runs_of(rows.time[missing], 60 * _MICROSECONDS)
    return [
        Doubt("not a number", *_span(rows, missing[a], missing[b]), f"{b - a + 1} values")
        for a, b in zip(first, last, strict=True)
    ]


def _span(rows: Rows, first: int, last: int) -> tuple[int, int]:
    return int(rows.time[first]), int(rows.time[last]) + 1


def _between(rows: Rows, index: int) -> tuple[int, int]:
    return int(rows.time[index]), int(rows.time[index + 1])


def _touches(spans: tuple[tuple[int, int], ...], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)


def _length(start: int, end: int) -> str:
    return f"{(end - start) / _MICROSECONDS:.3g} s"
