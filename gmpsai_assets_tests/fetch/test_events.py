"""The pull of events: all 256 codes of the day with 25 hours."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.events import pull_events
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import row_group_key
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.machine_time.inputs import open_inputs
from gmpsai_assets.machine_time.reconciled_day import (
    RECONCILIATION_IS_MADE_OF,
    build_reconciliation,
)
from gmpsai_assets_tests.machine_time.published_lake import publish_timeline
from gmpsai_assets_tests.machine_time.whole_day import planned_in_truth, whole_day

pytestmark = pytest.mark.system

FALL_BACK = "2026-11-01"


def test_the_day_of_25_hours_holds_what_the_machine_sent(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    pull = pull_events(datalogger, lake, FALL_BACK, FetchOptions(connections=4))
    assert len(pull.outcomes) == 256
    seen = set()
    opened = pq.ParquetFile(pull.file)
    for group in range(opened.num_row_groups):
        code, rows = row_group_key(opened, group), opened.read_row_group(group)
        assert isinstance(code, int)
        seen.add(code)
        times, seconds = laboratory.machine.events(code, day_window(FALL_BACK))
        found = rows["time"].cast("int64").to_numpy()
        assert len(found) == len(times), hex(code)
        # The log writes milliseconds, and the machine keeps microseconds.
        assert np.abs(found - times).max() <= 1000, hex(code)
        assert np.allclose(rows["supercycle_seconds"].to_numpy(), seconds, atol=1e-6)
    assert len(seen) == sum(outcome.state == "complete" for outcome in pull.outcomes)
    assert {0x00, 0x0C, 0x0F, 0x11, 0x1D} <= seen
    frame = lake.events(0x0C, FALL_BACK)
    recorded = frame.attrs["completeness"]
    assert recorded == lake.event_completeness(0x0C, FALL_BACK)
    assert (recorded["subject"], recorded["state"], recorded["rows"]) == (
        "$0C",
        "complete",
        len(frame),
    )
    with pq.ParquetFile(pull.file) as file:
        assert file.schema_arrow.equals(EVENT_DATA.schema)
    assert_reconciled(lake, laboratory)


def assert_reconciled(lake: Lake, laboratory: EmulatorService) -> None:
    """What was pulled as text, the repeated hour twice, is what the machine planned, to the last event."""
    part = whole_day(laboratory.machine, FALL_BACK)
    publish_timeline(lake, FALL_BACK, part)
    found = build_reconciliation(lake, open_inputs(lake, FALL_BACK, RECONCILIATION_IS_MADE_OF))
    assert sum(row["missing"] + row["unplanned"] for row in found.events) == 0
    planned = {row["event"]: row["planned"] for row in found.events if row["planned"]}
    # Supercycle and events of the day before are not there, so the first supercycle has no recipe.
    start = part.window.start_microseconds
    part.supercycles = [each for each in part.supercycles if each.start_microseconds > start]
    assert planned == planned_in_truth(part)
    assert found.machine.ticks.times.size == pytest.approx(25 * 54_000, rel=1e-3)
    assert (np.diff(found.machine.ticks.index) == 1).all()
    assert {row["result"] for row in found.supercycles} == {"no recipe", "as planned"}


def test_a_failed_event_publishes_nothing(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    laboratory.set_faults("html,event=0c", "no-values")
    with pytest.raises(PullFailedError, match=r"\$0C.*web page"):
        pull_events(datalogger, lake, "2026-03-10", FetchOptions(connections=4))
    assert lake.published_days(EVENT_DATA) == []
