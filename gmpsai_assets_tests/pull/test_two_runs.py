"""Two runs of the same day at once: one file, no mix, no crash."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets_tests.processes import processes
from gmpsai_assets_tests.pull.one_pull import pull_once

DAY = "2026-03-10"
NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
Lists = Callable[..., tuple[ParameterList, ...]]


def test_two_runs_at_once_give_one_file_and_leave_nothing_behind(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists, tmp_path: Path
) -> None:
    lists("MLrn B:VIMIN,MLrn B:VIMAX,MLrn B:IMINER")
    context = processes()
    starts = [NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)]
    runs = [
        context.Process(
            target=pull_once, args=(laboratory.url, lake.root, tmp_path / "lists", DAY, start)
        )
        for start in starts
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0, 0]
    (file,) = lake.day_files(PARAMETER_DATA, DAY)
    with pq.ParquetFile(file) as opened:
        assert opened.num_row_groups == 3
    assert read_metadata(file)["pulled_at"] in {start.isoformat() for start in starts}
    # The others came to the same content, so nothing was replaced.
    assert lake.revisions(PARAMETER_DATA, DAY, file.name) == []
    assert [path for path in lake.drafts.rglob("*") if path.is_file()] == []
