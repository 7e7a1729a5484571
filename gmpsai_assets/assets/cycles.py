"""The asset cycles: one row for each tick of the day, with all parameters, the table that models train on."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq

from gmpsai_assets.acnet.clock import day_window, parse_day
from gmpsai_assets.acnet.tclk import event_label, event_meaning
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.assets.presentation import (
    GROUP,
    OWNERS,
    column_schema,
    described,
    numbers,
    row_count,
    static_metadata,
    table_value,
)
from gmpsai_assets.assets.supercycle_timeline import supercycle_timeline
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.origin import derived_origin
from gmpsai_assets.lake.parameter_days import files_of
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, SUPERCYCLES
from gmpsai_assets.machine_time.cycles import all_parameter_cycles
from gmpsai_assets.machine_time.day import MachineTime, cycle_columns, machine_time
from gmpsai_assets.machine_time.files import publish_cycles
from gmpsai_assets.machine_time.inputs import (
    captured_supercycles,
    day_after,
    day_before,
    day_events,
    read_beside,
    surrounded_parameters,
)
from gmpsai_assets.machine_time.tables import (
    CYCLE_OFFSETS,
    CYCLE_PARAMETERS,
    CYCLES,
    cycles_table,
)
from gmpsai_assets.machine_time.ticks import TICK_SOURCES
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.resources.stores import LakeResource

TICK_RATE = 14.0
"""Parameters that are logged at least so often are read at each tick."""

PREVIEWED = 20


@dg.asset(
    partitions_def=DAILY,
    deps=[parameter_data, event_data, supercycle_timeline],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"arrow", "parquet"},
    description=described(
        "The day in Booster cycles: one row for each 15 Hz tick, with its number, its place in the supercycle, its "
        "Booster reset, and for each parameter the sample that belongs to it, by the measured delay of the device; "
        "a column per parameter, named as the device. No tick is dropped and nothing is resampled; the sample's own "
        "time stands in `cycle_offsets`, and why one is null, in `completeness`. Samples of the first and the last "
        "tick can be stamped on a neighbouring day: they are read where that is published, otherwise "
        "`ticks_beyond_midnight` counts them; materialise this day again when it is there.",
        CYCLES,
        CYCLE_OFFSETS,
        CYCLE_PARAMETERS,
    ),
    metadata=static_metadata(CYCLES),
)
def cycles(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Put the published day into machine time."""
    day = context.partition_key
    with explained(day):
        store = lake.open()
        beside = _neighbours(store, day)
        machine, ticks, accounts = build_cycles(store, day)
    return dg.MaterializeResult(
        metadata={
            **_metadata(machine, ticks, accounts),
            **_shown_rows(store, day, [account["parameter"] for account in accounts]),
            "neighbouring days": dg.MetadataValue.json(beside),
        }
    )


def build_cycles(store: Lake, day: str) -> tuple[MachineTime, pa.Table, list[dict[str, Any]]]:
    """Compute and publish a day of cycles.

    Returns:
        The day's machine time, the columns ahead of the parameters, and the account of each parameter.

    Raises:
        DayNotPublishedError: if a table that it is made of has no such day.
    """
    parameters = list(surrounded_parameters(store, day))
    beside = [*store.day_files(EVENT_DATA, day), *store.day_files(SUPERCYCLES, day)]
    origin = derived_origin(day, [*files_of(each.day for each in parameters), *beside])
    events = day_events(store, day)
    machine = machine_time(
        day_window(day),
        events,
        captured_supercycles(store, day),
        (each.times() for each in parameters if each.nominal_rate_hz >= TICK_RATE),
        events.read_from,
    )
    ticks = cycle_columns(machine, parse_day(day))
    by_tick = all_parameter_cycles(parameters, machine.ticks, machine.window)
    metadata = {**origin, "neighbouring_days": _neighbours(store, day)}
    publish_cycles(store, day, ticks, by_tick, metadata)
    return machine, ticks, [each.account() for each in by_tick]


def _neighbours(store: Lake, day: str) -> dict[str, str]:
    before, after = (PARAMETER_DATA, EVENT_DATA, SUPERCYCLES), (PARAMETER_DATA,)
    return read_beside(store, {day_before(day): before, day_after(day): after})


def _metadata(
    machine: MachineTime, ticks: pa.Table, accounts: Sequence[dict[str, Any]]
) -> dict[str, dg.MetadataValue]:
    sources = _counts(ticks, "tick_source")
    cells = sum(account["ticks"] for account in accounts)
    empty = sum(account["ticks_without_number"] for account in accounts)
    return {
        **row_count(ticks.num_rows),
        **numbers(
            cycles=ticks.num_rows,
            parameters=len(accounts),
            **{f"ticks from {name}": sources.get(name, 0) for name in TICK_SOURCES},
            **machine.account(),
            ticks_without_reset=ticks["booster_reset"].null_count,
            ticks_with_several_resets=machine.contested,
            ticks_without_recipe=ticks["recipe_id"].null_count,
            supercycles=len(ticks["supercycle_start"].drop_null().unique()),
            cells_filled=1 - empty / cells if cells else None,
            samples_borrowed=sum(account["borrowed"] for account in accounts),
            cells_beyond_midnight=sum(account["ticks_beyond_midnight"] for account in accounts),
            ticks_without_supercycle=ticks["supercycle_start"].null_count,
            samples_astray=sum(account["astray"] for account in accounts),
            samples_surplus=sum(account["surplus"] for account in accounts),
        ),
        "Booster resets": table_value(_resets(ticks), ("reset", "meaning", "cycles")),
        "parameters": table_value(
            sorted(accounts, key=lambda account: -account["ticks_without_number"]),
            tuple(accounts[0]) if accounts else (),
        ),
    }


def _shown_rows(
    store: Lake, day: str, parameters: Sequence[str]
) -> dict[str, dg.MetadataValue | dg.TableSchema]:
    """The columns of the day, which depend on its parameters, and its first rows as they were published."""
    (file,) = store.day_files(CYCLES, day)
    # Unbuffered: of the file's 75 MB only the first pages are read.
    with pq.ParquetFile(file, pre_buffer=False) as rows:
        first = next(rows.iter_batches(PREVIEWED), None)
    table = cycles_table(parameters)
    shown = [] if first is None else [_named(row) for row in first.to_pylist()]
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
    code = row["booster_reset"]
    if code is None:
        return dict(row)
    return {**row, "booster_reset": event_label(code), "meaning": event_meaning(code)}
