"""Rules by which checks judge a day: each takes numbers and returns a verdict with its reasons.

Where a rule is wired to an asset is said in ``checks``. No rule drops a sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COMPLETENESS_SLACK = 1e-3
"""A full day can differ by 0.1 % from the line-locked count: the mean line frequency is itself measured."""


@dataclass(frozen=True)
class Verdict:
    """The outcome of a rule: passed or not, one sentence why, and the numbers behind it."""

    passed: bool
    reason: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def samples_match_the_clock(statistics: Sequence[Mapping[str, Any]]) -> Verdict:
    """Each parameter has as many samples as the line-locked clock had ticks, within 0.1 %.

    Args:
        statistics: rows of ``file_statistics``.
    """
    off = {
        str(row["parameter"]): float(row["completeness"] or 0.0)
        for row in statistics
        if abs((row["completeness"] or 0.0) - 1) > COMPLETENESS_SLACK
    }
    numbers = {"parameters": len(statistics), "parameters_off": len(off)}
    if not statistics:
        return Verdict(False, "the day has no parameter at all", numbers)
    if not off:
        return Verdict(True, "every parameter has a sample for each tick of the clock", numbers)
    worst = sorted(off.items(), key=lambda item: item[1])
    listed = ", ".join(f"{parameter} {100 * share:.3f} %" for parameter, share in worst[:10])
    return Verdict(False, f"{len(off)} parameters are off the line-locked count: {listed}", numbers)


def ticks_match_the_window(ticks: int, expected: int) -> Verdict:
    """The 15 Hz event $0C came as often as the nominal clock says, within 0.1 %."""
    share = ticks / expected if expected else 0.0
    numbers = {"ticks": ticks, "expected_ticks": expected}
    return Verdict(
        abs(share - 1) <= COMPLETENESS_SLACK,
        f"$0C came {ticks:,} times where {expected:,} were expected ({100 * share:.3f} %)",
        numbers,
    )
