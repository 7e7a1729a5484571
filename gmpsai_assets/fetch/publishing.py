"""What becomes of the files of a pulled day, and of the account of the effort.

How a file is pulled belongs to ``day_file``; how it is put in place, to the lake.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.fetch.drafts import remove_drafts
from gmpsai_assets.fetch.outcome import FINISHED, Failure, Outcome
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.publication import Publication
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.tables import DayTable

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


def publish_pulled(
    lake: Lake,
    table: DayTable,
    day: str,
    publication: Publication,
    outcomes: Sequence[Outcome],
) -> tuple[Published, ...]:
    """Publish the files of a day, keep account of the effort, and forget all drafts of the day.

    Returns:
        What became of each file.

    Raises:
        OSError: the disk is full or not writable; what was published before is intact.
    """
    published = publication.publish()
    log = lake.pull_log_file(table, day)
    changed = any(each.what != "unchanged" for each in published)
    # A run that was killed after it had published has left none, or that of the pull before.
    if changed or not _is_younger(log, lake.day_files(table, day)):
        write_pull_log(log, _efforts(outcomes))
    remove_drafts(lake.drafts, table.name, day)
    return published


def nothing_at_all(outcomes: Sequence[Outcome], window: Window) -> list[Failure]:
    """All as failures if not one subject was answered: even a partial day must hold something."""
    if any(outcome.rows or outcome.state in FINISHED for outcome in outcomes):
        return []
    return [outcome.as_failure(window) for outcome in outcomes]


def _is_younger(log: Path, files: Sequence[Path]) -> bool:
    if not log.exists():
        return False
    return log.stat().st_mtime_ns >= max(file.stat().st_mtime_ns for file in files)


def _efforts(outcomes: Sequence[Outcome]) -> dict[str, Effort]:
    return {
        each.subject: {
            "bytes_received": each.bytes_received,
            "seconds": round(each.seconds, 3),
            "requests": each.requests,
        }
        for each in outcomes
    }
