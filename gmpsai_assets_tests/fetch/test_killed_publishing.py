"""A pull that is killed at each single step of publishing a day: its files always belong together."""

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.events import pull_events
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.fetch.publishing import read_pull_log
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA
from gmpsai_assets.lake.tables import DayTable
from gmpsai_assets_tests.fetch.one_pull import killed_at, pull_events_once, pull_once
from gmpsai_assets_tests.processes import processes

pytestmark = pytest.mark.system

DAY = "2026-03-10"
NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
FEWEST_STEPS = 8
SHORT_DAY = [
    f"gap,device={device},start=2026-03-10T00:00:00,end=2026-03-10T23:00:00"
    for device in ("B:VIMIN", "E:DURL01")
]
SHORTER_DAY = [fault.replace("T23", "T22") for fault in SHORT_DAY]
Lists = Callable[..., tuple[ParameterList, ...]]
Files = dict[str, bytes]


def _files(lake: Lake, table: DayTable) -> Files:
    """All files of the day as one publication left them: if the folder was exchanged meanwhile, once more."""
    folder = lake.day_folder(table, DAY)
    while True:
        try:
            before = folder.stat()
            found = {each.name: each.read_bytes() for each in lake.day_files(table, DAY)}
            after = folder.stat()
        except FileNotFoundError:
            if not lake.day_files(table, DAY):
                return {}
            continue
        if (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns):
            return found


@contextmanager
def _a_reader(lake: Lake, table: DayTable, good: list[Files]) -> Iterator[None]:
    bad: list[Files] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.001):
            found = _files(lake, table)
            if found not in good:
                bad.append(found)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert not bad, f"a reader saw {[list(each) for each in bad]}"


def _run(target: Callable[..., None], *arguments: object) -> int | None:
    process = processes().Process(target=target, args=arguments)
    process.start()
    process.join()
    return process.exitcode


def _killed_at(
    steps: Iterable[int],
    data: Path,
    prepared: Path,
    table: DayTable,
    good: list[Files],
    *pull: object,
) -> int:
    """Returns the last step at which a pull was killed."""
    last = 0
    for step in steps:
        shutil.copytree(prepared, data)
        lake = Lake(data)
        with _a_reader(lake, table, good):
            ended = _run(killed_at, step, *pull)
            assert ended in (0, -9)
            assert _run(*pull) == 0  # type: ignore[arg-type]
        assert _files(lake, table) == good[-1], f"step {step}"
        assert read_pull_log(lake.pull_log_file(table, DAY))
        for name, content in good[0].items():
            kept = lake.revisions(table, DAY, name)
            assert [each.file.read_bytes() for each in kept] == [content], f"step {step}"
        assert [path for path in lake.drafts.rglob("*") if path.is_file()] == []
        shutil.rmtree(data)
        if ended == 0:
            break
        last = step
    return last


def test_two_files_of_a_day_belong_together_whenever_the_pull_is_killed(
    datalogger: DataLogger, laboratory: EmulatorService, tmp_path: Path, lists: Lists
) -> None:
    two = lists("MLrn B:VIMIN", "# rate: 1/60 Hz,NuMI2 E:DURL01")
    older, wanted = Lake(tmp_path / "older"), Lake(tmp_path / "wanted")

    def pull(lake: Lake, now: datetime) -> Files:
        pull_parameters(datalogger, lake, DAY, two, connections=2, now=lambda: now)
        return _files(lake, PARAMETER_DATA)

    laboratory.set_faults(*SHORT_DAY)
    first = pull(older, NOW - timedelta(days=1))
    shutil.copytree(older.root, wanted.root)
    laboratory.set_faults(*SHORTER_DAY)
    good = [first, pull(wanted, NOW)]
    assert all(first[name] != good[1][name] for name in ("MLrn.parquet", "NuMI2.parquet"))
    arguments = (laboratory.url, tmp_path / "data", tmp_path / "lists", DAY, NOW)
    data = tmp_path / "data"
    last = _killed_at(count(1), data, older.root, PARAMETER_DATA, good, pull_once, *arguments)
    assert last > FEWEST_STEPS


def test_events_survive_a_kill_while_they_are_published(
    datalogger: DataLogger, laboratory: EmulatorService, tmp_path: Path
) -> None:
    others = [f"no-values,event={code:02x}" for code in range(256) if code != 0x1D]
    older, wanted = Lake(tmp_path / "older"), Lake(tmp_path / "wanted")

    def pull(lake: Lake, now: datetime) -> Files:
        pull_events(datalogger, lake, DAY, connections=2, now=lambda: now)
        return _files(lake, EVENT_DATA)

    laboratory.set_faults("gap,event=1d,start=2026-03-10T01:00:00,end=2026-03-10T09:00:00", *others)
    first = pull(older, NOW - timedelta(days=1))
    shutil.copytree(older.root, wanted.root)
    laboratory.set_faults(*others)
    good = [first, pull(wanted, NOW)]
    arguments = (laboratory.url, tmp_path / "data", DAY, NOW)
    # All the way to the exchange, in between, and while the drafts of the 256 events are removed.
    steps, data = (1, 3, 5, 6, 7, 8, 100), tmp_path / "data"
    last = _killed_at(steps, data, older.root, EVENT_DATA, good, pull_events_once, *arguments)
    assert last == steps[-1]
