"""A lake that holds some minutes of the simulated Booster as a day: samples, events, supercycles and recipes."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group, write_table
from gmpsai_assets.lake.schemas import EVENT_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.lake.tables import DayTable
from gmpsai_assets_tests.machine_time.simulated_span import Span
from gmpsai_assets_tests.tables import publish_parameters


def publish_span(lake: Lake, day: str, part: Span, parameters: Sequence[str]) -> None:
    """Publish a span as all that there is of its day."""
    samples = {}
    for name in parameters:
        times, values = part.machine.samples(name, part.window)
        rows = {
            "time": pa.array(times // 1000 * 1000).cast(TIME_TYPE),
            "value": values.astype("f8"),
        }
        samples[name] = pa.table(rows)
    publish_parameters(lake, day, samples)
    _publish_events(lake, day, part)
    publish_timeline(lake, day, part)


def _publish_events(lake: Lake, day: str, part: Span) -> None:
    with (
        lake.publication(EVENT_DATA, day) as publication,
        parquet_writer(publication.file("events.parquet"), EVENT_DATA) as writer,
    ):
        for code in part.machine.tclk.codes:
            rows = part.rows(code)
            codes = pa.array(np.full(rows.num_rows, code, "u1"))
            write_row_group(writer, pa.table([codes, *rows.columns], schema=EVENT_DATA.schema))
        describe(writer, {"day": day})


def publish_timeline(lake: Lake, day: str, part: Span) -> None:
    """Publish the supercycles of a span that began in it, and the recipes of all."""
    captured = part.captured()
    # A supercycle that runs over midnight belongs to the day it began in.
    captured = captured.filter(pc.greater_equal(captured["start"], pa.scalar(part.window.start)))
    captured = captured.append_column("captured_at", captured["start"])
    recipes = part.recipes()
    states = pa.array([1] * recipes.num_rows, pa.int32())
    recipes = recipes.append_column("state_id", states)
    for table, rows in ((RECIPES, recipes), (SUPERCYCLES, captured)):
        with lake.publication(table, day) as publication:
            write_table(publication.file(table.file_pattern), table, _filled(rows, table), {})


def _filled(rows: pa.Table, table: DayTable) -> pa.Table:
    """The columns of a table; null where the simulation says nothing."""
    columns = [
        rows[field.name] if field.name in rows.schema.names else pa.nulls(rows.num_rows, field.type)
        for field in table.schema
    ]
    return pa.table(columns, names=table.schema.names).cast(table.schema)
