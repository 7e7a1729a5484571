"""The sensor that watches the timeline logger: it reads one small file and nothing else.

In trouble its ticks fail, with a message that says what is wrong; that is what an operator sees in red under
Automation. A logger that hangs is ended if `gmpsai run` started it, which starts it again; one of another owner
(systemd has a watchdog of its own) is left alone.
"""

import contextlib
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from gmpsai_assets import settings
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.heartbeat import PLATFORM, Heartbeat, is_hung, read_heartbeat, trouble

_INTERVAL_SECONDS = 30


class TimelineLoggerTrouble(Exception):
    """Supercycles are being lost."""


@dg.sensor(
    minimum_interval_seconds=_INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Fails while the timeline logger captures nothing: it does not run, hangs, or cannot read. What it "
    "does not capture is lost.",
)
def timeline_logger_watch() -> dg.SkipReason:
    """Look at the heartbeat of the logger that writes to this data directory."""
    path = CaptureFiles(settings.data_directory()).heartbeat
    return dg.SkipReason(watch(path, datetime.now(UTC)))


def watch(path: Path, now: datetime) -> str:
    """Say that all is well, or raise.

    Args:
        path: the heartbeat.
        now: the real time, aware.

    Raises:
        TimelineLoggerTrouble: what is wrong and what was done about it.
    """
    beat = read_heartbeat(path)
    found = trouble(beat, now)
    if beat is None or found:
        raise TimelineLoggerTrouble(found + _restarted(beat, now))
    return f"the timeline logger is {beat.state}; {beat.captured} supercycles captured, {beat.gaps} gaps"


def _restarted(beat: Heartbeat | None, now: datetime) -> str:
    """End a logger that hangs, if it is ours; returns what was done."""
    if beat is None or not is_hung(beat, now):
        return ""
    if beat.owner != PLATFORM:
        return f"; it is left to its owner ({beat.owner or 'nobody'})"
    with contextlib.suppress(ProcessLookupError):
        os.kill(beat.process, signal.SIGKILL)
    return "; it was killed, and gmpsai run starts it again"
