"""How long supercycles lasted, those that were captured and those of which $00 tells the start alone.

Pure functions on starts; how many are missing between them is counted in ``compaction``.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.analysis.offsets import Instants, nearest_tick
from gmpsai_assets.timeline.records import Captured

_LENGTH_OF_NONE = 60.0
_ALIKE = 0.05
"""Distances that differ by less than this share are of supercycles of one length."""


def starts_and_lengths(
    captured: Sequence[Captured], resets: Instants
) -> tuple[Instants, NDArray[np.float64]]:
    """All known starts in order, and the length of each in seconds.

    $00 tells no length, so its distance to the next start stands in where three in a row are alike, or where it is
    the usual one of the day. Another that stands alone may be two supercycles with a lost $00 between them: it
    counts as long as the nearest sure one of the same hole, or else as usual.

    Args:
        captured: each supercycle once, in order.
        resets: times of the $00 of supercycles that were not captured, ascending.
    """
    starts = np.array([*(each.start for each in captured), *resets.tolist()], dtype=np.int64)
    planned = np.array([*(each.length_seconds for each in captured), *[np.nan] * resets.size])
    order = np.argsort(starts, kind="stable")
    starts, planned = starts[order], planned[order]
    of_captured = ~np.isnan(planned)
    distances = np.append(np.diff(starts), 0)[: starts.size] / 1e6
    distances[of_captured] = np.nan
    usual = _usual(planned[of_captured], starts)
    lengths = np.where(of_captured, planned, usual)
    sure = np.flatnonzero(_in_threes(distances) | (np.abs(distances - usual) <= _ALIKE * usual))
    if sure.size:
        places = np.arange(starts.size)
        nearest = sure[nearest_tick(sure, places)]
        hole = np.cumsum(of_captured)
        told = ~of_captured & (hole == hole[nearest])
        lengths[told] = distances[nearest[told]]
    return starts, lengths


def _in_threes(distances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of some distances are members of three alike in a row."""
    alike = np.abs(np.diff(distances)) <= _ALIKE * distances[1:]
    three = alike[1:] & alike[:-1]
    found = np.zeros(distances.size, dtype=np.bool_)
    for shift in range(3):
        found[shift : shift + three.size] |= three
    return found


def _usual(planned: NDArray[np.float64], starts: Instants) -> float:
    if planned.size:
        return float(np.median(planned))
    return float(np.median(np.diff(starts))) / 1e6 if starts.size > 1 else _LENGTH_OF_NONE
