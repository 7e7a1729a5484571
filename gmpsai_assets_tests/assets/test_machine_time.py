"""The assets in machine time as Dagster runs them, and what people read of them in DuckDB."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest

from gmpsai_assets.acnet.clock import parse_day
from gmpsai_assets.assets.cycles import cycles
from gmpsai_assets.assets.tclk_catalogue import tclk_catalogue
from gmpsai_assets.assets.timeline_reconciliation import timeline_reconciliation
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.tables import DayTable
from gmpsai_assets.machine_time.tables import (
    CYCLE_OFFSETS,
    CYCLE_PARAMETERS,
    CYCLES,
    MACHINE_TIME_TABLES,
    cycles_table,
)
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets_tests.catalogues import refreshed_catalogue
from gmpsai_assets_tests.machine_time.published_lake import publish_span
from gmpsai_assets_tests.machine_time.simulated_span import span

DAY = "2026-03-10"
NEXT = "2026-03-12"
PARAMETERS = ("B:VIMIN", "B|GMPSSC", "I:IB")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two days with different parameters."""
    lake = Lake(tmp_path_factory.mktemp("data"))
    publish_span(lake, DAY, span(1, DAY), PARAMETERS)
    publish_span(lake, NEXT, span(1, NEXT), PARAMETERS[:1])
    return lake


@pytest.fixture(scope="module")
def made(lake: Lake) -> dict[str, dict[str, Any]]:
    """Metadata of the assets of the first day; those of the second are made as well."""
    resources = {"lake": LakeResource(data_dir=str(lake.root))}
    metadata: dict[str, dict[str, Any]] = {}
    for day in (NEXT, DAY):
        for asset in (cycles, timeline_reconciliation):
            run = dg.materialize([asset], partition_key=day, resources=resources, selection=[asset])
            (event,) = run.asset_materializations_for_node(asset.key.to_user_string())
            metadata[asset.key.to_user_string()] = {
                name: value.value for name, value in event.metadata.items()
            }
    return metadata


@pytest.fixture
def catalogue(lake: Lake, made: dict[str, dict[str, Any]]) -> Iterator[Any]:
    """The catalogue with the views of machine time."""
    assert made
    path = refreshed_catalogue(lake)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_a_day_of_cycles_has_its_numbers_and_tables(made: dict[str, dict[str, Any]]) -> None:
    metadata = made["cycles"]
    assert metadata["dagster/row_count"] == metadata["cycles"] == 4 * 901
    assert metadata["ticks from $0C"] == 4 * 901
    assert metadata["stray_ticks"] == metadata["ticks_without_reset"] == 0
    assert metadata["stray_starts"] == metadata["starts_without_reset"] == 0
    assert metadata["logger_clock_ahead_ms"] == pytest.approx(0, abs=1)
    assert metadata["supercycles"] == 4
    assert metadata["cells_filled"] > 0.999
    names = [record.data["parameter"] for record in metadata["parameters"].records]
    assert sorted(names) == sorted(PARAMETERS)
    first = metadata["Booster resets"].records[0].data
    assert first["reset"] == "$15"
    assert "NuMI" in str(first["meaning"])


def test_each_day_has_a_column_for_each_of_its_parameters(lake: Lake, made: object) -> None:
    assert made
    for day, names in ((DAY, PARAMETERS), (NEXT, PARAMETERS[:1])):
        rows = lake.read_day(CYCLES, day)
        assert rows.schema.equals(cycles_table(names).schema)
        offsets = lake.read_day(CYCLE_OFFSETS, day)
        assert offsets.schema.names == ["cycle", *names]
        assert offsets["cycle"].equals(rows["cycle"])
        assert lake.read_day(CYCLE_PARAMETERS, day)["parameter"].to_pylist() == list(names)
    assert rows["cycle"][0].as_py() // 2_000_000 == parse_day(NEXT).toordinal()


def test_a_day_made_twice_is_the_same_to_the_byte(lake: Lake, made: object) -> None:
    assert made
    tables = MACHINE_TIME_TABLES
    before = [file.read_bytes() for table in tables for file in lake.day_files(table, DAY)]
    resource = LakeResource(data_dir=str(lake.root))
    context = dg.build_asset_context(partition_key=DAY)
    cycles(context, lake=resource)
    timeline_reconciliation(context, lake=resource)
    after = [file.read_bytes() for table in tables for file in lake.day_files(table, DAY)]
    assert before == after


def test_a_clean_day_is_reconciled_without_a_rest(made: dict[str, dict[str, Any]]) -> None:
    metadata = made["timeline_reconciliation"]
    assert metadata["planned"] == metadata["seen"] == metadata["matched"] > 4_000
    assert metadata["matched_share"] == 1.0
    assert metadata["supercycles as planned"] == metadata["supercycles"] == 4
    named = {record.data["event"]: record.data["meaning"] for record in metadata["events"].records}
    assert "MiniBooNE" in str(named["$1D"])
    before = {f"{name} of 2026-03-09" for name in ("event_data", "supercycles", "recipes")}
    assert metadata["neighbouring days"] == dict.fromkeys(before, "not published")


@pytest.mark.parametrize("table", MACHINE_TIME_TABLES, ids=lambda table: table.name)
def test_files_have_the_columns_that_are_described(
    lake: Lake, made: object, table: DayTable
) -> None:
    assert made
    (file,) = lake.day_files(table, DAY)
    schema = pq.read_schema(file)
    for field in table.schema:
        assert schema.field(field.name).type == field.type
        assert (field.metadata or {})[b"description"]


def test_cycles_of_all_days_are_one_view_with_all_columns(catalogue: Any) -> None:
    counts = catalogue.execute(
        'select day::varchar, count(*), count("B:VIMIN"), count("B|GMPSSC") from cycles '
        "group by day order by day"
    ).fetchall()
    assert [row[:2] for row in counts] == [(DAY, 4 * 901), (NEXT, 4 * 901)]
    assert counts[0][3] >= 4 * 901 - 2
    assert counts[1][3] == 0


def test_people_read_names_beside_codes(catalogue: Any) -> None:
    for view, label in (
        ("named_events", "label"),
        ("named_cycles", "reset"),
        ("named_reconciled_events", "label"),
        ("named_reconciled_codes", "label"),
        ("planned_events", "label"),
    ):
        found = catalogue.execute(
            f"select count(*) from {view} where {label} = '$15' and day = '{DAY}'"
        ).fetchone()
        assert found[0] > 0, view
    for view in (
        "event_data",
        "recipes",
        "reconciled_events",
        "reconciled_codes",
    ):
        found = catalogue.execute(
            f"select any_value(event_meaning), count(*) from {view} "
            f"where event_label = '$15' and day = '{DAY}'"
        ).fetchone()
        assert "NuMI" in found[0], view
        assert found[1] > 0, view
    (meaning,) = catalogue.execute(
        f"select any_value(reset_meaning) from cycles where reset = '$1D' and day = '{DAY}'"
    ).fetchone()
    assert "MiniBooNE" in meaning
    rows = catalogue.execute("select label, meaning from tclk_events where event = 12").fetchall()
    assert rows[0][0] == "$0C"
    assert catalogue.execute("select count(*) from tclk_events").fetchone() == (256,)


def test_beam_cycles_are_told_by_whom_they_are_for(catalogue: Any) -> None:
    users = catalogue.execute(
        "select beam_user, reset from booster_beam_cycles group by all order by all"
    ).fetchall()
    assert users == [("MiniBooNE", "$1D"), ("Muon", "$1C"), ("NuMI", "$15")]


def test_supercycles_come_with_what_their_recipe_plans_and_the_result(catalogue: Any) -> None:
    rows = catalogue.execute(
        "select recipe_id, entries, planned['$15'], result from supercycles_with_recipes "
        f"where day = '{DAY}' order by start"
    ).fetchall()
    assert len(rows) == 4
    assert {row[3] for row in rows} == {"as planned"}
    assert all(row[1] > 1_000 and row[2] > 400 for row in rows)


def test_the_page_on_machine_time_names_every_view_and_its_example_runs(catalogue: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "machine-time.md").read_text()
    (example,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    rows = catalogue.execute(example.replace('"B:IMINER"', '"I:IB"')).fetchall()
    assert len(rows) > 400
    assert {row[3] for row in rows} == {"$15"}
    named = set(re.findall(r"`(\w+)`", page))
    for (view,) in catalogue.execute(
        "select view_name from duckdb_views() where not internal"
    ).fetchall():
        if catalogue.execute(
            f"select count(*) from (describe {view}) where column_name in "
            "('event', 'recipe_id', 'cycle', 'booster_reset', 'ticks')"
        ).fetchone()[0]:
            assert view in named


def test_views_can_be_made_before_the_first_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    path = refreshed_catalogue(lake)
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select count(*) from booster_beam_cycles").fetchone() == (0,)


def test_the_tclk_catalogue_lies_in_the_lake_as_well(tmp_path: Path) -> None:
    result = tclk_catalogue(lake=LakeResource(data_dir=str(tmp_path)))
    assert isinstance(result, dg.MaterializeResult)
    rows = pq.ParquetFile(tmp_path / "tclk_events" / "tclk_events.parquet").read()
    assert rows.num_rows == 256
    assert rows["label"][0x0C].as_py() == "$0C"


def test_a_day_without_its_sources_is_an_explained_failure(tmp_path: Path) -> None:
    resource = LakeResource(data_dir=str(tmp_path))
    context = dg.build_asset_context(partition_key=DAY)
    for asset in (cycles, timeline_reconciliation):
        with pytest.raises(dg.Failure, match="materialise that day first"):
            asset(context, lake=resource)
