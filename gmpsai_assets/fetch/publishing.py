"""A day pulled and published, whole or not at all, with an account of the effort.

What is asked for is decided in ``parameters`` and ``events``; how one file is pulled, in ``day_file``; how files get to
their place, in the lake.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.fetch.day_file import DayFile
from gmpsai_assets.fetch.drafts import remove_drafts, remove_leftovers, stay_until
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import FINISHED, Failure, Outcome, PullFailedError
from gmpsai_assets.fetch.progress import ProgressFile
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.json_objects import json_object, member
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named
from gmpsai_assets.lake.tables import DayTable

_LOG = logging.getLogger(__name__)

Effort = dict[str, float]
"""``bytes_received`` (bytes of text), ``seconds`` (spent on it, repetitions included), ``requests`` (number)."""


@dataclass(frozen=True)
class DayPull:
    """A day that is still to be pulled.

    Attributes:
        table: where it goes.
        day: the partition key.
        what: what the subjects are, in the plural.
        total: how many there are.
        kept_days: how long the logger keeps each subject, in days of 24 hours, where that is not ``KEPT_DAYS``.
    """

    table: DayTable
    day: str
    what: str
    total: int
    kept_days: Mapping[str, float]


def pull_and_publish(
    lake: Lake, pull: DayPull, files: Iterable[DayFile[Any]], options: FetchOptions
) -> tuple[list[tuple[Outcome, ...]], tuple[Published, ...]]:
    """Pull the files of a day, publish them together, keep account of the effort, and forget all drafts of the day.

    Args:
        lake: where the day is published.
        pull: the day.
        files: its files, each made when its turn comes.
        options: those of the pull.

    Returns:
        What each subject gave, by file; and what became of each file.

    Raises:
        PullFailedError: some subjects failed; all others are kept as drafts for the next try.
        DayNotStoredError: the disk is full or not writable; what was published before is intact.
    """
    table, day = pull.table, pull.day
    outcomes: list[tuple[Outcome, ...]] = []
    failures: list[Failure] = []
    with (
        lake.publication(table, day, keep_revisions=True) as publication,
        ProgressFile(lake.drafts, table.name, day, pull.total) as progress,
    ):
        longest_kept = max(pull.kept_days.values(), default=KEPT_DAYS)
        remove_leftovers(lake, table, longest_kept, options.now())
        for file in files:
            pulled, failed = file.pull(publication.file(file.name), options, progress)
            outcomes.append(pulled)
            failures += failed
        reached = [outcome for each in outcomes for outcome in each]
        if not failures and not any(each.rows or each.state in FINISHED for each in reached):
            # Even a partial day must hold something.
            failures = [each.as_failure(day_window(day)) for each in reached]
        if failures:
            now, kept_days = options.now(), pull.kept_days
            raise PullFailedError(
                day,
                pull.what,
                pull.total,
                failures,
                now=now,
                kept_days=kept_days,
                drafts_until=stay_until(now, longest_kept),
            )
        published = publication.publish()
        log = lake.pull_log_file(table, day)
        changed = any(each.what != "unchanged" for each in published)
        # A run that was killed after it had published has left none, or that of the pull before.
        if changed or not _is_younger(log, lake.day_files(table, day)):
            write_pull_log(log, _efforts(reached))
        remove_drafts(lake.drafts, table.name, day)
    return outcomes, published


def write_pull_log(path: Path, efforts: Mapping[str, Effort]) -> None:
    """Write the log of one table and day whole or not at all.

    Raises:
        OSError: if the disk is full or not writable.
    """
    atomic.write_bytes(path, json.dumps(efforts, indent=1).encode() + b"\n")


def read_pull_log(path: Path) -> dict[str, Effort]:
    """The effort by subject; empty if no log was kept, or if it is damaged: no day depends on it."""
    try:
        with damage_named(path):
            log = json_object(path.read_bytes())
            return {subject: member(log, subject, dict) for subject in log}
    except FileNotFoundError:
        return {}
    except DamagedFileError as error:
        _LOG.warning("what the pull took is not known: %s", error)
        return {}


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
