"""The reconciliation of a day: made of its inputs and published, each event, sums by code, and supercycles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmpsai_assets.acnet.instants import TIME_TYPE, as_microseconds
from gmpsai_assets.acnet.tclk import PLANNABLE
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group, write_table
from gmpsai_assets.lake.schemas import EVENT_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.lake.tables import rows_table
from gmpsai_assets.machine_time.day import EventRows, MachineTime, machine_time
from gmpsai_assets.machine_time.inputs import MachineTimeInputs
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
from gmpsai_assets.machine_time.results import event_sums, fitting_recipes, supercycle_results
from gmpsai_assets.machine_time.supercycles import NO_RECIPE
from gmpsai_assets.machine_time.tables import (
    RECONCILED_CODES,
    RECONCILED_EVENTS,
    RECONCILED_SUPERCYCLES,
)
from gmpsai_assets.machine_time.ticks import NOMINAL_PERIOD, Ticks

RECONCILIATION_IS_MADE_OF = (EVENT_DATA, SUPERCYCLES, RECIPES)
"""The tables to open for ``build_reconciliation``."""

_PUBLISHED = (RECONCILED_EVENTS, RECONCILED_CODES, RECONCILED_SUPERCYCLES)


@dataclass(frozen=True)
class ReconciledDay:
    """Planned against seen.

    Attributes:
        rows: each event, columns of the table ``reconciled_events``, by event, then time.
        events: rows of ``reconciled_codes``, one for each event code.
        supercycles: rows of ``reconciled_supercycles``; start in microseconds since 1970 UTC.
        beyond_reading: planned events at the first midnight of which is not known whether they came, as the day
            before is not published; they are left out.
        machine: the ticks and supercycles that it stands on.
    """

    rows: pa.Table
    events: list[dict[str, Any]]
    supercycles: list[dict[str, Any]]
    beyond_reading: int
    machine: MachineTime


def build_reconciliation(lake: Lake, inputs: MachineTimeInputs) -> ReconciledDay:
    """Reconcile a day, and publish ``reconciled_events``, ``reconciled_codes`` and ``reconciled_supercycles``.

    Args:
        lake: where they are published.
        inputs: the day's files of ``RECONCILIATION_IS_MADE_OF``.
    """
    machine = machine_time(
        inputs.window, inputs.events, inputs.supercycles(), read_from=inputs.read_from
    )
    reconciled = reconciled_day(machine, inputs.events, inputs.recipes())
    rows = reconciled.rows.cast(RECONCILED_EVENTS.schema)
    small = (
        (RECONCILED_CODES, reconciled.events),
        (RECONCILED_SUPERCYCLES, reconciled.supercycles),
    )
    with lake.publications(_PUBLISHED, str(inputs.day)) as (main, *others):
        path = main.file(RECONCILED_EVENTS.file_pattern)
        with parquet_writer(path, RECONCILED_EVENTS) as writer:
            for code in pc.unique(rows["event"]):
                write_row_group(writer, rows.filter(pc.equal(rows["event"], code)))
            describe(writer, inputs.origin)
        for publication, (table, few) in zip(others, small, strict=True):
            path = publication.file(table.file_pattern)
            write_table(path, table, rows_table(table, few), inputs.origin)
    return reconciled


def reconciled_day(machine: MachineTime, events: EventRows, recipes: pa.Table) -> ReconciledDay:
    """Match what the recipes of a day planned with what the clock sent.

    Args:
        machine: ticks and supercycles of the day.
        events: its events, and those of the last second of the day before if that is read.
        recipes: rows of the table ``recipes`` of the day and the one before.
    """
    if not machine.ticks.times.size:
        machine = _on_nominal_clock(machine)
    supercycles, first_ticks = machine.supercycles, machine.first_ticks
    played = read_recipes(recipes, supercycles.recipe_ids)
    stretches = _stretches(machine, played)
    codes = {*PLANNABLE, *(code for recipe in played for code in np.unique(recipe.events).tolist())}
    seen = {code: as_microseconds(events(code)["time"]) for code in sorted(codes)}
    plan = day_plan(supercycles, first_ticks, played)
    grid = line_grid(machine.ticks)
    usual = usual_times(plan, first_ticks[plan.supercycle] + plan.tick, seen, grid)
    came = place_events(seen, usual, grid)
    if (plan.tick != plan.other).any():
        played = settled_recipes(played, stretches, came)
        plan = day_plan(supercycles, first_ticks, played)
    rows = reconcile(machine.window, machine.read_from, grid, stretches, plan, came, usual)
    fitting = fitting_recipes(supercycles, played, machine.place, machine.within, machine.reset)
    return ReconciledDay(
        _table(rows, supercycles.start),
        event_sums(rows, _delays(machine, rows)),
        supercycle_results(machine.window, rows, supercycles, fitting),
        rows.beyond_reading,
        machine,
    )


def _on_nominal_clock(machine: MachineTime) -> MachineTime:
    """The same supercycles on ticks of a line of exactly 60 Hz, for a day of which no tick was recorded."""
    start, end = machine.window.start_microseconds, machine.window.end_microseconds
    times = np.rint(np.arange(start, end, NOMINAL_PERIOD)).astype(np.int64)
    source = np.zeros(times.size, dtype=np.uint8)
    ticks = Ticks(times, np.arange(times.size), source, NOMINAL_PERIOD, machine.ticks.stray)
    first_ticks = machine.supercycles.first_ticks(ticks)
    place, within = machine.supercycles.ticks_within(first_ticks, ticks.index)
    return replace(
        machine,
        ticks=ticks,
        first_ticks=first_ticks,
        place=place,
        within=within,
        reset=np.zeros(times.size, dtype=np.uint8),
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
                TIME_TYPE
            ),
            "supercycle_tick": pa.array(rows.tick.astype(np.int32), mask=unknown),
            "status": pa.DictionaryArray.from_arrays(statuses, pa.array(STATUSES)),
            "planned": pa.array(rows.planned, mask=unplanned).cast(TIME_TYPE),
            "seen": pa.array(rows.seen, mask=missing).cast(TIME_TYPE),
            "residual_ms": pa.array(residual, mask=unplanned | missing),
        }
    )
