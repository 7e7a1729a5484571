"""Rules by which checks judge a day: each takes numbers and returns a result with its reason.

``checks`` wires them to assets. No rule drops a sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gmpsai_assets.fetch.outcome import State
from gmpsai_assets.quality.deadlines import deadlines
from gmpsai_assets.quality.gaps import LONGEST_INTERVAL

COMPLETENESS_SLACK = 1e-3
"""A full day may differ by 0.1 % from the line-locked count: the mean line frequency is itself measured. A nominal line
is off by up to 2e-4 and a measured one by 7e-5 (BOOSTR's day, Zenodo 4382663); five times that is no chance."""

LONGEST_LOSS = 1.0
"""Seconds without a sample that are no shortcoming of a fast device. Chosen: 15 cycles in a row are more than the
single cycles that loggers lose."""

LOST_CYCLE = 2.5
"""Periods between two samples that are no shortcoming of a slow device: two where one sample was lost, and half a
period for stamps that are late."""

NAMED = 10
"""So many devices are named in a sentence; the table of the ledger has them all."""


@dataclass(frozen=True)
class Result:
    """The outcome of a rule: passed or not, one sentence why, and the numbers behind it."""

    passed: bool
    reason: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def day_is_complete(ledger: Sequence[Mapping[str, Any]], now: datetime) -> Result:
    """Every device is there, at its own rate, without a gap that is more than a lost cycle.

    Args:
        ledger: rows of ``completeness``, their order does not matter.
        now: the present moment, aware: what is missing has a deadline.

    Returns:
        The result; the reason of one that did not pass ends with what can still be fetched and until when.
    """
    ahead = deadlines(ledger, now)
    short = {str(row["parameter"]): why for row in ledger if (why := shortcoming(row))}
    numbers = {
        "devices": len(ledger),
        "devices_short": len(short),
        "devices_without_data": sum(row["received"] == 0 for row in ledger),
        "devices_of_unknown_rate": sum(row["expected"] is None for row in ledger),
        "missing": sum(row["missing"] or 0 for row in ledger),
        "longest_gap_seconds": max(
            (row["longest_gap_seconds"] or 0.0 for row in ledger), default=0.0
        ),
        "obtainable": ahead.obtainable,
        "hours_left": ahead.hours_left,
    }
    if not ledger:
        return Result(False, "the day has no device at all", numbers)
    if not short:
        reason = (
            f"all {len(ledger)} devices are complete; {numbers['missing']:,} cycles lost in all"
        )
        return Result(True, reason, numbers)
    named = "; ".join(f"{device}: {why}" for device, why in list(short.items())[:NAMED])
    more = f"; and {len(short) - NAMED} more" if len(short) > NAMED else ""
    until = str(ahead) or ("pulling again brings nothing more" if numbers["missing"] else "")
    parts = (f"{len(short)} of {len(ledger)} devices: {named}{more}", until)
    return Result(False, ". ".join(part for part in parts if part), numbers)


def shortcoming(row: Mapping[str, Any]) -> str:
    """What a device lacks, in a few words; empty if it is complete.

    A lost cycle here and there is no shortcoming: the loggers themselves lose about one a day. Of a device whose
    rate is not known no more than its state is known.

    Args:
        row: a row of ``completeness``.
    """
    whole: State = "complete"
    reasons = [row["state"]] if row["state"] != whole else []
    if row["expected"] is None:
        return ", ".join(reasons)
    period = 1 / row["nominal_rate_hz"]
    slack = COMPLETENESS_SLACK * row["expected"]
    if row["received"] and (row["tier_seconds"] or 0.0) > LONGEST_INTERVAL * period:
        reasons.append(f"one sample in {row['tier_seconds']:g} s instead of {period:.3g} s")
    if row["received"] and row["longest_gap_seconds"] > max(LONGEST_LOSS, LOST_CYCLE * period):
        reasons.append(f"a gap of {row['longest_gap_seconds']:,.1f} s")
    if row["received"] and row["missing"] > slack:
        reasons.append(f"{row['missing']:,} of {row['expected']:,} samples missing")
    if abs(row["unexplained"]) > max(slack, 1.5):
        way = "fewer" if row["unexplained"] > 0 else "more"
        reasons.append(f"{abs(row['unexplained']):,} {way} samples than the clock and the gaps say")
    return ", ".join(reasons)


def ticks_match_the_window(ticks: int, expected: int) -> Result:
    """The 15 Hz event $0C came as often as the nominal clock says, within 0.1 %."""
    share = ticks / expected if expected else 0.0
    numbers = {"ticks": ticks, "expected_ticks": expected}
    return Result(
        abs(share - 1) <= COMPLETENESS_SLACK,
        f"$0C came {ticks:,} times where {expected:,} were expected ({100 * share:.3f} %)",
        numbers,
    )
