"""The code location as a whole: what `dagster definitions validate` does not see."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.automation.newest_day import WHOLE_DAY
from gmpsai_assets.definitions import ASSET_MODULES, build_definitions, defs
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.partitions import DAILY

GRAPH = defs.resolve_asset_graph()
ASSETS = {
    "parameter_data",
    "event_data",
    "supercycle_timeline",
    "file_statistics",
    "completeness",
    "timeline_reconciliation",
    "cycles",
    "device_catalogue",
    "tclk_catalogue",
    "catalogue",
    "published_json",
    "tape_archive",
}
CHECKS = {("completeness", "day_is_complete"), ("event_data", "ticks_match_clock")}
REBUILT = {
    "timeline_reconciliation",
    "cycles",
    "tclk_catalogue",
    "device_catalogue",
    "catalogue",
    "published_json",
}
"""Assets that can be made again from the archived ones at any time, and so are not archived."""
SPECS = [spec for spec in defs.resolve_all_asset_specs() if spec.key.to_user_string() in ASSETS]


def test_the_assets_are_those_of_the_design_and_start_at_the_sources() -> None:
    assert {key.to_user_string() for key in GRAPH.materializable_asset_keys} == ASSETS
    assert {key.to_user_string() for key in GRAPH.external_asset_keys} == {
        "datalogger",
        "tclk",
        "timeline_generator",
    }
    assert len(ASSET_MODULES) == len(ASSETS)


def test_lineage_runs_as_in_the_design() -> None:
    def parents(name: str) -> set[str]:
        return {key.to_user_string() for key in GRAPH.get(dg.AssetKey(name)).parent_keys}

    assert parents("parameter_data") == {"datalogger"}
    assert parents("event_data") == {"tclk"}
    assert parents("supercycle_timeline") == {"timeline_generator", "event_data"}
    assert parents("file_statistics") == {"parameter_data", "device_catalogue"}
    assert parents("completeness") == {"parameter_data"}
    assert parents("published_json") == {"file_statistics", "device_catalogue"}
    assert parents("timeline_reconciliation") == {"event_data", "supercycle_timeline"}
    assert parents("cycles") == {"parameter_data", "event_data", "supercycle_timeline"}
    assert parents("catalogue") == ASSETS - {
        "catalogue",
        "device_catalogue",
        "published_json",
        "tape_archive",
    }
    assert parents("tape_archive") == ASSETS - {"tape_archive"} - REBUILT


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.key.to_user_string())
def test_every_asset_is_described_owned_grouped_and_daily(spec: dg.AssetSpec) -> None:
    assert spec.description
    assert spec.owners
    assert spec.kinds
    assert spec.group_name != "default"
    if spec.key.to_user_string() not in ("tclk_catalogue", "device_catalogue"):
        assert spec.partitions_def == DAILY


def test_columns_in_the_ui_carry_their_units_and_meaning() -> None:
    schema = next(s for s in SPECS if s.key == dg.AssetKey("parameter_data")).metadata[
        "dagster/column_schema"
    ]
    columns = {column.name: column for column in schema.columns}
    assert list(columns) == PARAMETER_DATA.schema.names
    assert columns["time"].tags["unit"] == "UTC"
    assert "null" in (columns["value"].description or "")


def test_the_job_selects_every_asset_and_check() -> None:
    job = defs.resolve_job_def(WHOLE_DAY)
    assert {key.to_user_string() for key in job.asset_layer.executable_asset_keys} == ASSETS
    assert job.asset_layer.asset_graph.asset_check_keys == GRAPH.asset_check_keys
    assert job.partitions_def == DAILY


def test_checks_belong_to_assets_that_exist() -> None:
    found = {(key.asset_key.to_user_string(), key.name) for key in GRAPH.asset_check_keys}
    assert found == CHECKS
    assert {asset for asset, _ in CHECKS} <= ASSETS


def test_definitions_can_be_built_with_other_resources() -> None:
    dg.Definitions.validate_loadable(build_definitions({}))


@pytest.mark.parametrize("day", ["2026-03-07", "2026-03-08", "2026-03-09", "2026-11-01"])
def test_partitions_are_the_days_of_the_accelerator_clock(day: str) -> None:
    window = DAILY.time_window_for_partition_key(day)
    assert window.start.timestamp() == day_window(day).start.timestamp()
    assert window.end.timestamp() == day_window(day).end.timestamp()


def test_the_workspace_is_valid_as_a_newcomer_would_check_it() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
