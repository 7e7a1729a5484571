"""How far a pull has come, told through a small file that any other process may read.

The pull writes it, ``gmpsai run`` shows it. It is no part of the result.
"""

import json
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from gmpsai_assets.lake import atomic

_INTERVAL_SECONDS = 0.25


@dataclass(frozen=True)
class Progress:
    """The state of a pull.

    Attributes:
        table: what is pulled.
        day: the partition key.
        done: finished subjects.
        total: all subjects.
        rows: rows of the finished subjects.
        bytes_received: bytes of text they came as.
        seconds: time since the pull began.
    """

    table: str
    day: str
    done: int
    total: int
    rows: int
    bytes_received: int
    seconds: float

    @property
    def megabytes_per_second(self) -> float:
        """Speed so far in MB/s of text."""
        return self.bytes_received / 1e6 / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the subjects done so far; None before the first."""
        return self.seconds / self.done * (self.total - self.done) if self.done else None


class ProgressFile:
    """Collects the progress of one pull and writes it to a file a few times a second; removed at the end."""

    def __init__(self, folder: Path, table: str, day: str, total: int) -> None:
        self.path = progress_path(folder, table, day)
        self._table, self._day, self._total = table, day, total
        self._done = self._rows = self._bytes = 0
        self._begun = time.monotonic()
        self._written = float("-inf")
        self._lock = threading.Lock()
        self._write()

    def finished(self, rows: int, bytes_received: int) -> None:
        """Count one more finished subject; safe to call from several threads."""
        with self._lock:
            self._done += 1
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
            self._total,
            self._rows,
            self._bytes,
            now - self._begun,
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
    """Where the progress of one pull is told."""
    return folder / "progress" / f"{table}-{day}.json"


def read_progress(path: Path) -> Progress | None:
    """The last state a pull told; None if none is under way."""
    try:
        return Progress(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
