"""The reconciliation of a whole day, out of its events, its supercycles and their recipes.

Here the pieces are put together; they are in ``plans``, ``reconciliation`` and ``verdicts``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from gmpsai_assets.acnet.tclk import BOOSTER_RESETS, PLANNABLE
from gmpsai_assets.machine_time.day import (
    EventRows,
    MachineTime,
    instants,
    on_nominal_clock,
)
from gmpsai_assets.machine_time.line_grid import (
    line_grid,
    place_events,
    settled_recipes,
    usual_times,
)
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.machine_time.plans import (
    Recipe,
    Stretches,
    day_plan,
    lengths_in_ticks,
    read_recipes,
)
from gmpsai_assets.machine_time.reconciliation import NOT_A_TIME, STATUSES, Reconciled, reconcile
from gmpsai_assets.machine_time.results import event_sums, fitting_recipes, supercycle_verdicts
from gmpsai_assets.machine_time.supercycles import NO_RECIPE

_TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class ReconciledDay:
    """Planned against seen.

    Attributes:
        rows: each event, columns of the table ``timeline_reconciliation``, by event, then time.
        events: a row for each event code.
        supercycles: a row for each supercycle.
        beyond_reading: planned events at the first midnight of which is not known whether they came, as the day
            before is not published; they are left out.
        machine: the ticks and supercycles that it stands on.
    """

    rows: pa.Table
    events: list[dict[str, Any]]
    supercycles: list[dict[str, Any]]
    beyond_reading: int
    machine: MachineTime


def reconciled_day(machine: MachineTime, events: EventRows, recipes: pa.Table) -> ReconciledDay:
    """Match what the recipes of a day planned with what the clock sent.

    Args:
        machine: ticks and supercycles of the day.
        events: its events, and those of the last second of the day before if that is read.
        recipes: rows of the table ``recipes`` of the day and the one before.
    """
    if not machine.ticks.times.size:
        machine = on_nominal_clock(machine)
    supercycles, first_ticks = machine.supercycles, machine.first_ticks
    played = read_recipes(recipes, supercycles.recipe_ids)
    stretches = _stretches(machine, played)
    codes = {*PLANNABLE, *(code for recipe in played for code in np.unique(recipe.events).tolist())}
    seen = {code: instants(events(code)) for code in sorted(codes)}
    plan = day_plan(supercycles, first_ticks, played, BOOSTER_RESETS)
    grid = line_grid(machine.ticks)
    usual = usual_times(plan, first_ticks[plan.supercycle] + plan.tick, seen, grid)
    came = place_events(seen, usual, grid)
    if (plan.tick != plan.other).any():
        played = settled_recipes(played, stretches, came, BOOSTER_RESETS)
        plan = day_plan(supercycles, first_ticks, played, BOOSTER_RESETS)
    rows = reconcile(machine.window, machine.read_from, grid, stretches, plan, came, usual)
    fitting = fitting_recipes(
        supercycles, played, machine.place, machine.within, machine.reset, BOOSTER_RESETS
    )
    return ReconciledDay(
        _table(rows, supercycles.start),
        event_sums(rows, _delays(machine, rows)),
        supercycle_verdicts(machine.window, rows, supercycles, fitting),
        rows.beyond_reading,
        machine,
    )


def _stretches(machine: MachineTime, played: Sequence[Recipe]) -> Stretches:
    has_plan = np.array([bool(recipe.ticks.size) for recipe in played] + [False])
    recipe = machine.supercycles.recipe
    lengths = lengths_in_ticks(machine.supercycles, machine.first_ticks)
    return Stretches(machine.first_ticks, lengths, np.where(has_plan[recipe], recipe, NO_RECIPE))


def _delays(machine: MachineTime, rows: Reconciled) -> dict[int, float]:
    """Usual milliseconds from the planned line tick ($00 for tick 0) to each event."""
    starts, ticks = machine.supercycles.start, machine.ticks
    inside = (machine.first_ticks >= 0) & (machine.first_ticks <= ticks.index.max(initial=-1))
    if not inside.any():
        return {}
    first = np.interp(machine.first_ticks[inside], ticks.index, ticks.times)
    lead = float(np.median(starts[inside] - first))
    return {
        code: (usual.phase + usual.lag * ticks.period - lead) / 1000
        for code, usual in rows.usual.items()
    }


def _table(rows: Reconciled, starts: Instants) -> pa.Table:
    unknown = rows.supercycle < 0
    unplanned, missing = rows.planned == NOT_A_TIME, rows.seen == NOT_A_TIME
    residual = np.where(unplanned | missing, 0, rows.residual) / 1000
    statuses = pa.array(rows.status.astype(np.int32))
    return pa.table(
        {
            "event": rows.event,
            "supercycle_start": pa.array(np.append(starts, 0)[rows.supercycle], mask=unknown).cast(
                _TIME
            ),
            "supercycle_tick": pa.array(rows.tick.astype(np.int32), mask=unknown),
            "status": pa.DictionaryArray.from_arrays(statuses, pa.array(STATUSES)),
            "planned": pa.array(rows.planned, mask=unplanned).cast(_TIME),
            "seen": pa.array(rows.seen, mask=missing).cast(_TIME),
            "residual_ms": pa.array(residual, mask=unplanned | missing),
        }
    )
