"""The TCLK events of the simulated laboratory: times, and seconds into the supercycle.

Here is how the cadences of ``tclk_table`` and the recipes become events. No text is written here.

Truth: in a supercycle whose $00 goes with line tick m, the Booster reset planned for tick i fires
on line tick m + i - 1, so those of tick 0 come before their own $00 and have a negative supercycle
time. Every other event has the time since the last $00.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from gmpsai_assets.acnet.tclk import NULL_CYCLE
from gmpsai_assets.emulator import tclk_table as table
from gmpsai_assets.emulator.blocks import BLOCK_TICKS
from gmpsai_assets.emulator.counter_random import (
    Integers,
    normals,
    single_integer,
    stream_key,
    uniforms,
)
from gmpsai_assets.emulator.line_clock import LineClock
from gmpsai_assets.emulator.recipes import Recipe
from gmpsai_assets.emulator.supercycle import SupercycleSchedule

EventTimes = tuple[Integers, Integers]
"""Times (microseconds since 1970 UTC) and microseconds into the supercycle, ordered by time."""

_SWITCHING_SUPERCYCLES = 53
_JITTER_MICROSECONDS = 1.5


class TclkEvents:
    """All events of the clock, by block of line ticks.

    A block holds the events of its ticks; of events that belong to a supercycle it holds those of
    the supercycles that start in it, so it may reach one supercycle beyond its last tick.

    Args:
        seed: seed of the simulation.
        clock: the line clock.
        schedule: the supercycles.
    """

    def __init__(self, seed: int, clock: LineClock, schedule: SupercycleSchedule) -> None:
        self._seed = seed
        self._clock = clock
        self._schedule = schedule
        self._sources: dict[int, Callable[[int, int], EventTimes]] = {}
        self._sources.update(dict.fromkeys(table.LINE_EVENTS, self._line_events))
        self._sources.update(dict.fromkeys(table.TIMER_EVENTS, self._timer_events))
        self._sources.update(dict.fromkeys(table.IRREGULAR_EVENTS, self._irregular_events))
        self._sources[table.GPS_SECOND] = self._gps_seconds
        for recipe in schedule.recipes:
            self._sources.update(dict.fromkeys(_recipe_events(recipe), self._planned_events))

    @property
    def codes(self) -> tuple[int, ...]:
        """Every event that occurs at all, ascending."""
        return tuple(sorted(self._sources))

    def block(self, code: int, block: int) -> EventTimes:
        """Events of one code in one block."""
        source = self._sources.get(code)
        if source is None:
            return _nothing()
        return source(code, block)

    def events(self, code: int, start: int, end: int) -> EventTimes:
        """Events of one code in ``[start, end)``, microseconds since 1970 UTC."""
        blocks = [self.block(code, block) for block in self.blocks_between(start, end)]
        times = np.concatenate([part[0] for part in blocks])
        offsets = np.concatenate([part[1] for part in blocks])
        first, last = np.searchsorted(times, (start, end))
        return times[first:last], offsets[first:last]

    def blocks_between(self, start: int, end: int) -> range:
        """Blocks that may hold events in ``[start, end)``."""
        first = self._clock.first_tick_from(start) - self._schedule.length_ticks - 2
        last = self._clock.first_tick_from(end) + 2
        return range(first // BLOCK_TICKS, last // BLOCK_TICKS + 1)

    def block_span(self, block: int) -> tuple[int, int]:
        """Bounds of the times in a block: no event of it is outside ``[first, last]``."""
        first = int(self._clock.tick_times(block * BLOCK_TICKS - 1, 1)[0])
        after = (block + 1) * BLOCK_TICKS + self._schedule.length_ticks
        return first, int(self._clock.tick_times(after, 1)[0])

    def _line_events(self, code: int, block: int) -> EventTimes:
        event = table.LINE_EVENTS[code]
        first = block * BLOCK_TICKS
        phase = 0 if event.every_ticks == 1 else self._draw(code, "phase", event.every_ticks)
        skip = (phase - first) % event.every_ticks
        ticks = np.arange(first + skip, first + BLOCK_TICKS, event.every_ticks, dtype=np.int64)
        numbers = self._schedule.number_of_ticks(ticks)
        if event.group is not None or event.chance < 1:
            active = self._active(code, numbers, event.group, event.chance)
            ticks, numbers = ticks[active], numbers[active]
        if not ticks.size:
            return _nothing()
        delay = self._draw(code, "delay", 20_000) if event.delay is None else event.delay
        times = self._clock.tick_times(first, BLOCK_TICKS)[ticks - first] + delay
        if delay:
            times += self._jitter(code, ticks)
        return times, times - self._starts_of(numbers)

    def _timer_events(self, code: int, block: int) -> EventTimes:
        event = table.TIMER_EVENTS[code]
        numbers = self._supercycles_of(block)
        if event.group is not None:
            numbers = numbers[self._schedule.has_group(event.group, numbers)]
        length = self._schedule.length_ticks * 66_000
        delay = self._draw(code, "delay", length) if event.delay is None else event.delay
        if not numbers.size or delay >= length:
            return _nothing()
        starts = self._starts_of(numbers)
        return starts + delay, np.full(starts.shape, delay, dtype=np.int64)

    def _irregular_events(self, code: int, block: int) -> EventTimes:
        event = table.IRREGULAR_EVENTS[code]
        numbers = self._supercycles_of(block)
        numbers = numbers[self._active(code, numbers, None, event.chance)]
        occurs = uniforms(self._key(code, "occurs"), numbers) < event.per_supercycle
        numbers = numbers[occurs]
        if not numbers.size:
            return _nothing()
        room = max(1, self._schedule.length_ticks - 300)
        ticks = (uniforms(self._key(code, "tick"), numbers) * room).astype(np.int64)
        starts = self._starts_of(numbers)
        offsets = (1 + ticks) * 66_650 + self._jitter(code, numbers)
        if code == table.BURST:
            steps = np.arange(table.BURST_EVENTS) * table.BURST_SPACING
            kept = np.ones((numbers.size, steps.size), dtype=np.bool_)
        else:
            steps = np.array([0, 66_650])
            paired = uniforms(self._key(code, "pair"), numbers) < event.pairs
            kept = np.stack([np.ones(numbers.size, dtype=np.bool_), paired], axis=1)
        since = offsets[:, None] + steps
        kept &= since < self._schedule.length_ticks * 66_000
        return (starts[:, None] + since)[kept], since[kept]

    def _gps_seconds(self, code: int, block: int) -> EventTimes:
        del code  # one event only has this cadence
        edges = [block * BLOCK_TICKS, (block + 1) * BLOCK_TICKS]
        first, after = (int(self._clock.tick_times(edge, 1)[0]) for edge in edges)
        times = (
            np.arange(-(-first // 1_000_000), -(-after // 1_000_000), dtype=np.int64) * 1_000_000
        )
        number = edges[0] // self._schedule.length_ticks
        count = edges[1] // self._schedule.length_ticks - number + 2
        starts = self._schedule.start_times(number, count)
        return times, times - starts[np.searchsorted(starts, times, side="right") - 1]

    def _planned_events(self, code: int, block: int) -> EventTimes:
        numbers = self._supercycles_of(block)
        indices = self._schedule.recipe_index(numbers)
        found = []
        for index in np.unique(indices):
            planned = _recipe_events(self._schedule.recipes[index]).get(code)
            if planned is not None:
                found.append(self._planned(code, numbers[indices == index], planned))
        if not found:
            return _nothing()
        times = np.concatenate([part[0] for part in found])
        order = np.argsort(times, kind="stable")
        return times[order], np.concatenate([part[1] for part in found])[order]

    def _planned(self, code: int, numbers: Integers, planned: tuple[Integers, int]) -> EventTimes:
        relative, delay = planned
        if delay < 0:
            delay = self._draw(code, "delay", 9_000) + 100
        length = self._schedule.length_ticks
        first = int(numbers[0]) * length - 1
        times = self._clock.tick_times(first, int(numbers[-1]) * length + length - first)
        ticks = (numbers * length)[:, None] + relative
        happened = times[ticks - first] + delay
        if delay > 1:
            happened += self._jitter(code, ticks)
        return happened.ravel(), (happened - times[numbers * length - first][:, None]).ravel()

    def _supercycles_of(self, block: int) -> Integers:
        length = self._schedule.length_ticks
        first = -(-block * BLOCK_TICKS // length)
        after = -(-(block + 1) * BLOCK_TICKS // length)
        return np.arange(first, after, dtype=np.int64)

    def _starts_of(self, numbers: Integers) -> Integers:
        """Start times of supercycles, given in ascending order."""
        first = int(numbers[0])
        return self._schedule.start_times(first, int(numbers[-1]) - first + 1)[numbers - first]

    def _active(
        self, code: int, numbers: Integers, group: str | None, chance: float
    ) -> "np.ndarray":
        active = uniforms(self._key(code, "on"), numbers // _SWITCHING_SUPERCYCLES) < chance
        return active if group is None else active & self._schedule.has_group(group, numbers)

    def _jitter(self, code: int, counters: Integers) -> Integers:
        jitter = normals(self._key(code, "jitter"), counters) * _JITTER_MICROSECONDS
        return np.rint(jitter).astype(np.int64)

    def _key(self, code: int, use: str) -> int:
        return stream_key(self._seed, "event", code, use)

    def _draw(self, code: int, use: str, bound: int) -> int:
        return single_integer(self._key(code, use), 0, bound)


def _nothing() -> EventTimes:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)


@cache
def _recipe_events(recipe: Recipe) -> dict[int, tuple[Integers, int]]:
    """Events a recipe brings: ticks relative to its $00, and microseconds after $0F.

    A negative delay means that it is drawn from the seed.
    """
    placed: dict[int, list[int]] = {}
    delays: dict[int, int] = {}
    resets = recipe.booster_resets()
    for tick, reset in enumerate(resets):
        placed.setdefault(reset, []).append(tick - 1)
        slow = reset in table.SLOW_BOOSTER_RESETS
        delays[reset] = table.SLOW_BOOSTER_RESET_DELAY if slow else table.BOOSTER_RESET_DELAY
    for entry in recipe.entries:
        if entry.machine != "Booster":
            placed.setdefault(entry.event, []).append(entry.tick)
            delays[entry.event] = table.PLANNED_DELAYS.get(entry.event, -1)
    _add_companions(resets, placed, delays)
    return {
        event: (np.array(ticks, dtype=np.int64), delays[event]) for event, ticks in placed.items()
    }


def _add_companions(
    resets: list[int], placed: dict[int, list[int]], delays: dict[int, int]
) -> None:
    """$08 on prepulse ticks; $0E with the first beam reset after each, $F1 one tick later."""
    delays[table.RESET_FOR_PREPULSE] = table.RESET_FOR_PREPULSE_DELAY
    delays[table.FIRST_BEAM] = table.FIRST_BEAM_DELAY
    delays[table.CLEAR_HOLD_OFF] = table.CLEAR_HOLD_OFF_DELAY
    waiting = False
    for tick, reset in enumerate(resets):
        if reset == table.PREPULSE:
            placed.setdefault(table.RESET_FOR_PREPULSE, []).append(tick - 1)
            waiting = True
        elif waiting and reset != NULL_CYCLE:
            placed.setdefault(table.FIRST_BEAM, []).append(tick - 1)
            placed.setdefault(table.CLEAR_HOLD_OFF, []).append(tick)
            waiting = False
