"""The 15 Hz clock of the accelerator: phase A of the 60 Hz line divided by four.

Here are tick numbers, tick times, the offset of the line frequency, the blocks of ticks in which the simulation
computes, remembers and streams, and the days of operation. Nothing here knows a device or an event.

The offset is a constant and a sum of sinusoids, so the phase of the line has a closed form and the
time of any tick follows without a history. The constant is -11.6 mHz: then every clean day of 24
hours has 1,295,7xx samples of a 15 Hz device, as the measured day had (1,295,713, BOOSTR, Zenodo
4382663). That day's mean reading of B:LINFRQ, -8.99 mHz, explains two thirds of its shortfall; what
the rest was is not known, so here the line carries all of it. The slow terms are weak, which holds
the mean of a day within about 1.5 mHz; the faster ones give the spread of 15.9 mHz seen in a day.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

from gmpsai_assets.acnet.tclk import NOMINAL_TICK_HZ
from gmpsai_assets.emulator.noise import (
    Floats,
    Integers,
    knot_ticks,
    normals,
    single_uniform,
    spread_knots,
    stream_key,
)

BLOCK_TICKS = 54_000
"""Ticks in a block; a multiple of every grid used in the simulation."""

Value = TypeVar("Value")


class RecentResults(Generic[Value]):
    """The newest results of a costly function, shared by threads.

    Args:
        capacity: how many results are kept; the least recently used one is dropped first.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._results: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """The remembered result of ``key``, or that of ``compute``, which must be pure."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = compute()
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._capacity:
                self._results.popitem(last=False)
        return result


ZERO_MICROSECONDS = 1_546_300_800_000_000
"""The instant of phase zero: 2019-01-01 00:00:00 UTC."""

MEAN_OFFSET_MILLIHERTZ = -11.6
OFFSET_SPREAD_MILLIHERTZ = 15.9

_SINUSOIDS = 32
_SHORTEST_PERIOD_SECONDS = 60.0
_LONGEST_PERIOD_SECONDS = 4 * 86_400.0
_STRONGEST_PERIOD_SECONDS = 1_500.0
_TICKS_PER_MILLIHERTZ_SECOND = 1 / 4_000.0
_INVERSION_STEPS = 5


class LineClock:
    """Ticks of the line-locked clock, numbered from 2019 (earlier ticks are negative).

    Args:
        seed: seed of the simulation.
    """

    def __init__(self, seed: int) -> None:
        shape = np.arange(_SINUSOIDS)
        spacing = np.log(_LONGEST_PERIOD_SECONDS / _SHORTEST_PERIOD_SECONDS) / (_SINUSOIDS - 1)
        wobble = np.array([single_uniform(stream_key(seed, "line period"), int(i)) for i in shape])
        self._periods = _SHORTEST_PERIOD_SECONDS * np.exp(spacing * (shape + 0.6 * wobble))
        phases = [single_uniform(stream_key(seed, "line phase"), int(i)) for i in shape]
        self._phases = 2 * np.pi * np.array(phases)
        self._amplitudes = _amplitudes(self._periods)
        self._jitter = stream_key(seed, "line jitter")
        self._recent: RecentResults[Integers] = RecentResults(96)

    def offset_millihertz(self, seconds: Floats) -> Floats:
        """Offset of the 60 Hz line in mHz at seconds since tick zero."""
        total = np.full(seconds.shape, MEAN_OFFSET_MILLIHERTZ)
        for period, phase, amplitude in self._sinusoids():
            total += amplitude * np.sin(2 * np.pi / period * seconds + phase)
        return total

    def phase_ticks(self, seconds: Floats) -> Floats:
        """Ticks that have passed at seconds since tick zero: the integral of the frequency."""
        slip = MEAN_OFFSET_MILLIHERTZ * seconds
        for period, phase, amplitude in self._sinusoids():
            rate = 2 * np.pi / period
            slip += amplitude / rate * (np.cos(phase) - np.cos(rate * seconds + phase))
        return NOMINAL_TICK_HZ * seconds + slip * _TICKS_PER_MILLIHERTZ_SECOND

    def first_tick_from(self, microseconds: int) -> int:
        """The first tick at or after an instant (microseconds since 1970 UTC)."""
        seconds = np.array([(microseconds - ZERO_MICROSECONDS) / 1e6])
        first = int(np.floor(self.phase_ticks(seconds)[0])) - 2
        times = self.tick_times(first, 8)
        return first + int(np.searchsorted(times, microseconds, side="left"))

    def tick_times(self, first: int, count: int) -> Integers:
        """Times of ``count`` ticks from tick ``first``: int64 microseconds since 1970 UTC."""
        first_block, last_block = first // BLOCK_TICKS, (first + count - 1) // BLOCK_TICKS
        blocks = [self._block_times(block) for block in range(first_block, last_block + 1)]
        times = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        start = first - first_block * BLOCK_TICKS
        return times[start : start + count]

    def line_offset(self, first: int, count: int) -> Floats:
        """Offset of the 60 Hz line in mHz at ``count`` ticks from tick ``first``."""
        knots = knot_ticks(first, count)
        seconds = knots / NOMINAL_TICK_HZ + self._lateness_seconds(knots)
        return spread_knots(self.offset_millihertz(seconds), first, count)

    def _block_times(self, block: int) -> Integers:
        return self._recent.get(block, lambda: self._compute_block_times(block))

    def _compute_block_times(self, block: int) -> Integers:
        first = block * BLOCK_TICKS
        knots = knot_ticks(first, BLOCK_TICKS)
        lateness = self._lateness_seconds(knots)
        ticks = np.arange(first, first + BLOCK_TICKS, dtype=np.int64)
        nominal = (ticks * 200_000) // 3
        late = spread_knots(lateness, first, BLOCK_TICKS) * 1e6 + normals(self._jitter, ticks)
        times: Integers = ZERO_MICROSECONDS + nominal + np.rint(late).astype(np.int64)
        times.setflags(write=False)
        return times

    def _lateness_seconds(self, ticks: Integers) -> Floats:
        """Seconds by which ticks come after their time on a perfect 15 Hz clock."""
        nominal = ticks / NOMINAL_TICK_HZ
        lateness = np.zeros(ticks.shape)
        for _ in range(_INVERSION_STEPS):
            missing = ticks - self.phase_ticks(nominal + lateness)
            lateness += missing / NOMINAL_TICK_HZ
        return lateness

    def _sinusoids(self) -> list[tuple[float, float, float]]:
        return list(
            zip(
                self._periods.tolist(),
                self._phases.tolist(),
                self._amplitudes.tolist(),
                strict=True,
            )
        )


def _amplitudes(periods: Floats) -> Floats:
    """Strong around 25 minutes, weak beyond hours; in all a spread of 15.9 mHz."""
    distance = np.log(periods / _STRONGEST_PERIOD_SECONDS)
    width = np.where(distance > 0, 0.95, 1.9)
    weights = np.exp(-0.5 * (distance / width) ** 2) + 0.02
    amplitudes: Floats = weights * (OFFSET_SPREAD_MILLIHERTZ * np.sqrt(2 / np.sum(weights**2)))
    return amplitudes


_DAY_MICROSECONDS = 86_400_000_000
_BEGIN_MICROSECONDS = ZERO_MICROSECONDS + 6 * 3_600_000_000
_QUIET_TICKS = 54_000
ACTIVE_TICKS = 22 * 53_900
"""Ticks of the middle of a day, in which something may happen."""


class OperatingDays:
    """Days of operation, counted from 1 January 2019.

    Args:
        clock: the line clock.
    """

    def __init__(self, clock: LineClock) -> None:
        self._clock = clock
        self._recent: RecentResults[int] = RecentResults(512)

    def first_tick(self, day: int) -> int:
        """The first line tick of a day."""
        start = _BEGIN_MICROSECONDS + day * _DAY_MICROSECONDS
        return self._recent.get(day, lambda: self._clock.first_tick_from(start))

    def first_active_tick(self, day: int) -> int:
        """The first line tick of the part of a day in which something may happen."""
        return self.first_tick(day) + _QUIET_TICKS

    def day_of(self, tick: int) -> int:
        """The day a line tick belongs to."""
        time = int(self._clock.tick_times(tick, 1)[0])
        return (time - _BEGIN_MICROSECONDS) // _DAY_MICROSECONDS
