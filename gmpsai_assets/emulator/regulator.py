"""The GMPS regulator: its settings through a day of operation, and the law of the minimum current; without a history.

Settings are piecewise constant functions of line ticks; each operating day begins and ends at the usual value, so a day
can be computed alone.

The memo on the GMPS regulator system (fermilab-accelerator-ai/models) has

    VIMIN_t = B_VIMIN - alpha * IMINER_t - beta_t,    beta_t = beta_(t-1) + gamma * IMINER_t

A running sum needs its whole history and would wander off. Here beta is made first: a sum of slow
sinusoids, and a moving average of random pushes whose weights end at zero. IMINER is the step of
beta divided by gamma. So the law holds exactly at every tick, and beta stays bounded.
"""

import numpy as np

from gmpsai_assets.emulator.line_clock import ACTIVE_TICKS, OperatingDays, RecentResults
from gmpsai_assets.emulator.noise import (
    Floats,
    Integers,
    normals,
    single_uniform,
    slow_drift,
    stream_key,
    uniforms,
)

_USUAL = {"maximum": 966.10498, "proportional gain": 10.000006, "inhibit": 1.0, "status": 44_495.0}
_STATUS_INHIBITED = 44_494.0

_LOOP_CENTRE = 103.41474
_LOOP_STEP = 0.000992
_LOOP_SPREAD = 0.0135
_LOOP_TICKS = 1_200
_LOOP_PERIOD_TICKS = 64_000
_LOOP_EXCURSIONS = {"low": -0.1332, "high": 0.0918}
"""The extremes of the measured day, reached once a day each in small steps: a single large one would be noise that the
measured day has not."""
_LOOP_EXCURSION_TICKS = 8 * _LOOP_TICKS

_MAXIMUM_STEPS = (1, 0, -1, -2, -3, -4, -5, -3, -1, 0)
_MAXIMUM_DWELLS = (0.12, 0.24, 0.1, 0.15, 0.033, 0.033, 0.033, 0.033, 0.033, 0.16)
"""Part of the day before each of the steps: short at the low levels, such that mean and spread are those measured."""
_MAXIMUM_STEP = 0.005
_GAIN_TOUR = (
    *(0.5 * step for step in range(1, 8)),
    *(0.5 * step for step in range(6, -1, -1)),
    *(-0.5 * step for step in range(1, 10)),
    -2.0,
    0.0,
)
_GAIN_TOUR_TICKS = 24 * 152 * 15
_INHIBIT_TICKS = 48_390


class Settings:
    """Values of the settings that move.

    Args:
        seed: seed of the simulation.
        days: the days of operation.
    """

    def __init__(self, seed: int, days: OperatingDays) -> None:
        self._seed = seed
        self._days = days
        self._recent: RecentResults[tuple[Integers, Floats]] = RecentResults(64)

    def values(self, schedule: str, first: int, count: int) -> Floats:
        """Values of a schedule at ``count`` ticks from tick ``first``."""
        ticks = np.arange(first, first + count, dtype=np.int64)
        if schedule == "minimum loop":
            return self._loop(ticks)
        values = np.empty(count)
        for day in range(self._days.day_of(first), self._days.day_of(first + count - 1) + 1):
            edges = (self._days.first_tick(day), self._days.first_tick(day + 1))
            low, high = np.searchsorted(ticks, edges)
            changes, levels = self._day(schedule, day)
            values[low:high] = levels[np.searchsorted(changes, ticks[low:high], side="right")]
        return values

    def _loop(self, ticks: Integers) -> Floats:
        """The minimum's outer loop: a small step every minute or two along a slow wave."""
        key = stream_key(self._seed, "minimum loop")
        place = ticks // _LOOP_TICKS
        marks = np.arange(place[0] - 1, place[-1] + 1, dtype=np.int64)
        moment = (uniforms(key, marks) * _LOOP_TICKS).astype(np.int64)
        phases = uniforms(key, np.arange(4)) * 2 * np.pi
        periods = _LOOP_PERIOD_TICKS * np.array([1.0, 1.83, 3.17, 5.71])
        turns = marks[:, None] * (_LOOP_TICKS / periods)
        wave = np.sin(2 * np.pi * turns + phases).sum(axis=1) * (_LOOP_SPREAD / np.sqrt(2.0))
        self._add_loop_excursions(wave, marks * _LOOP_TICKS)
        steps = np.round(wave / _LOOP_STEP)
        levels = _LOOP_CENTRE + _LOOP_STEP * steps
        index = place - marks[0]
        changed = ticks - place * _LOOP_TICKS >= moment[index]
        values: Floats = np.where(changed, levels[index], levels[index - 1])
        return values

    def _add_loop_excursions(self, wave: Floats, ticks: Integers) -> None:
        """Lead the wave at ascending ticks twice a day to an extreme and back."""
        for day in range(self._days.day_of(int(ticks[0])), self._days.day_of(int(ticks[-1])) + 1):
            for name, depth in _LOOP_EXCURSIONS.items():
                begin = self._begin(f"minimum loop {name}", day, 2 * _LOOP_EXCURSION_TICKS)
                centre = self._days.first_active_tick(day) + begin + _LOOP_EXCURSION_TICKS
                share = np.clip(1 - np.abs(ticks - centre) / _LOOP_EXCURSION_TICKS, 0, None)
                wave += share * (depth - wave)

    def _day(self, schedule: str, day: int) -> tuple[Integers, Floats]:
        """Ticks of the changes in a day, and the levels before, between and after."""
        return self._recent.get((schedule, day), lambda: self._compute_day(schedule, day))

    def _compute_day(self, schedule: str, day: int) -> tuple[Integers, Floats]:
        usual = _USUAL[schedule]
        start = self._days.first_active_tick(day)
        if schedule == "maximum":
            key = stream_key(self._seed, schedule)
            draws = uniforms(key, day * 16 + np.arange(len(_MAXIMUM_STEPS), dtype=np.int64))
            shares = np.cumsum(np.array(_MAXIMUM_DWELLS) * (0.9 + 0.2 * draws))
            changes = start + (shares * ACTIVE_TICKS).astype(np.int64)
            levels = usual + _MAXIMUM_STEP * np.array([0, *_MAXIMUM_STEPS])
            return changes, levels
        if schedule == "proportional gain":
            share = np.arange(len(_GAIN_TOUR)) / (len(_GAIN_TOUR) - 1)
            begin = self._begin(schedule, day, _GAIN_TOUR_TICKS)
            changes = start + begin + np.rint(share * _GAIN_TOUR_TICKS).astype(np.int64)
            return changes, usual + np.array([0.0, *_GAIN_TOUR])
        begin = self._begin("inhibit", day, _INHIBIT_TICKS)
        changes = start + begin + np.array([0, _INHIBIT_TICKS], dtype=np.int64)
        other = _STATUS_INHIBITED if schedule == "status" else 0.0
        return changes, np.array([usual, other, usual])

    def _begin(self, schedule: str, day: int, ticks: int) -> int:
        draw = single_uniform(stream_key(self._seed, schedule), day)
        return int(draw * (ACTIVE_TICKS - ticks))


GAMMA = 7.5350088e-5
ALPHA_PER_GAIN = 0.01
"""alpha is 8.5e-2 at a gain of 8.5 (memo), so a hundredth of the B:ACMNPG setting."""

_ERROR_STEP = 16 / 3200
_ERROR_PHASE = -1 / 3200
_ERROR_LIMIT = 9.705
_PUSH_SPREAD = 0.18
_SPIKE_CHANCE = 2.5e-4
_SPIKE = 20.0
_BETA_SPREAD = 0.0029
_BETA_SECONDS = 175.0


class Regulator:
    """The regulation error and its integral.

    Args:
        seed: seed of the simulation.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._weights = _push_weights()
        self._recent: RecentResults[tuple[Floats, Floats]] = RecentResults(4)

    def error_and_integral(self, first: int, count: int) -> tuple[Floats, Floats]:
        """IMINER before it is rounded, and beta, at ``count`` ticks from tick ``first``."""
        return self._recent.get((first, count), lambda: self._compute(first, count))

    def current(self, setting: Floats, gain: Floats, first: int) -> Floats:
        """VIMIN by the law.

        Args:
            setting: B_VIMIN at each tick from ``first`` on.
            gain: B_ACMNPG at these ticks.
            first: first line tick.
        """
        error, integral = self.error_and_integral(first, setting.size)
        return setting - ALPHA_PER_GAIN * gain * error - integral

    def reported_error(self, first: int, count: int) -> Floats:
        """IMINER as its front end reports it: in steps of 16/3200, and limited."""
        error, _ = self.error_and_integral(first, count)
        steps = np.round((error - _ERROR_PHASE) / _ERROR_STEP)
        return np.clip(steps * _ERROR_STEP + _ERROR_PHASE, -_ERROR_LIMIT, _ERROR_LIMIT)

    def _compute(self, first: int, count: int) -> tuple[Floats, Floats]:
        reach = self._weights.size
        ticks = np.arange(first - reach, first + count, dtype=np.int64)
        pushes = normals(stream_key(self._seed, "B:IMINER", "push"), ticks) * _PUSH_SPREAD
        draws = uniforms(stream_key(self._seed, "B:IMINER", "spike"), ticks)
        far = np.flatnonzero(draws < _SPIKE_CHANCE)
        pushes[far] += (draws[far] / _SPIKE_CHANCE * 2 - 1) * _SPIKE
        kept = slice(reach, reach + count)
        fast = np.convolve(pushes, self._weights)[kept]
        summed = np.convolve(pushes, np.cumsum(self._weights))[kept]
        slow = slow_drift(
            self._seed,
            "beta",
            spread=_BETA_SPREAD,
            seconds=_BETA_SECONDS,
            first=first - 1,
            count=count + 1,
        )
        return fast + np.diff(slow) / GAMMA, slow[1:] + GAMMA * summed


def _push_weights() -> Floats:
    """Weights of the moving average behind IMINER; they add up to zero.

    An autoregression of order 3 with the published autocorrelations 0.8067, 0.4440, 0.0055, cut
    after 60 ticks, less a broad hump that carries its sum away.
    """
    lags = np.array([0.8067, 0.4440, 0.0055])
    matrix = np.array([[1, lags[0], lags[1]], [lags[0], 1, lags[0]], [lags[1], lags[0], 1]])
    terms = np.linalg.solve(matrix, lags)
    weights = np.zeros(60)
    weights[0] = 1.0
    for index in range(1, weights.size):
        for lag, term in enumerate(terms, start=1):
            if index >= lag:
                weights[index] += term * weights[index - lag]
    hump = np.sin(np.pi * (np.arange(weights.size) + 0.5) / weights.size)
    weights -= hump * (weights.sum() / hump.sum())
    normed: Floats = weights / np.sqrt(np.sum(weights**2))
    return normed
