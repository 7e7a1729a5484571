"""The simulated Booster: the facade through which samples, events and supercycles are read.

Here logger samples get their time stamps. The same window always gives the same samples, whatever
was asked before and in whatever process. No text is written here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.emulator.arrays import ARRAYS, devices_named
from gmpsai_assets.emulator.devices import DEVICES, Device
from gmpsai_assets.emulator.line_clock import ACTIVE_TICKS, BLOCK_TICKS, LineClock, OperatingDays
from gmpsai_assets.emulator.noise import (
    Floats,
    Integers,
    random_bits,
    single_integer,
    single_uniform,
    stream_key,
    uniforms,
)
from gmpsai_assets.emulator.recipes import USUAL_LENGTH_TICKS, Supercycle, SupercycleSchedule
from gmpsai_assets.emulator.signals import Signals
from gmpsai_assets.emulator.tclk_events import TclkEvents

Samples = tuple[Integers, NDArray[np.float32]]
"""Times (microseconds since 1970 UTC) and values, ordered by time."""

_FRONT_END_OFFSET = 1_500
_DEVICE_OFFSET = 400
_STAMP_JITTER = 300
_SLOW_BLOCK_SAMPLES = 1_440


class UnknownDeviceError(LookupError):
    """The simulated laboratory has no device of that name."""


@dataclass(frozen=True)
class LateFrontEnd:
    """A front end whose stamps come late.

    Attributes:
        microseconds: constant delay.
        jitter: largest distance from it, microseconds.
    """

    microseconds: int
    jitter: int = 0


class Machine:
    """One Booster with its clock, its timeline and its loggers.

    Args:
        seed: seed of everything.
        supercycle_ticks: line ticks of a supercycle.
        late: front ends that are late, by device name.
        stamp_microseconds: what one step of the loggers' stamps is; they are cut, not rounded. A millisecond as at the
            laboratory (the first sample of 2020-03-10 is of 05:00:00.048); 1 for the simulated truth.
    """

    def __init__(
        self,
        seed: int = 1,
        supercycle_ticks: int = USUAL_LENGTH_TICKS,
        late: dict[str, LateFrontEnd] | None = None,
        stamp_microseconds: int = 1_000,
    ) -> None:
        self.seed = seed
        self.clock = LineClock(seed)
        self.schedule = SupercycleSchedule(seed, self.clock, supercycle_ticks)
        self.tclk = TclkEvents(seed, self.clock, self.schedule)
        self.days = OperatingDays(self.clock)
        self.signals = Signals(seed, self.clock, self.schedule)
        self._late = dict(late or {})
        self._step = stamp_microseconds

    def device(self, name: str) -> Device:
        """A device, or an element of an array, by its name in any case.

        Raises:
            UnknownDeviceError: if there is none.
        """
        devices = devices_named(name.upper())
        if len(devices) != 1:
            msg = (
                f"the simulated laboratory has no device {name}; it has {', '.join(DEVICES)}, "
                f"and elements of {', '.join(ARRAYS)}"
            )
            raise UnknownDeviceError(msg)
        return devices[0]

    def samples(self, name: str, window: Window) -> Samples:
        """What the logger holds of a device in a window ``[start, end)``.

        Returns:
            int64 microseconds since 1970 UTC, and float32 values.

        Raises:
            UnknownDeviceError: if there is no such device.
        """
        device = self.device(name)
        start, end = window.start_microseconds, window.end_microseconds
        parts = [self.block(device, block) for block in self.blocks_between(device, start, end)]
        times = np.concatenate([part[0] for part in parts])
        values = np.concatenate([part[1] for part in parts])
        first, last = np.searchsorted(times, (start, end))
        return times[first:last], values[first:last]

    def events(self, event: int, window: Window) -> tuple[Integers, Floats]:
        """Events of one TCLK code in a window ``[start, end)``.

        Returns:
            int64 microseconds since 1970 UTC, and float64 seconds into the supercycle.
        """
        start, end = window.start_microseconds, window.end_microseconds
        times, offsets = self.tclk.events(event, start, end)
        return times, offsets / 1e6

    def supercycles(self, window: Window) -> list[Supercycle]:
        """Supercycles whose $00 tick lies in a window ``[start, end)``."""
        return self.schedule.between(window.start_microseconds, window.end_microseconds)

    def blocks_between(self, device: Device, start: int, end: int) -> range:
        """Blocks that may hold samples in ``[start, end]``, microseconds since 1970 UTC."""
        if device.period_seconds is not None:
            length = device.period_seconds * _SLOW_BLOCK_SAMPLES * 1_000_000
            return range((start - 1_000_000) // length, end // length + 1)
        first = self.clock.first_tick_from(start - 100_000)
        return range(first // BLOCK_TICKS, self.clock.first_tick_from(end + 1) // BLOCK_TICKS + 1)

    def block_span(self, device: Device, block: int) -> tuple[int, int]:
        """Bounds of the times in a block: no sample of it is outside ``[first, last]``."""
        if device.period_seconds is not None:
            length = device.period_seconds * _SLOW_BLOCK_SAMPLES * 1_000_000
            return block * length, (block + 1) * length + 1_000_000
        edges = (block * BLOCK_TICKS - 1, (block + 1) * BLOCK_TICKS + 1)
        first, last = (int(self.clock.tick_times(edge, 1)[0]) for edge in edges)
        return first, last

    def block(self, device: Device, block: int, every: int = 1) -> Samples:
        """Samples of a device in one block; of every n-th tick only if asked."""
        if device.period_seconds is not None:
            return self._slow_block(device, device.period_seconds, block)
        first = block * BLOCK_TICKS
        ticks = np.arange(first, first + BLOCK_TICKS, dtype=np.int64)
        times = self._stamps(device.stamped_as, ticks)
        values = self.signals.values(device, first, BLOCK_TICKS)
        missed = [
            tick - first
            for day in (self.days.day_of(first), self.days.day_of(first + BLOCK_TICKS - 1))
            if first <= (tick := self.missed_tick(device.stamped_as, day)) < first + BLOCK_TICKS
        ]
        if missed:
            ticks, times, values = (np.delete(column, missed) for column in (ticks, times, values))
        if every > 1:
            kept = ticks % every == 0
            times, values = times[kept], values[kept]
        return times, values

    def missed_tick(self, name: str, day: int) -> int:
        """The one tick a device missed in a day of operation."""
        draw = single_integer(stream_key(self.seed, name, "missed"), day, ACTIVE_TICKS)
        return self.days.first_active_tick(day) + draw

    def _stamps(self, name: str, ticks: Integers) -> Integers:
        """Tick time, the constant delay of the front end and of the device, and jitter."""
        late = self._late.get(name)
        jitter = late.jitter if late is not None else _STAMP_JITTER
        if late is not None:
            delay = late.microseconds
        else:
            front_end = single_uniform(stream_key(self.seed, "front end", name[0]), 0)
            own = single_uniform(stream_key(self.seed, "stamp", name), 0)
            delay = int(front_end * _FRONT_END_OFFSET + own * _DEVICE_OFFSET) + _STAMP_JITTER
        bits = random_bits(stream_key(self.seed, name, "jitter"), ticks)
        spread = ((bits >> np.uint64(40)) % np.uint64(2 * jitter + 1)).astype(np.int64)
        times = self.clock.tick_times(int(ticks[0]), ticks.size)
        return self._stamped(times + (delay - jitter) + spread)

    def _stamped(self, times: Integers) -> Integers:
        """Times as a logger writes them."""
        return times // self._step * self._step

    def _slow_block(self, device: Device, period: int, block: int) -> Samples:
        numbers = block * _SLOW_BLOCK_SAMPLES + np.arange(_SLOW_BLOCK_SAMPLES, dtype=np.int64)
        jitter = uniforms(stream_key(self.seed, device.stamped_as, "jitter"), numbers) * 20_000
        times = numbers * (period * 1_000_000) + 5_000 + jitter.astype(np.int64)
        first = self.clock.first_tick_from(int(times[0]))
        last = self.clock.first_tick_from(int(times[-1]))
        share = (times - times[0]) / (times[-1] - times[0])
        ticks = first + (share * (last - first)).astype(np.int64)
        return self._stamped(times), self.signals.slow_values(device, numbers, ticks)
