"""The sensor that watches the timeline logger: it reads one small file and nothing else.

In trouble its ticks fail, with a message that says what is wrong; that is what an operator sees in red under
Automation. It ends no process: a logger that hangs is killed and started again by whoever started it, which is
``gmpsai run`` or systemd, by the watchdog of the unit in ``deploy``.
"""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from gmpsai_assets import settings
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.heartbeat import Heartbeat, is_hung, read_heartbeat, trouble

_INTERVAL_SECONDS = 30
"""With the 60 s after which a heartbeat is old, an alarm comes within two minutes."""


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
        TimelineLoggerTrouble: what is wrong, and who does something about it.
    """
    beat = read_heartbeat(path)
    found = trouble(beat, now)
    if beat is None or found:
        raise TimelineLoggerTrouble(found + _next_step(beat, now))
    return f"the timeline logger is {beat.state}; {beat.captured} supercycles captured, {beat.gaps} gaps"


def _next_step(beat: Heartbeat | None, now: datetime) -> str:
    """Who kills and restarts a logger that hangs; empty for one that does not."""
    if beat is None or not is_hung(beat, now):
        return ""
    if beat.owner:
        return f"; {beat.owner} started it, and kills and restarts it"
    return f"; nobody restarts it: kill process {beat.process}, then start `gmpsai timeline-logger` again"
