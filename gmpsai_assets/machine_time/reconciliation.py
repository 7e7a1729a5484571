"""Planned against seen: each planned event matched with its occurrence on TCLK.

On a line tick, planned and seen events of one code are matched one to one, in order; of more occurrences than planned
ones the nearest to the expected time count. So a doubled event is unplanned once, a lost one is missing once, and one
that moved by more than half a tick is both.

A day is responsible for the line ticks whose $0C comes in it, all of that shifted back by a quarter of a second:
events come up to two ticks after the one they are planned for, and $00 comes after the first tick of its supercycle,
so that the day knows all of its ticks when it ends, and needs nothing but the last second of the day before. Planned
and seen events go by their line tick, so each of them is counted on one day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.machine_time.line_grid import LineGrid, SeenEvents, Usual
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.machine_time.plans import Codes, Plan, Stretches

MATCHED, MISSING, UNPLANNED, NO_RECIPE = range(4)
STATUSES = ("matched", "missing", "unplanned", "no recipe")
"""The last is an event that was seen while no recipe is known: neither planned nor unplanned."""

NOT_A_TIME = np.int64(np.iinfo(np.int64).min)

RESPONSIBLE_LEAD = 250_000
"""Microseconds by which the ticks that a day is responsible for begin and end ahead of it."""

_UNSURE = 5_000
"""Microseconds around the first instant of which events were read, where an event may be on either side. Chosen: the
log rounds to a millisecond, and events come within two of their usual time."""


@dataclass(frozen=True)
class Reconciled:
    """Planned and seen events, one element for each pair or for one without a partner; by event, then time.

    Attributes:
        supercycle: place of the supercycle; -1 before the first that is known.
        tick: line tick in it.
        event: TCLK event.
        status: place in ``STATUSES``.
        planned: when it was expected, microseconds since 1970 UTC; ``NOT_A_TIME`` if it was not planned.
        seen: when it came; ``NOT_A_TIME`` if it did not.
        usual: the delays that were measured, by event code.
        read_before: occurrences by event code that came on the day before, on ticks that this day is responsible for.
        left_to_next: occurrences by event code that came on this day, on ticks that the next one is responsible for.
        beyond_reading: planned events of the day before of which is not known whether they came.
    """

    supercycle: Instants
    tick: Instants
    event: Codes
    status: NDArray[np.uint8]
    planned: Instants
    seen: Instants
    usual: Mapping[int, Usual]
    read_before: Mapping[int, int]
    left_to_next: Mapping[int, int]
    beyond_reading: int

    @property
    def residual(self) -> Instants:
        """Microseconds from the expected time to the one seen; meaningful for matched events only."""
        return self.seen - self.planned


def reconcile(
    window: Window,
    read_from: int,
    grid: LineGrid,
    stretches: Stretches,
    plan: Plan,
    seen: SeenEvents,
    usual: Mapping[int, Usual],
) -> Reconciled:
    """Match the plan of a day with the events of the day.

    Args:
        window: the day.
        read_from: the first instant of which events were read, microseconds since 1970 UTC; what was planned
            ahead of it is left out.
        grid: its line ticks.
        stretches: its supercycles.
        plan: what was planned.
        seen: what came.
        usual: the delay of each event code.
    """
    first, end = grid.span(
        window.start_microseconds - RESPONSIBLE_LEAD, window.end_microseconds - RESPONSIBLE_LEAD
    )
    index = stretches.first_ticks[plan.supercycle] + plan.tick
    ours = (index >= first) & (index < end)
    plan, index = plan.take(ours), index[ours]
    expected = _expected(plan, index, grid, usual)
    start = window.start_microseconds
    before, after = _counted(seen, seen.times < start, first, end)
    rows = seen.take((seen.index >= first) & (seen.index < end))
    place, tick, known = stretches.find(rows.index)
    partner = _partners(
        _keys(plan.supercycle, plan.tick, plan.event),
        _keys(place, tick, rows.event),
        rows.distance,
        rows.times,
    )
    partner[~known] = -1
    alone = np.ones(expected.size, dtype=np.bool_)
    alone[partner[partner >= 0]] = False
    unread = alone & (expected < read_from + _UNSURE)
    alone &= ~unread
    status = np.where(partner >= 0, MATCHED, np.where(known, UNPLANNED, NO_RECIPE))
    without = np.full(int(alone.sum()), NOT_A_TIME)
    joined = Reconciled(
        supercycle=np.concatenate([place, plan.supercycle[alone]]),
        tick=np.concatenate([tick, plan.tick[alone]]),
        event=np.concatenate([rows.event, plan.event[alone]]),
        status=np.concatenate([status, np.full(without.size, MISSING)]).astype(np.uint8),
        planned=np.concatenate(
            [np.where(partner >= 0, np.append(expected, 0)[partner], NOT_A_TIME), expected[alone]]
        ),
        seen=np.concatenate([rows.times, without]),
        usual=usual,
        read_before=before,
        left_to_next=after,
        beyond_reading=int(unread.sum()),
    )
    return _in_order(joined)


def _expected(plan: Plan, index: Instants, grid: LineGrid, usual: Mapping[int, Usual]) -> Instants:
    phases, lags = np.zeros((2, 256), dtype=np.int64)
    for code, each in usual.items():
        phases[code], lags[code] = each.phase, each.lag
    return grid.time_of(index + lags[plan.event]) + phases[plan.event]


def _counted(
    seen: SeenEvents, before: NDArray[np.bool_], first: int, end: int
) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """How many of each event code came on the day before and count here, and came here and count on the next."""
    ours = (seen.index >= first) & (seen.index < end)

    def counts(chosen: NDArray[np.bool_]) -> dict[int, int]:
        codes, sizes = np.unique(seen.event[chosen], return_counts=True)
        return dict(zip(codes.tolist(), sizes.tolist(), strict=True))

    return counts(ours & before), counts(~ours & ~before)


def _keys(supercycle: Instants, tick: Instants, event: Codes) -> Instants:
    """One number for each event code of each tick of each supercycle."""
    return ((supercycle << 24) + tick << 8) + event


def _partners(planned: Instants, seen: Instants, distance: Instants, times: Instants) -> Instants:
    """For each seen event the place of the planned one that it is, or -1."""
    by_plan = np.argsort(planned, kind="stable")
    keys, begins, counts = np.unique(planned[by_plan], return_index=True, return_counts=True)
    partner = np.full(seen.size, -1, dtype=np.int64)
    if not keys.size or not seen.size:
        return partner
    group = np.minimum(np.searchsorted(keys, seen), keys.size - 1)
    wanted = np.where(keys[group] == seen, counts[group], 0)
    near = np.lexsort((distance, seen))
    places = near[_ranks(seen[near]) < wanted[near]]
    # Those chosen by their distance are now put to the planned ones in order of time.
    places = places[np.lexsort((times[places], seen[places]))]
    partner[places] = by_plan[begins[group[places]] + _ranks(seen[places])]
    return partner


def _ranks(ordered: Instants) -> Instants:
    """The place of each element among equal neighbours, from 0."""
    opens = np.flatnonzero(np.insert(np.diff(ordered) != 0, 0, True))
    counts = np.diff(np.append(opens, ordered.size))
    return np.arange(ordered.size) - np.repeat(opens, counts)


def _in_order(rows: Reconciled) -> Reconciled:
    when = np.where(rows.status == MISSING, rows.planned, rows.seen)
    order = np.lexsort((when, rows.event))
    return replace(
        rows,
        supercycle=rows.supercycle[order],
        tick=rows.tick[order],
        event=rows.event[order],
        status=rows.status[order],
        planned=rows.planned[order],
        seen=rows.seen[order],
    )
