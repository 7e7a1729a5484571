"""A real timeline logger whose clock is that of an emulator, and what the emulator knows of what it lost."""

import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.records import Captured, Record

_QUICK_SECONDS = 1e-4
_PATIENCE = 2_000


def logger_command(service: EmulatorService, *options: str) -> list[str]:
    """What starts a logger with the emulator's clock."""
    command = [sys.executable, "-m", "gmpsai_assets.cli", "timeline-logger", *options]
    speed = service.options.speed
    if speed == 1.0:
        return command
    real, shown = _both_clocks(service)
    same_at = from_microseconds(round((real * speed - shown) / (speed - 1) * 1e6))
    return [*command, "--speed", str(speed), "--same-time-at", same_at.isoformat()]


def _both_clocks(service: EmulatorService) -> tuple[float, float]:
    """The real and the emulator's time of one moment, in seconds.

    The two clocks are read one after the other; a process that is interrupted in between reads two moments, and
    at speed that is many times as much. So they are read until nothing came between.
    """
    best = None
    for attempt in count():
        before = time.time()
        shown = service.now_microseconds() / 1e6
        after = time.time()
        if best is None or after - before < best[0]:
            best = (after - before, (before + after) / 2, shown)
        if best[0] < _QUICK_SECONDS or attempt > _PATIENCE:
            return best[1], best[2]
    raise AssertionError


def logger_environment(service: EmulatorService, data: Path) -> dict[str, str]:
    """What the logger needs to know."""
    return {"GMPSAI_DATA_DIR": str(data), "GMPSAI_ACL_URL": service.url}


def records(service: EmulatorService, data: Path) -> list[Record]:
    """What was recorded up to now by a logger that began less than two days ago."""
    now = from_microseconds(service.now_microseconds())
    return CaptureFiles(data).read(now - timedelta(days=2), now + timedelta(days=1))


def lost(service: EmulatorService, captured: Sequence[Captured]) -> list[int]:
    """True starts between the first and the last captured one that have no capture."""
    if not captured:
        return []
    half = round(captured[0].length_seconds * 5e5)
    found = sorted(each.start for each in captured)
    truth = service.machine.schedule.between(found[0] - half, found[-1] + half)
    starts = [each.start_microseconds for each in truth]
    return [each for each in starts if min(abs(each - start) for start in found) > half]
