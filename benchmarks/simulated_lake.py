"""A whole simulated day in a lake, without the way over HTTP and text.

``python -m benchmarks.simulated_lake DATA DAY [DEVICE=MILLISECONDS,JITTER]``: samples, events and timeline, as a pull
of the emulator would publish them, with one front end late if asked.
"""

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from gmpsai_assets.acnet.clock import Window, day_window, parse_day
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets.emulator.late_front_ends import parse_late_front_end
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.texts import timeline_seconds
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group, write_table
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.lake.tables import DayTable
from gmpsai_assets.settings import parameter_lists_directory


def publish_day(data: Path, day: str, machine: Machine) -> None:
    """Publish the three tables that machine time is made of."""
    lake, window = Lake(data), day_window(day)
    _publish_parameters(lake, day, machine, window)
    _publish_events(lake, day, machine, window)
    _publish_timeline(lake, day, machine, window)
    # The supercycle that runs at the first midnight stands in the timeline of the day before.
    before = (parse_day(day) - timedelta(days=1)).isoformat()
    _publish_timeline(lake, before, machine, day_window(before))


def _publish_parameters(lake: Lake, day: str, machine: Machine, window: Window) -> None:
    lists = read_parameter_lists(parameter_lists_directory())
    names = [each.device for one in lists for each in one.parameters]
    with (
        lake.publication(PARAMETER_DATA, day) as publication,
        parquet_writer(publication.file("MLrn.parquet"), PARAMETER_DATA) as writer,
    ):
        for name in names:
            times, values = machine.samples(name, window)
            # Single precision goes through decimal text, as in a reply.
            numbers = pa.array(values).cast(pa.string()).cast(pa.float64())
            label = pa.DictionaryArray.from_arrays(np.zeros(times.size, np.int32), pa.array([name]))
            columns = [label, pa.array(times).cast(TIME_TYPE), numbers]
            write_row_group(writer, pa.table(columns, schema=PARAMETER_DATA.schema))
        rates = dict.fromkeys(names, 15.0)
        describe(writer, {"node": "MLrn", "nominal_rates_hz": rates})


def _publish_events(lake: Lake, day: str, machine: Machine, window: Window) -> None:
    with (
        lake.publication(EVENT_DATA, day) as publication,
        parquet_writer(publication.file("events.parquet"), EVENT_DATA) as writer,
    ):
        for code in machine.tclk.codes:
            times, seconds = machine.events(code, window)
            # The event log writes milliseconds.
            logged = pa.array(times // 1000 * 1000).cast(TIME_TYPE)
            columns = [np.full(times.size, code, np.uint8), logged, seconds]
            write_row_group(writer, pa.table(columns, schema=EVENT_DATA.schema))
        describe(writer, {"day": day})


def _publish_timeline(lake: Lake, day: str, machine: Machine, window: Window) -> None:
    played = machine.supercycles(window)
    entries = [
        {
            "recipe_id": recipe.name,
            "entry_index": index,
            "event": entry.event,
            "state_id": entry.state_id,
            "offset_seconds": float(timeline_seconds(entry.tick / 15)),
            "machine": entry.machine,
        }
        for recipe in {each.recipe.name: each.recipe for each in played}.values()
        for index, entry in enumerate(recipe.entries, start=1)
    ]
    starts = [
        {
            "start": each.start_microseconds,
            "length_seconds": each.recipe.length_ticks / 15,
            "recipe_id": each.recipe.name,
            "captured_at": each.start_microseconds,
        }
        for each in played
    ]
    tables: tuple[tuple[DayTable, list[dict[str, object]]], ...] = (
        (RECIPES, entries),
        (SUPERCYCLES, starts),
    )
    for table, rows in tables:
        with lake.publication(table, day) as publication:
            path = publication.file(table.file_pattern)
            write_table(path, table, pa.Table.from_pylist(rows, schema=table.schema), {})


if __name__ == "__main__":
    publish_day(
        Path(sys.argv[1]),
        sys.argv[2],
        Machine(late=dict(parse_late_front_end(text) for text in sys.argv[3:])),
    )
