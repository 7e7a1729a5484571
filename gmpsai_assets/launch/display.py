"""How far a day is: recorded by the process that makes it, read and shown on the terminal by the one that waits.

Of a day the asset that is being made is recorded here; how far a pull has come within its asset, in ``fetch.progress``.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from gmpsai_assets.fetch.progress import Progress, is_running, progress_path, read_progress
from gmpsai_assets.lake.atomic import write_bytes
from gmpsai_assets.lake.json_objects import json_object, made_of

_TABLES = ("parameter_data", "event_data")
_LINE_SECONDS = 5.0


@dataclass(frozen=True)
class Step:
    """The asset that is being made.

    Attributes:
        day: the partition key.
        name: the asset.
        number: its place among the assets that are made, from 1.
        total: how many are made.
        process: who makes it.
    """

    day: str
    name: str
    number: int
    total: int
    process: int


@contextmanager
def recording_steps(drafts: Path, day: str, total: int) -> Iterator[Callable[[str], None]]:
    """Within the block, a function that records which asset begins; at its end the record is removed.

    Args:
        drafts: the lake's folder of work in progress.
        day: the partition key.
        total: how many assets will be made.
    """
    path = step_path(drafts, day)
    begun = 0

    def record(name: str) -> None:
        nonlocal begun
        begun += 1
        step = Step(day, name, begun, total, os.getpid())
        write_bytes(path, json.dumps(asdict(step)).encode())

    try:
        yield record
    finally:
        path.unlink(missing_ok=True)


def step_path(drafts: Path, day: str) -> Path:
    """Where the steps of a day are recorded."""
    return drafts / "progress" / f"step-{day}.json"


def read_step(path: Path) -> Step | None:
    """The step that is under way; None if none is, or if its process has died."""
    try:
        step = made_of(Step, json_object(path.read_bytes()))
    except FileNotFoundError:
        return None
    return step if is_running(step.process) else None


def progress_line(progress: Progress) -> str:
    """One line for one pull."""
    what = "devices" if progress.table == "parameter_data" else "events"
    rows = "samples" if progress.table == "parameter_data" else "occurrences"
    left = progress.seconds_left
    return (
        f"{progress.day} {progress.table}: {progress.done} of {progress.total} {what}, "
        f"{progress.rows / 1e6:.1f} M {rows}, {progress.megabytes_per_second:.0f} MB/s"
        + (f", about {left:.0f} s left" if left is not None else "")
    )


def step_line(step: Step) -> str:
    """One line for an asset of which no more is known."""
    return f"{step.day} {step.name}: asset {step.number} of {step.total}"


class ProgressDisplay:
    """Shows how one day is made: in place on a terminal, every few seconds elsewhere."""

    def __init__(self, drafts: Path, day: str) -> None:
        self._paths = [progress_path(drafts, table, day) for table in _TABLES]
        self._step = step_path(drafts, day)
        self._terminal = sys.stdout.isatty()
        self._shown = float("-inf")
        self._line = ""
        self._open = False

    def update(self) -> None:
        """Show the present state if there is a new one and its time has come."""
        now = time.monotonic()
        if not self._terminal and now - self._shown < _LINE_SECONDS:
            return
        line = self._present_line()
        if not line or line == self._line:
            return
        print(f"\r{line:<100}" if self._terminal else line, end="", flush=True)
        print(end="" if self._terminal else "\n", flush=True)
        self._shown, self._line, self._open = now, line, self._terminal

    def _present_line(self) -> str:
        for path in self._paths:
            if progress := read_progress(path):
                return progress_line(progress)
        step = read_step(self._step)
        return step_line(step) if step else ""

    def close(self) -> None:
        """Leave the line that was written in place."""
        if self._open:
            print(flush=True)
            self._open = False
