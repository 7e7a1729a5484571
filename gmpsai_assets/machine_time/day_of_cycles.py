"""The cycles of a day: made of its inputs and published, with the samples' offsets and an account of each parameter."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group, write_table
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, SUPERCYCLES
from gmpsai_assets.lake.tables import DayTable, rows_table
from gmpsai_assets.machine_time.cycles import all_parameter_cycles
from gmpsai_assets.machine_time.day import MachineTime, machine_time
from gmpsai_assets.machine_time.inputs import MachineTimeInputs
from gmpsai_assets.machine_time.tables import (
    CYCLE_OFFSETS,
    CYCLE_PARAMETERS,
    CYCLES,
    cycle_offsets_table,
    cycles_table,
)
from gmpsai_assets.machine_time.ticks import TICK_SOURCES, cycle_numbers

CYCLES_ARE_MADE_OF = (PARAMETER_DATA, EVENT_DATA, SUPERCYCLES)
"""The tables to open for ``build_cycles``."""

_PUBLISHED = (CYCLES, CYCLE_OFFSETS, CYCLE_PARAMETERS)

ROW_GROUP_TICKS = 216_000
"""Four hours: small enough to read a part of a day, large enough for a dictionary to pay."""

TICK_RATE_HZ = 14.0
"""Parameters that are logged at least so often are read at each tick. Above all slower tiers, and below 15 Hz by far
more than the line wanders."""


@dataclass(frozen=True)
class DayOfCycles:
    """What was published.

    Attributes:
        machine: ticks and supercycles of the day.
        rows: the rows of ``cycles``, with a column for each parameter.
        accounts: the rows of ``cycle_parameters``, in the order of the columns.
    """

    machine: MachineTime
    rows: pa.Table
    accounts: list[dict[str, Any]]


def build_cycles(lake: Lake, inputs: MachineTimeInputs) -> DayOfCycles:
    """Put a day into cycles, and publish ``cycles``, ``cycle_offsets`` and ``cycle_parameters``.

    Args:
        lake: where they are published.
        inputs: the day's files of ``CYCLES_ARE_MADE_OF``.
    """
    parameters = inputs.parameters()
    at_ticks = (each.times() for each in parameters if each.nominal_rate_hz >= TICK_RATE_HZ)
    machine = machine_time(
        inputs.window, inputs.events, inputs.supercycles(), at_ticks, inputs.read_from
    )
    ticks = cycle_columns(machine, inputs.day)
    by_tick = all_parameter_cycles(parameters, machine.ticks, machine.window)
    accounts = [each.account() for each in by_tick]
    names = [each.parameter for each in by_tick]
    cycles, offsets = cycles_table(names), cycle_offsets_table(names)
    columns = [*ticks.columns, *(each.values for each in by_tick)]
    rows = pa.table(columns, schema=cycles.schema)
    distances = [ticks["cycle"], *(each.offsets for each in by_tick)]
    wide = ((cycles, rows), (offsets, pa.table(distances, schema=offsets.schema)))
    _publish(lake, str(inputs.day), wide, accounts, inputs.origin)
    return DayOfCycles(machine, rows, accounts)


def cycle_columns(machine: MachineTime, day: date) -> pa.Table:
    """The columns of ``cycles`` ahead of the parameters, one row for each tick of the local day."""
    ticks, supercycles, place = machine.ticks, machine.supercycles, machine.place
    unknown = place < 0
    starts = np.append(supercycles.start, 0)[place]
    recipe = np.append(supercycles.recipe, -1)[place]
    sources = pa.DictionaryArray.from_arrays(
        pa.array(ticks.source.astype(np.int32)), pa.array(TICK_SOURCES)
    )
    recipes = pa.DictionaryArray.from_arrays(
        pa.array(recipe.astype(np.int32), mask=recipe < 0),
        pa.array(supercycles.recipe_ids, pa.string()),
    )
    return pa.table(
        {
            "cycle": cycle_numbers(day, ticks.index),
            "time": pa.array(ticks.times).cast(TIME_TYPE),
            "tick_source": sources,
            "supercycle_start": pa.array(starts, mask=unknown).cast(TIME_TYPE),
            "supercycle_tick": pa.array(machine.within.astype(np.int32), mask=unknown),
            "recipe_id": recipes,
            "booster_reset": pa.array(machine.reset, mask=machine.reset == 0),
        }
    )


def _publish(
    lake: Lake,
    day: str,
    wide: Sequence[tuple[DayTable, pa.Table]],
    accounts: list[dict[str, Any]],
    origin: Mapping[str, Any],
) -> None:
    with (
        lake.publications(_PUBLISHED, day) as publications,
        # Compressing takes one core for each file and lets the other one work.
        ThreadPoolExecutor(len(wide)) as pool,
    ):
        *paths, small = [
            publication.file(table.file_pattern)
            for publication, table in zip(publications, _PUBLISHED, strict=True)
        ]
        written = [
            pool.submit(_write_by_hours, path, table, rows, origin)
            for path, (table, rows) in zip(paths, wide, strict=True)
        ]
        for each in written:
            each.result()
        write_table(small, CYCLE_PARAMETERS, rows_table(CYCLE_PARAMETERS, accounts), origin)


def _write_by_hours(path: Path, table: DayTable, rows: pa.Table, origin: Mapping[str, Any]) -> None:
    with parquet_writer(path, table) as writer:
        for first in range(0, rows.num_rows, ROW_GROUP_TICKS):
            write_row_group(writer, rows.slice(first, ROW_GROUP_TICKS))
        describe(writer, origin)
