"""The timeline logger over 24 simulated hours: its memory and whether it grows, and its share of a core.

A real logger process reads an emulator over HTTP, both at one speed; another one runs at its real speed beside it.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.emulated_logger import logger_command, logger_environment, lost, records
from benchmarks.pulls import Judged
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.timeline.records import Captured, Gap

SPEED = 400.0
"""A capture takes some 20 ms, which is 8 of the 60 s of a supercycle then."""

HOURS = 24.0
_SAMPLE_SECONDS = 0.5
_WARM_SECONDS = 5.0


def timeline_logger(folder: Path, hours: float = HOURS) -> list[Judged]:
    """Memory over so many simulated hours, and the processor time of a logger at its real speed."""
    with running_emulator(speed=SPEED) as quick, running_emulator() as real:
        with _logger(quick, folder / "quick") as fast, _logger(real, folder / "real") as slow:
            time.sleep(_WARM_SECONDS)
            begun, used = time.monotonic(), _processor_seconds(slow.pid)
            sizes = list(_resident_megabytes(fast.pid, hours * 3600 / SPEED))
            share = (_processor_seconds(slow.pid) - used) / (time.monotonic() - begun)
            peak = _status(fast.pid, "VmHWM")
        seen = records(quick, folder / "quick")
        captured = [each for each in seen if isinstance(each, Captured)]
        gaps = [each for each in seen if isinstance(each, Gap)]
        unlisted = [
            start
            for start in lost(quick, captured)
            if not any(each.start - 30e6 <= start < each.end for each in gaps)
        ]
    quarter = len(sizes) // 4
    growth = median(sizes[-quarter:]) - median(sizes[:quarter])
    span = (captured[-1].planned_end - captured[0].start) / 3.6e9
    return [
        Judged(
            f"timeline logger: peak memory over {span:.1f} simulated hours",
            peak,
            60,
            "MB",
            f"{len(captured):,} supercycles captured, {len(gaps)} gaps",
        ),
        Judged("timeline logger: growth, last quarter less first", growth, 1, "MB", ""),
        Judged("timeline logger: lost and not in the list of gaps", len(unlisted), 0, "", ""),
        Judged("timeline logger: share of a core at its real speed", 100 * share, 1, "%", ""),
    ]


@contextmanager
def _logger(service: EmulatorService, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    data.mkdir(parents=True)
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(
            logger_command(service),
            env={**os.environ, **logger_environment(service, data)},
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _resident_megabytes(process: int, seconds: float) -> Iterator[float]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield _status(process, "VmRSS")
        time.sleep(_SAMPLE_SECONDS)


def _status(process: int, name: str) -> float:
    """A size that the kernel gives of a process, in MB (10^6 bytes)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / 1e6


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        for line in timeline_logger(Path(scratch)):
            print("ok  " if line.good else "MISS", line)
