"""Stretches of an answer that come from a slower tier of the logger than the one asked for.

The tier of the whole is told by ``fetch.checking.tiers``.
Whether a slower stretch is a reason to ask again is decided in ``suspicion`` and ``review``.
"""

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.fetch.checking.rows import Times

_MICROSECONDS = 1_000_000
_BIN_SHIFT = 10
_LONGEST_BIN = 1 << 20
_TYPICAL = 4_001


def tier_seconds(times: NDArray[np.int64], period: float | None = None) -> float | None:
    """The most frequent interval in seconds, to 0.1 ms; None with fewer than two samples.

    Intervals are counted in bins of 1.024 ms; the mean of the fullest bin and its neighbours is taken.

    Args:
        times: microseconds since 1970 UTC, sorted.
        period: the nominal interval in microseconds; if nearly all intervals are about that long, counting is spared
            and the middle of the first ones is taken.
    """
    intervals = np.diff(times)
    if not len(intervals):
        return None
    if period is not None and _nearly_all_about(intervals, period):
        return round(float(np.median(intervals[:_TYPICAL])) / _MICROSECONDS, 4)
    bins = np.minimum(intervals >> _BIN_SHIFT, _LONGEST_BIN)
    fullest = int(np.argmax(np.bincount(bins)))
    near = intervals[(bins >= fullest - 1) & (bins <= fullest + 1)]
    return round(float(np.mean(near)) / _MICROSECONDS, 4)


def _nearly_all_about(intervals: NDArray[np.int64], period: float) -> bool:
    unusual = np.count_nonzero(intervals > 1.5 * period)
    unusual += np.count_nonzero(intervals < 0.5 * period)
    return bool(unusual < 0.01 * len(intervals))


TIER_INTERVALS = 10
"""A slower tier has at least so many slow intervals of about one length, or nothing but such."""


def tier_runs(intervals: Times, slow: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Runs of slow intervals of about one length, as first and last index."""
    needed = min(TIER_INTERVALS, len(intervals))
    if len(slow) < max(needed, 2):
        return []
    # A faster interval or two in between, as where two blocks of a logger meet, do not end a tier.
    first, last = runs_of(slow, 3)
    found = []
    for a, b in zip(slow[first], slow[last], strict=True):
        run = intervals[a : b + 1]
        typical = np.median(run)
        if len(run) >= needed and np.mean(np.abs(run - typical) < 0.3 * typical) > 0.8:
            found.append((int(a), int(b)))
    return found


def silence_at_the_ends(intervals: Times, runs: list[tuple[int, int]]) -> tuple[float, float]:
    """How long nothing may come before the first and after the last row of a slower tier, in microseconds."""
    limits = [0.0, 0.0]
    for a, b in runs:
        allowed = 1.5 * float(np.median(intervals[a : b + 1]))
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
