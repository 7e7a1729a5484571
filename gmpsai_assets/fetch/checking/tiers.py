"""The tier of a subject's rows, and stretches of an answer that come from a slower tier than the one asked for.

Whether a slower stretch is asked for again is decided in ``asking.refetch``.
"""

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.fetch.checking.rows import LONG_PERIODS, SHORT_PERIODS, Times

_SECOND = 1_000_000

# The most frequent interval.
_BIN_SHIFT = 10
"""Intervals are counted in bins of 1,024 us: the usual ones at 15 Hz differ by less (66.65 to 67 ms)."""
_LONGEST_BIN = 1 << 20
"""Intervals of 18 minutes and more, beyond the slowest tier of 5 minutes, are counted in one bin."""
_TYPICAL = 4_000
"""So many of the first intervals give the mean of a rate that holds throughout: whole milliseconds are averaged out."""
_UNUSUAL_SHARE = 0.01
"""A rate holds throughout if fewer of the intervals are not about a period long; chosen."""

# A slower tier; all chosen, and tried on each tier of the simulated loggers.
_TIER_INTERVALS = 10
"""It has at least so many slow intervals of about one length, or nothing but such."""
_TIER_BREAKS = 3
"""It goes on where a faster interval or two lie in between, as where two blocks of a logger meet."""
_ALIKE = 0.3
_ALIKE_SHARE = 0.8
"""Intervals of one tier: more than this share differ from their middle by less than this part of it."""
_PAUSE_AT_AN_END = 1.5
"""Before its first and after its last row nothing comes for up to so many of its intervals."""


def tier_seconds(times: NDArray[np.int64], period: float | None = None) -> float | None:
    """The most frequent interval in seconds, to 0.1 ms; None with fewer than two samples.

    Intervals are counted in bins of 1.024 ms; the mean of the fullest bin and its neighbours is taken.

    Args:
        times: microseconds since 1970 UTC, sorted.
        period: the nominal interval in microseconds; if nearly all intervals are about that long, counting is spared
            and the mean of the first ones is taken.
    """
    intervals = np.diff(times)
    if not len(intervals):
        return None
    if period is not None and _nearly_all_about(intervals, period):
        near = intervals[:_TYPICAL][np.abs(intervals[:_TYPICAL] - period) < SHORT_PERIODS * period]
        if len(near):
            return round(float(np.mean(near)) / _SECOND, 4)
    bins = np.minimum(intervals >> _BIN_SHIFT, _LONGEST_BIN)
    fullest = int(np.argmax(np.bincount(bins)))
    near = intervals[(bins >= fullest - 1) & (bins <= fullest + 1)]
    return round(float(np.mean(near)) / _SECOND, 4)


def _nearly_all_about(intervals: NDArray[np.int64], period: float) -> bool:
    unusual = np.count_nonzero(intervals > LONG_PERIODS * period)
    unusual += np.count_nonzero(intervals < SHORT_PERIODS * period)
    return bool(unusual < _UNUSUAL_SHARE * len(intervals))


def tier_runs(intervals: Times, slow: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Runs of slow intervals of about one length, as first and last index."""
    needed = min(_TIER_INTERVALS, len(intervals))
    if len(slow) < max(needed, 2):
        return []
    first, last = runs_of(slow, _TIER_BREAKS)
    found = []
    for a, b in zip(slow[first], slow[last], strict=True):
        run = intervals[a : b + 1]
        typical = np.median(run)
        alike = np.mean(np.abs(run - typical) < _ALIKE * typical)
        if len(run) >= needed and alike > _ALIKE_SHARE:
            found.append((int(a), int(b)))
    return found


def longest_pauses_at_the_ends(
    intervals: Times, runs: list[tuple[int, int]]
) -> tuple[float, float]:
    """How long nothing may come before the first and after the last row of a slower tier, in microseconds."""
    limits = [0.0, 0.0]
    for a, b in runs:
        allowed = _PAUSE_AT_AN_END * float(np.median(intervals[a : b + 1]))
        limits = [
            allowed if a == 0 else limits[0],
            allowed if b == len(intervals) - 1 else limits[1],
        ]
    return limits[0], limits[1]


def runs_of(
    positions: NDArray[np.integer], apart: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last index of runs of sorted numbers that are at most so far apart."""
    breaks = np.flatnonzero(np.diff(positions) > apart)
    return np.append(0, breaks + 1), np.append(breaks, len(positions) - 1)
