"""Which tier of the logger samples come from: the interval that most of them are apart.

A logger keeps the newest days at 15 Hz, then one sample a second, then one in five minutes; a reply does not say
which it is. Only the interval is found here; what follows from it is the caller's.
"""

import numpy as np
from numpy.typing import NDArray

_CELL = 1_000
_FAST_CELLS = 2_000


def modal_interval_seconds(times: NDArray[np.int64]) -> float | None:
    """The most frequent interval between samples in seconds, to the millisecond; None with fewer than two.

    Args:
        times: microseconds since 1970 UTC, sorted.
    """
    if times.size < 2:
        return None
    cells = (np.diff(times) + _CELL // 2) // _CELL
    # Counting into an array takes a tenth of the time of sorting, and nearly all intervals are short.
    counts = np.bincount(np.minimum(cells, _FAST_CELLS), minlength=_FAST_CELLS + 1)
    mode, often = int(counts[:-1].argmax()), int(counts[:-1].max())
    if counts[-1] > often:
        slow, slow_counts = np.unique(cells[cells >= _FAST_CELLS], return_counts=True)
        if slow_counts.max() > often:
            mode = int(slow[slow_counts.argmax()])
    return mode * _CELL / 1e6
