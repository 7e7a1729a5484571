"""Which occurrence of $00 belongs to which captured supercycle, although two clocks stamped them.

Pure functions on times; what follows from it is decided in ``compaction``.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.timeline.records import Captured

Instants = NDArray[np.int64]
"""Microseconds since 1970 UTC."""

SAME_START = 500_000
"""Starts closer than so many microseconds are one; the shortest supercycle has a second."""

_LARGEST_STRAY = 2_000_000
_LARGEST_SHARE = 0.45


def single(times: Instants) -> Instants:
    """Sorted times without those that follow another one too closely to be a start of their own."""
    kept: list[int] = []
    for time in times.tolist():
        if not kept or time - kept[-1] >= SAME_START:
            kept.append(time)
    return np.array(kept, dtype=np.int64)


def match(captured: Sequence[Captured], seen: Instants) -> tuple[Instants, float | None]:
    """The places of $00 that were captured, and the offset of the logger's clock in seconds.

    Each captured start belongs to the nearest $00, once the offset between both clocks is taken out.
    """
    if not captured or not seen.size:
        return np.empty(0, np.int64), None
    starts = np.array([each.start for each in captured], dtype=np.int64)
    lengths = np.array([each.length_seconds for each in captured])
    near = np.abs(starts - seen[_nearest(seen, starts)]) < lengths * 5e5
    if not near.any():
        return np.empty(0, np.int64), None
    offset = float(np.median((starts - seen[_nearest(seen, starts)])[near]))
    places = _nearest(seen, starts - round(offset))
    strays = np.abs(starts - seen[places] - offset)
    claimed = places[strays <= np.minimum(_LARGEST_STRAY, lengths * 1e6 * _LARGEST_SHARE)]
    return np.unique(claimed), offset / 1e6


def _nearest(seen: Instants, starts: Instants) -> Instants:
    after = np.clip(np.searchsorted(seen, starts), 1, max(1, seen.size - 1))
    before = after - 1
    after = np.minimum(after, seen.size - 1)
    chosen: Instants = np.where(
        np.abs(starts - seen[before]) <= np.abs(seen[after] - starts), before, after
    )
    return chosen
