"""Two runs of the same day at once: one file, no mix, no crash."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets_tests.fetch.one_pull import pull_once
from gmpsai_assets_tests.processes import processes
from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

DAY = "2026-03-10"
NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
Lists = Callable[..., tuple[ParameterList, ...]]


def _has_open(pid: int | None, path: Path) -> bool:
    """Whether a process has a file open, as it has the lock that it waits for."""
    links = Path(f"/proc/{pid}/fd").iterdir()
    with suppress(FileNotFoundError):  # a descriptor was closed while they are looked at
        return any(link.readlink() == path for link in links)
    return False


def test_two_runs_at_once_give_one_file_and_leave_nothing_behind(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists, tmp_path: Path
) -> None:
    three = lists("MLrn B:VIMIN,MLrn B:VIMAX,MLrn B:IMINER")
    context = processes()
    starts = [NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)]
    runs = [
        context.Process(
            target=pull_once, args=(laboratory.url, lake.root, tmp_path / "lists", DAY, start)
        )
        for start in starts
    ]
    lock = lake.lock_file(PARAMETER_DATA, DAY)
    deadline = time.monotonic() + LIMIT_SECONDS
    with exclusive(lock):  # until all of them have come as far as the day itself
        for run in runs:
            run.start()
        for run in runs:
            while not _has_open(run.pid, lock):
                assert run.is_alive()
                assert time.monotonic() < deadline
        before = len(laboratory.requests)
    wait_for_end(*runs)
    assert [run.exitcode for run in runs] == [0, 0, 0]
    asked = [record.device for record in laboratory.requests[before:]]
    assert sorted(asked) == sorted(3 * ["B:VIMIN", "B:VIMAX", "B:IMINER"])
    (file,) = lake.day_files(PARAMETER_DATA, DAY)
    begun = datetime.fromisoformat(read_metadata(file)["pulled_at"])
    assert begun in starts
    clean = pull_parameters(
        datalogger,
        Lake(tmp_path / "clean"),
        DAY,
        three,
        FetchOptions(connections=2, now=lambda: begun),
    )
    assert file.read_bytes() == clean.files[0].read_bytes()
    # The others came to the same content, so nothing was replaced.
    assert lake.revisions(PARAMETER_DATA, DAY, file.name) == []
    assert [path for path in lake.drafts.rglob("*") if path.is_file()] == []
