"""What a day's reconciliation comes to: sums and residuals for each event code, and a result for each supercycle."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.machine_time.plans import Codes, Recipe
from gmpsai_assets.machine_time.reconciliation import (
    MATCHED,
    MISSING,
    NO_RECIPE,
    UNPLANNED,
    Reconciled,
)
from gmpsai_assets.machine_time.supercycles import START_SOURCES, Supercycles

AS_PLANNED = "as planned"
DEVIATES = "deviates"
ANOTHER_RECIPE = "another recipe"
NOT_SEEN = "not seen"
WITHOUT_RECIPE = "no recipe"

FITS = 0.9
"""A recipe fits a supercycle if more than this share of its ticks had the Booster reset that it plans. Chosen: lost and
doubled events spoil far fewer than one tick in ten."""


def event_sums(rows: Reconciled, delays: Mapping[int, float]) -> list[dict[str, Any]]:
    """Sums for each event code, ascending: planned = matched + missing, seen = matched + unplanned.

    Args:
        rows: the reconciled day.
        delays: usual milliseconds from the planned line tick to the event, by event code.

    Returns:
        Rows of the table ``reconciled_codes``. The residual is against the usual delay: its median, and
        quantiles of its distance from that; None without a match.
    """
    sums = []
    for code in sorted({*np.unique(rows.event).tolist(), *rows.left_to_next}):
        here = slice(*np.searchsorted(rows.event, (code, code + 1)))
        status = rows.status[here]
        count = np.bincount(status, minlength=4).tolist()
        residual = rows.residual[here][status == MATCHED] / 1000
        median = float(np.median(residual)) if residual.size else None
        far = np.abs(residual - (median or 0.0))
        sums.append(
            {
                "event": code,
                "planned": count[MATCHED] + count[MISSING],
                "seen": count[MATCHED] + count[UNPLANNED],
                "matched": count[MATCHED],
                "missing": count[MISSING],
                "unplanned": count[UNPLANNED],
                "seen_without_recipe": count[NO_RECIPE],
                "read_before": rows.read_before.get(code, 0),
                "left_to_next": rows.left_to_next.get(code, 0),
                "delay_ms": delays.get(code),
                "residual_median_ms": median,
                "residual_p95_ms": float(np.quantile(far, 0.95)) if far.size else None,
                "residual_max_ms": float(far.max()) if far.size else None,
            }
        )
    return sums


def supercycle_results(
    window: Window, rows: Reconciled, supercycles: Supercycles, fitting: NDArray[np.int64]
) -> list[dict[str, Any]]:
    """One row for each supercycle that has events in the day, in order.

    Args:
        window: the day.
        rows: its events, reconciled.
        supercycles: its supercycles.
        fitting: of each, the recipe that its Booster resets show; -1 for none.

    Returns:
        Rows of the table ``reconciled_supercycles``; start in microseconds since 1970 UTC.
    """
    counts = np.zeros((4, supercycles.start.size), dtype=np.int64)
    inside = rows.supercycle >= 0
    for status in range(4):
        chosen = rows.supercycle[inside & (rows.status == status)]
        counts[status] = np.bincount(chosen, minlength=supercycles.start.size)
    farthest = _farthest_residuals(rows, supercycles.start.size)
    return [
        {
            "start": int(supercycles.start[place]),
            "began_on_day": bool(supercycles.start[place] >= window.start_microseconds),
            "start_source": START_SOURCES[supercycles.source[place]],
            "recipe_id": _name(supercycles, int(supercycles.recipe[place])),
            "fitting_recipe_id": _name(supercycles, int(fitting[place])),
            "result": _result(
                counts[:, place], int(supercycles.recipe[place]), int(fitting[place])
            ),
            "planned": int(counts[MATCHED, place] + counts[MISSING, place]),
            "seen": int(counts[MATCHED, place] + counts[UNPLANNED, place]),
            "matched": int(counts[MATCHED, place]),
            "missing": int(counts[MISSING, place]),
            "unplanned": int(counts[UNPLANNED, place]),
            "seen_without_recipe": int(counts[NO_RECIPE, place]),
            "residual_max_ms": float(farthest[place]) / 1000 if counts[MATCHED, place] else None,
        }
        for place in np.flatnonzero(counts.sum(axis=0)).tolist()
    ]


def fitting_recipes(
    supercycles: Supercycles,
    recipes: Sequence[Recipe],
    place: Instants,
    within: Instants,
    reset: Codes,
) -> NDArray[np.int64]:
    """The recipe whose Booster resets were seen in each supercycle: its own where that fits as well as any.

    Args:
        supercycles: supercycles in order.
        recipes: by place in ``supercycles.recipe_ids``.
        place: supercycle of each tick of the day, -1 for none.
        within: tick in it.
        reset: Booster reset seen on it, 0 for none.

    Returns:
        Place of the recipe; -1 where none fits nine ticks of ten.
    """
    size = supercycles.start.size
    inside = place >= 0
    place, within, reset = place[inside], within[inside], reset[inside]
    length = int(within.max(initial=0)) + 1
    ticks = np.maximum(np.bincount(place, minlength=size), 1)
    best, share = np.full(size, -1, dtype=np.int64), np.full(size, FITS)
    for number, recipe in enumerate(recipes):
        planned = recipe.booster_resets(length)
        agrees = np.bincount(place, weights=planned[within] == reset, minlength=size) / ticks
        agrees += 1e-9 * (supercycles.recipe == number)
        better = agrees > share
        best[better], share[better] = number, agrees[better]
    return best


def _result(counts: NDArray[np.int64], recipe: int, fitting: int) -> str:
    if recipe < 0:
        return WITHOUT_RECIPE
    if not counts[MISSING] and not counts[UNPLANNED]:
        return AS_PLANNED
    if not counts[MATCHED] and not counts[UNPLANNED]:
        return NOT_SEEN
    return ANOTHER_RECIPE if fitting not in (recipe, -1) else DEVIATES


def _farthest_residuals(rows: Reconciled, size: int) -> NDArray[np.int64]:
    farthest = np.zeros(size, dtype=np.int64)
    matched = rows.status == MATCHED
    np.maximum.at(farthest, rows.supercycle[matched], np.abs(rows.residual[matched]))
    return farthest


def _name(supercycles: Supercycles, recipe: int) -> str | None:
    return None if recipe < 0 else supercycles.recipe_ids[recipe]
