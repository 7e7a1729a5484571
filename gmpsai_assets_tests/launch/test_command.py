"""`gmpsai run` refuses days it cannot make, and shows how far it is."""

import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import newest_complete_day
from gmpsai_assets.cli import main
from gmpsai_assets.fetch.progress import Progress, ProgressFile, read_progress
from gmpsai_assets.launch.children import Children
from gmpsai_assets.launch.command import keep_logger, wait_until_answering
from gmpsai_assets.launch.display import ProgressDisplay, progress_line, recording_steps
from gmpsai_assets.launch.home import only_platform
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.heartbeat import read_heartbeat
from gmpsai_assets_tests.acnet.services import free_port, says, service
from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

DAY = "2026-03-10"
_WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2999-01-01", "not over yet"),
        ("2026-3-1", "YYYY-MM-DD"),
        ("2025-12-31", "GMPSAI_FIRST_DAY=2025-12-31"),
    ],
)
def test_a_day_that_cannot_be_made_is_refused_at_once(
    day: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--day", day]) == 1
    assert reason in capsys.readouterr().err


def test_the_newest_complete_day_is_yesterday_at_the_laboratory() -> None:
    # 04:30 UTC on 11 March is still the evening of the 10th in Chicago.
    assert newest_complete_day(datetime(2026, 3, 11, 4, 30, tzinfo=UTC)) == "2026-03-09"
    assert newest_complete_day(datetime(2026, 3, 11, 5, 0, tzinfo=UTC)) == "2026-03-10"


def test_progress_shows_devices_samples_speed_and_time_left() -> None:
    progress = Progress("parameter_data", DAY, 10, 10, 47, 12_957_000, 300_000_000, 20.0, 1)
    line = progress_line(progress)
    assert "10 of 47 devices" in line
    assert "13.0 M samples" in line
    assert "15 MB/s" in line
    assert "about 74 s left" in line


def test_drafts_of_an_earlier_pull_count_as_done_and_not_as_speed(tmp_path: Path) -> None:
    with ProgressFile(tmp_path, "parameter_data", DAY, 4) as file:
        file.finished(100, 0, fetched=False)
        file.finished(100, 0, fetched=False)
        assert read_progress(file.path) is not None
        file.finished(100, 1_000_000)
        file.finished(0, 0)
        progress = read_progress(file.path)
    assert progress is not None
    assert (progress.done, progress.fetched, progress.bytes_received) == (4, 2, 1_000_000)
    halfway = replace(progress, done=3, fetched=1, seconds=10.0)
    assert halfway.seconds_left == 10.0
    assert replace(progress, fetched=0).seconds_left is None


def test_the_display_follows_the_progress_of_a_pull(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    display = ProgressDisplay(tmp_path, DAY)
    with ProgressFile(tmp_path, "event_data", DAY, 1) as progress:
        progress.finished(5, 100)
        display.update()
    assert "1 of 1 events" in capsys.readouterr().out


def test_the_display_names_the_asset_where_no_pull_is_under_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gmpsai_assets.launch.display._LINE_SECONDS", 0.0)
    display = ProgressDisplay(tmp_path, DAY)
    with recording_steps(tmp_path, DAY, 3) as record:
        for name in ("parameter_data", "file_statistics"):
            record(name)
            display.update()
        display.update()
        with ProgressFile(tmp_path, "parameter_data", DAY, 1):
            display.update()
    display.update()
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"{DAY} parameter_data: asset 1 of 3"
    assert second == f"{DAY} file_statistics: asset 2 of 3"
    assert "0 of 1 devices" in third


KILLED = """
import os, signal, sys
from pathlib import Path
from gmpsai_assets.launch.display import recording_steps
from gmpsai_assets.fetch.progress import ProgressFile
with ProgressFile(Path(sys.argv[1]), "parameter_data", sys.argv[2], 47):
    with recording_steps(Path(sys.argv[1]), sys.argv[2], 9) as record:
        record("cycles")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_recorded_is_not_shown_as_the_present(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), DAY], check=False, timeout=60)
    assert len(list((tmp_path / "progress").glob("*.json"))) == 2
    ProgressDisplay(tmp_path, DAY).update()
    assert capsys.readouterr().out == ""


def test_a_slow_answer_is_waited_for_and_stops_nothing(tmp_path: Path) -> None:
    """The first request is closed without an answer, the second is a page that breaks off, the third is well."""
    with socket.create_server(("127.0.0.1", 0)) as server, Children(tmp_path, {}) as children:
        answering = threading.Thread(target=_answer_badly_twice, args=(server,), daemon=True)
        answering.start()
        wait_until_answering(f"http://127.0.0.1:{server.getsockname()[1]}/", children)
        wait_for_end(answering)


def test_this_machine_is_asked_without_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr("gmpsai_assets.launch.command._START_SECONDS", 10.0)
    with service(says(b"ok")) as running, Children(tmp_path, {}) as children:
        wait_until_answering(running.url, children)
        assert running.targets


def _answer_badly_twice(server: socket.socket) -> None:
    server.settimeout(LIMIT_SECONDS)
    for reply in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", _WELL):
        connection, _ = server.accept()
        with connection:
            connection.settimeout(LIMIT_SECONDS)
            connection.recv(4096)
            connection.sendall(reply)


LOGGER = """
import json, sys, time
from pathlib import Path
from gmpsai_assets.timeline.heartbeat import PLATFORM, Heart
heart = Heart(Path(sys.argv[1]), PLATFORM)
heart.beat(state="waiting")
while heart.before is not None:  # the first one hangs, the next one lives
    time.sleep(0.1)
    heart.beat(state="waiting")
time.sleep(600)
"""


def test_a_timeline_logger_that_hangs_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gmpsai_assets.timeline.heartbeat.STALE_SECONDS", 3.0)
    monkeypatch.setattr("gmpsai_assets.launch.children.SHORTEST_REST_SECONDS", 0.05)
    path = CaptureFiles(tmp_path).heartbeat
    found: list[int] = []

    def watch(children: Children) -> None:
        children.check()
        beat = read_heartbeat(path)
        if beat and beat.process not in found:
            found.append(beat.process)
        time.sleep(0.02)

    with Children(tmp_path, {}) as children:
        keep_logger(children, [sys.executable, "-c", LOGGER, str(path)], tmp_path)
        deadline = time.monotonic() + 60
        while len(found) < 2:
            assert time.monotonic() < deadline
            watch(children)
        lives_until = time.monotonic() + 4
        while time.monotonic() < lives_until:
            watch(children)
    assert len(found) == 2
    errors = capsys.readouterr().err
    assert errors.count("the timeline logger gives no sign of life and is killed") == 1
    assert "the timeline logger ended with code -9; it is started again" in errors


def test_two_platforms_never_share_a_home(tmp_path: Path) -> None:
    with (
        only_platform(tmp_path),
        pytest.raises(RuntimeError, match="another gmpsai run"),
        only_platform(tmp_path),
    ):
        pytest.fail("the second one was let in")
    with only_platform(tmp_path):
        assert (tmp_path / "running").exists()
