"""The machine time of a day: its ticks, its supercycles, and where each tick stands in them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.instants import as_microseconds
from gmpsai_assets.acnet.tclk import (
    BOOSTER_RESETS,
    BOOSTER_TICK,
    LINE_TICK,
    SUPERCYCLE_START,
)
from gmpsai_assets.machine_time.cycles import resets_of_ticks
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.machine_time.supercycles import Supercycles, day_supercycles
from gmpsai_assets.machine_time.ticks import Ticks, day_ticks

EventRows = Callable[[int], pa.Table]
"""Gives the occurrences of an event code in the day, and maybe just ahead of it, in order of time: ``time`` and
``supercycle_seconds``."""


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
    occurrences = as_microseconds(booster["time"])
    ticks = day_ticks(window, occurrences, _other_tick_sources(events, samples))
    resets = {code: _instants(events, code) for code in BOOSTER_RESETS}
    supercycles = day_supercycles(
        window, _instants(events, SUPERCYCLE_START), occurrences, seconds, captured
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


def _other_tick_sources(
    events: EventRows, samples: Iterable[Instants]
) -> Iterator[tuple[str, Instants]]:
    """What follows the same clock as $0C, the best first; read only when it is asked for."""
    yield "$0F", _instants(events, LINE_TICK)
    resets = [_instants(events, code) for code in BOOSTER_RESETS]
    yield "resets", np.sort(np.concatenate(resets))
    for stamps in samples:
        yield "samples", stamps


def _instants(events: EventRows, code: int) -> Instants:
    return as_microseconds(events(code)["time"])
