"""What a pull tells of itself: each subject counts once, whatever becomes of it, and only what comes now is speed."""

from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.collect import Request, collect
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.outcome import Failure
from gmpsai_assets.fetch.progress import Progress, ProgressFile, read_progress

DAY = "2026-03-10"
DEVICES = ("B:VIMIN", "B:NGMPS", "B:VIMAX")


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    drafts = Drafts(tmp_path / "drafts", "parameter_data", DAY, {})
    drafts.begin()
    return drafts


def _collected(source: DataLogger, drafts: Drafts, folder: Path) -> tuple[Progress, list[bool]]:
    """The last state told, and of each device whether it failed."""
    requests = [Request(device, Parameter("MLrn", device), 15.0) for device in DEVICES]
    with ProgressFile(folder, "parameter_data", DAY, len(DEVICES)) as told:
        outcomes = collect(
            requests,
            source.samples,
            window=day_window(DAY),
            drafts=drafts,
            connections=2,
            progress=told,
        )
        failed = [isinstance(outcome, Failure) for outcome in outcomes]
        progress = read_progress(told.path)
    assert progress is not None
    return progress, failed


def test_a_failed_device_counts_and_a_kept_draft_is_no_speed(
    datalogger: DataLogger, laboratory: EmulatorService, drafts: Drafts, tmp_path: Path
) -> None:
    laboratory.set_faults("error-dio-no-such,device=B:NGMPS")
    first, failed = _collected(datalogger, drafts, tmp_path)
    assert failed == [False, True, False]
    assert (first.done, first.total, first.fetched) == (3, 3, 3)
    assert first.bytes_received > 60_000_000
    laboratory.set_faults()
    second, failed = _collected(datalogger, drafts, tmp_path)
    assert failed == [False] * 3
    assert (second.done, second.fetched) == (3, 1)
    assert 0 < second.bytes_received < first.bytes_received
    assert second.rows > first.rows
