"""What each asset shows in the UI, after a day of few devices over the real emulator."""

import re
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest

from gmpsai_assets.assets.cells import DIGITS, plotted
from gmpsai_assets.definitions import defs
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import running_emulator
from gmpsai_assets_tests.assets.whole_day import materialise_whole_day

pytestmark = pytest.mark.system

DAY = "2026-03-10"
DEVICES = ("B:VIMIN", "B:LINFRQ")
SPECS = {
    spec.key.to_user_string(): spec
    for spec in defs.resolve_all_asset_specs()
    if spec.key in defs.resolve_asset_graph().materializable_asset_keys
}
PREVIEWS = {"completeness": "devices", "timeline_reconciliation": "events"}
"""Where the preview is a table with a name of its own; ``preview`` elsewhere."""

every_asset = pytest.mark.parametrize("name", sorted(SPECS))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Metadata of each asset of one day."""
    folder = tmp_path_factory.mktemp("ui")
    with running_emulator(EmulatorOptions(now=datetime(2026, 3, 20, 18, tzinfo=UTC))) as laboratory:
        run = materialise_whole_day(folder, laboratory.url, DEVICES, DAY)
    events = {name: run.asset_materializations_for_node(name) for name in SPECS}
    return {
        name: {key: value.value for key, value in event.metadata.items()}
        for name, (event,) in events.items()
    }


def _plain(cell: object) -> str:
    """What a cell says, without the spaces that align it."""
    return str(cell).replace("\xa0", " ").strip()


def _columns(name: str) -> list[dg.TableColumn]:
    return list(SPECS[name].metadata["dagster/column_schema"].columns)


@every_asset
def test_the_description_has_a_table_of_the_columns(name: str) -> None:
    description = SPECS[name].description or ""
    assert "| column | type | unit | meaning |" in description
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]*) \| ([^|]+) \|$", description, re.M)
    assert {column.name.rpartition(".")[2] for column in _columns(name)} <= {row[0] for row in rows}
    assert all(kind.strip() and meaning.strip() for _, kind, _, meaning in rows)


@every_asset
def test_the_columns_have_a_type_a_sense_and_where_they_have_one_a_unit(name: str) -> None:
    for column in _columns(name):
        assert column.type
        assert column.description, column.name
        if column.type.startswith("timestamp"):
            assert column.tags == {"unit": "UTC"}, column.name
    assert SPECS[name].metadata["dagster/table_name"]


@every_asset
def test_a_day_has_its_row_count_and_numbers_that_can_be_plotted(
    name: str, made: dict[str, dict[str, Any]]
) -> None:
    metadata = made[name]
    assert metadata["dagster/row_count"] > 0
    plotted = [value for value in metadata.values() if type(value) in (int, float)]
    assert len(plotted) >= 3


def test_numbers_and_tables_of_an_asset_do_not_take_each_others_names(
    made: dict[str, dict[str, Any]],
) -> None:
    assert made["cycles"]["parameter_count"] == len(DEVICES)
    assert made["completeness"]["gap_count"] == len(made["completeness"]["gaps"].records) > 0


@every_asset
def test_a_day_has_a_preview(name: str, made: dict[str, dict[str, Any]]) -> None:
    preview = made[name][PREVIEWS.get(name, "preview")]
    if isinstance(preview, str):
        assert preview.startswith("![")
        assert "](data:image/png;base64," in preview
    else:
        assert len(preview.records) > 0
        assert all(
            record.data.keys() == preview.records[0].data.keys() for record in preview.records
        )


def test_the_day_is_drawn_beside_its_statistics(made: dict[str, dict[str, Any]]) -> None:
    assert str(made["file_statistics"]["picture"]).startswith("![parameter_data of ")


def test_the_first_samples_of_each_device_are_shown(made: dict[str, dict[str, Any]]) -> None:
    rows = [record.data for record in made["parameter_data"]["preview"].records]
    assert [row["parameter"] for row in rows] == [name for name in DEVICES for _ in range(3)]
    assert [row["unit"] for row in rows] == ["Amps"] * 3 + ["mHz"] * 3
    assert all(100 < float(str(row["value"])) < 107 for row in rows[:3])
    for row in rows:
        assert re.fullmatch(rf"{DAY} 00:00:00\.\d{{3}} CDT", _plain(row["time"])), row


def test_statistics_are_shown_with_the_unit_of_the_device(made: dict[str, dict[str, Any]]) -> None:
    rows = [record.data for record in made["file_statistics"]["preview"].records]
    assert {row["parameter"]: row["unit"] for row in rows} == {"B:VIMIN": "Amps", "B:LINFRQ": "mHz"}
    assert "interval_mean (s)" in rows[0]
    for row in rows:
        digits = re.sub(r"\D", "", str(row["value_mean"])).lstrip("0")
        assert 3 <= len(digits) <= DIGITS, row
        assert re.fullmatch(r"99\.99\d* %|100 %", str(row["completeness"]).replace("\xa0", " "))


def test_cycles_show_their_parameters_as_columns_and_their_first_rows(
    made: dict[str, dict[str, Any]],
) -> None:
    columns = {column.name: column for column in made["cycles"]["dagster/column_schema"].columns}
    assert {"cycle", "time", *DEVICES} <= columns.keys()
    assert columns["B:VIMIN"].tags == {"unit": "of_the_device"}
    rows = [record.data for record in made["cycles"]["preview"].records]
    assert len(rows) == 20
    for row in rows[1:]:  # the sample of the first tick can be stamped on the day before
        assert 100 < float(str(row["B:VIMIN"])) < 107


@every_asset
def test_no_table_or_text_shows_digits_without_meaning_or_a_time_without_its_zone(
    name: str, made: dict[str, dict[str, Any]]
) -> None:
    for key, value in made[name].items():
        if isinstance(value, float):
            assert value == plotted(value), key
        for cell in _cells(value):
            text = _plain(cell)
            assert not re.search(r"\d\.\d{8}", text), (key, text)
            assert "+00:00" not in text, (key, text)
            for zone in re.findall(r"\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?: (\w+))?", text):
                assert zone in ("CDT", "CST"), (key, text)


def _cells(value: Any) -> list[object]:
    if isinstance(value, dg.TableMetadataValue):
        return [cell for record in value.records for cell in record.data.values()]
    return [value] if isinstance(value, str) and len(value) < 1000 else []


def test_both_tables_of_the_timeline_are_columns_of_the_asset() -> None:
    names = [column.name for column in _columns("supercycle_timeline")]
    assert {"start", "recipe_id", "recipes.event", "recipes.offset_seconds"} <= set(names)


def test_rows_of_the_trace_table_are_those_of_the_file(made: dict[str, dict[str, Any]]) -> None:
    metadata = made["published_json"]
    assert metadata["dagster/row_count"] == metadata["traces"] == 5 * len(DEVICES)
    first = metadata["preview"].records[0].data
    shown = (first["name"], first["days"], first["unit"], first["type"])
    assert shown == ("B:VIMIN max", "1", "Amps", "scatter")
    assert 100 < float(str(first["newest"])) < 107
