"""Where each tick stands in its supercycle, and which recipe that one played.

When supercycles started comes from $00, from the time into the supercycle that the event log gives beside $0C, and
from the timelines that were captured.

The first tick of a supercycle comes before its $00: Booster resets fire at the delayed minimum of the current, so
that of the timeline's tick 0 is some 50 ms early (front-end timing rules, hardware_vogel/fe_rules).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.instants import as_microseconds
from gmpsai_assets.acnet.tclk import NOMINAL_TICK_HZ
from gmpsai_assets.machine_time.offsets import Instants, nearest_tick
from gmpsai_assets.machine_time.starts import (
    SHORTEST,
    Starts,
    StartsByTicks,
    clock_starts,
    distinct,
    match_captured,
    starts_by_ticks,
)
from gmpsai_assets.machine_time.ticks import Ticks

LONGEST = 600_000_000
"""Microseconds of the longest supercycle."""

FIRST_TICK_LEAD = 50_000
"""Microseconds from the first tick of a supercycle to its $00."""

NO_RECIPE = -1

START_SOURCES = ("$00", "ticks", "capture")
"""What a start is known from: its $00; where that is missing or stands elsewhere, ticks or the timeline logger."""


@dataclass(frozen=True)
class Supercycles:
    """Supercycles in order, one element each.

    Attributes:
        start: microseconds since 1970 UTC.
        source: place in ``START_SOURCES``.
        recipe: place in ``recipe_ids``; -1 where the timeline was not captured.
        planned_ticks: planned length in line ticks; 0 where not known.
        recipe_ids: the recipes that were captured.
        stray_starts: occurrences of $00 that started none.
        clock_offset: microseconds by which the clock of the timeline logger is ahead; None without a capture and
            a start of the event log to compare.
    """

    start: Instants
    source: NDArray[np.uint8]
    recipe: NDArray[np.int64]
    planned_ticks: NDArray[np.int64]
    recipe_ids: tuple[str, ...]
    stray_starts: int = 0
    clock_offset: int | None = None

    def first_ticks(self, ticks: Ticks) -> Instants:
        """The day's index of the first tick of each; negative where it began before the day."""
        return ticks.index_at(self.start - FIRST_TICK_LEAD)

    def ticks_within(self, first_ticks: Instants, index: Instants) -> tuple[Instants, Instants]:
        """As ``places_of``, but beyond the planned length no supercycle is known: the start of the next was lost."""
        place, within = places_of(first_ticks, index)
        planned = np.append(self.planned_ticks, 0)[place]
        beyond = (planned > 0) & (within >= planned)
        return np.where(beyond, -1, place), np.where(beyond, 0, within)


@dataclass(frozen=True)
class _Captured:
    """What the timeline logger captured, by its own clock, in microseconds."""

    starts: Instants
    lengths: Instants
    recipe: NDArray[np.int64]
    recipe_ids: tuple[str, ...]


def day_supercycles(
    window: Window,
    resets: Instants,
    ticks: Instants,
    seconds: NDArray[np.float64],
    captured: pa.Table,
) -> Supercycles:
    """All supercycles of a day of which anything is known, the one that runs at its beginning included.

    Args:
        window: the day.
        resets: occurrences of $00, sorted.
        ticks: occurrences of $0C, sorted.
        seconds: time into the supercycle that the log gives with each of them; NaN where unknown. It also knows
            of the start before midnight, and of one whose $00 was lost.
        captured: columns ``start``, ``length_seconds`` and ``recipe_id`` of the table ``supercycles``; rows that
            began long before the day or after it are passed over. One without a length is a $00.

    Returns:
        One for each start. The event log knows when it was, the captures which recipe it played; a capture of which
        the event log has no start counts by its own, the offset between both clocks taken out.
    """
    alone, read = _of_logger(captured, window)
    by_ticks = starts_by_ticks(ticks, seconds)
    known = clock_starts(np.union1d(resets, alone[alone < window.start_microseconds]), by_ticks)
    places, offset = match_captured(read.starts, read.lengths, known.times)
    starts, source, places = _with_captured(known, by_ticks, read, places, offset or 0)
    fits = places >= 0
    ticks_planned = np.rint(read.lengths * NOMINAL_TICK_HZ / 1e6).astype(np.int64)
    return Supercycles(
        start=starts,
        source=source,
        recipe=_placed(
            places, read.recipe, fits & (read.recipe != NO_RECIPE), starts.size, NO_RECIPE
        ),
        planned_ticks=_placed(places, ticks_planned, fits, starts.size, 0),
        recipe_ids=read.recipe_ids,
        stray_starts=known.stray,
        clock_offset=offset,
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


def _of_logger(rows: pa.Table, window: Window) -> tuple[Instants, _Captured]:
    """Of what began around the day, the starts that are known by their $00 alone, and those that were captured."""
    starts = as_microseconds(rows["start"])
    near = (starts >= window.start_microseconds - LONGEST) & (starts < window.end_microseconds)
    rows, starts = rows.filter(pa.array(near)), starts[near]
    lengths = np.nan_to_num(rows["length_seconds"].cast(pa.float64()).to_numpy())
    identities, recipe = _coded(rows["recipe_id"].to_pylist())
    read = lengths > 0
    micros = np.rint(lengths[read] * 1e6).astype(np.int64)
    return starts[~read], _Captured(starts[read], micros, recipe[read], identities)


def _with_captured(
    known: Starts, by_ticks: StartsByTicks, read: _Captured, places: Instants, offset: int
) -> tuple[Instants, NDArray[np.uint8], Instants]:
    """Known starts and those of captures alone, the source of each, and the place of each capture, -1 for none.

    A capture adds a start only where the event log has none near by and no tick contradicts it.
    """
    moved = read.starts - offset
    alone = moved[places < 0]
    alone = distinct(np.sort(alone[~by_ticks.contradicts(alone)]))
    if known.times.size:
        alone = alone[np.abs(alone - known.times[nearest_tick(known.times, alone)]) >= SHORTEST]
    starts = np.concatenate([known.times, alone])
    source = np.concatenate([np.where(known.by_reset, 0, 1), np.full(alone.size, 2)])
    order = np.argsort(starts, kind="stable")
    starts = starts[order]
    if starts.size:
        wanted = np.where(places < 0, moved, np.append(known.times, 0)[places])
        found = nearest_tick(starts, wanted)
        near = np.abs(starts[found] - wanted) < SHORTEST
        places = np.where(near & ((places >= 0) | (source[order][found] == 2)), found, -1)
    return starts, source[order].astype(np.uint8), places


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
