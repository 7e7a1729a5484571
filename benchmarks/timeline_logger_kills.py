"""``kill -9`` for the timeline logger again and again: what is lost must be what the list of gaps holds.

``python -m benchmarks.timeline_logger_kills``: ten kills a minute apart, in real time, under the supervisor of
``gmpsai run``; exit code 1 if anything is lost that is in no gap, or a gap counts what was not lost.
"""

import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.emulated_logger import logger_command, logger_environment, lost, records
from gmpsai_assets.acnet.clock import from_microseconds, local_day_of, parse_day
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.launch.children import Children
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.day import compact_day
from gmpsai_assets.timeline.gaps import TimelineGap
from gmpsai_assets.timeline.heartbeat import read_heartbeat
from gmpsai_assets.timeline.records import Captured

_POLL_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 200.0


@dataclass(frozen=True)
class Losses:
    """What the kills cost.

    Attributes:
        processes: loggers that were killed, by process number.
        captured: starts that were captured, microseconds since 1970 UTC.
        lost: true starts between the first and the last of them that were not captured.
        gaps: those of ``supercycle_timeline`` in that span.
    """

    processes: tuple[int, ...]
    captured: tuple[int, ...]
    lost: tuple[int, ...]
    gaps: tuple[TimelineGap, ...]

    @property
    def accounted(self) -> bool:
        """Whether each lost one lies in a gap, and each gap counts those that lie in it."""
        slack = 200_000
        within = [
            sum(gap.start - slack <= start < gap.end - slack for start in self.lost)
            for gap in self.gaps
        ]
        return within == [gap.missed for gap in self.gaps] and sum(within) == len(self.lost)


def kill_again_and_again(
    service: EmulatorService, data: Path, kills: int, seconds: float, draw: random.Random
) -> Losses:
    """Kill the logger so many times, about so many real seconds apart, and look at the days that come of it."""
    processes = []
    heartbeat = CaptureFiles(data).heartbeat
    with Children(data / "logs", logger_environment(service, data)) as children:
        children.keep("timeline logger", logger_command(service))
        for number in range(kills + 1):
            _go_on_until_captured(children, service, data, _captured(service, data))
            if number < kills:
                _go_on(children, seconds * draw.uniform(0.5, 1.5))
                beat = read_heartbeat(heartbeat)
                assert beat is not None
                os.kill(beat.process, signal.SIGKILL)
                processes.append(beat.process)
    captured = _captured(service, data)
    first, last = captured[0].start, captured[-1].start
    gaps = [gap for day in _days(first, last) for gap in compact_day(Lake(data), day).found.gaps]
    return Losses(
        tuple(processes),
        tuple(each.start for each in captured),
        tuple(lost(service, captured)),
        tuple(gap for gap in gaps if first < gap.end <= last),
    )


def _captured(service: EmulatorService, data: Path) -> list[Captured]:
    return [each for each in records(service, data) if isinstance(each, Captured)]


def _go_on(children: Children, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        children.check()
        time.sleep(_POLL_SECONDS)


def _go_on_until_captured(
    children: Children, service: EmulatorService, data: Path, before: list[Captured]
) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while len(_captured(service, data)) == len(before):
        if time.monotonic() > deadline:
            msg = f"nothing was captured for {_LONGEST_WAIT_SECONDS:.0f} s; see {data / 'logs'}"
            raise TimeoutError(msg)
        _go_on(children, _POLL_SECONDS)


def _days(first: int, last: int) -> list[str]:
    day = parse_day(local_day_of(from_microseconds(first)))
    days = []
    while day.isoformat() <= local_day_of(from_microseconds(last)):
        days.append(day.isoformat())
        day += timedelta(days=1)
    return days


def main() -> int:
    """Ten minutes of kills."""
    with TemporaryDirectory() as scratch, running_emulator() as service:
        losses = kill_again_and_again(service, Path(scratch), 10, 60.0, random.Random())
    print(f"killed {len(losses.processes)} loggers; {len(losses.captured)} supercycles captured")
    print(f"lost {len(losses.lost)}; in gaps {sum(gap.missed for gap in losses.gaps)}")
    for gap in losses.gaps:
        print(f"  {from_microseconds(gap.start)}: {gap.missed}, {gap.reason}")
    return 0 if losses.accounted else 1


if __name__ == "__main__":
    sys.exit(main())
