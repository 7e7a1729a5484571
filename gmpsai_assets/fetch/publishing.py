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
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.acnet.stopping import Stop
from gmpsai_assets.fetch.asking.asker import ServiceHealth
from gmpsai_assets.fetch.day_file import DayFile
from gmpsai_assets.fetch.drafts import remove_drafts, remove_leftovers, stay_until
from gmpsai_assets.fetch.failures import PullFailedError, Stopped
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import FINISHED, REFUSED, Failure, Outcome
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

    @property
    def longest_kept(self) -> float:
        """The longest time that a logger keeps one of them, in days of 24 hours."""
        return max(self.kept_days.values(), default=KEPT_DAYS)


def pull_and_publish(
    lake: Lake, pull: DayPull, files: Iterable[DayFile[Any]], options: FetchOptions
) -> tuple[list[tuple[Outcome, ...]], tuple[Published, ...]]:
    """Pull the files of a day, publish them together, keep account of the effort, and forget all drafts of the day.

    A refused subject does not keep the others from being published. Once the service refuses whatever it is asked,
    nothing more is asked; with ``allow_partial`` what there is is published all the same.

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
    health = ServiceHealth()
    with (
        lake.publication(table, day, keep_revisions=True) as publication,
        ProgressFile(lake.drafts, table.name, day, pull.total) as progress,
        health.stop.heeded(),
    ):
        remove_leftovers(lake, table, pull.longest_kept, options.now())
        for file in files:
            pulled, failed = file.pull(publication.file(file.name), options, progress, health)
            outcomes.append(pulled)
            failures += failed
            if health.stop.is_set and not options.allow_partial:
                break
        reached = [outcome for each in outcomes for outcome in each]
        if not failures and not any(each.rows or each.state in FINISHED for each in reached):
            # Even a partial day must hold something.
            failures = [each.as_failure(day_window(day)) for each in reached]
        if failures or (health.stop.is_set and not options.allow_partial):
            raise _failed(pull, reached, failures, health.stop, options)
        published = publication.publish()
        log = lake.pull_log_file(table, day)
        changed = any(each.what != "unchanged" for each in published)
        # A run that was killed after it had published has left none, or that of the pull before.
        if changed or not _is_younger(log, lake.day_files(table, day)):
            write_pull_log(log, _efforts(reached))
        remove_drafts(lake.drafts, table.name, day)
    return outcomes, published


def _failed(
    pull: DayPull,
    reached: Sequence[Outcome],
    failures: Sequence[Failure],
    stop: Stop,
    options: FetchOptions,
) -> PullFailedError:
    """Why a day is not published; the refused ones are named, too. What stopped the pull is said once."""
    listed = {each.subject for each in failures}
    refused = [
        each.as_failure(day_window(pull.day))
        for each in reached
        if each.state == REFUSED and each.subject not in listed
    ]
    stopped = stop.reason if isinstance(stop.reason, AcnetError) else None
    named = [
        each for each in (*failures, *refused) if stopped is None or stopped.what not in each.reason
    ]
    finished = sum(each.may_be_published and each.subject not in listed for each in reached)
    return PullFailedError(
        pull.day,
        pull.what,
        pull.total,
        named,
        now=options.now(),
        kept_days=pull.kept_days,
        drafts_until=stay_until(options.now(), pull.longest_kept),
        stopped=None
        if stopped is None
        else Stopped(stopped, not_asked=pull.total - finished - len(named)),
    )


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
