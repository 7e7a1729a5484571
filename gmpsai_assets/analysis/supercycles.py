"""Where each tick stands in its supercycle, and which recipe that one played.

When supercycles started comes from $00, from the time into the supercycle that the event log gives beside $0C, and
from the timelines that were captured. Whether the recipe came true is found in ``reconciliation``.

The first tick of a supercycle comes before its $00: Booster resets fire at the delayed minimum of the current, so
that of the timeline's tick 0 is some 50 ms early (front-end timing rules, hardware_vogel/fe_rules).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.analysis.offsets import Instants
from gmpsai_assets.analysis.ticks import Ticks

SAME_START = 500_000
"""Starts closer than so many microseconds are one; the shortest supercycle has a second."""

LONGEST = 600_000_000
"""Microseconds of the longest supercycle."""

FIRST_TICK_LEAD = 50_000
"""Microseconds from the first tick of a supercycle to its $00."""

NO_RECIPE = -1


@dataclass(frozen=True)
class Supercycles:
    """Supercycles in order, one element each.

    Attributes:
        start: microseconds since 1970 UTC.
        recipe: place in ``recipe_ids``; -1 where the timeline was not captured.
        planned_ticks: planned length in line ticks; 0 where not known.
        recipe_ids: the recipes that were captured.
    """

    start: Instants
    recipe: NDArray[np.int64]
    planned_ticks: NDArray[np.int64]
    recipe_ids: tuple[str, ...]

    def first_ticks(self, ticks: Ticks) -> Instants:
        """The day's index of the first tick of each; negative where it began before the day."""
        return ticks.index_at(self.start - FIRST_TICK_LEAD)


def day_supercycles(
    window: Window,
    resets: Instants,
    ticks: Instants,
    seconds: NDArray[np.float64],
    captured: pa.Table,
) -> Supercycles:
    """All supercycles of a day that anything is known of, the one that runs at its beginning included.

    Args:
        window: the day.
        resets: occurrences of $00.
        ticks: occurrences of $0C.
        seconds: time into the supercycle that the log gives with each of them; NaN where unknown. It also knows
            of the start before midnight, and of one whose $00 was lost.
        captured: columns ``start``, ``length_seconds`` and ``recipe_id`` of the table ``supercycles``; rows that
            began long before the day or after it are passed over.

    Returns:
        One for each start; of two records of one start the more exact one counts, in the order named.
    """
    implied = _implied_starts(ticks, seconds)
    captured = _around(captured, window)
    read = captured["start"].cast(pa.int64()).to_numpy()
    starts = np.concatenate([resets, implied, read])
    if not starts.size:
        none = np.empty(0, dtype=np.int64)
        return Supercycles(none, none, none, ())
    order = np.argsort(starts, kind="stable")
    cluster = np.empty(starts.size, dtype=np.int64)
    cluster[order] = np.cumsum(np.insert(np.diff(starts[order]) > SAME_START, 0, False))
    _, first = np.unique(cluster, return_index=True)
    place = cluster[starts.size - read.size :]
    identities, recipe = _coded(captured["recipe_id"].to_pylist())
    lengths = np.nan_to_num(captured["length_seconds"].cast(pa.float64()).to_numpy())
    return Supercycles(
        start=starts[first],
        recipe=_placed(place, recipe, recipe != NO_RECIPE, first.size, NO_RECIPE),
        planned_ticks=_placed(
            place, np.rint(lengths * 15).astype(np.int64), lengths > 0, first.size, 0
        ),
        recipe_ids=identities,
    )


def places_of(first_ticks: Instants, index: Instants) -> tuple[Instants, Instants]:
    """The supercycle of ticks, and the tick within it.

    Args:
        first_ticks: index of the first tick of each supercycle, ascending.
        index: indices of ticks.

    Returns:
        The place of the supercycle, -1 before the first one, and the tick from 0; 0 where there is no supercycle.
    """
    place = np.searchsorted(first_ticks, index, side="right") - 1
    known = place >= 0
    within = np.zeros(index.size, dtype=np.int64)
    within[known] = index[known] - first_ticks[place[known]]
    return place, within


def _around(captured: pa.Table, window: Window) -> pa.Table:
    starts = captured["start"].cast(pa.int64()).to_numpy()
    first = window.start_microseconds - LONGEST
    return captured.filter(pa.array((starts >= first) & (starts < window.end_microseconds)))


def _implied_starts(ticks: Instants, seconds: NDArray[np.float64]) -> Instants:
    known = np.isfinite(seconds)
    starts = np.sort(ticks[known] - np.rint(seconds[known] * 1e6).astype(np.int64))
    if not starts.size:
        return starts
    opens = np.flatnonzero(np.insert(np.diff(starts) > SAME_START, 0, True))
    counts = np.diff(np.append(opens, starts.size))
    middle: Instants = starts[opens + (counts - 1) // 2]
    return middle


def _coded(recipe_ids: Sequence[str | None]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    identities = tuple(dict.fromkeys(each for each in recipe_ids if each is not None))
    codes = {identity: code for code, identity in enumerate(identities)}
    found = [NO_RECIPE if each is None else codes[each] for each in recipe_ids]
    return identities, np.array(found, dtype=np.int64)


def _placed(
    places: Instants, values: Instants, known: NDArray[np.bool_], size: int, otherwise: int
) -> Instants:
    placed = np.full(size, otherwise, dtype=np.int64)
    placed[places[known]] = values[known]
    return placed
