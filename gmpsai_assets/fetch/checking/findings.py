"""What looks wrong about the rows of one subject: missing stretches, a slower tier, mixed clocks, a frozen value.

Pure functions on arrays; what to do about a doubt is decided in ``review``. A day of a device, 1.3 million rows, is
judged in a few passes over its intervals.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.checking.rows import MIXED_INTERVALS, Rows, Times
from gmpsai_assets.fetch.checking.tiers import runs_of, silence_at_the_ends, tier_runs
from gmpsai_assets.fetch.outcome import FindingKind

FROZEN_SECONDS = 10.0
FROZEN_ROWS = 50
MOVING_SHARE = 0.2
FROZEN_RUNS = 3
"""A device that stands still more often than this does so by itself."""

_BLOCK_ROWS = FROZEN_ROWS // 2
_MICROSECONDS = 1_000_000


def frozen_runs(rows: Rows, period: float) -> list[tuple[int, int]]:
    """First index and number of rows of each run of one value, of a device that else moves.

    Args:
        rows: rows in order of time.
        period: the nominal interval in microseconds.
    """
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
    return list(zip(starts.tolist(), lengths[long].tolist(), strict=True))


PAGE_ROWS = 487
"""Rows of one reply page of the laboratory's data pool manager: a reply of so many may be the first page alone."""

GAP_PERIODS = 3.5
"""Three samples that follow each other are missing; a device misses one or two now and then by itself."""

LEAST_INTERVALS = 10
UNUSUAL_PAUSES = 3
QUIET_TIMES = 3
"""An event without a rate that came so many times is doubted where it did not come for three times its fourth
longest pause."""
_PAGE_SILENCE = 2 * _MICROSECONDS

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
        failed: spans that could not be fetched, which are no gaps.
        rate_may_change: whether rows may come at a lower rate although all of them came.
    """

    window: Window
    period: float | None
    failed: tuple[tuple[int, int], ...] = ()
    rate_may_change: bool = False


def doubts(rows: Rows, expected: Expectation) -> list[Doubt]:
    """Everything suspicious about the rows, the most far-reaching first; empty for a clean day.

    Args:
        rows: at least one row, in order of time, all inside the window.
        expected: what is known of them.
    """
    period = expected.period
    if period is None:
        return _row_limit(rows, expected) + _quiet(rows, expected)
    # One pass for the extremes spares most of the others on a clean day.
    intervals = np.diff(rows.time)
    found = _mixed_clocks(rows, intervals, period)
    slow = np.flatnonzero(intervals > 1.5 * period)
    tier = tier_runs(intervals, slow)
    found += _slower_tier(rows, intervals, tier)
    found += _row_limit(rows, expected)
    slow = _outside_runs(slow, tier)
    found += _gaps(rows, intervals, slow, silence_at_the_ends(intervals, tier), period, expected)
    return found + _frozen(rows, period)


def text_doubts(reply: SampleReply, window: Window) -> list[Doubt]:
    """What the lines of an answer that are no rows give reason to doubt.

    Args:
        reply: the answer.
        window: what it is the answer to.
    """
    examples = ", ".join(map(repr, reply.counts.irregular_examples[:2]))
    irregular = f"{reply.counts.irregular_lines} lines are no data, such as {examples}"
    found = [Doubt("irregular lines", a, b, irregular) for a, b in reply.irregular_spans]
    if reply.remarks:
        start, end = window.start_microseconds, window.end_microseconds
        said = f"before the rows stands {reply.remarks[0]!r}"
        found.append(Doubt("service message", start, end, said))
    return found


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
    least = max(3 * longest, _PAGE_SILENCE, 5 * (expected.period or 0))
    if end - last <= least or _touches(expected.failed, last, end):
        return []
    return [
        Doubt("row limit", last, end, f"{len(rows)} rows, a multiple of {PAGE_ROWS}, and no more")
    ]


def _gaps(
    rows: Rows,
    intervals: Times,
    slow: NDArray[np.intp],
    allowed: tuple[float, float],
    period: float,
    expected: Expectation,
) -> list[Doubt]:
    least = GAP_PERIODS * period
    limits = max(least, allowed[0]), max(least, allowed[1])
    spans = _silences(rows, slow[intervals[slow] >= least], limits, expected)
    end = expected.window.end_microseconds
    return [
        Doubt("tail missing", a, b, f"nothing for the last {_length(a, b)}")
        if b == end
        else Doubt("gap", a, b, f"nothing for {_length(a, b)}")
        for a, b in spans
    ]


def _silences(
    rows: Rows, intervals: NDArray[np.intp], limits: tuple[float, float], expected: Expectation
) -> Spans:
    """These intervals, and what lies before the first and after the last row if it is longer than its limit."""
    start, end = expected.window.start_microseconds, expected.window.end_microseconds
    first, last = int(rows.time[0]), int(rows.time[-1])
    spans: Spans = [(start, first)] if first - start >= limits[0] else []
    spans += [_between(rows, index) for index in intervals]
    spans += [(last, end)] if end - last >= limits[1] else []
    return [(a, b) for a, b in spans if not _touches(expected.failed, a, b)]


def _quiet(rows: Rows, expected: Expectation) -> list[Doubt]:
    """Stretches without an event that are much longer than its usual pauses.

    An event that is switched on and off has several long pauses, a lost part of a reply makes few.
    """
    intervals = np.diff(rows.time)
    if len(intervals) < LEAST_INTERVALS:
        return []
    usual = int(np.partition(intervals, -UNUSUAL_PAUSES - 1)[-UNUSUAL_PAUSES - 1])
    least = QUIET_TIMES * max(usual, _MICROSECONDS)
    spans = _silences(rows, np.flatnonzero(intervals > least), (least, least), expected)
    longest = f"else it came every {usual / _MICROSECONDS:.3g} s at least"
    return [Doubt("quiet", a, b, f"nothing for {_length(a, b)}; {longest}") for a, b in spans]


def _frozen(rows: Rows, period: float) -> list[Doubt]:
    return [
        Doubt(
            "frozen value",
            *_span(rows, first, first + length - 1),
            f"{length} samples of {rows.value[first]:g} in a row",
        )
        for first, length in frozen_runs(rows, period)
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
    seconds = (end - start) / _MICROSECONDS
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.3g} s"
