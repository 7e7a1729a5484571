"""What the terminal shows while a day is made: which asset, and of a pull devices done, samples, speed and time left.

Only lines of text belong here; what they say is told by the processes that do the work.
"""

import sys
import time
from pathlib import Path

from gmpsai_assets.fetch.progress import Progress, progress_path, read_progress
from gmpsai_assets.launch.steps import Step, read_step, step_path

_TABLES = ("parameter_data", "event_data")
_LINE_SECONDS = 5.0


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
    """One line for an asset that says nothing of its progress itself."""
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
