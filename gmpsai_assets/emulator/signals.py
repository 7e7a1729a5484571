"""Values of the logged devices as functions of line ticks.

Here noise, drift, settings and the regulator's law become numbers, for any run of ticks, without a
history. When a sample is taken is in ``machine``.
"""

from collections.abc import Callable

import numpy as np

from gmpsai_assets.emulator.counter_random import (
    Floats,
    Integers,
    normals,
    stream_key,
    uniforms,
)
from gmpsai_assets.emulator.cycle_signals import CycleSignals
from gmpsai_assets.emulator.devices import Analog, Constant, Device, Setting
from gmpsai_assets.emulator.drift import slow_drift
from gmpsai_assets.emulator.line_clock import LineClock
from gmpsai_assets.emulator.operating_days import OperatingDays
from gmpsai_assets.emulator.regulator import Regulator
from gmpsai_assets.emulator.settings import Settings
from gmpsai_assets.emulator.supercycle import SupercycleSchedule

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
