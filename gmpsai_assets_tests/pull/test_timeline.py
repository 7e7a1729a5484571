"""The timeline as it is loaded now, added to what a day already holds."""

from datetime import timedelta

import pytest

from gmpsai_assets.acnet.clock import day_window, to_microseconds
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import RECIPES, SUPERCYCLES
from gmpsai_assets.pull.timeline import capture_timeline

TODAY = "2026-11-20"


def test_the_capture_is_the_supercycle_that_plays_now(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    capture = capture_timeline(datalogger, lake, TODAY)
    (row,) = capture.supercycles.to_pylist()
    window = day_window(TODAY)
    found = to_microseconds(row["start"])
    starts = [cycle.start_microseconds for cycle in laboratory.machine.supercycles(window)]
    assert min(abs(start - found) for start in starts) < 500_000
    assert row["length_seconds"] == pytest.approx(60.0667, abs=0.01)
    assert capture.captures_inside == 1
    assert capture.recipes.num_rows > 1000
    assert set(capture.recipes["recipe_id"].to_pylist()) == {row["recipe_id"]}


def test_capturing_again_keeps_what_was_captured(datalogger: DataLogger, lake: Lake) -> None:
    first = capture_timeline(datalogger, lake, TODAY)
    second = capture_timeline(datalogger, lake, TODAY)
    assert second.supercycles.num_rows in (1, 2)  # a new supercycle may have begun in between
    assert second.supercycles["start"][0] == first.supercycles["start"][0]
    assert lake.read_day(RECIPES, TODAY).num_rows >= first.recipes.num_rows


def test_a_capture_for_another_day_is_marked_as_outside(datalogger: DataLogger, lake: Lake) -> None:
    capture = capture_timeline(datalogger, lake, "2026-03-10")
    assert capture.captures_inside == 0
    (row,) = lake.read_day(SUPERCYCLES, "2026-03-10").to_pylist()
    assert row["captured_at"] - row["start"] < timedelta(minutes=2)


def test_a_failed_reading_leaves_what_was_published(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    capture_timeline(datalogger, lake, TODAY)
    laboratory.set_faults("html,verb=tlg_info")
    with pytest.raises(AcnetError):
        capture_timeline(datalogger, lake, TODAY)
    assert lake.read_day(SUPERCYCLES, TODAY).num_rows == 1
