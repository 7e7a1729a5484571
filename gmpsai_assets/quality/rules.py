"""Rules by which checks judge a day: each takes numbers and returns a result with its reason.

``checks`` wires them to assets. No rule drops a sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from gmpsai_assets.fetch.outcome import RATE_UNKNOWN, REQUEST_FAILED, UNANSWERED, State
from gmpsai_assets.lake.schemas import RATE_NOT_KNOWN
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

_NOT_EVALUABLE = "rate unknown, not evaluable"

NAMED = 10
"""So many devices are named in a sentence; the table of the ledger has them all."""


@dataclass(frozen=True)
class Result:
    """What a rule says.

    Attributes:
        result: ``pass``, ``fail``, or ``not evaluable`` where what it needs is not known.
        reason: one sentence why.
        numbers: what is behind it.
    """

    result: Literal["pass", "fail", "not evaluable"]
    reason: str
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether all is as it should be; what could not be judged has not passed."""
        return self.result == "pass"


def day_is_complete(ledger: Sequence[Mapping[str, Any]], now: datetime) -> Result:
    """Every device is there, in numbers, at its own rate, without a gap that is more than a lost cycle.

    Args:
        ledger: rows of ``completeness``, their order does not matter.
        now: the present moment, aware: what is missing has a deadline.

    Returns:
        The result; the reason of one that did not pass ends with what can still be fetched and until when. It is not
        evaluable where nothing is known to be short and the rate of a device is not known.
    """
    ahead = deadlines(ledger, now)
    reasons = {str(row["parameter"]): why for row in ledger if (why := shortcoming(row))}
    known = {device: why for device, why in reasons.items() if why != _NOT_EVALUABLE}
    short = {**known, **reasons}
    numbers = {
        "devices": len(ledger),
        "devices_short": len(known),
        "devices_not_evaluable": sum(map(not_evaluable, ledger)),
        "devices_without_data": sum(row["received"] == 0 for row in ledger),
        "devices_of_unknown_rate": sum(row["expected"] is None for row in ledger),
        "missing": sum(row["missing"] or 0 for row in ledger),
        "not_a_number": sum(row["not_a_number"] for row in ledger),
        "longest_gap_seconds": max(
            (row["longest_gap_seconds"] or 0.0 for row in ledger), default=0.0
        ),
        "obtainable": ahead.obtainable,
        "hours_left": ahead.hours_left,
    }
    if not ledger:
        return Result("fail", "the day has no device at all", numbers)
    if not short:
        lost = f"{numbers['missing']:,} cycles lost in all"
        reason = f"all {len(ledger)} devices are complete; {lost}"
        return Result("pass", reason + _by_their_answers(ledger), numbers)
    named = "; ".join(f"{device}: {why}" for device, why in list(short.items())[:NAMED])
    more = f"; and {len(short) - NAMED} more" if len(short) > NAMED else ""
    until = str(ahead) or ("pulling again brings nothing more" if numbers["missing"] else "")
    parts = (f"{len(short)} of {len(ledger)} devices: {named}{more}", until)
    reason = ". ".join(part for part in parts if part)
    if known:
        return Result("fail", reason, numbers)
    return Result("not evaluable", f"not evaluable: {reason}", numbers)


def not_evaluable(row: Mapping[str, Any]) -> bool:
    """Whether nothing says how many samples a device should have; that it has no rate is known of some.

    Args:
        row: a row of ``completeness``.
    """
    return row["expected"] is None and row.get("rate_from", RATE_NOT_KNOWN) == RATE_NOT_KNOWN


def _by_their_answers(ledger: Sequence[Mapping[str, Any]]) -> str:
    """A sentence about devices without a rate: no gap of theirs can be seen by the clock."""
    without = [str(row["parameter"]) for row in ledger if row["expected"] is None]
    if not without:
        return ""
    named = ", ".join(without[:NAMED]) + (" and others" if len(without) > NAMED else "")
    return f". {named}: no rate, so judged by whether all answers came and by their own pauses"


def _all_came(row: Mapping[str, Any]) -> bool:
    """Whether all came that was asked for; of a device whose rate is unknown that is all that can be said."""
    complete: State = "complete"
    unjudged = any(finding["kind"] == RATE_UNKNOWN for finding in row["findings"])
    return row["state"] == complete or (row["state"] == "partial" and unjudged)


def shortcoming(row: Mapping[str, Any]) -> str:
    """What a device lacks, in a few words; empty if it is complete.

    A lost cycle here and there is no shortcoming: the loggers themselves lose about one a day. Of a device that has
    no rate no more than its state is known, and of one whose rate is unknown not even that.

    Args:
        row: a row of ``completeness``.
    """
    whole: State = "complete"
    reasons = [_state_and_why(row)] if row["state"] != whole else []
    if not_evaluable(row):
        reasons = [*reasons, _NOT_EVALUABLE] if not _all_came(row) else [_NOT_EVALUABLE]
    if row["not_a_number"] > COMPLETENESS_SLACK * row["received"]:
        such = f", such as {texts}" if (texts := row.get("not_a_number_examples")) else ""
        without, received = row["not_a_number"], row["received"]
        reasons.append(f"{without:,} of {received:,} values are no numbers{such}")
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


def _state_and_why(row: Mapping[str, Any]) -> str:
    """The state; of what was not answered with the reason, in the words of the service."""
    said = [each["detail"] for each in row["findings"] if each["kind"] in REQUEST_FAILED]
    state: str = row["state"]
    return f"{state} ({said[0]})" if state in UNANSWERED and said else state


def ticks_match_the_window(ticks: int, expected: int) -> Result:
    """The 15 Hz event $0C came as often as the nominal clock says, within 0.1 %."""
    share = ticks / expected if expected else 0.0
    numbers = {"ticks": ticks, "expected_ticks": expected}
    return Result(
        "pass" if abs(share - 1) <= COMPLETENESS_SLACK else "fail",
        f"$0C came {ticks:,} times where {expected:,} were expected ({100 * share:.3f} %)",
        numbers,
    )
