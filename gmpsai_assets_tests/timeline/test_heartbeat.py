"""The heartbeat and what is made of it."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.lake.processes import process_started
from gmpsai_assets.timeline.heartbeat import (
    STALE_SECONDS,
    Heart,
    Heartbeat,
    is_hung,
    read_heartbeat,
    tell_service_manager,
    trouble,
)


def beaten(path: Path, **changes: object) -> Heartbeat:
    Heart(path, "somebody").beat(**{"state": "waiting", **changes})
    beat = read_heartbeat(path)
    assert beat is not None
    return beat


def _old(beat: Heartbeat) -> datetime:
    return datetime.fromisoformat(beat.written_at) + timedelta(seconds=STALE_SECONDS + 1)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    beat = beaten(tmp_path / "heartbeat.json", captured=7)
    assert (beat.captured, beat.owner, beat.process) == (7, "somebody", os.getpid())
    assert trouble(beat, datetime.now(UTC)) == ""
    assert list(tmp_path.iterdir()) == [tmp_path / "heartbeat.json"]


def test_it_is_written_once_a_second_and_changes_of_state_at_once(tmp_path: Path) -> None:
    now = [10_000_000]
    path = tmp_path / "heartbeat.json"
    heart = Heart(path, real=lambda: now[0])
    heart.beat(state="waiting")
    heart.beat(captured=1)
    assert (read_heartbeat(path) or heart.now).captured == 0
    heart.beat(state="failing")
    assert (read_heartbeat(path) or heart.now).captured == 1
    now[0] += 1_000_000
    heart.beat(captured=2)
    assert (read_heartbeat(path) or heart.now).captured == 2


def test_a_place_that_cannot_be_written_does_not_end_the_logger(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    heart = Heart(tmp_path / "file" / "heartbeat.json")
    heart.beat(captured=3)
    assert heart.now.captured == 3


def test_every_trouble_is_told(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    assert "no timeline logger has run" in trouble(None, now)
    beat = beaten(tmp_path / "heartbeat.json")
    assert "no sign of life for 61 s" in trouble(beat, _old(beat))
    assert "was stopped at" in trouble(replace(beat, state="stopped"), now)
    since = (now - timedelta(seconds=300)).isoformat()
    failing = replace(beat, state="failing", failing_since=since, reason="HTTP status 502")
    assert "captured nothing for 300 s" in trouble(failing, now)
    assert "HTTP status 502" in trouble(failing, now)
    just_now = replace(failing, failing_since=(now - timedelta(seconds=5)).isoformat())
    assert trouble(just_now, now) == ""


def test_nothing_captured_after_the_next_one_was_due_is_trouble_whatever_the_logger_says(
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    due = (now - timedelta(seconds=61)).isoformat()
    beat = beaten(tmp_path / "heartbeat.json", next_due=due)
    for state in ("starting", "waiting"):
        assert "captured nothing for 61 s" in trouble(replace(beat, state=state), now)
    assert trouble(replace(beat, next_due=(now + timedelta(minutes=9)).isoformat()), now) == ""
    assert trouble(beat, now - timedelta(seconds=2)) == ""


@pytest.mark.parametrize("last_words", ["starting", "waiting", "failing", "stopped"])
def test_a_logger_that_dies_again_and_again_is_not_taken_for_a_new_one(
    tmp_path: Path, last_words: str
) -> None:
    seconds = [1_000_000_000]
    path = tmp_path / "heartbeat.json"
    for _ in range(40):
        heart = Heart(path, real=lambda: seconds[0])
        heart.fail("HTTP status 502")
        heart.beat(state=last_words)
        seconds[0] += 2_000_000
    beat = read_heartbeat(path)
    assert beat is not None
    found = trouble(replace(beat, state="starting"), from_microseconds(seconds[0]))
    assert "captured nothing for 80 s" in found
    assert "HTTP status 502" in found


def test_after_a_clean_stop_the_next_logger_has_time_to_capture(tmp_path: Path) -> None:
    seconds = [1_000_000_000]
    path = tmp_path / "heartbeat.json"
    Heart(path, real=lambda: seconds[0]).beat(state="stopped")
    seconds[0] += 86_400_000_000
    Heart(path, real=lambda: seconds[0]).beat(state="waiting")
    beat = read_heartbeat(path)
    assert beat is not None
    assert trouble(beat, from_microseconds(seconds[0])) == ""


def test_a_logger_killed_while_it_writes_leaves_nothing_that_grows(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.json"
    for _ in range(3):
        Heart(path).beat()
        (draft,) = {each.name for each in tmp_path.iterdir()} - {path.name} or {
            ".heartbeat.json.draft"
        }
        (tmp_path / draft).write_text("cut sho")
    Heart(path).beat()
    assert list(tmp_path.iterdir()) == [path]


def test_only_the_very_process_on_this_machine_counts_as_hung(tmp_path: Path) -> None:
    beat = beaten(tmp_path / "heartbeat.json")
    old = _old(beat)
    assert is_hung(beat, old)
    assert not is_hung(beat, datetime.now(UTC))
    assert not is_hung(replace(beat, host="elsewhere"), old)
    assert not is_hung(replace(beat, process_started="another boot 1"), old)
    assert not is_hung(replace(beat, state="stopped"), old)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(timeout=60)
    assert process_started(ended.pid) == ""
    assert not is_hung(replace(beat, process=ended.pid, process_started=""), old)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.json"
    for text in ('{"pulse": 1}', "", "[1]"):
        path.write_text(text)
        with pytest.raises(ValueError, match="heartbeat"):
            read_heartbeat(path)
    assert read_heartbeat(tmp_path / "none") is None


def test_systemd_is_told_where_it_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        Heart(tmp_path / "heartbeat.json").beat()
        assert listener.recv(100) == b"WATCHDOG=1"
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
        tell_service_manager("READY=1")
        monkeypatch.delenv("NOTIFY_SOCKET")
        tell_service_manager("READY=1")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.recv(100)
