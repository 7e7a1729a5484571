"""Which tier of the logger samples come from: the interval that most of them are apart.

A logger keeps the newest days at 15 Hz, then one sample a second, then one in five minutes; a reply does not say
which it is. Only the interval is found here; what follows from it is the caller's.
"""

import numpy as np
from numpy.typing import NDArray

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
