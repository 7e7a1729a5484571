"""The asset cycles: one row for each tick of the day, with all parameters, the table that models train on."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from gmpsai_assets.acnet.tclk import event_label, event_meaning
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.assets.presentation import (
    column_schema,
    numbers,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.assets.supercycle_timeline import supercycle_timeline
from gmpsai_assets.machine_time.day_of_cycles import (
    CYCLES_ARE_MADE_OF,
    DayOfCycles,
    build_cycles,
)
from gmpsai_assets.machine_time.inputs import open_inputs
from gmpsai_assets.machine_time.tables import (
    CYCLE_OFFSETS,
    CYCLE_PARAMETERS,
    CYCLES,
    cycles_table,
)
from gmpsai_assets.machine_time.ticks import TICK_SOURCES
from gmpsai_assets.resources.stores import LakeResource

PREVIEWED = 20


@table_asset(
    CYCLES,
    CYCLE_OFFSETS,
    CYCLE_PARAMETERS,
    deps=[parameter_data, event_data, supercycle_timeline],
    kinds={"arrow", "parquet"},
    description=(
        "The day in Booster cycles: one row for each 15 Hz tick, with its number, its place in the supercycle, its "
        "Booster reset, and for each parameter the sample that belongs to it, by the measured delay of the device; "
        "a column per parameter, named as the device. No tick is dropped and nothing is resampled; the sample's own "
        "time stands in `cycle_offsets`, and why one is null, in `completeness`. Samples of the first and the last "
        "tick can be stamped on a neighbouring day: they are read where that is published, otherwise "
        "`ticks_beyond_midnight` counts them; materialise this day again when it is there."
    ),
)
def cycles(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Put the published day into machine time."""
    day = context.partition_key
    with explained(day):
        store = lake.open()
        inputs = open_inputs(store, day, CYCLES_ARE_MADE_OF)
        made = build_cycles(store, inputs)
    return dg.MaterializeResult(
        metadata={
            **_metadata(made),
            **_shown_rows(made),
            "neighbouring days": dg.MetadataValue.json(dict(inputs.neighbours)),
        }
    )


def _metadata(made: DayOfCycles) -> dict[str, dg.MetadataValue]:
    machine, ticks, accounts = made.machine, made.rows, made.accounts
    sources = _counts(ticks, "tick_source")
    cells = sum(account["ticks"] for account in accounts)
    empty = sum(account["ticks_without_number"] for account in accounts)
    return {
        **row_count(ticks.num_rows),
        **numbers(
            cycles=ticks.num_rows,
            parameter_count=len(accounts),
            **{f"ticks from {name}": sources.get(name, 0) for name in TICK_SOURCES},
            **machine.account(),
            ticks_without_reset=ticks["booster_reset"].null_count,
            ticks_with_several_resets=machine.contested,
            ticks_without_recipe=ticks["recipe_id"].null_count,
            supercycles=len(ticks["supercycle_start"].drop_null().unique()),
            cells_filled=(cells - empty) / cells if cells else None,
            samples_borrowed=sum(account["borrowed"] for account in accounts),
            cells_beyond_midnight=sum(account["ticks_beyond_midnight"] for account in accounts),
            ticks_without_supercycle=ticks["supercycle_start"].null_count,
            samples_off_tick=sum(account["off_tick"] for account in accounts),
            samples_surplus=sum(account["surplus"] for account in accounts),
        ),
        "Booster resets": table_value(_resets(ticks), ("reset", "cycles", "meaning")),
        "parameters": table_value(
            sorted(accounts, key=lambda account: -account["ticks_without_number"]),
            tuple(accounts[0]) if accounts else (),
        ),
    }


def _shown_rows(made: DayOfCycles) -> dict[str, dg.MetadataValue | dg.TableSchema]:
    """The columns of the day, which depend on its parameters, and its first rows."""
    table = cycles_table([account["parameter"] for account in made.accounts])
    shown = [_named(row) for row in made.rows.slice(0, PREVIEWED).to_pylist()]
    return {
        "dagster/column_schema": column_schema(table),
        "preview": table_value(shown, (*table.schema.names, "meaning")),
    }


def _resets(ticks: pa.Table) -> list[dict[str, object]]:
    counts = _counts(ticks, "booster_reset")
    return [
        {"reset": event_label(code), "meaning": event_meaning(code), "cycles": counts[code]}
        for code in sorted(counts, key=lambda code: -counts[code])
    ]


def _counts(ticks: pa.Table, column: str) -> dict[Any, int]:
    counted = ticks[column].drop_null().value_counts().to_pylist()
    return {each["values"]: each["counts"] for each in counted}


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    # The number of a cycle names it: no digits of it are set apart.
    row, code = {**row, "cycle": str(row["cycle"])}, row["booster_reset"]
    if code is None:
        return row
    return {**row, "booster_reset": event_label(code), "meaning": event_meaning(code)}
