"""What is seen in the rows of one subject: stretches without rows, a slower tier, mixed clocks, a frozen value.

Pure functions on arrays; what is asked for again is decided in ``asking.refetch``. A day of a device, 1.3 million rows,
takes a few passes over its intervals.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.checking.rows import (
    LONG_PERIODS,
    MIXED_INTERVALS,
    SHORT_PERIODS,
    Rows,
    Times,
)
from gmpsai_assets.fetch.checking.tiers import longest_pauses_at_the_ends, runs_of, tier_runs
from gmpsai_assets.fetch.outcome import Finding, Span

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND

_GAP_PERIODS = 3.5
"""A gap lacks three samples in a row: chosen, as a device misses one now and then by itself (one in a real
day: BOOSTR, 2020)."""
_GAP_LEAST = _MINUTE
"""Of a slow device one sample is minutes of its record, and to ask again costs little: for longer than this nothing
comes only where a sample is missing, and that is a gap, too. Chosen."""

# Frozen values. Readings of GMPS that move change with 83 % of the samples of a real day or more, settings with less
# than 0.1 %, and most devices not at all (BOOSTR, 2020): only what moves can be seen to stand still.
_FROZEN_SECONDS = 10.0
_FROZEN_ROWS = 50
"""A run of one value is frozen from both on: 150 samples at 15 Hz, 50 at slower rates. Chosen: that many equal
samples of a moving reading do not follow each other by chance."""
_MOVING_SHARE = 0.2
"""A device moves if more of its samples outside the long runs differ from the one before; chosen, between the two."""
_FROZEN_RUNS = 3
"""A device that stands still more often than this in a day does so by itself, as a ramp with flat parts does."""
_BLOCK_ROWS = _FROZEN_ROWS // 2
"""A run of ``_FROZEN_ROWS`` fills at least one block of so many, which is quickly looked for."""

# Pages.
PAGE_ROWS = 487
"""Rows of a page of the laboratory's data pool manager (fermi-ad/data-pool-manager, DataLoggerFetchJob.java): a reply
of a multiple of it may be the first pages alone."""
_PAUSE_AFTER_PAGES = 3
_PAUSE_PERIODS = 5
_PAUSE_LEAST = 2 * _SECOND
"""It is so if nothing follows for longer than three times its longest interval, five periods, and 2 s; chosen."""

# Events without a rate, by their own pauses; chosen so that of the 256 events of a simulated day few are asked about
# twice, and each that lost ten hours is.
_LEAST_INTERVALS = 10
"""Of fewer no pause is unusual."""
_UNUSUAL_PAUSES = 3
_QUIET_TIMES = 3
"""Quiet is a pause of three times the fourth longest one: groups of events are switched on and off a few times in the
day (TCLK of 27 June 2019)."""
_QUIET_LEAST = 1 * _SECOND
"""Events that come in bursts are not quiet for less than three times this."""


@dataclass(frozen=True)
class Expectation:
    """What is known of the rows before they come.

    Attributes:
        window: what was asked for.
        period: the nominal interval in microseconds; None if there is none, as for most events.
        failed: spans that could not be fetched, which are no gaps.
        rate_may_change: whether rows may come at a lower rate although all of them came.
        without_number_before: share of rows without a number on each of the days before, the nearest first; empty
            where none is known.
    """

    window: Window
    period: float | None
    failed: tuple[Span, ...] = ()
    rate_may_change: bool = False
    without_number_before: tuple[float, ...] = ()


def findings_in_rows(rows: Rows, expected: Expectation) -> list[Finding]:
    """Everything unexpected about the rows, the most far-reaching first; empty for a clean day.

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
    slow = np.flatnonzero(intervals > LONG_PERIODS * period)
    tier = tier_runs(intervals, slow)
    found += _slower_tier(rows, intervals, tier)
    found += _row_limit(rows, expected)
    slow = _outside_runs(slow, tier)
    found += _gaps(
        rows, intervals, slow, longest_pauses_at_the_ends(intervals, tier), period, expected
    )
    return found + _frozen(rows, period)


def findings_in_text(reply: SampleReply, window: Window) -> list[Finding]:
    """Lines of an answer that are no rows: among the rows, or before them.

    Args:
        reply: the answer.
        window: what it is the answer to.
    """
    examples = ", ".join(map(repr, reply.counts.irregular_examples[:2]))
    irregular = f"{reply.counts.irregular_lines} lines are no data, such as {examples}"
    found = [Finding("irregular lines", a, b, irregular) for a, b in reply.irregular_spans]
    if reply.remarks:
        start, end = window.start_microseconds, window.end_microseconds
        message = f"before the rows stands {reply.remarks[0]!r}"
        found.append(Finding("service message", start, end, message))
    return found


def _mixed_clocks(rows: Rows, intervals: Times, period: float) -> list[Finding]:
    short = np.flatnonzero(intervals < SHORT_PERIODS * period)
    if len(short) < MIXED_INTERVALS:
        return []
    # Short intervals within a second of each other are one event.
    first, last = runs_of(rows.time[short], _SECOND)
    return [
        Finding("clock step", *_span(rows, short[a], short[b] + 1), f"{b - a + 1} short intervals")
        for a, b in zip(first, last, strict=True)
        if b - a + 1 >= MIXED_INTERVALS
    ]


def _slower_tier(rows: Rows, intervals: Times, runs: list[tuple[int, int]]) -> list[Finding]:
    return [
        Finding(
            "slower tier",
            *_span(rows, a, b + 1),
            f"one sample every {np.median(intervals[a : b + 1]) / _SECOND:.3g} s",
        )
        for a, b in runs
    ]


def _outside_runs(slow: NDArray[np.intp], runs: list[tuple[int, int]]) -> NDArray[np.intp]:
    for a, b in runs:
        slow = slow[(slow < a) | (slow > b)]
    return slow


def _row_limit(rows: Rows, expected: Expectation) -> list[Finding]:
    """A whole number of pages, and then nothing for long."""
    if not len(rows) or len(rows) % PAGE_ROWS:
        return []
    last, end = int(rows.time[-1]), expected.window.end_microseconds
    longest = int(np.diff(rows.time).max())
    usual = max(_PAUSE_AFTER_PAGES * longest, _PAUSE_PERIODS * (expected.period or 0))
    least = max(usual, _PAUSE_LEAST)
    if end - last <= least or _touches(expected.failed, last, end):
        return []
    return [
        Finding("row limit", last, end, f"{len(rows)} rows, a multiple of {PAGE_ROWS}, and no more")
    ]


def _gaps(
    rows: Rows,
    intervals: Times,
    slow: NDArray[np.intp],
    allowed: tuple[float, float],
    period: float,
    expected: Expectation,
) -> list[Finding]:
    least = max(LONG_PERIODS * period, min(_GAP_PERIODS * period, _GAP_LEAST))
    # Where one sample counts it is missing as soon as there was time for it: the window holds its start, not its end.
    one = min(least, max(round(period), _GAP_LEAST))
    limits = max(one, allowed[0]), max(one + 1, allowed[1])
    spans = _pauses(rows, slow[intervals[slow] >= least], limits, expected)
    end = expected.window.end_microseconds
    return [
        Finding("tail missing", a, b, f"nothing for the last {_length(a, b)}")
        if b == end
        else Finding("gap", a, b, f"nothing for {_length(a, b)}")
        for a, b in spans
    ]


def _pauses(
    rows: Rows, intervals: NDArray[np.intp], limits: tuple[float, float], expected: Expectation
) -> list[Span]:
    """These intervals, and what lies before the first and after the last row if it is longer than its limit."""
    start, end = expected.window.start_microseconds, expected.window.end_microseconds
    first, last = int(rows.time[0]), int(rows.time[-1])
    spans: list[Span] = [(start, first)] if first - start >= limits[0] else []
    spans += [_between(rows, index) for index in intervals]
    spans += [(last, end)] if end - last >= limits[1] else []
    return [(a, b) for a, b in spans if not _touches(expected.failed, a, b)]


def _quiet(rows: Rows, expected: Expectation) -> list[Finding]:
    """Stretches without an event that are much longer than its usual pauses.

    An event that is switched on and off has several long pauses, a lost part of a reply makes few.
    """
    intervals = np.diff(rows.time)
    if len(intervals) < _LEAST_INTERVALS:
        return []
    usual = int(np.partition(intervals, -_UNUSUAL_PAUSES - 1)[-_UNUSUAL_PAUSES - 1])
    least = _QUIET_TIMES * max(usual, _QUIET_LEAST)
    spans = _pauses(rows, np.flatnonzero(intervals > least), (least, least), expected)
    longest = f"otherwise it came at least every {usual / _SECOND:.3g} s"
    return [Finding("quiet", a, b, f"nothing for {_length(a, b)}; {longest}") for a, b in spans]


def _frozen(rows: Rows, period: float) -> list[Finding]:
    return [
        Finding(
            "frozen value",
            *_span(rows, first, first + length - 1),
            f"{length} samples of {rows.value[first]:g} in a row",
        )
        for first, length in _frozen_runs(rows, period)
    ]


def _frozen_runs(rows: Rows, period: float) -> list[tuple[int, int]]:
    """First index and number of rows of each run of one value, of a device that else moves.

    Args:
        rows: rows in order of time.
        period: the nominal interval in microseconds.
    """
    needed = max(_FROZEN_ROWS, int(_FROZEN_SECONDS * _SECOND / period))
    value = rows.value
    blocks = value[: len(value) // _BLOCK_ROWS * _BLOCK_ROWS].reshape(-1, _BLOCK_ROWS)
    if not (blocks == blocks[:, :1]).all(axis=1).any():
        return []  # a run that is long enough would fill at least one block
    changes = np.flatnonzero(value[1:] != value[:-1])
    lengths = np.diff(changes, prepend=-1, append=len(value) - 1)
    long = np.flatnonzero(lengths >= needed)
    others = len(value) - int(lengths[long].sum())
    moves = others > len(value) / 2 and len(changes) > _MOVING_SHARE * others
    if not 0 < len(long) <= _FROZEN_RUNS or not moves:
        return []
    starts = np.append(0, changes + 1)[long]
    return list(zip(starts.tolist(), lengths[long].tolist(), strict=True))


def without_numbers(rows: Rows) -> list[Finding]:
    """Spans of rows that hold no number, a minute apart at least."""
    missing = np.flatnonzero(np.isnan(rows.value))
    if not len(missing):
        return []
    first, last = runs_of(rows.time[missing], _MINUTE)
    return [
        Finding("not a number", *_span(rows, missing[a], missing[b]), f"{b - a + 1} values")
        for a, b in zip(first, last, strict=True)
    ]


def other_notation(examples: tuple[str, ...], window: Window) -> Finding:
    """The values of a whole window are not written in plain numbers, as these of them show."""
    start, end = window.start_microseconds, window.end_microseconds
    shown = ", ".join(map(repr, examples))
    detail = f"values such as {shown} are in another notation than plain numbers; none of the window is read"
    return Finding("other notation", start, end, detail)


def _span(rows: Rows, first: int, last: int) -> Span:
    return int(rows.time[first]), int(rows.time[last]) + 1


def _between(rows: Rows, index: int) -> Span:
    return int(rows.time[index]), int(rows.time[index + 1])


def _touches(spans: tuple[Span, ...], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)


def _length(start: int, end: int) -> str:
    seconds = (end - start) / _SECOND
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.3g} s"
