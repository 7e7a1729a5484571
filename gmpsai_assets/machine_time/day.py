"""The machine time of a day: its ticks, its supercycles, and where each tick stands in them.

Here the pieces are put together out of a day's events; they are in ``ticks``, ``supercycles`` and ``cycles``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.tclk import BOOSTER_RESETS, SUPERCYCLE_START
from gmpsai_assets.machine_time.cycles import resets_of_ticks
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.machine_time.supercycles import Supercycles, day_supercycles
from gmpsai_assets.machine_time.ticks import (
    NOMINAL_PERIOD,
    TICK_SOURCES,
    Ticks,
    cycle_numbers,
    day_ticks,
)

BOOSTER_TICK = 0x0C
LINE_TICK = 0x0F

EventRows = Callable[[int], pa.Table]
"""Gives the occurrences of an event code in the day, and maybe just ahead of it, in order of time: ``time`` and
``supercycle_seconds``."""

_TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class MachineTime:
    """Ticks and supercycles of a day.

    Attributes:
        window: the day.
        read_from: the first instant of which events were read, microseconds since 1970 UTC: the start of the day, or
            somewhat before it.
        ticks: its ticks.
        supercycles: those that have ticks in it.
        first_ticks: index of the first tick of each supercycle.
        place: supercycle of each tick; -1 before the first that is known, and beyond the length of one.
        within: tick in that supercycle, from 0.
        reset: Booster reset of each tick; 0 where none was seen.
        contested: ticks on which more than one reset was seen.
    """

    window: Window
    read_from: int
    ticks: Ticks
    supercycles: Supercycles
    first_ticks: Instants
    place: Instants
    within: Instants
    reset: NDArray[np.uint8]
    contested: int

    def account(self) -> dict[str, float | None]:
        """What was odd about the clock of the day: occurrences that are no tick or start none, and starts without $00.

        ``logger_clock_ahead_ms`` is by how much the clock of the timeline logger was ahead; None if unknown.
        """
        supercycles, ahead = self.supercycles, self.supercycles.clock_offset
        within = supercycles.start >= self.window.start_microseconds
        within &= supercycles.start < self.window.end_microseconds
        return {
            "stray_ticks": self.ticks.stray,
            "stray_starts": supercycles.stray_starts,
            "starts_without_reset": int((within & (supercycles.source != 0)).sum()),
            "logger_clock_ahead_ms": None if ahead is None else ahead / 1000,
        }


def machine_time(
    window: Window,
    events: EventRows,
    captured: pa.Table,
    samples: Iterable[Instants] = (),
    read_from: int | None = None,
) -> MachineTime:
    """Find ticks and supercycles of a day.

    Args:
        window: the day.
        events: its events, and those since ``read_from``.
        captured: rows of the table ``supercycles`` of the day and the one before.
        samples: stamps of devices that are read at each tick; looked at only while ticks are missing.
        read_from: the first instant of which events are given, microseconds since 1970 UTC; the start of the day if
            none is named.
    """
    booster = events(BOOSTER_TICK)
    seconds = booster["supercycle_seconds"].to_numpy()
    occurrences = instants(booster)
    ticks = day_ticks(window, occurrences, _witnesses(events, samples))
    resets = {code: instants(events(code)) for code in BOOSTER_RESETS}
    supercycles = day_supercycles(
        window, instants(events(SUPERCYCLE_START)), occurrences, seconds, captured
    )
    first_ticks = supercycles.first_ticks(ticks)
    place, within = supercycles.ticks_within(first_ticks, ticks.index)
    reset, seen, contested = resets_of_ticks(ticks, resets)
    return MachineTime(
        window,
        window.start_microseconds if read_from is None else read_from,
        ticks,
        supercycles,
        first_ticks,
        place,
        within,
        np.where(seen, reset, 0).astype(np.uint8),
        contested,
    )


def on_nominal_clock(machine: MachineTime) -> MachineTime:
    """The same supercycles on ticks of a line of exactly 60 Hz, for a day of which no tick was recorded."""
    start, end = machine.window.start_microseconds, machine.window.end_microseconds
    times = np.rint(np.arange(start, end, NOMINAL_PERIOD)).astype(np.int64)
    source = np.zeros(times.size, dtype=np.uint8)
    ticks = Ticks(times, np.arange(times.size), source, NOMINAL_PERIOD, machine.ticks.stray)
    first_ticks = machine.supercycles.first_ticks(ticks)
    place, within = machine.supercycles.ticks_within(first_ticks, ticks.index)
    return replace(
        machine,
        ticks=ticks,
        first_ticks=first_ticks,
        place=place,
        within=within,
        reset=np.zeros(times.size, dtype=np.uint8),
    )


def cycle_columns(machine: MachineTime, day: date) -> pa.Table:
    """The columns of ``cycles`` ahead of the parameters, one row for each tick of the local day."""
    ticks, supercycles, place = machine.ticks, machine.supercycles, machine.place
    unknown = place < 0
    starts = np.append(supercycles.start, 0)[place]
    recipe = np.append(supercycles.recipe, -1)[place]
    sources = pa.DictionaryArray.from_arrays(
        pa.array(ticks.source.astype(np.int32)), pa.array(TICK_SOURCES)
    )
    recipes = pa.DictionaryArray.from_arrays(
        pa.array(recipe.astype(np.int32), mask=recipe < 0),
        pa.array(supercycles.recipe_ids, pa.string()),
    )
    return pa.table(
        {
            "cycle": cycle_numbers(day, ticks.index),
            "time": pa.array(ticks.times).cast(_TIME),
            "tick_source": sources,
            "supercycle_start": pa.array(starts, mask=unknown).cast(_TIME),
            "supercycle_tick": pa.array(machine.within.astype(np.int32), mask=unknown),
            "recipe_id": recipes,
            "booster_reset": pa.array(machine.reset, mask=machine.reset == 0),
        }
    )


def instants(rows: pa.Table) -> Instants:
    """The column ``time`` as int64 microseconds since 1970 UTC."""
    times: Instants = rows["time"].cast(pa.int64()).to_numpy()
    return times


def _witnesses(events: EventRows, samples: Iterable[Instants]) -> Iterator[tuple[str, Instants]]:
    yield "$0F", instants(events(LINE_TICK))
    resets = [instants(events(code)) for code in BOOSTER_RESETS]
    yield "resets", np.sort(np.concatenate(resets))
    for stamps in samples:
        yield "samples", stamps
