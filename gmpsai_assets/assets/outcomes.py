"""What the two pulls share in the Dagster UI: their run config, and counts, tables and warnings of their outcomes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, get_args

import dagster as dg
from pydantic import Field

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.assets.presentation import numbers, table_value
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.outcome import FINISHED, Outcome, State

MOST_FINDINGS = 200
"""Chosen: longer tables make the page of a run slow; the file holds them all."""


class PullConfig(dg.Config):
    """How the pull of a day is run."""

    allow_partial: bool = Field(
        default=False,
        description="Publish the day although some devices or events are partial, refused or failed; "
        "their state is stored with the day, and materialising it again asks again.",
    )
    replace_with_less: bool = Field(
        default=False,
        description="Publish what the service has now, as it is, even where that removes published samples: for "
        "samples that are known to be wrong. Without it published samples stay and new ones are added; "
        f"loggers forget after {KEPT_DAYS:g} days. What is replaced is kept as a revision.",
    )


def state_numbers(outcomes: Sequence[Outcome]) -> dict[str, dg.MetadataValue]:
    """How many subjects ended in each state, and how many findings and requests there were."""
    states: tuple[State, ...] = get_args(State)
    counts = {
        f"state_{state.replace(' ', '_')}": sum(each.state == state for each in outcomes)
        for state in states
    }
    found = [finding for each in outcomes for finding in each.findings]
    return numbers(
        **counts,
        findings=sum(not finding.repaired for finding in found),
        findings_repaired=sum(finding.repaired for finding in found),
        rows_kept_from_before=sum(each.kept_rows for each in outcomes),
        requests=sum(each.requests for each in outcomes),
    )


def findings_table(outcomes: Iterable[Outcome]) -> dict[str, dg.MetadataValue]:
    """Every finding with its local times; nothing for a day without any."""
    rows: list[dict[str, Any]] = [
        {
            "subject": outcome.subject,
            "state": outcome.state,
            "finding": finding.kind,
            "repaired": finding.repaired,
            "from": _instant(finding.start),
            "to": _instant(finding.end),
            "detail": finding.detail,
        }
        for outcome in outcomes
        for finding in outcome.findings
    ]
    if not rows:
        return {}
    rows.sort(key=lambda row: row["repaired"])
    return {"findings table": table_value(rows[:MOST_FINDINGS], tuple(rows[0]))}


def failures_table(error: PullFailedError) -> dg.MetadataValue:
    """What kept a day from being published, and until when it can be had."""
    rows = [
        {
            "subject": each.subject,
            "state": each.state,
            "reason": each.reason,
            "what is missing": deadline,
        }
        for each, deadline in zip(error.failures, error.deadlines, strict=True)
    ]
    return table_value(rows, ("subject", "state", "reason", "what is missing"))


def warn_of_unfinished(context: dg.AssetExecutionContext, outcomes: Iterable[Outcome]) -> None:
    """Name in the log of the run what is published although it is not whole, or not in the service any more."""
    for outcome in outcomes:
        if outcome.kept_rows:
            context.log.warning(
                f"{outcome.subject}: the service did not give {outcome.kept_rows:,} samples that are published; "
                "they stay"
            )
        if outcome.state not in FINISHED:
            context.log.warning(f"{outcome.subject} is {outcome.state}: {outcome.reason}")


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_microseconds(microseconds)
