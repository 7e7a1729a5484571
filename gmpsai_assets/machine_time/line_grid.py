"""Every line tick of a day on one grid, and to which of them an event belongs.

An event belongs to a line tick after its usual delay is taken off, which is measured for each event code as it is
for devices: in phase by the median, and in whole ticks by what fits the plan best. Whether it was planned there is
found in ``reconciliation``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.tclk import BOOSTER_RESETS, NULL_CYCLE
from gmpsai_assets.machine_time.offsets import Instants, constant_offset, nearest_tick
from gmpsai_assets.machine_time.plans import Codes, Plan, Recipe, Stretches
from gmpsai_assets.machine_time.ticks import Ticks

_LAGS = (0, 1, -1, 2)
"""Whole ticks by which an event may come after the one it is planned for, the likeliest first: it wins a tie."""

_MARGIN = 16
"""Line ticks beyond either end of the day: the second of events that is read ahead of it, and one more tick."""


@dataclass(frozen=True)
class Usual:
    """When an event code usually comes.

    Attributes:
        phase: microseconds from the nearest line tick, by $0C.
        lag: whole ticks after the tick it is planned for.
    """

    phase: int
    lag: int


@dataclass(frozen=True)
class LineGrid:
    """Line ticks of a day and a second beyond at both ends, also those without a record.

    Attributes:
        first: index of the first.
        times: microseconds since 1970 UTC, one after the other.
        period: usual microseconds between two.
    """

    first: int
    times: Instants
    period: float

    def time_of(self, index: Instants) -> Instants:
        """When ticks were; those beyond the grid are put to its ends."""
        return self.times[np.clip(index - self.first, 0, self.times.size - 1)]

    def index_of(self, instants: Instants) -> Instants:
        """The tick nearest to each instant."""
        return nearest_tick(self.times, instants) + self.first

    def span(self, first: int, end: int) -> tuple[int, int]:
        """The indices ``[first, end)`` of the ticks in a span of microseconds since 1970 UTC."""
        low, high = np.searchsorted(self.times, (first, end)).tolist()
        return low + self.first, high + self.first


@dataclass(frozen=True)
class SeenEvents:
    """Occurrences, one element each, by event code, then time.

    Attributes:
        times: microseconds since 1970 UTC.
        event: TCLK event.
        index: the line tick that each would be planned for.
        distance: microseconds from its usual time on that tick.
    """

    times: Instants
    event: Codes
    index: Instants
    distance: Instants

    def take(self, chosen: NDArray[np.bool_]) -> "SeenEvents":
        """Some of them."""
        return SeenEvents(
            self.times[chosen], self.event[chosen], self.index[chosen], self.distance[chosen]
        )


def line_grid(ticks: Ticks) -> LineGrid:
    """The grid of a day that has ticks."""
    return LineGrid(*ticks.grid(_MARGIN), ticks.period)


def usual_times(
    plan: Plan, planned_index: Instants, seen: Mapping[int, Instants], grid: LineGrid
) -> dict[int, Usual]:
    """The usual delay of each event code that is planned or seen.

    Args:
        plan: what was planned.
        planned_index: the line tick of each planned event.
        seen: occurrences by event code, each sorted.
        grid: the line ticks.
    """
    other_index = planned_index + plan.other - plan.tick
    order = np.argsort(plan.event, kind="stable")
    events = plan.event[order]
    found = {}
    for code in sorted({*np.unique(events).tolist(), *seen}):
        chosen = order[slice(*np.searchsorted(events, (code, code + 1)))]
        times = seen.get(code, grid.times[:0])
        found[code] = _usual_time(times, planned_index[chosen], other_index[chosen], grid)
    return found


def place_events(
    seen: Mapping[int, Instants], usual: Mapping[int, Usual], grid: LineGrid
) -> SeenEvents:
    """Put occurrences to the line ticks that they would be planned for."""
    sizes = [each.size for each in seen.values()]
    times = np.concatenate([*seen.values(), grid.times[:0]])
    phase = np.repeat([usual[code].phase for code in seen], sizes).astype(np.int64)
    lag = np.repeat([usual[code].lag for code in seen], sizes).astype(np.int64)
    at = grid.index_of(times - phase)
    distance = np.abs(times - phase - grid.time_of(at))
    return SeenEvents(times, np.repeat(list(seen), sizes).astype(np.uint8), at - lag, distance)


def _usual_time(seen: Instants, planned: Instants, other: Instants, grid: LineGrid) -> Usual:
    """The phase of an event, and the lag at which most of its plan is seen."""
    phase = constant_offset(seen, grid.times, grid.period).microseconds
    occupied = np.zeros(grid.times.size + 2, dtype=np.bool_)
    occupied[grid.index_of(seen - phase) - grid.first + 1] = True

    def comes(index: Instants) -> NDArray[np.bool_]:
        return occupied[np.clip(index - grid.first + 1, 0, occupied.size - 1)]

    fits = [int((comes(planned + lag) | comes(other + lag)).sum()) for lag in _LAGS]
    return Usual(phase, _LAGS[int(np.argmax(fits))])


def settled_recipes(
    recipes: Sequence[Recipe], stretches: Stretches, seen: SeenEvents
) -> list[Recipe]:
    """Recipes with each entry on the tick where its event came most often; where that is open, as they were.

    A tick has one Booster reset, so a null cycle on it speaks against another one.

    Args:
        recipes: by place.
        stretches: the supercycles.
        seen: what came.
    """
    place, tick, inside = stretches.find(seen.index)
    played = np.where(inside, np.append(stretches.recipe, -1)[place], -1)
    settled = []
    for number, recipe in enumerate(recipes):
        coarse = np.flatnonzero(recipe.ticks != recipe.other)
        if coarse.size:
            here = played == number
            keys, counts = np.unique(
                _keys(tick[here], seen.event[here].astype(np.int64)), return_counts=True
            )
            settled.append(_settled(recipe, coarse, keys, counts))
        else:
            settled.append(recipe)
    return settled


def _settled(recipe: Recipe, coarse: Instants, keys: Instants, counts: Instants) -> Recipe:
    events = recipe.events[coarse].astype(np.int64)
    booster = np.isin(events, BOOSTER_RESETS) & (events != NULL_CYCLE)

    def votes(ticks: Instants) -> Instants:
        against = np.where(booster, _count(keys, counts, _keys(ticks, NULL_CYCLE)), 0)
        return _count(keys, counts, _keys(ticks, events)) - against

    moves = votes(recipe.other[coarse]) > votes(recipe.ticks[coarse])
    ticks = recipe.ticks.copy()
    ticks[coarse[moves]] = recipe.other[coarse[moves]]
    order = np.argsort(ticks, kind="stable")
    return replace(recipe, ticks=ticks[order], other=ticks[order], events=recipe.events[order])


def _keys(ticks: Instants, events: Instants | int) -> Instants:
    return (ticks << 8) + events


def _count(keys: Instants, counts: Instants, wanted: Instants) -> Instants:
    place = np.searchsorted(keys, wanted)
    found = np.append(keys, -1)[place] == wanted
    return np.where(found, np.append(counts, 0)[place], 0)
