"""The pull of events: all 256 codes of the day with 25 hours."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import row_groups
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.pull.events import pull_events
from gmpsai_assets.pull.outcome import PullFailedError

FALL_BACK = "2026-11-01"


def test_the_day_of_25_hours_holds_what_the_machine_sent(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    pull = pull_events(datalogger, lake, FALL_BACK, connections=4)
    assert len(pull.outcomes) == 256
    seen = set()
    for code, rows in row_groups(pull.file):
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
    told = frame.attrs["completeness"]
    assert told == lake.event_completeness(0x0C, FALL_BACK)
    assert (told["subject"], told["state"], told["rows"]) == ("$0C", "complete", len(frame))
    with pq.ParquetFile(pull.file) as file:
        assert file.schema_arrow.equals(EVENT_DATA.schema)


def test_a_failed_event_publishes_nothing(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    laboratory.set_faults("http-403,event=0c", "no-values")
    with pytest.raises(PullFailedError, match=r"\$0C.*outside the laboratory"):
        pull_events(datalogger, lake, "2026-03-10", connections=4)
    assert lake.published_days(EVENT_DATA) == []
