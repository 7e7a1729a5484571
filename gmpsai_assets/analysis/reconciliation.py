"""Planned against seen: each planned event matched with its occurrence on TCLK.

An event belongs to a line tick after its usual delay is taken off, which is measured for each event code as it is
for devices: in phase by the median, and in whole ticks by what fits the plan best. Within a tick, planned and seen
events of one code are matched one to one, in order; of more occurrences than planned ones the nearest to the
expected time count. So a doubled event is unplanned once, a lost one is missing once, and one that moved by more than
half a tick is both. What was planned is in ``plans``; sums over events and supercycles are in ``verdicts``.

Only events that a recipe of the day plans, and Booster resets, are looked at: clock ticks are no part of a timeline.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.analysis.offsets import Instants, constant_offset, nearest_tick
from gmpsai_assets.analysis.plans import Codes, Plan
from gmpsai_assets.analysis.ticks import Ticks

MATCHED, MISSING, UNPLANNED, NO_RECIPE = range(4)
STATUSES = ("matched", "missing", "unplanned", "no recipe")
"""The last is an event that was seen while no recipe is known: neither planned nor unplanned."""

NOT_A_TIME = np.int64(np.iinfo(np.int64).min)

_LAGS = (0, 1, -1, 2)
_MARGIN = 4


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
    """

    supercycle: Instants
    tick: Instants
    event: Codes
    status: NDArray[np.uint8]
    planned: Instants
    seen: Instants
    usual: Mapping[int, Usual]

    @property
    def residual(self) -> Instants:
        """Microseconds from the expected time to the one seen; meaningful for matched events only."""
        return self.seen - self.planned


@dataclass(frozen=True)
class _Grid:
    """Line ticks of a day and some beyond."""

    first: int
    times: Instants
    period: float
    first_ticks: Instants
    lengths: Instants

    def time_of(self, index: Instants) -> Instants:
        return self.times[np.clip(index - self.first, 0, self.times.size - 1)]

    def holds(self, index: Instants) -> NDArray[np.bool_]:
        return (index >= self.first) & (index < self.first + self.times.size)

    def index_of(self, instants: Instants) -> Instants:
        return nearest_tick(self.times, instants) + self.first


def reconcile(
    window: Window,
    ticks: Ticks,
    first_ticks: Instants,
    lengths: Instants,
    plan: Plan,
    with_recipe: NDArray[np.bool_],
    seen: Mapping[int, Instants],
) -> Reconciled:
    """Match the plan of a day with the events of the day.

    Args:
        window: the day. Planned events that are expected outside it belong to another day, and are left out.
        ticks: its ticks.
        first_ticks: index of the first tick of each supercycle, ascending.
        lengths: line ticks of each; an event beyond belongs to a supercycle that is not known.
        plan: what was planned.
        with_recipe: of each supercycle, whether its recipe is known.
        seen: occurrences by event code, each sorted.
    """
    first, times = ticks.grid(_MARGIN)
    grid = _Grid(first, times, ticks.period, first_ticks, lengths)
    planned_index = first_ticks[plan.supercycle] + plan.tick
    usual = {
        code: _usual_time(seen.get(code, times[:0]), planned_index[plan.event == code], grid)
        for code in sorted({*np.unique(plan.event).tolist(), *seen})
    }
    phases, lags = np.zeros((2, 256), dtype=np.int64)
    for code, each in usual.items():
        phases[code], lags[code] = each.phase, each.lag
    at = planned_index + lags[plan.event]
    expected = grid.time_of(at) + phases[plan.event]
    inside = grid.holds(at)
    inside &= (expected >= window.start_microseconds) & (expected < window.end_microseconds)
    plan = Plan(plan.supercycle[inside], plan.tick[inside], plan.event[inside])
    return _matched(plan, expected[inside], grid, with_recipe, seen, usual)


def _usual_time(seen: Instants, planned_index: Instants, grid: _Grid) -> Usual:
    """The phase of an event, and the lag at which most of its plan is seen."""
    phase = constant_offset(seen, grid.times, grid.period).microseconds
    at = grid.index_of(seen - phase)
    fits = [int(np.isin(planned_index + lag, at).sum()) for lag in _LAGS]
    return Usual(phase, _LAGS[int(np.argmax(fits))])


def _matched(
    plan: Plan,
    expected: Instants,
    grid: _Grid,
    with_recipe: NDArray[np.bool_],
    seen: Mapping[int, Instants],
    usual: Mapping[int, Usual],
) -> Reconciled:
    times = np.concatenate([*seen.values(), grid.times[:0]])
    codes = np.repeat(list(seen), [each.size for each in seen.values()]).astype(np.uint8)
    phase = np.repeat([usual[code].phase for code in seen], [each.size for each in seen.values()])
    lag = np.repeat([usual[code].lag for code in seen], [each.size for each in seen.values()])
    phase, lag = phase.astype(np.int64), lag.astype(np.int64)
    at = grid.index_of(times - phase)
    distance = np.abs(times - phase - grid.time_of(at))
    place = np.searchsorted(grid.first_ticks, at - lag, side="right") - 1
    tick = at - lag - np.append(grid.first_ticks, 0)[place]
    known = (place >= 0) & np.append(with_recipe, False)[place]
    known &= tick < np.append(grid.lengths, 0)[place]
    partner = _partners(
        _keys(plan.supercycle, plan.tick, plan.event), _keys(place, tick, codes), distance, times
    )
    partner[~known] = -1
    alone = np.ones(expected.size, dtype=np.bool_)
    alone[partner[partner >= 0]] = False
    status = np.where(partner >= 0, MATCHED, np.where(known, UNPLANNED, NO_RECIPE))
    without = np.full(int(alone.sum()), NOT_A_TIME)
    joined = Reconciled(
        supercycle=np.concatenate([place, plan.supercycle[alone]]),
        tick=np.concatenate([tick, plan.tick[alone]]),
        event=np.concatenate([codes, plan.event[alone]]),
        status=np.concatenate([status, np.full(without.size, MISSING)]).astype(np.uint8),
        planned=np.concatenate(
            [np.where(partner >= 0, np.append(expected, 0)[partner], NOT_A_TIME), expected[alone]]
        ),
        seen=np.concatenate([times, without]),
        usual=usual,
    )
    return _in_order(joined)


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
    return Reconciled(
        rows.supercycle[order],
        rows.tick[order],
        rows.event[order],
        rows.status[order],
        rows.planned[order],
        rows.seen[order],
        rows.usual,
    )
