"""What becomes of the files of a pulled day: published, left as they are, or refused because they hold less.

How a file is pulled belongs to ``day_file``; how it is put in place, to the lake.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.publication import Publication
from gmpsai_assets.lake.pull_log import Effort, write_pull_log
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.schemas import DayTable
from gmpsai_assets.pull.drafts import remove_drafts
from gmpsai_assets.pull.outcome import FINISHED, Failure, Outcome


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
    if any(each.what != "unchanged" for each in published):
        write_pull_log(lake.pull_log_file(table, day), _efforts(outcomes))
    remove_drafts(lake.drafts, table.name, day)
    return published


def published_states(file: Path) -> Mapping[str, str]:
    """The state of each subject in a published file; empty if there is none that can be read."""
    try:
        outcomes = read_metadata(file).get("outcomes", ())
    except (FileNotFoundError, pa.ArrowInvalid, ValueError):
        return {}
    return {each["subject"]: each["state"] for each in outcomes}


def worse_than_published(outcome: Outcome, before: str | None) -> Failure | None:
    """A failure if a subject that is published whole now gives less: loggers forget, and a re-pull must not."""
    if before != "complete" or outcome.state == "complete":
        return None
    reason = (
        f"{outcome.reason or outcome.remark or 'the service has nothing'}; it is published complete and stays so. "
        "If the published samples are wrong, move the published file away before pulling again"
    )
    return Failure(outcome.subject, reason, outcome.state)


def nothing_at_all(outcomes: Sequence[Outcome], window: Window) -> list[Failure]:
    """All as failures if not one subject was answered: even a partial day must hold something."""
    if any(outcome.rows or outcome.state in FINISHED for outcome in outcomes):
        return []
    return [outcome.as_failure(window) for outcome in outcomes]


def _efforts(outcomes: Sequence[Outcome]) -> dict[str, Effort]:
    efforts: dict[str, Effort] = {}
    for each in outcomes:
        # One device can be pulled from two nodes: its effort is that of both.
        effort = efforts.setdefault(
            each.subject, {"bytes_received": 0, "seconds": 0.0, "requests": 0}
        )
        effort["bytes_received"] += each.bytes_received
        effort["seconds"] = round(effort["seconds"] + each.seconds, 3)
        effort["requests"] += each.requests
    return efforts
