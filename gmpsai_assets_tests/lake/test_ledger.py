"""The ledger's row comes back beside the data, and only beside the data that it counted."""

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.analysis.ledger import day_ledger
from gmpsai_assets.lake.catalogue import refresh_catalogue
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.ledger import completeness_of
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import COMPLETENESS
from gmpsai_assets_tests.tables import publish_parameters, sample_rows

DAY = "2026-03-10"
WINDOW = day_window(DAY)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A day with one device that stops early, one without samples, and its ledger."""
    store = Lake(tmp_path)
    rows = {"B:VIMIN": sample_rows(WINDOW, 1_000), "B:VIMAX": sample_rows(WINDOW, 0)}
    publish_parameters(store, DAY, rows)
    ledger = day_ledger(list(parameter_days(store, DAY)), WINDOW)
    table = pa.Table.from_pylist(ledger, schema=COMPLETENESS.schema)
    with store.publication(COMPLETENESS, DAY) as publication:
        write_table(publication.file(COMPLETENESS.file_pattern), COMPLETENESS, table, {"day": DAY})
    return store


def test_the_row_of_a_parameter_can_be_saved_as_json(lake: Lake) -> None:
    row = completeness_of(lake.day_files(COMPLETENESS, DAY), "B:VIMIN", samples=1_000)
    assert row is not None
    assert row["received"] == 1_000
    assert row["first_sample"] == "2026-03-10T05:00:00+00:00"
    assert row["holes"][0]["missing"] == 1_295_000
    assert json.loads(json.dumps(row)) == row


def test_a_ledger_of_other_data_is_not_returned(lake: Lake, tmp_path: Path) -> None:
    files = lake.day_files(COMPLETENESS, DAY)
    assert completeness_of(files, "B:VIMIN", samples=1_001) is None
    assert completeness_of(files, "B:NONE") is None
    assert completeness_of([], "B:VIMIN") is None


def test_the_time_stamps_alone_are_those_of_the_samples(lake: Lake) -> None:
    full, empty = parameter_days(lake, DAY)
    assert full.times().tolist() == full.read()["time"].cast("int64").to_pylist()
    assert empty.times().tolist() == []


def test_holes_are_a_view_with_one_row_for_each(lake: Lake) -> None:
    with duckdb.connect(str(refresh_catalogue(lake)), read_only=True) as connection:
        rows = connection.execute(
            "select day::varchar, parameter, missing, cause, scope, obtainable_until from holes order by parameter"
        ).fetchall()
        assert connection.execute("select count(*) from findings").fetchone() == (0,)
    assert rows == [
        (DAY, "B:VIMAX", 1_296_000, "source", "common", None),
        (DAY, "B:VIMIN", 1_295_000, "source", "device", None),
    ]


def test_the_view_of_holes_is_there_before_the_first_day(lake: Lake, tmp_path: Path) -> None:
    def described(store: Lake) -> list[tuple[str, str]]:
        with duckdb.connect(str(refresh_catalogue(store)), read_only=True) as connection:
            found = connection.execute("describe holes").fetchall()
            found += connection.execute("describe completeness").fetchall()
        return [(row[0], row[1]) for row in found]

    assert described(Lake(tmp_path / "empty")) == described(lake)


def test_every_field_of_a_list_is_described(lake: Lake) -> None:
    with duckdb.connect(str(refresh_catalogue(lake)), read_only=True) as connection:
        rows = connection.execute(
            "select column_name, comment from duckdb_columns() where table_name = 'holes'"
        ).fetchall()
    assert {name for name, comment in rows if not comment} == {"day", "parameter"}
