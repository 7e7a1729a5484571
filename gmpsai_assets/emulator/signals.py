"""Values of the logged devices as functions of line ticks.

Here noise, drift, settings and the regulator's law become numbers, for any run of ticks, without a
history. When a sample is taken is in ``machine``.

The regulator (memo on the GMPS regulator system, fermilab-accelerator-ai/models) sets

    VIMIN_t = B_VIMIN - alpha * IMINER_t - beta_t,    beta_t = beta_(t-1) + gamma * IMINER_t

A running sum needs its whole history and would wander off. Here beta is made first: a sum of slow
sinusoids, and a moving average of random pushes whose weights end at zero. IMINER is the step of
beta divided by gamma. So the law holds exactly at every tick, and beta stays bounded.
"""

from collections.abc import Callable

import numpy as np

from gmpsai_assets.emulator.blocks import RecentResults
from gmpsai_assets.emulator.counter_random import (
    Floats,
    Integers,
    normals,
    single_uniform,
    stream_key,
    uniforms,
)
from gmpsai_assets.emulator.devices import Analog, Constant, Device, Setting
from gmpsai_assets.emulator.line_clock import LineClock, knot_ticks, spread_knots
from gmpsai_assets.emulator.operating_days import OperatingDays
from gmpsai_assets.emulator.settings import Settings
from gmpsai_assets.emulator.supercycle import SupercycleSchedule

GAMMA = 7.5350088e-5
ALPHA_PER_GAIN = 0.01
"""alpha is 8.5e-2 at a gain of 8.5 (memo), so a hundredth of the B:ACMNPG setting."""

_MINIMUM_ERROR_STEP = 16 / 3200
_MINIMUM_ERROR_PHASE = -1 / 3200
_MINIMUM_ERROR_LIMIT = 9.705
_PUSH_SPREAD = 0.18
_PUSH_SPIKES = 2.5e-4
_PUSH_SPIKE = 20.0
_BETA_SPREAD = 0.0029
_BETA_SECONDS = 175.0
_VIMIN_SPIKES = 9.6e-5
_VIMIN_SPIKE_RANGE = (-2.6, 2.6)


class Signals:
    """All value models of one simulated machine.

    Args:
        seed: seed of the simulation.
        clock: the line clock.
        schedule: the supercycles.
    """

    def __init__(self, seed: int, clock: LineClock, schedule: SupercycleSchedule) -> None:
        self._seed = seed
        self._clock = clock
        self._schedule = schedule
        self.settings = Settings(seed, OperatingDays(clock))
        self._weights = _push_weights()
        self._cycles = CycleSignals(schedule)
        self._recent: RecentResults[tuple[Floats, Floats]] = RecentResults(4)
        self._laws: dict[str, Callable[[Device, int, int], Floats]] = {
            "minimum error": lambda _, first, count: _quantised(self.regulator(first, count)[0]),
            "minimum current": self._minimum_current,
            "line frequency": self._line_frequency,
            "main injector": self._main_injector,
            "charge": self._charge,
        }

    def values(self, device: Device, first: int, count: int) -> np.ndarray:
        """Float32 values of a device at ``count`` ticks from tick ``first``."""
        model = device.model
        if isinstance(model, Constant):
            return np.full(count, model.value, dtype=np.float32)
        if isinstance(model, Setting):
            return self.settings.values(model.schedule, first, count).astype(np.float32)
        raw = (
            self._analog(device.name, model, first - 1, count + 1)
            if isinstance(model, Analog)
            else self._laws[model.law](device, first - 1, count + 1)
        )
        return self._with_repeats(device.name, model.repeats, raw, first).astype(np.float32)

    def regulator(self, first: int, count: int) -> tuple[Floats, Floats]:
        """IMINER before it is rounded, and beta, at ``count`` ticks from tick ``first``."""
        return self._recent.get((first, count), lambda: self._regulator(first, count))

    def _regulator(self, first: int, count: int) -> tuple[Floats, Floats]:
        reach = len(self._weights)
        ticks = np.arange(first - reach, first + count, dtype=np.int64)
        pushes = normals(self._key("B:IMINER", "push"), ticks) * _PUSH_SPREAD
        draws = uniforms(self._key("B:IMINER", "spike"), ticks)
        far = np.flatnonzero(draws < _PUSH_SPIKES)
        pushes[far] += (draws[far] / _PUSH_SPIKES * 2 - 1) * _PUSH_SPIKE
        fast = np.convolve(pushes, self._weights, mode="full")[reach : reach + count]
        summed = np.convolve(pushes, np.cumsum(self._weights), mode="full")[reach : reach + count]
        slow = self._drift("beta", _BETA_SPREAD, _BETA_SECONDS, first - 1, count + 1)
        return fast + np.diff(slow) / GAMMA, slow[1:] + GAMMA * summed

    def _minimum_current(self, device: Device, first: int, count: int) -> Floats:
        error, beta = self.regulator(first, count)
        alpha = ALPHA_PER_GAIN * self.settings.values("proportional gain", first, count)
        current = self.settings.values("minimum loop", first, count) - alpha * error - beta
        self._add_spikes(device.name, current, first, _VIMIN_SPIKES, _VIMIN_SPIKE_RANGE)
        return current

    def _line_frequency(self, device: Device, first: int, count: int) -> Floats:
        ticks = np.arange(first, first + count, dtype=np.int64)
        noise = normals(self._key(device.name, "noise"), ticks) * 0.054
        far = uniforms(self._key(device.name, "far"), ticks) < 0.06
        noise[far] *= 9.0
        return self._clock.line_offset(first, count) + noise

    def _main_injector(self, device: Device, first: int, count: int) -> Floats:
        variant = getattr(device.model, "variant", 0)
        lag = 1 if variant == 1 else 0
        current = self._cycles.main_injector(first - lag, count)
        ticks = np.arange(first, first + count, dtype=np.int64)
        noise = normals(self._key(device.name, "noise"), ticks)
        if variant == 1:
            current += noise * 0.6
            return np.round((current * 1.003 - 34.0) / 1.25) * 1.25
        return current + noise * 0.08 + (0.0, 0.0, 0.4)[variant]

    def _charge(self, device: Device, first: int, count: int) -> Floats:
        kept = (1.0, 0.96, 0.94)[getattr(device.model, "variant", 0)]
        ticks = np.arange(first, first + count, dtype=np.int64)
        charge = self._cycles.beam(first, count) * kept
        shared = normals(self._key("charge", "noise"), ticks)
        own = normals(self._key(device.name, "noise"), ticks)
        return charge * (1 + 0.01 * shared + 0.002 * own) + 0.004 * own

    def _analog(self, name: str, model: Analog, first: int, count: int) -> Floats:
        values = self._drift(name, model.drift, model.drift_seconds, first, count)
        if isinstance(model.centre, str):
            values += self.settings.values("maximum", first, count)
        else:
            values += model.centre
        ticks = np.arange(first, first + count, dtype=np.int64)
        values += normals(self._key(name, "noise"), ticks) * model.noise
        if model.spikes:
            self._add_spikes(name, values, first, model.spikes, model.spike_range)
        if model.step:
            values = np.round(values / model.step) * model.step
        return np.clip(values, *model.limits) if model.limits is not None else values

    def slow_values(self, device: Device, numbers: Integers, ticks: Integers) -> np.ndarray:
        """Float32 values of a slow device for sample numbers taken at (ascending) ticks."""
        model = device.model
        if not isinstance(model, Analog) or isinstance(model.centre, str) or not numbers.size:
            return np.zeros(numbers.size, dtype=np.float32)
        first, count = int(ticks[0]), int(ticks[-1] - ticks[0]) + 1
        drift = self._drift(device.name, model.drift, model.drift_seconds, first, count)
        noise = normals(self._key(device.name, "noise"), numbers) * model.noise
        return (model.centre + drift[ticks - first] + noise).astype(np.float32)

    def _drift(self, name: str, spread: float, seconds: float, first: int, count: int) -> Floats:
        """A bounded slow signal: six sinusoids with periods from ``seconds`` to eight times it."""
        knots = knot_ticks(first, count)
        total = np.zeros(knots.shape)
        for term in range(6):
            key = self._key(name, f"drift {term}")
            period = 15.0 * seconds * 8 ** ((term + 0.8 * single_uniform(key, 0)) / 5)
            total += np.sin(2 * np.pi * (knots / period + single_uniform(key, 1)))
        return spread_knots(total * (spread / np.sqrt(3.0)), first, count)

    def _add_spikes(
        self, name: str, values: Floats, first: int, chance: float, span: tuple[float, float]
    ) -> None:
        ticks = np.arange(first, first + values.size, dtype=np.int64)
        draws = uniforms(self._key(name, "spike"), ticks)
        far = np.flatnonzero(draws < chance)
        values[far] += span[0] + (span[1] - span[0]) * (draws[far] / chance)

    def _with_repeats(self, name: str, chance: float, raw: Floats, first: int) -> Floats:
        """Some samples repeat the one before, as when a front end had not yet renewed it.

        Args:
            name: device.
            chance: part of the samples.
            raw: values from tick ``first - 1`` on.
            first: first tick of the result.
        """
        if not chance:
            return raw[1:]
        ticks = np.arange(first, first + raw.size - 1, dtype=np.int64)
        stale = uniforms(self._key(name, "stale"), ticks) < chance
        return np.where(stale, raw[:-1], raw[1:])

    def _key(self, name: str, use: str) -> int:
        return stream_key(self._seed, name, use)


class CycleSignals:
    """Signals that repeat with the machine cycles of a supercycle.

    Args:
        schedule: the supercycles.
    """

    def __init__(self, schedule: SupercycleSchedule) -> None:
        self._schedule = schedule
        resets = [np.array(recipe.booster_resets()) for recipe in schedule.recipes]
        self._beam = np.stack([_beam_of(codes) for codes in resets])
        self._current = np.stack(
            [
                _injector_current(
                    recipe.length_ticks,
                    [(entry.tick, entry.event) for entry in recipe.entries],
                )
                for recipe in schedule.recipes
            ]
        )

    def beam(self, first: int, count: int) -> Floats:
        """Charge accelerated by the Booster on each tick, 1e12 protons."""
        return self._pick(self._beam, first + 1, count)

    def main_injector(self, first: int, count: int) -> Floats:
        """Bend current of the Main Injector on each tick, amperes."""
        return self._pick(self._current, first, count)

    def _pick(self, table: Floats, first: int, count: int) -> Floats:
        ticks = np.arange(first, first + count, dtype=np.int64)
        numbers = self._schedule.number_of_ticks(ticks)
        recipe = self._schedule.recipe_index(np.arange(numbers[0], numbers[-1] + 1))
        picked: Floats = table[
            recipe[numbers - numbers[0]], ticks - numbers * self._schedule.length_ticks
        ]
        return picked


_CHARGES = {0x13: 4.2, 0x14: 0.5, 0x15: 4.5, 0x16: 0.8, 0x17: 0.5, 0x19: 4.4, 0x1C: 4.0, 0x1D: 4.3}


def _beam_of(resets: np.ndarray) -> Floats:
    charges = np.zeros(256)
    for code, charge in _CHARGES.items():
        charges[code] = charge
    return charges[resets]


_IDLE = 369.5
_FLAT_TOP = 7033.3
_RAMP = np.array(
    [0.0, 0.03, 0.13, 0.31, 0.53, 0.75, 0.93, 1.0, 1.0, 1.0, 0.99, 0.885, 0.71, 0.54, 0.38, 0.2, 0.04]
)
_SPILL_RAMP = np.concatenate(
    [np.linspace(0, 1, 20), np.ones(30), np.linspace(1, 0, 12, endpoint=False)]
)
_LONG_RAMPS = {0x20, 0x21}
_SHORT_RAMPS = {0x23, 0x29, 0x2A, 0x2B, 0x2D}


def _injector_current(length: int, entries: list[tuple[int, int]]) -> Floats:
    """The bend current over one supercycle: a ramp after each reset of the Main Injector."""
    ramp = np.zeros(length)
    for tick, event in entries:
        shape = _SPILL_RAMP if event in _LONG_RAMPS else _RAMP
        if event in _LONG_RAMPS | _SHORT_RAMPS:
            places = (tick + np.arange(shape.size)) % length
            ramp[places] = np.maximum(ramp[places], shape)
    return _IDLE + (_FLAT_TOP - _IDLE) * ramp


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
    return weights / np.sqrt(np.sum(weights**2))


def _quantised(error: Floats) -> Floats:
    steps = np.round((error - _MINIMUM_ERROR_PHASE) / _MINIMUM_ERROR_STEP)
    rounded = steps * _MINIMUM_ERROR_STEP + _MINIMUM_ERROR_PHASE
    return np.clip(rounded, -_MINIMUM_ERROR_LIMIT, _MINIMUM_ERROR_LIMIT)
