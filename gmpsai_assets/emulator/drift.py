"""Bounded slow signals: sums of sinusoids with drawn periods and phases, without a history.

Which signals drift, and by how much, is said in ``devices`` and ``regulator``.
"""

import numpy as np

from gmpsai_assets.emulator.counter_random import Floats, single_uniform, stream_key
from gmpsai_assets.emulator.line_clock import TICKS_PER_SECOND, knot_ticks, spread_knots

_TERMS = 6
_LONGEST = 8.0


def slow_drift(
    seed: int, name: str, *, spread: float, seconds: float, first: int, count: int
) -> Floats:
    """A slow signal at ``count`` ticks from tick ``first``.

    Args:
        seed: seed of the simulation.
        name: what drifts; each name has periods and phases of its own.
        spread: standard deviation over a long time.
        seconds: shortest period; the longest is about eight times it.
        first: first line tick.
        count: number of ticks.
    """
    knots = knot_ticks(first, count)
    total = np.zeros(knots.shape)
    for term in range(_TERMS):
        key = stream_key(seed, name, f"drift {term}")
        stretch = _LONGEST ** ((term + 0.8 * single_uniform(key, 0)) / (_TERMS - 1))
        period = TICKS_PER_SECOND * seconds * stretch
        total += np.sin(2 * np.pi * (knots / period + single_uniform(key, 1)))
    return spread_knots(total * (spread * np.sqrt(2 / _TERMS)), first, count)
