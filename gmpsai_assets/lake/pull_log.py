"""What the pull of a published day took: bytes, seconds and requests of each subject.

It lies beside the tables and not in them, since two equal pulls take different times and must give equal files.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from gmpsai_assets.lake import atomic

Effort = dict[str, float]
"""``bytes_received`` (bytes of text), ``seconds`` (spent on it, repetitions included), ``requests`` (number)."""


def write_pull_log(path: Path, efforts: Mapping[str, Effort]) -> None:
    """Write the log of one table and day whole or not at all.

    Raises:
        OSError: if the disk is full or not writable.
    """
    atomic.write_bytes(path, json.dumps(efforts, indent=1).encode() + b"\n")


def read_pull_log(path: Path) -> dict[str, Effort]:
    """The effort by subject; empty if no log was kept."""
    try:
        return dict(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
