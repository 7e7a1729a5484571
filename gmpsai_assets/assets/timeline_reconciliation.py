"""The asset timeline_reconciliation: what the timeline planned for a day against what the clock sent."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import dagster as dg

from gmpsai_assets.acnet.clock import day_window, from_microseconds
from gmpsai_assets.acnet.tclk import event_label, event_meaning
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.presentation import (
    GROUP,
    OWNERS,
    described,
    numbers,
    row_count,
    static_metadata,
    table_value,
)
from gmpsai_assets.assets.supercycle_timeline import supercycle_timeline
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.origin import derived_origin
from gmpsai_assets.lake.schemas import EVENT_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.machine_time.day import machine_time
from gmpsai_assets.machine_time.files import publish_reconciliation
from gmpsai_assets.machine_time.inputs import (
    captured_recipes,
    captured_supercycles,
    day_before,
    day_events,
    read_beside,
)
from gmpsai_assets.machine_time.reconciled_day import ReconciledDay, reconciled_day
from gmpsai_assets.machine_time.results import (
    ANOTHER_RECIPE,
    AS_PLANNED,
    DEVIATES,
    NOT_SEEN,
    WITHOUT_RECIPE,
)
from gmpsai_assets.machine_time.tables import (
    EVENT_RECONCILIATION,
    SUPERCYCLE_RECONCILIATION,
    TIMELINE_RECONCILIATION,
)
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.resources.stores import LakeResource

COUNTED = (
    "planned",
    "seen",
    "matched",
    "missing",
    "unplanned",
    "seen_without_recipe",
    "read_before",
    "left_to_next",
)
SHOWN_SUPERCYCLES = 200
"""Supercycles that did not go as planned, shown in the UI; the table holds all."""


@dg.asset(
    partitions_def=DAILY,
    deps=[event_data, supercycle_timeline],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"arrow", "parquet"},
    description=described(
        "Planned against seen: each event that a recipe of the day plans, matched one to one with its occurrence on "
        "TCLK, missing, or unplanned; sums and residuals for each event code; and a verdict for each supercycle. "
        "planned = matched + missing, and seen = matched + unplanned. A day is responsible for its line ticks, all "
        "shifted back by a quarter of a second; so the last second and the timeline of the day before are read where "
        "they are published. Where they are not, `planned_beyond_reading` counts what is left out, and the "
        "supercycle that runs at midnight has no recipe: materialise this day again when the day before is there.",
        TIMELINE_RECONCILIATION,
        EVENT_RECONCILIATION,
        SUPERCYCLE_RECONCILIATION,
    ),
    metadata=static_metadata(TIMELINE_RECONCILIATION),
)
def timeline_reconciliation(
    context: dg.AssetExecutionContext, lake: LakeResource
) -> dg.MaterializeResult:
    """Reconcile the published day."""
    day = context.partition_key
    with explained(day):
        store = lake.open()
        beside = _neighbours(store, day)
        reconciled = build_reconciliation(store, day)
    return dg.MaterializeResult(metadata=_metadata(reconciled, beside))


def build_reconciliation(store: Lake, day: str) -> ReconciledDay:
    """Compute and publish the reconciliation of a day.

    Raises:
        DayNotPublishedError: if a table that it is made of has no such day.
    """
    files = [
        path for table in (EVENT_DATA, SUPERCYCLES, RECIPES) for path in store.day_files(table, day)
    ]
    origin = derived_origin(day, files)
    events = day_events(store, day)
    captured = captured_supercycles(store, day)
    machine = machine_time(day_window(day), events, captured, read_from=events.read_from)
    reconciled = reconciled_day(machine, events, captured_recipes(store, day))
    publish_reconciliation(
        store,
        day,
        reconciled.rows,
        reconciled.events,
        reconciled.supercycles,
        {**origin, "neighbouring_days": _neighbours(store, day)},
    )
    return reconciled


def _neighbours(store: Lake, day: str) -> dict[str, str]:
    return read_beside(store, {day_before(day): (EVENT_DATA, SUPERCYCLES)})


def _metadata(reconciled: ReconciledDay, beside: Mapping[str, str]) -> dict[str, dg.MetadataValue]:
    sums = {name: sum(row[name] for row in reconciled.events) for name in COUNTED}
    verdicts = Counter(row["verdict"] for row in reconciled.supercycles)
    residuals = [row["residual_max_ms"] for row in reconciled.events if row["matched"]]
    others = [row for row in reconciled.supercycles if row["verdict"] != AS_PLANNED]
    return {
        **row_count(reconciled.rows.num_rows),
        **numbers(
            **sums,
            matched_share=sums["matched"] / sums["planned"] if sums["planned"] else None,
            residual_max_ms=max(residuals, default=None),
            planned_beyond_reading=reconciled.beyond_reading,
            **reconciled.machine.account(),
            supercycles=len(reconciled.supercycles),
            **{
                f"supercycles {verdict}": verdicts.get(verdict, 0)
                for verdict in (AS_PLANNED, DEVIATES, ANOTHER_RECIPE, NOT_SEEN, WITHOUT_RECIPE)
            },
        ),
        "neighbouring days": dg.MetadataValue.json(dict(beside)),
        "events": table_value(
            [_named(row) for row in reconciled.events],
            ("event", "meaning", *EVENT_RECONCILIATION.schema.names[1:]),
        ),
        "supercycles not as planned": table_value(
            [
                {**row, "start": from_microseconds(row["start"])}
                for row in others[:SHOWN_SUPERCYCLES]
            ],
            SUPERCYCLE_RECONCILIATION.schema.names,
        ),
    }


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "event": event_label(row["event"]), "meaning": event_meaning(row["event"])}
