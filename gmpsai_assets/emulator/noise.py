"""Random numbers and slow drifts, each a function of (seed, stream, counter): no state and no sequence.

Any process may ask for any counter in any order and gets the same number, so a sample of any
device at any tick can be computed alone.
"""

import hashlib
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.tclk import NOMINAL_TICK_HZ

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_MIX = np.uint64(0x94D049BB133111EB)
_NORMAL_BITS = 16


def stream_key(seed: int, *names: object) -> int:
    """A 64-bit key for one stream of numbers.

    Args:
        seed: seed of the whole simulation.
        names: what the stream is for, such as ``("B:VIMIN", "noise")``.
    """
    text = "\x1f".join([str(seed), *(str(name) for name in names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def random_bits(key: int, counters: Integers) -> NDArray[np.uint64]:
    """64 random bits per counter (splitmix64, Steele, Lea and Flood, OOPSLA 2014)."""
    state = counters.astype(np.uint64)
    state *= _GOLDEN
    state += np.uint64(key)
    state ^= state >> np.uint64(30)
    state *= _FIRST_MIX
    state ^= state >> np.uint64(27)
    state *= _SECOND_MIX
    state ^= state >> np.uint64(31)
    return state


def uniforms(key: int, counters: Integers) -> Floats:
    """One number in ``[0, 1)`` per counter."""
    return (random_bits(key, counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(key: int, counters: Integers) -> Floats:
    """One standard normal number per counter, from 65,536 equally likely values (up to 4.3)."""
    table = _normal_quantiles()
    picked: Floats = table[random_bits(key, counters) >> np.uint64(64 - _NORMAL_BITS)]
    return picked


def single_uniform(key: int, counter: int) -> float:
    """The number in ``[0, 1)`` of one counter."""
    return float(uniforms(key, np.array([counter], dtype=np.int64))[0])


def single_integer(key: int, counter: int, bound: int) -> int:
    """An integer in ``[0, bound)`` of one counter."""
    return int(single_uniform(key, counter) * bound)


@cache
def _normal_quantiles() -> Floats:
    normal = NormalDist()
    count = 1 << _NORMAL_BITS
    upper = [normal.inv_cdf((index + 0.5) / count) for index in range(count // 2, count)]
    half = np.array(upper, dtype=np.float64)
    return np.concatenate([-half[::-1], half])


_KNOT_TICKS = 60


def knot_ticks(first: int, count: int) -> Integers:
    """Absolute grid of ticks, 60 apart, that encloses ``count`` ticks from tick ``first``."""
    start = first // _KNOT_TICKS
    end = -(-(first + count) // _KNOT_TICKS)
    return np.arange(start, end + 1, dtype=np.int64) * _KNOT_TICKS


def spread_knots(values: Floats, first: int, count: int) -> Floats:
    """Values at the knots of ``knot_ticks``, interpolated to every tick.

    The grid is absolute, so a tick gets the same value in whatever window it is asked for.
    """
    steps = np.arange(_KNOT_TICKS) / _KNOT_TICKS
    every: Floats = (values[:-1, None] + np.diff(values)[:, None] * steps).ravel()
    start = first % _KNOT_TICKS
    return every[start : start + count]


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
        period = NOMINAL_TICK_HZ * seconds * stretch
        total += np.sin(2 * np.pi * (knots / period + single_uniform(key, 1)))
    return spread_knots(total * (spread * np.sqrt(2 / _TERMS)), first, count)
