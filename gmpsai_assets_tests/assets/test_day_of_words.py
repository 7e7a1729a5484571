"""A day on which every value of every device is a word: all assets are made, and nothing calls the day complete."""

import re
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
    folder = tmp_path_factory.mktemp("words")
    options = EmulatorOptions(now=datetime(2026, 3, 20, 18, tzinfo=UTC), faults=("stars,every=1",))
    with running_emulator(options) as laboratory:
        yield materialise_whole_day(
            folder, laboratory.url, DEVICES, DAY, raise_on_error=False, allow_partial=True
        )


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


def test_the_pull_counts_what_is_no_number(run: dg.ExecuteInProcessResult) -> None:
    known = _metadata(run, "parameter_data")
    assert (known["state_partial"], known["state_complete"]) == (len(DEVICES), 0)
    assert known["not_a_number"] == known["dagster/row_count"] > 2_000_000


def test_statistics_and_ledger_count_samples_and_numbers_apart(
    run: dg.ExecuteInProcessResult,
) -> None:
    statistics = _lake(run).read_day(FILE_STATISTICS, DAY).to_pylist()
    assert [row["parameter"] for row in statistics] == list(DEVICES)
    for row in statistics:
        assert (row["samples"] > 1_000_000, row["numbers"], row["value_mean"]) == (True, 0, None)
    for row in _lake(run).read_day(COMPLETENESS, DAY).to_pylist():
        assert (row["state"], row["numbers"]) == ("partial", 0)
        assert row["received"] == row["not_a_number"] > 1_000_000
        assert row["not_a_number_examples"] == "*****"
        assert row["line_offset_mhz"] == 0


def test_the_check_of_the_day_says_which_words_came(run: dg.ExecuteInProcessResult) -> None:
    (result,) = [
        each for each in run.get_asset_check_evaluations() if each.check_name == "day_is_complete"
    ]
    assert not result.passed
    for device in DEVICES:
        words = rf"{device}: partial, [\d,]+ of [\d,]+ values are no numbers, such as \*{{5}}"
        assert re.search(words, str(result.description))


def test_cycles_hold_the_ticks_and_no_number(run: dg.ExecuteInProcessResult) -> None:
    cycles = _lake(run).read_day(CYCLES, DAY)
    columns = [cycles[device].null_count for device in DEVICES]
    assert columns == [cycles.num_rows] * len(DEVICES)


def test_the_history_and_the_archive_have_the_day(run: dg.ExecuteInProcessResult) -> None:
    published = _metadata(run, "published_json")
    assert (published["days"], published["parameters"]) == (1, len(DEVICES))
    assert _metadata(run, "tape_archive")["files"] > 0
