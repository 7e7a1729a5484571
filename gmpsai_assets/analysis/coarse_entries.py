"""Which line tick a timeline entry means where its text leaves two, told by what was seen.

The timeline writes times with four digits, so that beyond 100 s one text can stand for either of two neighbouring
ticks. All supercycles that played the recipe are asked where the event came.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gmpsai_assets.analysis.line_grid import SeenEvents
from gmpsai_assets.analysis.offsets import Instants
from gmpsai_assets.analysis.plans import NULL_CYCLE, Recipe, Stretches


def settled_recipes(
    recipes: Sequence[Recipe],
    stretches: Stretches,
    seen: SeenEvents,
    resets: Sequence[int],
) -> list[Recipe]:
    """Recipes with each entry on the tick where its event came most often; where that is open, as they were.

    Args:
        recipes: by place.
        stretches: the supercycles.
        seen: what came.
        resets: the events that start a Booster cycle: one to a tick, so a null cycle speaks against another one.
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
            settled.append(_settled(recipe, coarse, keys, counts, resets))
        else:
            settled.append(recipe)
    return settled


def _settled(
    recipe: Recipe, coarse: Instants, keys: Instants, counts: Instants, resets: Sequence[int]
) -> Recipe:
    events = recipe.events[coarse].astype(np.int64)
    booster = np.isin(events, list(resets)) & (events != NULL_CYCLE)

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
