"""A span of the simulated Booster as machine time gets it, with its truth: events, captured supercycles, recipes."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.supercycle import Supercycle
from gmpsai_assets.emulator.texts import timeline_seconds
from gmpsai_assets.machine_time.day import MachineTime, machine_time
from gmpsai_assets.machine_time.reconciled_day import ReconciledDay, reconciled_day
from gmpsai_assets.machine_time.reconciliation import RESPONSIBLE_LEAD

Times = NDArray[np.int64]


@dataclass
class Span:
    """Some supercycles with the recipes that were captured for them; tests change what they like.

    Attributes:
        machine: the simulated Booster.
        window: the span; it ends where a supercycle does.
        covers: of which there are events.
        supercycles: those that start in it.
        events: times by event code, in milliseconds as the event log writes them.
        recipe_of: recipe name captured for each; None where none was.
        log_tells_seconds: whether the event log gives the time into the supercycle.
        without_seconds: a span, in microseconds since 1970 UTC, in which it does not.
        read_from: the first instant of which events are read, microseconds since 1970 UTC.
        logger_ahead: microseconds by which the clock of the timeline logger is ahead.
    """

    machine: Machine
    window: Window
    covers: Window
    supercycles: list[Supercycle]
    events: dict[int, Times] = field(default_factory=dict)
    recipe_of: list[str | None] = field(default_factory=list)
    log_tells_seconds: bool = True
    without_seconds: tuple[int, int] = (0, 0)
    read_from: int | None = None
    logger_ahead: int = 0

    def rows(self, code: int) -> pa.Table:
        """The events of a code as the lake gives them."""
        times = self.events.get(code)
        if times is None:
            times = logged(self.machine.events(code, self.covers)[0])
            self.events[code] = times
        start = self.window.start_microseconds if self.read_from is None else self.read_from
        times = times[(times >= start) & (times < self.window.end_microseconds)]
        after = self.machine.schedule.supercycle(self.supercycles[-1].number + 1)
        starts = np.array([each.start_microseconds for each in (*self.supercycles, after)])
        since = times - starts[np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)]
        first, last = self.without_seconds
        known = ((times < first) | (times >= last)) & self.log_tells_seconds
        seconds = pa.array(since / 1e6, mask=~known)
        return pa.table({"time": pa.array(times).cast(TIME_TYPE), "supercycle_seconds": seconds})

    def captured(self) -> pa.Table:
        """The rows of the table supercycles."""
        starts = [each.start_microseconds + self.logger_ahead for each in self.supercycles]
        lengths = [each.recipe.length_ticks / 15 for each in self.supercycles]
        return pa.table(
            {
                "start": pa.array(starts, pa.int64()).cast(TIME_TYPE),
                "length_seconds": pa.array(lengths, pa.float64()),
                "recipe_id": pa.array(self.recipe_of, pa.string()),
            }
        )

    def recipes(self) -> pa.Table:
        """The rows of the table recipes, in the words of the timeline."""
        recipes = {each.recipe.name: each.recipe for each in self.supercycles}
        return pa.concat_tables(
            [
                pa.table(
                    {
                        "recipe_id": [name] * len(recipe.entries),
                        "entry_index": range(1, len(recipe.entries) + 1),
                        "event": pa.array([each.event for each in recipe.entries], pa.uint8()),
                        "offset_seconds": [
                            float(timeline_seconds(each.tick / 15)) for each in recipe.entries
                        ],
                        "machine": [each.machine for each in recipe.entries],
                    }
                )
                for name, recipe in recipes.items()
            ]
        )

    def machine_time(self, captured: pa.Table | None = None) -> MachineTime:
        """Ticks and supercycles of the span."""
        return machine_time(
            self.window,
            self.rows,
            self.captured() if captured is None else captured,
            read_from=self.read_from,
        )

    def as_day(self) -> "Span":
        """The span as a day that is responsible for the very ticks of its supercycles; it shares the events."""
        lead = timedelta(microseconds=RESPONSIBLE_LEAD)
        window = Window(self.window.start + lead, self.window.end + lead)
        return replace(self, window=window, read_from=self.window.start_microseconds)

    def reconciled(self) -> ReconciledDay:
        """The span reconciled, as such a day."""
        return self.as_day().reconciled_as_it_is()

    def reconciled_as_it_is(self) -> ReconciledDay:
        """The window reconciled as a day."""
        return reconciled_day(self.machine_time(), self.rows, self.recipes())

    def planned(self) -> Counter[int]:
        """How many events of each code its supercycles planned in truth."""
        planned: Counter[int] = Counter()
        for each in self.supercycles:
            planned.update(entry.event for entry in each.recipe.entries)
            planned.update(code for code in each.recipe.booster_resets() if code == 0x11)
        return planned

    def true_ticks(self) -> tuple[Times, Times]:
        """Line tick and true time of each $0C in the window."""
        times = self.machine.events(0x0C, self.window)[0]
        first = self.machine.clock.first_tick_from(int(times[0]) - 20_000)
        return np.arange(first, first + times.size), times


def logged(times: Times) -> Times:
    """Times as the event log writes them, in whole milliseconds."""
    return times // 1000 * 1000


def span(seed: int, day: str, *, before: int = 2, after: int = 2, ticks: int = 901) -> Span:
    """Supercycles around a change of recipe on a day: some ahead of it, some behind.

    Raises:
        LookupError: if the recipe does not change on that day.
    """
    machine = Machine(seed=seed, supercycle_ticks=ticks)
    window = day_window(day)
    first = -(-machine.clock.first_tick_from(window.start_microseconds) // ticks)
    last = machine.clock.first_tick_from(window.end_microseconds) // ticks
    numbers = np.arange(first, last)
    changes = np.flatnonzero(np.diff(machine.schedule.recipe_index(numbers))) + 1
    changes = changes[(changes >= before) & (changes + after < numbers.size)]
    if not changes.size:
        msg = f"seed {seed} plays one recipe all through {day}"
        raise LookupError(msg)
    change = int(numbers[changes[0]])
    supercycles = [machine.schedule.supercycle(n) for n in range(change - before, change + after)]
    end = machine.schedule.supercycle(change + after).start_microseconds
    # The reset of tick 0 comes 50 ms before $00, and the sample of that tick 65 ms before.
    start = supercycles[0].start_microseconds - 90_000
    covers = _window(start, end - 90_000 + RESPONSIBLE_LEAD)
    found = Span(machine, _window(start, end - 90_000), covers, supercycles)
    found.recipe_of = [each.recipe.name for each in supercycles]
    return found


def _window(start: int, end: int) -> Window:
    return Window(from_microseconds(start), from_microseconds(end))
