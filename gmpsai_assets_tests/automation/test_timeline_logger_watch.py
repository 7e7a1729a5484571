"""The sensor that watches the timeline logger."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import dagster as dg
import pytest
import yaml

from gmpsai_assets.automation.timeline_logger_watch import (
    TimelineLoggerTrouble,
    timeline_logger_watch,
    watch,
)
from gmpsai_assets.lake.processes import process_started
from gmpsai_assets.timeline.heartbeat import (
    PLATFORM,
    Heart,
    Heartbeat,
    read_heartbeat,
)

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
SOON = timedelta(seconds=90)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GMPSAI_DATA_DIR", str(tmp_path))
    return tmp_path / "timeline_captures" / "heartbeat.json"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that gives no sign of life."""
    process = subprocess.Popen(SLEEP)
    yield process
    process.kill()
    process.wait(timeout=60)


def _beaten(path: Path, process: int, owner: str) -> Heartbeat:
    """The heartbeat of another process."""
    Heart(path, owner).beat(state="waiting", captured=12)
    beat = read_heartbeat(path)
    assert beat is not None
    beat = replace(beat, process=process, process_started=process_started(process))
    path.write_text(json.dumps(asdict(beat)))
    return beat


def test_a_logger_that_lives_is_left_alone(path: Path) -> None:
    Heart(path, PLATFORM).beat(state="waiting", captured=12)
    assert "12 supercycles captured" in watch(path, datetime.now(UTC))


def test_a_tick_is_skipped_while_all_is_well_and_fails_in_trouble(path: Path) -> None:
    with pytest.raises(TimelineLoggerTrouble, match="no timeline logger has run"):
        timeline_logger_watch(dg.build_sensor_context())
    Heart(path).beat(state="waiting")
    found = timeline_logger_watch(dg.build_sensor_context())
    assert isinstance(found, dg.SkipReason)


@pytest.mark.parametrize(
    ("owner", "next_step"),
    [
        (PLATFORM, "gmpsai run started it, and kills and restarts it"),
        ("systemd", "systemd started it, and kills and restarts it"),
        ("", r"nobody restarts it: kill process \d+, then start `gmpsai timeline-logger` again"),
    ],
)
def test_a_hung_logger_is_reported_within_two_minutes_and_left_to_its_owner(
    path: Path, sleeper: subprocess.Popen[bytes], owner: str, next_step: str
) -> None:
    _beaten(path, sleeper.pid, owner)
    with pytest.raises(TimelineLoggerTrouble, match=f"no sign of life .*{next_step}"):
        watch(path, datetime.now(UTC) + SOON)
    assert sleeper.poll() is None


def test_the_service_of_production_restarts_a_logger_that_hangs_or_dies() -> None:
    unit = (files("gmpsai_assets") / "deploy" / "gmpsai-timeline-logger.service").read_text()
    lines = unit.splitlines()
    for line in ("Type=notify", "Restart=always", "WatchdogSec=90", "WatchdogSignal=SIGKILL"):
        assert line in lines


def test_a_process_that_only_has_the_same_number_is_no_hung_logger(
    path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    beat = replace(_beaten(path, sleeper.pid, PLATFORM), process_started="an earlier one")
    path.write_text(json.dumps(asdict(beat)))
    with pytest.raises(TimelineLoggerTrouble, match="no sign of life") as raised:
        watch(path, datetime.now(UTC) + SOON)
    assert "restarts it" not in str(raised.value)


def test_ticks_that_failed_do_not_pile_up() -> None:
    text = (files("gmpsai_assets") / "deploy" / "dagster.yaml").read_text()
    kept = yaml.safe_load(text)["retention"]["sensor"]["purge_after_days"]
    assert 0 < kept["failure"] <= 7
    assert 0 < kept["skipped"] <= 7


def test_the_alarm_comes_within_two_minutes() -> None:
    assert timeline_logger_watch.minimum_interval_seconds is not None
    assert timeline_logger_watch.minimum_interval_seconds + SOON.total_seconds() <= 120
    assert timeline_logger_watch.default_status is dg.DefaultSensorStatus.RUNNING
