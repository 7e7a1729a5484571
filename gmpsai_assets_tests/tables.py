"""Small tables of known content for the tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.origin import derived_origin
from gmpsai_assets.lake.parameter_days import files_of, parameter_days
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group, write_table
from gmpsai_assets.lake.schemas import (
    COMPLETENESS,
    EVENT_DATA,
    FILE_STATISTICS,
    PARAMETER_DATA,
    RECIPES,
    SUPERCYCLES,
)
from gmpsai_assets.quality.completeness import day_ledger

PERIOD_MICROSECONDS = 66_667


def sample_rows(window: Window, count: int, value: float = 1.0) -> pa.Table:
    """``count`` samples from the start of a window on, their values counting up from ``value``."""
    times = window.start_microseconds + PERIOD_MICROSECONDS * np.arange(count)
    return pa.table(
        {
            "time": pa.array(times).cast(TIME_TYPE),
            "value": pa.array(value + np.arange(count, dtype="f8")),
        }
    )


def publish_parameters(
    lake: Lake,
    day: str,
    parameters: dict[str, pa.Table],
    outcomes: Sequence[Mapping[str, Any]] = (),
    rate: float | None = 15.0,
) -> None:
    """Publish a day of parameter_data of node MLrn with the given samples, and what a pull said of them."""
    with lake.publication(PARAMETER_DATA, day) as publication:
        write_node(publication.file("MLrn.parquet"), "MLrn", parameters, outcomes, rate)


def write_node(
    path: Path,
    node: str,
    parameters: dict[str, pa.Table],
    outcomes: Sequence[Mapping[str, Any]] = (),
    rate: float | None = 15.0,
) -> None:
    """Write the file of one node, as a pull does."""
    with parquet_writer(path, PARAMETER_DATA) as writer:
        for name, rows in parameters.items():
            names = pa.array([name] * rows.num_rows, pa.string()).dictionary_encode()
            write_row_group(writer, pa.table([names, *rows.columns], schema=PARAMETER_DATA.schema))
        rates = dict.fromkeys(parameters, rate)
        described = {"node": node, "nominal_rates_hz": rates, "outcomes": list(outcomes)}
        describe(writer, described)


def publish_ledger(lake: Lake, day: str) -> None:
    """Count a published day and publish its ledger, as the asset completeness does."""
    parameters = list(parameter_days(lake, day))
    rows = day_ledger(parameters, day_window(day))
    with lake.publication(COMPLETENESS, day) as publication:
        write_table(
            publication.file(COMPLETENESS.file_pattern),
            COMPLETENESS,
            pa.Table.from_pylist(rows, schema=COMPLETENESS.schema),
            derived_origin(day, files_of(parameters)),
        )


def publish_ticks(
    lake: Lake, day: str, count: int, event: int = 0x0C, seconds: Sequence[float] | None = None
) -> None:
    """Publish a day of event_data that holds ``count`` occurrences of one event."""
    times = day_window(day).start_microseconds + PERIOD_MICROSECONDS * np.arange(count)
    rows = pa.table(
        [
            pa.array(np.full(count, event, "u1")),
            pa.array(times).cast(TIME_TYPE),
            pa.array(np.zeros(count) if seconds is None else np.array(seconds)),
        ],
        schema=EVENT_DATA.schema,
    )
    with (
        lake.publication(EVENT_DATA, day) as publication,
        parquet_writer(publication.file("events.parquet"), EVENT_DATA) as writer,
    ):
        write_row_group(writer, rows)
        describe(writer, {"day": day})


def publish_small_day(lake: Lake, day: str, ticks: int) -> None:
    """Publish a day that has every daily table: some ticks of $0C, and no row elsewhere."""
    publish_parameters(lake, day, {})
    publish_ticks(lake, day, ticks)
    for table in (FILE_STATISTICS, COMPLETENESS, RECIPES, SUPERCYCLES):
        with lake.publication(table, day) as publication:
            path = publication.file(table.file_pattern)
            write_table(path, table, table.schema.empty_table(), {})
