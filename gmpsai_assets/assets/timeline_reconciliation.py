"""The asset timeline_reconciliation: what the timeline planned for a day against what the clock sent."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import dagster as dg

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.tclk import event_label, event_meaning
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.presentation import (
    numbers,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.assets.supercycle_timeline import supercycle_timeline
from gmpsai_assets.machine_time.inputs import open_inputs
from gmpsai_assets.machine_time.reconciled_day import (
    RECONCILIATION_IS_MADE_OF,
    ReconciledDay,
    build_reconciliation,
)
from gmpsai_assets.machine_time.results import (
    ANOTHER_RECIPE,
    AS_PLANNED,
    DEVIATES,
    NOT_SEEN,
    WITHOUT_RECIPE,
)
from gmpsai_assets.machine_time.tables import (
    RECONCILED_CODES,
    RECONCILED_EVENTS,
    RECONCILED_SUPERCYCLES,
)
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


@table_asset(
    RECONCILED_EVENTS,
    RECONCILED_CODES,
    RECONCILED_SUPERCYCLES,
    deps=[event_data, supercycle_timeline],
    kinds={"arrow", "parquet"},
    description=(
        "Planned against seen: each event that a recipe of the day plans, matched one to one with its occurrence on "
        "TCLK, missing, or unplanned; sums and residuals for each event code; and a result for each supercycle. "
        "planned = matched + missing, and seen = matched + unplanned. A day is responsible for its line ticks, all "
        "shifted back by a quarter of a second; so the last second and the timeline of the day before are read where "
        "they are published. Where they are not, `planned_beyond_reading` counts what is left out, and the "
        "supercycle that runs at midnight has no recipe: materialise this day again when the day before is there."
    ),
)
def timeline_reconciliation(
    context: dg.AssetExecutionContext, lake: LakeResource
) -> dg.MaterializeResult:
    """Reconcile the published day."""
    day = context.partition_key
    with explained(day):
        store = lake.open()
        inputs = open_inputs(store, day, RECONCILIATION_IS_MADE_OF)
        reconciled = build_reconciliation(store, inputs)
    return dg.MaterializeResult(metadata=_metadata(reconciled, inputs.neighbours))


def _metadata(
    reconciled: ReconciledDay, neighbours: Mapping[str, str]
) -> dict[str, dg.MetadataValue]:
    sums = {name: sum(row[name] for row in reconciled.events) for name in COUNTED}
    results = Counter(row["result"] for row in reconciled.supercycles)
    residuals = [row["residual_max_ms"] for row in reconciled.events if row["matched"]]
    others = [row for row in reconciled.supercycles if row["result"] != AS_PLANNED]
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
                f"supercycles {result}": results.get(result, 0)
                for result in (AS_PLANNED, DEVIATES, ANOTHER_RECIPE, NOT_SEEN, WITHOUT_RECIPE)
            },
        ),
        "neighbouring days": dg.MetadataValue.json(dict(neighbours)),
        "events": table_value(
            [_named(row) for row in reconciled.events],
            (*RECONCILED_CODES.schema.names, "meaning"),
        ),
        "supercycles not as planned": table_value(
            [
                {**row, "start": from_microseconds(row["start"])}
                for row in others[:SHOWN_SUPERCYCLES]
            ],
            RECONCILED_SUPERCYCLES.schema.names,
        ),
    }


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "event": event_label(row["event"]), "meaning": event_meaning(row["event"])}
