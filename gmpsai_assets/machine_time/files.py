"""Writing the files of a day in machine time: cycles and their companions, and the reconciliation.

Which columns they have is in ``machine_time_tables``; what stands in them is computed in ``analysis``.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group, write_table
from gmpsai_assets.lake.tables import DayTable, rows_table
from gmpsai_assets.machine_time.tables import (
    CYCLE_PARAMETERS,
    CYCLES,
    EVENT_RECONCILIATION,
    SUPERCYCLE_RECONCILIATION,
    TIMELINE_RECONCILIATION,
    cycle_offsets_table,
    cycles_table,
)

ROW_GROUP_TICKS = 216_000
"""Four hours: small enough to read a part of a day, large enough for a dictionary to pay."""


class ParameterColumns(Protocol):
    """One parameter by tick."""

    @property
    def parameter(self) -> str:
        """ACNET device name."""

    @property
    def values(self) -> pa.Array:
        """float64, one for each tick."""

    @property
    def offsets(self) -> pa.Array:
        """int32 microseconds from tick to sample, one for each tick."""

    def account(self) -> dict[str, Any]:
        """What became of its samples: a row of ``cycle_parameters``."""


def publish_cycles(
    lake: Lake,
    day: str,
    ticks: pa.Table,
    parameters: Sequence[ParameterColumns],
    metadata: Mapping[str, Any],
) -> Path:
    """Publish cycles, their offsets and the account of the parameters.

    Args:
        lake: where to.
        day: the partition key.
        ticks: the columns of ``CYCLES``, one row for each tick.
        parameters: in the order of the columns.
        metadata: what is known of the origin of the files.

    Returns:
        The published file of cycles.
    """
    names = [each.parameter for each in parameters]
    wide = _beside(ticks, cycles_table(names), [each.values for each in parameters])
    offsets = _beside(
        ticks.select(["cycle"]), cycle_offsets_table(names), [each.offsets for each in parameters]
    )
    accounts = rows_table(CYCLE_PARAMETERS, [each.account() for each in parameters])
    with lake.publication(CYCLES, day) as publication:
        files = [publication.file(table.file_pattern) for table, _ in (wide, offsets)]
        # Compressing takes one core for each file and lets the other one work.
        with ThreadPoolExecutor(len(files)) as pool:
            written = [
                pool.submit(_write_by_hours, file, *each, metadata)
                for file, each in zip(files, (wide, offsets), strict=True)
            ]
            for each in written:
                each.result()
        path = publication.file(CYCLE_PARAMETERS.file_pattern)
        write_table(path, CYCLE_PARAMETERS, accounts, metadata)
    return lake.day_folder(CYCLES, day) / CYCLES.file_pattern


def publish_reconciliation(
    lake: Lake,
    day: str,
    rows: pa.Table,
    events: Sequence[Mapping[str, Any]],
    supercycles: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, Any],
) -> None:
    """Publish the reconciliation of a day: each event, sums by event, and supercycles.

    Args:
        lake: where to.
        day: the partition key.
        rows: columns of ``TIMELINE_RECONCILIATION``, by event; each event becomes one row group.
        events: rows of ``EVENT_RECONCILIATION``.
        supercycles: rows of ``SUPERCYCLE_RECONCILIATION``; start in microseconds since 1970 UTC.
        metadata: what is known of the origin of the files.
    """
    small = (
        (EVENT_RECONCILIATION, rows_table(EVENT_RECONCILIATION, events)),
        (SUPERCYCLE_RECONCILIATION, rows_table(SUPERCYCLE_RECONCILIATION, supercycles)),
    )
    rows = rows.cast(TIMELINE_RECONCILIATION.schema)
    with lake.publication(TIMELINE_RECONCILIATION, day) as publication:
        file = publication.file(TIMELINE_RECONCILIATION.file_pattern)
        with parquet_writer(file, TIMELINE_RECONCILIATION) as writer:
            for code in pc.unique(rows["event"]):
                write_row_group(writer, rows.filter(pc.equal(rows["event"], code)))
            describe(writer, metadata)
        for table, few in small:
            write_table(publication.file(table.file_pattern), table, few, metadata)


def _beside(
    left: pa.Table, table: DayTable, columns: Sequence[pa.Array]
) -> tuple[DayTable, pa.Table]:
    return table, pa.table([*left.columns, *columns], schema=table.schema)


def _write_by_hours(
    path: Path, table: DayTable, rows: pa.Table, metadata: Mapping[str, Any]
) -> None:
    with parquet_writer(path, table) as writer:
        for first in range(0, rows.num_rows, ROW_GROUP_TICKS):
            write_row_group(writer, rows.slice(first, ROW_GROUP_TICKS))
        describe(writer, metadata)
