"""A whole simulated day as machine time gets it, faults put into its events, and how exactly they are found."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.machine_time.reconciliation import RESPONSIBLE_LEAD
from gmpsai_assets_tests.machine_time.simulated_span import Span, Times

Events = NDArray[np.int64]
"""Event code and time in microseconds, a row each."""


def whole_day(machine: Machine, day: str) -> Span:
    """A day of a machine with the last second and the last supercycles of the one before."""
    window = day_window(day)
    covers = Window(window.start - timedelta(seconds=1), window.end)
    began = machine.supercycles(window)
    before = [machine.schedule.supercycle(began[0].number - n) for n in (2, 1)]
    found = Span(machine, window, covers, [*before, *began])
    found.read_from = covers.start_microseconds
    found.recipe_of = [each.recipe.name for each in found.supercycles]
    return found


def planned_in_truth(part: Span) -> Counter[int]:
    """How many events of each code the machine planned for the ticks that the day is responsible for."""
    lead = timedelta(microseconds=RESPONSIBLE_LEAD)
    ticks = part.machine.events(0x0C, Window(part.window.start - lead, part.window.end - lead))[0]
    first = part.machine.clock.first_tick_from(int(ticks[0]) - 20_000)
    planned = np.zeros(256, dtype=np.int64)
    for each in part.supercycles:
        resets = np.array(each.recipe.booster_resets())
        others = [entry for entry in each.recipe.entries if entry.machine != "Booster"]
        events = np.append(resets, [entry.event for entry in others])
        at = np.append(np.arange(resets.size), [entry.tick for entry in others])
        at += each.first_tick - 1 - first
        planned += np.bincount(events[(at >= 0) & (at < ticks.size)], minlength=256)
    return Counter({code: int(n) for code, n in enumerate(planned) if n})


@dataclass
class Injected:
    """What was done to the events of a day."""

    lost: list[Times] = field(default_factory=list)
    doubled: list[Times] = field(default_factory=list)
    shifted: list[Times] = field(default_factory=list)
    far_from: list[Times] = field(default_factory=list)
    far_to: list[Times] = field(default_factory=list)


def inject(part: Span, codes: list[int], draw: np.random.Generator) -> Injected:
    """Lose, double and move events of all these codes; none near another one that is touched."""
    done = Injected()
    for code in codes:
        times = part.events[code]
        first, last = part.window.start_microseconds, part.window.end_microseconds
        inside = np.arange(*np.searchsorted(times, (first + 1_000_000, last - 1_000_000)))
        places = inside[:: max(8, inside.size // 24)]
        quarter = places.size // 4
        lose, double, shift, far = (np.sort(places[n::4][:quarter]) for n in range(4))
        delay = np.where(draw.random(quarter) < 0.5, -1, 1) * draw.integers(4_000, 25_000, quarter)
        leap = np.where(draw.random(quarter) < 0.5, -1, 1) * 90_000
        new = times.copy()
        new[shift] += delay
        new[far] += leap
        extra = times[double] + delay
        for kind, moments in (
            (done.lost, times[lose]),
            (done.doubled, extra),
            (done.shifted, new[shift]),
            (done.far_from, times[far]),
            (done.far_to, new[far]),
        ):
            kind.append(np.stack([np.full(moments.size, code), moments], axis=1))
        part.events[code] = np.sort(np.append(np.delete(new, lose), extra))
    return done


def precision_and_recall(found: Events, wanted: Events, tolerance: int) -> tuple[float, float]:
    """The share of what was found that was wanted, and the share of what was wanted that was found, one to one."""
    hits = 0
    for code in np.union1d(found[:, 0], wanted[:, 0]):
        here, there = (np.sort(each[each[:, 0] == code, 1]) for each in (found, wanted))
        place = first = 0
        while place < here.size and first < there.size:
            if abs(int(here[place] - there[first])) <= tolerance:
                hits, place, first = hits + 1, place + 1, first + 1
            elif here[place] < there[first]:
                place += 1
            else:
                first += 1
    return hits / max(len(found), 1), hits / max(len(wanted), 1)
