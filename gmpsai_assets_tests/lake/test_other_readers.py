"""Each table's folder is one table to pandas, polars, DuckDB and pyarrow, over two days, as it lies there."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest

from gmpsai_assets.assets.completeness import completeness
from gmpsai_assets.assets.cycles import cycles
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.timeline_reconciliation import timeline_reconciliation
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.lake.tables import DayTable
from gmpsai_assets.machine_time.tables import CYCLES, MACHINE_TIME_TABLES
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets_tests.machine_time.published_lake import publish_span
from gmpsai_assets_tests.machine_time.simulated_span import span

DAYS = ("2026-03-10", "2026-03-12")
ELEMENT = "B:GMPSVA[3]"
PARAMETERS = ("B:VIMIN", "B|GMPSSC", ELEMENT)
TABLES = (*DAY_TABLES, *MACHINE_TIME_TABLES)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two days of every table, and beside them what killed runs leave where folders cannot be exchanged."""
    lake = Lake(tmp_path_factory.mktemp("data"))
    resource = LakeResource(data_dir=str(lake.root))
    for day in DAYS:
        publish_span(lake, day, span(1, day), PARAMETERS)
        for asset in (completeness, cycles, timeline_reconciliation):
            asset(dg.build_asset_context(partition_key=day), lake=resource)
        context = dg.build_asset_context(partition_key=day)
        file_statistics(context, lake=resource, datalogger=DataLoggerResource())
    for table in TABLES:
        folder = lake.day_folder(table, DAYS[0])
        for beside in (atomic.waiting(folder), atomic.leaving(folder)):
            shutil.copytree(folder, beside)
    return lake


Read = tuple[list[str], list[Any]]
"""The columns, and the day of each row."""


def _with_pandas(folder: Path) -> Read:
    frame = pd.read_parquet(folder)
    return list(frame.columns), list(frame["day"])


def _with_polars(folder: Path) -> Read:
    frame = pl.read_parquet(folder, hive_partitioning=True)
    return frame.columns, frame["day"].to_list()


def _with_polars_lazily(folder: Path) -> Read:
    frame = pl.scan_parquet(folder, hive_partitioning=True).collect()
    return frame.columns, frame["day"].to_list()


def _with_duckdb(folder: Path) -> Read:
    files = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    with duckdb.connect() as connection:
        columns = [row[0] for row in connection.execute(f"describe from {files}").fetchall()]
        rows = connection.execute(f"from {files}").fetchall()
    return columns, [row[columns.index("day")] for row in rows]


def _with_pyarrow(folder: Path) -> Read:
    rows = ds.dataset(folder, partitioning="hive").to_table()
    return rows.schema.names, rows["day"].to_pylist()


READERS: tuple[Callable[[Path], Read], ...] = (
    _with_pandas,
    _with_polars,
    _with_polars_lazily,
    _with_duckdb,
    _with_pyarrow,
)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__.removeprefix("_with_"))
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_folder_is_one_table(lake: Lake, table: DayTable, read: Callable[[Path], Read]) -> None:
    written = {day: lake.read_day(table, day) for day in DAYS}
    assert all(rows.num_rows for rows in written.values())
    columns, days = read(lake.root / table.name)
    assert columns == [*written[DAYS[0]].schema.names, "day"]
    assert Counter(map(str, days)) == {day: rows.num_rows for day, rows in written.items()}


def test_no_table_shares_its_folder(lake: Lake) -> None:
    assert len({table.name for table in TABLES}) == len(TABLES)
    for table in TABLES:
        files = {path for path in (lake.root / table.name).rglob("*") if path.is_file()}
        assert files == {file for day in DAYS for file in lake.day_files(table, day)}


def test_values_and_times_of_cycles_are_not_mixed_with_their_offsets(lake: Lake) -> None:
    found = pd.read_parquet(lake.root / "cycles" / f"day={DAYS[0]}")
    written = lake.read_day(MACHINE_TIME_TABLES[0], DAYS[0])
    assert found["B:VIMIN"].mean() == pytest.approx(written["B:VIMIN"].to_pandas().mean())
    assert found["time"].notna().all()


def test_the_column_of_an_element_is_found_by_its_name(lake: Lake) -> None:
    folder = lake.root / "cycles"
    written = sum(lake.read_day(CYCLES, day)[ELEMENT].to_pandas().sum() for day in DAYS)
    with duckdb.connect() as connection:
        files = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
        (by_duckdb,) = connection.execute(f'select sum("{ELEMENT}") from {files}').fetchone() or ()
    found = {
        "pandas": pd.read_parquet(folder, columns=[ELEMENT])[ELEMENT].sum(),
        "polars": pl.scan_parquet(folder).select(pl.col(ELEMENT)).collect()[ELEMENT].sum(),
        "duckdb": by_duckdb,
        "pyarrow": ds.dataset(folder).to_table(columns=[ELEMENT])[ELEMENT].to_pandas().sum(),
    }
    assert found == pytest.approx(dict.fromkeys(found, written))
    rows = ds.dataset(folder).to_table(filter=ds.field(ELEMENT) > 150)
    assert 0 < rows.num_rows < sum(lake.read_day(CYCLES, day).num_rows for day in DAYS)
    named = pd.read_parquet(lake.root / "parameter_data", filters=[("parameter", "==", ELEMENT)])
    assert set(named["parameter"]) == {ELEMENT}
