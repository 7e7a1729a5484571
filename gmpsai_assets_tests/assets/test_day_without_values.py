"""A day on which the DataLogger has no value of any device: a fact to record, not a failure of the run."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import running_emulator
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import COMPLETENESS, FILE_STATISTICS
from gmpsai_assets.machine_time.tables import CYCLES
from gmpsai_assets_tests.assets.whole_day import materialise_whole_day

pytestmark = pytest.mark.system

DAY = "2026-03-10"
DEVICES = ("B:VIMIN", "B:LINFRQ")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.ExecuteInProcessResult]:
    folder = tmp_path_factory.mktemp("empty")
    options = EmulatorOptions(
        now=datetime(2026, 3, 20, 18, tzinfo=UTC), faults=("no-values,verb=logger_get",)
    )
    with running_emulator(options) as laboratory:
        yield materialise_whole_day(folder, laboratory.url, DEVICES, DAY, raise_on_error=False)


def _metadata(run: dg.ExecuteInProcessResult, name: str) -> dict[str, Any]:
    (event,) = run.asset_materializations_for_node(name)
    return {key: value.value for key, value in event.metadata.items()}


def _lake(run: dg.ExecuteInProcessResult) -> Lake:
    return Lake(Path(_metadata(run, "parameter_data")["files"].rpartition("/parameter_data/")[0]))


def test_every_asset_of_the_day_is_made(run: dg.ExecuteInProcessResult) -> None:
    failures = [
        (event.step_key, event.step_failure_data.error)
        for event in run.all_events
        if event.is_step_failure
    ]
    assert failures == []
    assert run.success


def test_the_pull_counts_devices_without_data_and_draws_nothing(
    run: dg.ExecuteInProcessResult,
) -> None:
    known = _metadata(run, "parameter_data")
    assert (known["state_no_data"], known["state_failed"]) == (len(DEVICES), 0)
    assert known["dagster/row_count"] == 0
    assert "preview" not in known


def test_statistics_and_ledger_hold_a_row_for_each_device_without_a_number(
    run: dg.ExecuteInProcessResult,
) -> None:
    statistics = _lake(run).read_day(FILE_STATISTICS, DAY).to_pylist()
    assert [row["parameter"] for row in statistics] == list(DEVICES)
    assert [(row["samples"], row["value_mean"]) for row in statistics] == [(0, None)] * 2
    ledger = _lake(run).read_day(COMPLETENESS, DAY).to_pylist()
    assert [row["received"] for row in ledger] == [0, 0]
    assert all(row["missing"] == row["expected"] > 1_000_000 for row in ledger)


def test_the_check_of_the_day_says_plainly_what_is_missing(run: dg.ExecuteInProcessResult) -> None:
    (result,) = [
        each for each in run.get_asset_check_evaluations() if each.check_name == "day_is_complete"
    ]
    assert not result.passed
    assert all(f"{device}: no data" in str(result.description) for device in DEVICES)


def test_cycles_stand_by_the_clock_events_alone(run: dg.ExecuteInProcessResult) -> None:
    cycles = _lake(run).read_day(CYCLES, DAY)
    assert abs(cycles.num_rows / 1_296_000 - 1) < 1e-3
    columns = [cycles[device].null_count for device in DEVICES]
    assert columns == [cycles.num_rows] * len(DEVICES)


def test_the_history_and_the_archive_have_the_day(run: dg.ExecuteInProcessResult) -> None:
    published = _metadata(run, "published_json")
    assert (published["days"], published["parameters"]) == (1, len(DEVICES))
    archived = _metadata(run, "tape_archive")
    assert archived["files"] == 6
