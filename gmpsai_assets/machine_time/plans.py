"""What the timeline planned for a day: every entry of every supercycle's recipe at its line tick.

Which of it came is found in ``reconciliation``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.tclk import BOOSTER_RESETS, NOMINAL_TICK_HZ, NULL_CYCLE
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.machine_time.starts import FARTHEST_SECONDS
from gmpsai_assets.machine_time.supercycles import NO_RECIPE, Supercycles, places_of

BOOSTER = "Booster"

_COARSE_FROM, _COARSE_STEP = 100, 0.1
"""Seconds from which on the timeline writes tenths of a second: it writes four digits."""

Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class Recipe:
    """One recipe by line tick, from 0 for the first of its supercycle.

    Attributes:
        ticks: tick of each entry, ascending.
        other: the other tick that its text can stand for as well; the same one where there is none.
        events: TCLK event of each entry.
    """

    ticks: Instants
    other: Instants
    events: Codes

    def booster_resets(self, length: int) -> Codes:
        """The Booster reset planned for each of the first ``length`` ticks; a null cycle where none is."""
        planned = np.full(length, NULL_CYCLE, dtype=np.uint8)
        booster = np.isin(self.events, BOOSTER_RESETS) & (self.ticks < length)
        planned[self.ticks[booster]] = self.events[booster]
        return planned


@dataclass(frozen=True)
class Stretches:
    """Where supercycles lie on the line ticks, one element each.

    Attributes:
        first_ticks: index of the first tick, ascending.
        lengths: line ticks; one beyond belongs to a supercycle that is not known.
        recipe: place of the recipe that is known to the last entry; -1 for none.
    """

    first_ticks: Instants
    lengths: Instants
    recipe: NDArray[np.int64]

    def find(self, index: Instants) -> tuple[Instants, Instants, NDArray[np.bool_]]:
        """The supercycle of line ticks (-1 before the first), the tick in it, and whether it has a recipe there."""
        place, tick = places_of(self.first_ticks, index)
        with_recipe = (place >= 0) & (np.append(self.recipe, -1)[place] >= 0)
        return place, tick, with_recipe & (tick < np.append(self.lengths, 0)[place])


@dataclass(frozen=True)
class Plan:
    """Planned events, one element each.

    Attributes:
        supercycle: place of the supercycle.
        tick: line tick in it.
        other: the other tick that the timeline's text can stand for; the same one where there is none.
        event: TCLK event.
    """

    supercycle: Instants
    tick: Instants
    other: Instants
    event: Codes

    def take(self, chosen: NDArray[np.bool_]) -> "Plan":
        """Some of them."""
        return Plan(
            self.supercycle[chosen], self.tick[chosen], self.other[chosen], self.event[chosen]
        )


def read_recipes(recipes: pa.Table, recipe_ids: Sequence[str]) -> list[Recipe]:
    """Recipes in the order of ``recipe_ids``, empty for one that is not in the table.

    The timeline writes times with about four digits, so that up to 100 s the nearest tick is the one meant; beyond,
    where a digit is more than a tick, a text can stand for two. Of entries that cannot be on one tick (Booster
    resets, or twice the same event) two at one time are taken as one tick after the other; of others the nearest
    tick is given and the other one beside it.

    Args:
        recipes: columns ``recipe_id``, ``entry_index``, ``event``, ``offset_seconds`` and ``machine``.
        recipe_ids: the recipes wanted.
    """
    recipes = recipes.sort_by("entry_index")
    found = []
    for identity in recipe_ids:
        rows = recipes.filter(pa.compute.equal(recipes["recipe_id"], identity))
        seconds = np.clip(rows["offset_seconds"].to_numpy(), -FARTHEST_SECONDS, FARTHEST_SECONDS)
        events = rows["event"].to_numpy().astype(np.uint8)
        booster = np.array([each == BOOSTER for each in rows["machine"].to_pylist()], np.bool_)
        ticks, other = _entry_ticks(seconds, np.where(booster, -1, events.astype(np.int64)))
        order = np.argsort(ticks, kind="stable")
        found.append(Recipe(ticks[order], other[order], events[order]))
    return found


def day_plan(supercycles: Supercycles, first_ticks: Instants, recipes: Sequence[Recipe]) -> Plan:
    """Every planned event of all supercycles whose recipe is known.

    Each tick without another Booster reset has a null cycle ($11): the timeline leaves it out, the clock does not.

    Args:
        supercycles: supercycles in order.
        first_ticks: index of the first tick of each.
        recipes: by place in ``supercycles.recipe_ids``.
    """
    lengths = lengths_in_ticks(supercycles, first_ticks)
    none = np.empty(0, dtype=np.int64)
    parts = [Plan(none, none, none, none.astype(np.uint8))]
    for place, recipe in enumerate(recipes):
        chosen = np.flatnonzero((supercycles.recipe == place) & bool(recipe.ticks.size))
        parts.append(_repeated(chosen, recipe))
        booster = np.isin(recipe.events, BOOSTER_RESETS)
        for length in np.unique(lengths[chosen]).tolist():
            idle = np.setdiff1d(np.arange(length), recipe.ticks[booster])
            nulls = Recipe(idle, idle, np.full(idle.size, NULL_CYCLE, dtype=np.uint8))
            parts.append(_repeated(chosen[lengths[chosen] == length], nulls))
    return Plan(
        np.concatenate([part.supercycle for part in parts]),
        np.concatenate([part.tick for part in parts]),
        np.concatenate([part.other for part in parts]),
        np.concatenate([part.event for part in parts]),
    )


def lengths_in_ticks(supercycles: Supercycles, first_ticks: Instants) -> Instants:
    """How many ticks each supercycle had; of the last one, and where a start may be lost, its planned length."""
    if not first_ticks.size:
        return first_ticks
    planned = supercycles.planned_ticks
    usual = planned[planned > 0][-1:]
    last = planned[-1:] if planned[-1] else usual
    lengths = np.append(np.diff(first_ticks), last if last.size else [0])
    known = (planned > 0) & (supercycles.recipe != NO_RECIPE)
    return np.where(known, np.minimum(lengths, planned), lengths)


def _repeated(supercycles: Instants, recipe: Recipe) -> Plan:
    return Plan(
        np.repeat(supercycles, recipe.ticks.size),
        np.tile(recipe.ticks, supercycles.size),
        np.tile(recipe.other, supercycles.size),
        np.tile(recipe.events, supercycles.size),
    )


def _entry_ticks(seconds: NDArray[np.float64], kinds: Instants) -> tuple[Instants, Instants]:
    """The tick of each entry and the other one that its text allows; of one kind only one can be on a tick."""
    ticks = np.rint(seconds * NOMINAL_TICK_HZ).astype(np.int64)
    other = ticks.copy()
    coarse = np.flatnonzero(seconds >= _COARSE_FROM)
    order = coarse[np.lexsort((coarse, seconds[coarse], kinds[coarse]))]
    if not order.size:
        return ticks, other
    half = _COARSE_STEP / 2
    lowest = np.ceil((seconds[order] - half) * NOMINAL_TICK_HZ - 1e-6).astype(np.int64)
    highest = np.floor((seconds[order] + half) * NOMINAL_TICK_HZ + 1e-6).astype(np.int64)
    same = (np.diff(seconds[order]) == 0) & (np.diff(kinds[order]) == 0)
    opens = np.flatnonzero(np.insert(~same, 0, True))
    counts = np.diff(np.append(opens, order.size))
    rank = np.arange(order.size) - np.repeat(opens, counts)
    several = np.repeat(counts > 1, counts)
    ticks[order] = np.where(several, lowest + rank, np.clip(ticks[order], lowest, highest))
    other[order] = np.where(several, ticks[order], lowest + highest - ticks[order])
    return ticks, other
