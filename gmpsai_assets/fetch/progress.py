"""How far a pull has come, in a small file that any other process may read.

The pull writes it, ``gmpsai run`` shows it. It is no part of the result.
"""

import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.json_objects import json_object, made_of

_INTERVAL_SECONDS = 0.25
"""Chosen: often enough for a person who looks on."""


@dataclass(frozen=True)
class Progress:
    """The state of a pull.

    Attributes:
        table: what is pulled.
        day: the partition key.
        done: finished subjects, whatever became of them.
        fetched: those of them that were asked for now; the others came from drafts.
        total: all subjects.
        rows: rows of the finished subjects.
        bytes_received: bytes of text that came now.
        seconds: time since the pull began.
        process: who pulls.
    """

    table: str
    day: str
    done: int
    fetched: int
    total: int
    rows: int
    bytes_received: int
    seconds: float
    process: int

    @property
    def megabytes_per_second(self) -> float:
        """Speed so far in MB/s of text."""
        return self.bytes_received / 1e6 / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the subjects fetched so far; None before the first."""
        return self.seconds / self.fetched * (self.total - self.done) if self.fetched else None


class ProgressFile:
    """Collects the progress of one pull and writes it to a file a few times a second; removed at the end."""

    def __init__(self, folder: Path, table: str, day: str, total: int) -> None:
        self.path = progress_path(folder, table, day)
        self._table, self._day, self._total = table, day, total
        self._done = self._fetched = self._rows = self._bytes = 0
        self._begun = time.monotonic()
        self._written = float("-inf")
        self._lock = threading.Lock()
        self._write()

    def finished(self, rows: int, bytes_received: int, *, fetched: bool = True) -> None:
        """Count one more finished subject, failed or not; safe to call from several threads.

        Args:
            rows: what there is of it.
            bytes_received: bytes of text that came for it now.
            fetched: whether it was asked for now.
        """
        with self._lock:
            self._done += 1
            self._fetched += fetched
            self._rows += rows
            self._bytes += bytes_received
            due = time.monotonic() - self._written > _INTERVAL_SECONDS
            if due or self._done == self._total:
                self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        now = time.monotonic()
        state = Progress(
            self._table,
            self._day,
            self._done,
            self._fetched,
            self._total,
            self._rows,
            self._bytes,
            now - self._begun,
            os.getpid(),
        )
        draft = atomic.unused_name(self.path)
        draft.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_text(json.dumps(asdict(state)))
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)
        self._written = now


def progress_path(folder: Path, table: str, day: str) -> Path:
    """Where the progress of one pull is written."""
    return folder / "progress" / f"{table}-{day}.json"


def read_progress(path: Path) -> Progress | None:
    """The last state that a pull wrote; None if none is under way, or if its process was killed.

    Raises:
        ForeignContentError: the file is no progress of a pull.
    """
    try:
        progress = made_of(Progress, json_object(path.read_bytes()))
    except FileNotFoundError:
        return None
    return progress if is_running(progress.process) else None


def is_running(process: int) -> bool:
    """Whether a process of this machine lives; one that has ended and was not yet waited for does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")
