"""A pull that is killed at any moment: the next run goes on, and no reader ever meets a bad file."""

import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList, read_parameter_lists
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets_tests.fetch.one_pull import pull_once
from gmpsai_assets_tests.processes import processes
from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

pytestmark = pytest.mark.system

DAY = "2026-03-10"
NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
MOMENTS = 20
Lists = Callable[..., tuple[ParameterList, ...]]


@contextmanager
def _a_reader(lake: Lake, good: list[bytes]) -> Iterator[list[int]]:
    """Looks at the published file all the time; fills the list with how often, and fails on a bad one."""
    looks: list[int] = []
    bad: list[bytes] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            for file in lake.day_files(PARAMETER_DATA, DAY):
                content = file.read_bytes()
                looks.append(len(content))
                if content not in good:
                    bad.append(content)
            time.sleep(0.005)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield looks
    finally:
        stop.set()
        wait_for_end(thread)
    assert not bad, f"a reader saw {len(bad)} bad files"


def _pull(
    source: DataLogger, data: Path, lists: tuple[ParameterList, ...], now: datetime = NOW
) -> bytes:
    (file,) = pull_parameters(
        source, Lake(data), DAY, lists, FetchOptions(connections=2, now=lambda: now)
    ).files
    return file.read_bytes()


def test_a_pull_killed_at_twenty_random_moments_ends_with_the_same_file(
    datalogger: DataLogger, laboratory: EmulatorService, tmp_path: Path, lists: Lists
) -> None:
    two = lists("MLrn B:VIMIN,MLrn B:VIMAX")
    laboratory.set_faults("gap,device=B:VIMIN,start=2026-03-10T10:00:00,seconds=30")
    older = _pull(datalogger, tmp_path / "older", two, NOW - timedelta(days=1))
    laboratory.set_faults()
    wanted = _pull(datalogger, tmp_path / "whole", two)
    assert wanted != older

    context = processes()
    chance = random.Random(3)

    def run(data: Path, seconds: float | None) -> int:
        process = context.Process(
            target=pull_once, args=(laboratory.url, data, tmp_path / "lists", DAY, NOW)
        )
        process.start()
        process.join(seconds or LIMIT_SECONDS)
        process.kill()
        wait_for_end(process)
        assert process.exitcode is not None
        return process.exitcode

    run(tmp_path / "warm", None)
    begun = time.monotonic()
    assert run(tmp_path / "timed", None) == 0
    whole = time.monotonic() - begun

    killed, looked = 0, 0
    while killed < MOMENTS:
        data = tmp_path / "data"
        published_before = killed % 2 == 1
        if published_before:
            shutil.copytree(tmp_path / "older", data)
        lake = Lake(data)
        with _a_reader(lake, [older, wanted] if published_before else [wanted]) as looks:
            begun = time.monotonic()
            if run(data, chance.uniform(0.02, 1.0) * whole) == -9:
                killed += 1
            else:
                whole = time.monotonic() - begun  # the machine has become faster
            assert run(data, None) == 0
        looked += len(looks)
        (file,) = lake.day_files(PARAMETER_DATA, DAY)
        assert file.read_bytes() == wanted
        kept = lake.revisions(PARAMETER_DATA, DAY, file.name)
        assert [revision.file.read_bytes() for revision in kept] == [older] * published_before
        assert [path for path in lake.drafts.rglob("*") if path.is_file()] == []
        shutil.rmtree(data)
    assert looked > MOMENTS


def test_an_interrupted_pull_gives_the_bytes_of_an_uninterrupted_one_and_asks_only_for_the_rest(
    datalogger: DataLogger, laboratory: EmulatorService, tmp_path: Path, lists: Lists
) -> None:
    three = lists("MLrn B:VIMIN,MLrn B:VIMAX,MLrn B:IMINER")
    wanted = _pull(datalogger, tmp_path / "whole", three)
    laboratory.set_faults("html,device=B:VIMAX")
    with pytest.raises(PullFailedError):
        _pull(datalogger, tmp_path / "data", three)
    laboratory.set_faults()
    before = len(laboratory.requests)
    later = NOW + timedelta(hours=3)
    assert _pull(datalogger, tmp_path / "data", three, later) == wanted
    assert [record.device for record in laboratory.requests[before:]] == ["B:VIMAX"]


def test_a_draft_serves_any_list_that_names_its_device_and_is_removed_with_the_day(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists, tmp_path: Path
) -> None:
    laboratory.set_faults("html,device=B:VIMAX")
    with pytest.raises(PullFailedError):
        pull_parameters(
            datalogger, lake, DAY, lists("B:VIMIN,B:VIMAX"), FetchOptions(connections=1)
        )
    assert len(list(lake.drafts.glob("parameter_data-*/*.arrow"))) == 1
    laboratory.set_faults()
    before = len(laboratory.requests)
    (tmp_path / "lists" / "List0.txt").write_text("B:VIMIN\nB:IMINER\n")
    other = read_parameter_lists(tmp_path / "lists")
    pull_parameters(datalogger, lake, DAY, other, FetchOptions(connections=1))
    asked = [record.device for record in laboratory.requests[before:]]
    assert asked == ["B:IMINER"]
    assert [path for path in lake.drafts.rglob("*") if path.is_file()] == []
