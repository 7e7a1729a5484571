"""The DuckDB catalogue of views."""

import fcntl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import COMPLETENESS, DAY_TABLES
from gmpsai_assets.lake.tables import DayTable
from gmpsai_assets_tests.catalogues import refreshed_catalogue
from gmpsai_assets_tests.tables import (
    publish_ledger,
    publish_parameters,
    publish_ticks,
    sample_rows,
)


def test_every_table_is_a_view_even_before_the_first_day(tmp_path: Path) -> None:
    path = refreshed_catalogue(Lake(tmp_path))
    with duckdb.connect(str(path), read_only=True) as connection:
        for table in DAY_TABLES:
            described = connection.execute(f"describe {table.name}").fetchall()
            names = ["event_label", "event_meaning"] if "event" in table.schema.names else []
            assert [row[0] for row in described] == [*table.schema.names, "day", *names]
            assert connection.execute(f"select count(*) from {table.name}").fetchone() == (0,)


def test_views_have_the_same_types_before_and_after_the_first_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)

    def types() -> list[str]:
        with duckdb.connect(str(refreshed_catalogue(lake)), read_only=True) as connection:
            return [row[1] for row in connection.execute("describe event_data").fetchall()]

    before = types()
    publish_ticks(lake, "2026-03-10", 3)
    assert types() == before


def test_views_see_new_days_and_tell_the_local_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish_parameters(lake, "2026-03-10", {"B:VIMIN": sample_rows(day_window("2026-03-10"), 3)})
    path = refreshed_catalogue(lake)
    publish_parameters(lake, "2026-03-11", {"B:VIMIN": sample_rows(day_window("2026-03-11"), 4)})
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select day, parameter, count(*) from parameter_data group by all order by 1"
        ).fetchall()
    assert rows == [(date(2026, 3, 10), "B:VIMIN", 3), (date(2026, 3, 11), "B:VIMIN", 4)]


def test_a_folder_with_a_quote_in_its_name_is_no_trouble(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "o'brien")
    publish_ticks(lake, "2026-03-10", 3)
    with duckdb.connect(str(refreshed_catalogue(lake)), read_only=True) as connection:
        assert connection.execute("select count(*) from event_data").fetchone() == (3,)


@dataclass(frozen=True)
class _WatchedLake(Lake):
    """Notes whether the lock of the catalogue is held while the published days are listed."""

    locked: list[bool] = field(default_factory=list)

    def stored_files(self, table: DayTable) -> Iterator[tuple[str, int, int]]:
        with (self.drafts / "locks" / "catalogue.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.locked.append(True)
            else:
                self.locked.append(False)
        return super().stored_files(table)


def test_who_lists_the_days_keeps_others_out_until_the_catalogue_is_in_place(
    tmp_path: Path,
) -> None:
    lake = _WatchedLake(tmp_path)
    publish_ticks(lake, "2026-03-10", 3)
    refreshed_catalogue(lake)
    assert lake.locked
    assert all(lake.locked)


def test_samples_come_with_the_completeness_of_their_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    query = "select day::varchar, node, count(value), any_value(state), any_value(missing) from "
    query += "samples_with_completeness group by all order by 1"

    def told() -> list[tuple[object, ...]]:
        with duckdb.connect(str(refreshed_catalogue(lake)), read_only=True) as connection:
            return connection.execute(query).fetchall()

    assert told() == []
    for day in ("2026-03-10", "2026-03-11"):
        publish_parameters(lake, day, {"B:VIMIN": sample_rows(day_window(day), 9_000)})
    publish_ledger(lake, "2026-03-10")
    first, second = told()
    assert first == ("2026-03-10", "MLrn", 9_000, "complete", 1_287_000)
    assert second == ("2026-03-11", "MLrn", 9_000, None, None)


def test_days_from_before_a_column_have_null_in_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    without = replace(COMPLETENESS, schema=COMPLETENESS.schema.remove(3))
    for day, table in (("2026-03-10", without), ("2026-03-11", COMPLETENESS)):
        row = {"parameter": "B:VIMIN", "nominal_rate_hz": 15.0, "gaps": [], "findings": []}
        known = {name: value for name, value in row.items() if name in table.schema.names}
        with lake.publication(COMPLETENESS, day) as publication:
            rows = pa.Table.from_pylist([known], schema=table.schema)
            write_table(publication.file(COMPLETENESS.file_pattern), table, rows, {})
    with duckdb.connect(str(refreshed_catalogue(lake)), read_only=True) as connection:
        query = "select nominal_rate_hz from completeness order by day"
        assert connection.execute(query).fetchall() == [(None,), (15.0,)]


def test_readers_are_never_locked_out_by_a_refresh(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish_ticks(lake, "2026-03-10", 3)
    refreshed_catalogue(lake)
    with ThreadPoolExecutor(1) as pool:
        renewed = pool.submit(lambda: [refreshed_catalogue(lake) for _ in range(20)])
        reads = 0
        while not renewed.done():
            with duckdb.connect(str(lake.catalogue), read_only=True) as connection:
                assert connection.execute("select count(*) from event_data").fetchone() == (3,)
            reads += 1
        assert len(renewed.result()) == 20
    assert reads > 0
    assert [p.name for p in lake.root.iterdir() if p.name.startswith(".")] == []
