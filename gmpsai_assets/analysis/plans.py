"""What the timeline planned for a day: every entry of every supercycle's recipe at its line tick.

Here is the plan alone. Which of it came is found in ``reconciliation``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.analysis.offsets import Instants
from gmpsai_assets.analysis.supercycles import NO_RECIPE, Supercycles

TICKS_PER_SECOND = 15
NULL_CYCLE = 0x11
BOOSTER = "Booster"

Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class Recipe:
    """One recipe by line tick, from 0 for the first of its supercycle.

    Attributes:
        ticks: tick of each entry, ascending.
        events: TCLK event of each entry.
    """

    ticks: Instants
    events: Codes

    def booster_resets(self, length: int, resets: Sequence[int]) -> Codes:
        """The Booster reset planned for each of the first ``length`` ticks; a null cycle where none is."""
        planned = np.full(length, NULL_CYCLE, dtype=np.uint8)
        booster = np.isin(self.events, list(resets)) & (self.ticks < length)
        planned[self.ticks[booster]] = self.events[booster]
        return planned


@dataclass(frozen=True)
class Plan:
    """Planned events, one element each.

    Attributes:
        supercycle: place of the supercycle.
        tick: line tick in it.
        event: TCLK event.
    """

    supercycle: Instants
    tick: Instants
    event: Codes


def read_recipes(recipes: pa.Table, recipe_ids: Sequence[str]) -> list[Recipe]:
    """Recipes in the order of ``recipe_ids``, empty for one that is not in the table.

    The timeline writes times with about four digits, so that up to 100 s the nearest tick is the one meant; beyond,
    where a digit is more than a tick, entries of one machine at one time are taken as one tick after the other.

    Args:
        recipes: columns ``recipe_id``, ``entry_index``, ``event``, ``offset_seconds`` and ``machine``.
        recipe_ids: the recipes wanted.
    """
    recipes = recipes.sort_by("entry_index")
    found = []
    for identity in recipe_ids:
        rows = recipes.filter(pa.compute.equal(recipes["recipe_id"], identity))
        seconds = rows["offset_seconds"].to_numpy()
        ticks = _entry_ticks(seconds, rows["machine"].to_pylist())
        order = np.argsort(ticks, kind="stable")
        events = rows["event"].to_numpy().astype(np.uint8)
        found.append(Recipe(ticks[order], events[order]))
    return found


def day_plan(
    supercycles: Supercycles,
    first_ticks: Instants,
    recipes: Sequence[Recipe],
    resets: Sequence[int],
) -> Plan:
    """Every planned event of all supercycles whose recipe is known.

    Each tick without another Booster reset has a null cycle ($11): the timeline leaves it out, the clock does not.

    Args:
        supercycles: supercycles in order.
        first_ticks: index of the first tick of each.
        recipes: by place in ``supercycles.recipe_ids``.
        resets: the events that start a Booster cycle.
    """
    lengths = lengths_in_ticks(supercycles, first_ticks)
    parts = []
    for place, recipe in enumerate(recipes):
        chosen = np.flatnonzero((supercycles.recipe == place) & bool(recipe.ticks.size))
        parts.append(_repeated(chosen, recipe.ticks, recipe.events))
        for length in np.unique(lengths[chosen]).tolist():
            booster = np.isin(recipe.events, list(resets))
            idle = np.setdiff1d(np.arange(length), recipe.ticks[booster])
            nulls = np.full(idle.size, NULL_CYCLE, dtype=np.uint8)
            parts.append(_repeated(chosen[lengths[chosen] == length], idle, nulls))
    none = np.empty(0, dtype=np.int64)
    parts.append(Plan(none, none, none.astype(np.uint8)))
    return Plan(
        np.concatenate([part.supercycle for part in parts]),
        np.concatenate([part.tick for part in parts]),
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


def _repeated(supercycles: Instants, ticks: Instants, events: Codes) -> Plan:
    return Plan(
        np.repeat(supercycles, ticks.size),
        np.tile(ticks, supercycles.size),
        np.tile(events, supercycles.size),
    )


def _entry_ticks(seconds: NDArray[np.float64], machines: Sequence[str]) -> Instants:
    ticks = np.rint(seconds * TICKS_PER_SECOND).astype(np.int64)
    coarse = np.flatnonzero(seconds >= 100)
    names = np.unique(np.asarray(machines, dtype=np.str_), return_inverse=True)[1]
    order = coarse[np.lexsort((coarse, seconds[coarse], names[coarse]))]
    if not order.size:
        return ticks
    same = (np.diff(seconds[order]) == 0) & (np.diff(names[order]) == 0)
    opens = np.flatnonzero(np.insert(~same, 0, True))
    counts = np.diff(np.append(opens, order.size))
    rank = np.arange(order.size) - np.repeat(opens, counts)
    lowest = np.ceil((seconds[order] - 0.05) * TICKS_PER_SECOND - 1e-6).astype(np.int64)
    several = np.repeat(counts > 1, counts)
    ticks[order] = np.where(several, lowest + rank, ticks[order])
    return ticks
