"""Values of the logged devices as functions of line ticks.

Here noise, drift, settings, the regulator's law and the machine cycles of a supercycle become numbers, for any run of
ticks, without a history. When a sample is taken is in ``machine``.
"""

from collections.abc import Callable

import numpy as np

from gmpsai_assets.emulator.devices import Analog, Constant, Device, Setting
from gmpsai_assets.emulator.line_clock import LineClock, OperatingDays
from gmpsai_assets.emulator.noise import Floats, Integers, normals, slow_drift, stream_key, uniforms
from gmpsai_assets.emulator.recipes import SupercycleSchedule
from gmpsai_assets.emulator.regulator import Regulator, Settings

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
        self._cycles = CycleSignals(schedule)
        self.regulator = Regulator(seed)
        self._laws: dict[str, Callable[[Device, int, int], Floats]] = {
            "minimum error": lambda _, first, count: self.regulator.reported_error(first, count),
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

    def _minimum_current(self, device: Device, first: int, count: int) -> Floats:
        setting = self.settings.values("minimum loop", first, count)
        gain = self.settings.values("proportional gain", first, count)
        current = self.regulator.current(setting, gain, first)
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
            current = current * 1.00897 - 33.0 + noise * 0.6
            return np.round((current - 0.9375) / 1.25) * 1.25 + 0.9375
        current += noise * 0.08
        return np.round((current - 0.1) / 0.17) * 0.17 if variant == 2 else current

    def _charge(self, device: Device, first: int, count: int) -> Floats:
        kept = (1.0, 0.96, 0.94)[getattr(device.model, "variant", 0)]
        ticks = np.arange(first, first + count, dtype=np.int64)
        charge = self._cycles.beam(first, count) * kept
        shared = normals(self._key("charge", "noise"), ticks)
        own = normals(self._key(device.name, "noise"), ticks)
        return charge * (1 + 0.01 * shared + 0.002 * own) + 0.004 * own

    def _analog(self, name: str, model: Analog, first: int, count: int) -> Floats:
        values = self._drift(name, model, first, count)
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
        drift = self._drift(device.name, model, first, count)
        noise = normals(self._key(device.name, "noise"), numbers) * model.noise
        return (model.centre + drift[ticks - first] + noise).astype(np.float32)

    def _drift(self, name: str, model: Analog, first: int, count: int) -> Floats:
        spread, seconds = model.drift, model.drift_seconds
        return slow_drift(
            self._seed, name, spread=spread, seconds=seconds, first=first, count=count
        )

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
    charges: Floats = np.zeros(256)
    for code, charge in _CHARGES.items():
        charges[code] = charge
    beam: Floats = charges[resets]
    return beam


_IDLE = 369.85
_FLAT_TOP = 7033.2
_RISE = (0.0, 0.005, 0.145, 0.31, 0.51, 0.71, 0.852, 0.995, 1.0, 1.0)
_FALL = (0.99109, 0.88247, 0.70894, 0.54154, 0.37919, 0.2, 0.04)
"""The first five are the readings of I:MXIB from 2020-03-10 05:00:00 UTC on (C, DataAnalysis.ipynb); the rest, and the
rise, are drawn such that a day has the published steps and spread."""
_RAMP = np.array(_RISE + _FALL)
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
