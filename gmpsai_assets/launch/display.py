"""What the terminal shows while a day is pulled: devices done, samples, speed and the time left."""

import sys
import time
from pathlib import Path

from gmpsai_assets.pull.progress import Progress, progress_path, read_progress

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


class ProgressDisplay:
    """Shows the pulls of one day: in place on a terminal, every few seconds elsewhere."""

    def __init__(self, drafts: Path, day: str) -> None:
        self._paths = [progress_path(drafts, table, day) for table in _TABLES]
        self._terminal = sys.stdout.isatty()
        self._shown = float("-inf")
        self._open = False

    def update(self) -> None:
        """Show the present state if there is one and its time has come."""
        now = time.monotonic()
        if not self._terminal and now - self._shown < _LINE_SECONDS:
            return
        for path in self._paths:
            progress = read_progress(path)
            if progress is None:
                continue
            line = progress_line(progress)
            print(f"\r{line:<100}" if self._terminal else line, end="", flush=True)
            print(end="" if self._terminal else "\n", flush=True)
            self._shown, self._open = now, self._terminal
            return

    def close(self) -> None:
        """Leave the line that was written in place."""
        if self._open:
            print(flush=True)
            self._open = False
