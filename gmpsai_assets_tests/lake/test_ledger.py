"""The ledger's row comes back beside the data, and only beside the data that it counted."""

import json
from pathlib import Path

import duckdb
import pytest

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.origin import derived_origin
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.schemas import COMPLETENESS, PARAMETER_DATA
from gmpsai_assets.lake.stored_file import StoredFile
from gmpsai_assets_tests.catalogues import refreshed_catalogue
from gmpsai_assets_tests.tables import (
    publish_ledger,
    publish_parameters,
    sample_rows,
    write_node,
)

DAY = "2026-03-10"
WINDOW = day_window(DAY)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A day with one device that stops early, one without samples, and its ledger."""
    store = Lake(tmp_path)
    rows = {"B:VIMIN": sample_rows(WINDOW, 1_000), "B:VIMAX": sample_rows(WINDOW, 0)}
    publish_parameters(store, DAY, rows)
    publish_ledger(store, DAY)
    return store


def test_the_row_of_a_parameter_can_be_saved_as_json(lake: Lake) -> None:
    row = lake.completeness("B:VIMIN", DAY)
    assert row is not None
    assert row["received"] == 1_000
    assert row["first_sample"] == "2026-03-10T05:00:00+00:00"
    assert row["gaps"][0]["missing"] == 1_295_000
    assert json.loads(json.dumps(row)) == row
    assert lake.parameter("B:VIMIN", DAY).attrs["completeness"] == row


def test_a_device_without_samples_has_a_row_and_an_unknown_one_has_not(lake: Lake) -> None:
    row = lake.completeness("B:VIMAX", DAY)
    assert row is not None
    assert (row["received"], row["missing"]) == (0, 1_296_000)
    with pytest.raises(DayNotPublishedError, match="B:NONE is not recorded on"):
        lake.completeness("B:NONE", DAY)
    with pytest.raises(DayNotPublishedError, match="materialise that day first"):
        lake.completeness("B:VIMIN", "2026-03-11")


def test_a_ledger_of_other_data_is_not_returned_even_if_their_number_agrees(lake: Lake) -> None:
    other = {"B:VIMIN": sample_rows(WINDOW, 1_000, value=2.0), "B:VIMAX": sample_rows(WINDOW, 0)}
    publish_parameters(lake, DAY, other)
    assert lake.completeness("B:VIMIN", DAY) is None
    assert lake.parameter("B:VIMIN", DAY).attrs["completeness"] is None
    publish_ledger(lake, DAY)
    assert lake.completeness("B:VIMIN", DAY) is not None


def test_of_two_nodes_that_record_a_device_the_one_with_samples_counts(tmp_path: Path) -> None:
    store = Lake(tmp_path)
    with store.publication(PARAMETER_DATA, DAY) as publication:
        for node, count in (("Backup", 0), ("MLrn", 9_000)):
            write_node(
                publication.file(f"{node}.parquet"), node, {"B:X": sample_rows(WINDOW, count)}
            )
    publish_ledger(store, DAY)
    row = store.completeness("B:X", DAY)
    assert row is not None
    assert (row["node"], row["received"]) == ("MLrn", 9_000)
    assert store.parameter("B:X", DAY).attrs["completeness"] == row
    with duckdb.connect(str(refreshed_catalogue(store)), read_only=True) as connection:
        query = "select node, state, count(*) from samples_with_completeness group by all"
        assert connection.execute(query).fetchall() == [("MLrn", "complete", 9_000)]


def test_without_a_ledger_there_is_no_row(tmp_path: Path) -> None:
    store = Lake(tmp_path)
    publish_parameters(store, DAY, {"B:VIMIN": sample_rows(WINDOW, 5)})
    assert store.completeness("B:VIMIN", DAY) is None


def test_a_file_that_is_replaced_while_it_is_read_gives_the_rows_of_when_it_was_opened(
    lake: Lake,
) -> None:
    first, second = parameter_days(lake, DAY)
    publish_parameters(lake, DAY, {"B:VIMIN": sample_rows(WINDOW, 7)})
    assert (first.times().size, second.times().size) == (1_000, 0)
    ((path, digest),) = derived_origin(DAY, [first.file])["made_from"].items()
    (now,) = parameter_days(lake, DAY)
    assert path == "parameter_data/MLrn.parquet"
    assert digest != now.file.digest


def test_the_file_says_what_it_was_made_from(lake: Lake) -> None:
    (file,) = lake.day_files(COMPLETENESS, DAY)
    (source,) = lake.day_files(PARAMETER_DATA, DAY)
    assert read_metadata(file) == {
        "day": DAY,
        "window": {"start": "2026-03-10T05:00:00+00:00", "end": "2026-03-11T05:00:00+00:00"},
        "package_version": __version__,
        "made_from": {"parameter_data/MLrn.parquet": StoredFile(source).digest},
    }


def test_the_time_stamps_alone_are_those_of_the_samples(lake: Lake) -> None:
    full, empty = parameter_days(lake, DAY)
    assert full.times().tolist() == full.read()["time"].cast("int64").to_pylist()
    assert empty.times().tolist() == []


def test_gaps_are_a_view_with_one_row_for_each(lake: Lake) -> None:
    with duckdb.connect(str(refreshed_catalogue(lake)), read_only=True) as connection:
        rows = connection.execute(
            "select day::varchar, parameter, missing, cause, scope, obtainable_until from gaps order by parameter"
        ).fetchall()
        assert connection.execute("select count(*) from findings").fetchone() == (0,)
    assert rows == [
        (DAY, "B:VIMAX", 1_296_000, "source", "common", None),
        (DAY, "B:VIMIN", 1_295_000, "source", "device", None),
    ]


def test_the_view_of_gaps_is_there_before_the_first_day(lake: Lake, tmp_path: Path) -> None:
    def described(store: Lake) -> list[tuple[str, str]]:
        with duckdb.connect(str(refreshed_catalogue(store)), read_only=True) as connection:
            found = connection.execute("describe gaps").fetchall()
            found += connection.execute("describe completeness").fetchall()
        return [(row[0], row[1]) for row in found]

    assert described(Lake(tmp_path / "empty")) == described(lake)


def test_every_field_of_a_list_is_described(lake: Lake) -> None:
    with duckdb.connect(str(refreshed_catalogue(lake)), read_only=True) as connection:
        rows = connection.execute(
            "select column_name, comment from duckdb_columns() where table_name = 'gaps'"
        ).fetchall()
    assert {name for name, comment in rows if not comment} == {"day", "parameter"}
