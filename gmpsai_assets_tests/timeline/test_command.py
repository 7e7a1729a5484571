"""The real process: light, durable, alone, hard to end by faults and easy by SIGTERM."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.emulated_logger import logger_command, logger_environment, lost
from benchmarks.timeline_logger_kills import kill_again_and_again
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.replies.timeline_entries import recipe_identity
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.lake.source import accept_source, known_source
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.heartbeat import read_heartbeat, trouble
from gmpsai_assets.timeline.records import Captured, Gap, Record

pytestmark = pytest.mark.system

DAY = "2026-03-10"
NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
SPEED = 4.0
TICKS = 15
MEGABYTES = 60


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorService]:
    with running_emulator(EmulatorOptions(now=NOW, speed=SPEED, supercycle_ticks=TICKS)) as service:
        yield service


@pytest.fixture
def laboratory(emulator: EmulatorService) -> Iterator[EmulatorService]:
    emulator.set_faults()
    yield emulator
    emulator.set_faults()


def start(
    laboratory: EmulatorService, data: Path, *options: str, url: str = ""
) -> subprocess.Popen[bytes]:
    """A logger whose clock is the emulator's."""
    with (data / "log").open("ab") as log:
        return subprocess.Popen(
            logger_command(laboratory, *options),
            env={
                **os.environ,
                **logger_environment(laboratory, data),
                **({"GMPSAI_ACL_URL": url} if url else {}),
            },
            stderr=log,
        )


@contextmanager
def logging(
    laboratory: EmulatorService, data: Path, *options: str, url: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """A logger that is there while the block runs."""
    process = start(laboratory, data, *options, url=url)
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=60)


def records(data: Path) -> list[Record]:
    window = day_window(DAY)
    return CaptureFiles(data).read(window.start, window.end)


def captured(data: Path) -> list[Captured]:
    return [each for each in records(data) if isinstance(each, Captured)]


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)


def losses(laboratory: EmulatorService, data: Path) -> list[int]:
    """True starts between the first and the last captured one that have no capture."""
    return lost(laboratory, captured(data))


def test_starts_are_true_within_the_uncertainty_and_recipes_are_those_that_played(
    laboratory: EmulatorService, tmp_path: Path
) -> None:
    with logging(laboratory, tmp_path):
        until(lambda: len(captured(tmp_path)) >= 12)
    for each in captured(tmp_path):
        true = laboratory.machine.schedule.at(each.start + 300_000)
        # The clocks of both processes run 4 times as fast, and so do the jumps between them.
        assert abs(each.start - true.start_microseconds) <= each.uncertainty_seconds * 1e6 + 2_000
        assert each.length_seconds == 1.0
        assert each.readings >= 2
        entries = CaptureFiles(tmp_path).recipe(each.recipe_id)
        assert recipe_identity(entries) == each.recipe_id
        assert [(e.event, e.machine) for e in entries] == [
            (e.event, e.machine) for e in true.recipe.entries
        ]


def test_what_kill_9_costs_is_what_the_gap_list_says(
    laboratory: EmulatorService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gmpsai_assets.launch.children.SHORTEST_REST_SECONDS", 0.05)
    monkeypatch.setattr("gmpsai_assets.launch.children.LONGEST_REST_SECONDS", 0.3)
    found = kill_again_and_again(laboratory, tmp_path, 8, 0.3, random.Random(9))
    assert len(set(found.processes)) == 8
    assert found.lost
    assert found.accounted
    assert all(later - start > 500_000 for start, later in pairwise(found.captured))
    gaps = [each for each in records(tmp_path) if isinstance(each, Gap)]
    slack = 100_000
    listed = [
        start
        for start in found.lost
        if any(gap.start - slack <= start < gap.end - slack for gap in gaps)
    ]
    assert listed == list(found.lost)
    assert sum(round((gap.end - gap.start) / 1e6) for gap in gaps) == len(found.lost)


@pytest.mark.parametrize(
    "fault",
    [
        "http-502",
        "http-403",
        "html",
        "hang,delay=2",
        "cut,bytes=3",
        "short,bytes=4",
        "error-dpm-pend",
        "frozen,device=G:SCTIME",
    ],
)
def test_no_fault_of_the_service_ends_it(
    laboratory: EmulatorService, tmp_path: Path, fault: str
) -> None:
    with logging(laboratory, tmp_path, "--timeout", "0.3") as process:
        until(lambda: captured(tmp_path))
        laboratory.set_faults(fault)
        heartbeat = tmp_path / "timeline_captures" / "heartbeat.json"
        until(lambda: (beat := read_heartbeat(heartbeat)) and beat.failures >= 2)
        laboratory.set_faults()
        before = len(captured(tmp_path))
        until(lambda: len(captured(tmp_path)) > before)
        assert process.poll() is None
    missing = losses(laboratory, tmp_path)
    gaps = [each for each in records(tmp_path) if isinstance(each, Gap)]
    assert all(any(h.start - 100_000 <= start < h.end for h in gaps) for start in missing)


def test_sigterm_ends_it_at_once_even_while_the_service_hangs(
    laboratory: EmulatorService, tmp_path: Path
) -> None:
    with logging(laboratory, tmp_path, "--timeout", "300") as process:
        until(lambda: captured(tmp_path))
        laboratory.set_faults("hang,delay=300")
        asked = len(laboratory.requests)
        until(lambda: len(laboratory.requests) > asked)
        process.terminate()
        assert process.wait(timeout=20) == 0
        assert len(laboratory.requests) == asked + 1
    beat = read_heartbeat(tmp_path / "timeline_captures" / "heartbeat.json")
    assert beat is not None
    assert beat.state == "stopped"
    assert "stopped" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_polite_signal_is_a_clean_end(
    laboratory: EmulatorService, tmp_path: Path, number: signal.Signals
) -> None:
    with logging(laboratory, tmp_path) as process:
        until(lambda: captured(tmp_path))
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_second_logger_on_the_same_data_is_refused(
    laboratory: EmulatorService, tmp_path: Path
) -> None:
    with logging(laboratory, tmp_path):
        until(lambda: captured(tmp_path))
        with logging(laboratory, tmp_path) as second:
            assert second.wait(timeout=20) == 2
    assert "another timeline logger" in (tmp_path / "log").read_text()


def test_a_logger_that_cannot_begin_says_so_in_its_heartbeat_and_keeps_when_it_began(
    laboratory: EmulatorService, tmp_path: Path
) -> None:
    heartbeat = tmp_path / "timeline_captures" / "heartbeat.json"
    since = set()
    for _ in range(2):
        with logging(laboratory, tmp_path, url="ftp://nowhere") as process:
            assert process.wait(timeout=20) == 2
        beat = read_heartbeat(heartbeat)
        assert beat is not None
        assert beat.state == "failing"
        assert "it cannot begin" in beat.reason
        since.add((beat.failing_since, beat.next_due))
    assert len(since) == 1
    assert beat is not None
    later = datetime.now(UTC) + timedelta(seconds=61)
    assert beat.reason in trouble(beat, later)
    restarted = replace(beat, written_at=later.isoformat())
    assert "captured nothing" in trouble(restarted, later)


def test_captures_of_another_service_are_not_mixed_with_those_that_are_there(
    laboratory: EmulatorService, tmp_path: Path
) -> None:
    with logging(laboratory, tmp_path) as process:
        until(lambda: captured(tmp_path))
        known = known_source(tmp_path)
        assert known is not None
        assert known.url == laboratory.url
        # A person says, while it runs, that the data directory belongs to another service.
        accept_source(tmp_path, "http://elsewhere.test/acl.pl")
        heartbeat = tmp_path / "timeline_captures" / "heartbeat.json"
        until(lambda: (beat := read_heartbeat(heartbeat)) and "elsewhere.test" in beat.reason)
        count = len(captured(tmp_path))
        failures = read_heartbeat(heartbeat)
        assert failures is not None
        until(lambda: (b := read_heartbeat(heartbeat)) and b.failures > failures.failures)
        assert len(captured(tmp_path)) == count
        assert process.poll() is None
    (tmp_path / "log").unlink()
    asked = len(laboratory.requests)
    with logging(laboratory, tmp_path) as process:
        assert process.wait(timeout=20) == 2
    assert len(laboratory.requests) == asked
    (said,) = (tmp_path / "log").read_text().splitlines()
    assert "elsewhere.test" in said
    assert laboratory.url in said
    beat = read_heartbeat(heartbeat)
    assert beat is not None
    assert "it cannot begin" in beat.reason


def test_the_process_is_small(laboratory: EmulatorService, tmp_path: Path) -> None:
    with logging(laboratory, tmp_path) as process:
        until(lambda: len(captured(tmp_path)) >= 3)
        status = Path(f"/proc/{process.pid}/status").read_text()
        (peak,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < MEGABYTES * 1024


def test_the_logger_imports_nothing_heavy() -> None:
    code = (
        "import sys, gmpsai_assets.timeline.command\n"
        "heavy = {'dagster', 'pandas', 'duckdb', 'matplotlib', 'pyarrow', 'numpy'}\n"
        "print(*(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == []
