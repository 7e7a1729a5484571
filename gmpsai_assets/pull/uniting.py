"""Two answers for one subject made one, so that no sample that was ever fetched or published is lost.

Rows and outcomes are put together here. Where the older answer lies, in a draft or in a published file, is not.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.analysis.tiers import tier_seconds
from gmpsai_assets.pull.outcome import Finding, FindingKind, Outcome, State
from gmpsai_assets.pull.rows import Rows, Times, crowded, joined, rows_of, table_of
from gmpsai_assets.pull.suspicion import Expectation, doubts

_BETTER: tuple[State, ...] = ("failed", "refused", "no data", "partial", "complete")
_MISSING: tuple[FindingKind, ...] = ("hole", "tail missing", "quiet", "slower tier", "row limit")
"""What can be seen in the rows again."""


class ContradictionError(Exception):
    """The samples of two answers lie between each other, as those of two clocks do."""


@dataclass(frozen=True)
class Known:
    """What is known of one subject.

    Attributes:
        table: ``time`` (timestamp[us, UTC]) and a float64 column, in order of time.
        outcome: what was found out about it.
    """

    table: pa.Table
    outcome: Outcome


def united(older: Known, newer: Known, expected: Expectation) -> Known:
    """All samples of both answers; the outcome is that of the better one, with what is still missing.

    Args:
        older: what was known.
        newer: what the service says now.
        expected: what is known of the rows of both before they come.

    Raises:
        ContradictionError: each answer has one clock, and both together have two.
    """
    rows, kept = completed(rows_of(older.table), rows_of(newer.table))
    if not kept and better(older, newer) is newer:
        return newer
    if kept and _contradict(older, newer, rows, expected):
        msg = f"{kept} samples known before lie between the {newer.outcome.rows} that came now"
        raise ContradictionError(msg)
    nothing_new = _rank(older) >= _rank(newer) and _same(rows, rows_of(older.table))
    best = older if nothing_new else better(older, newer)
    outcome = replace(
        best.outcome,
        bytes_received=newer.outcome.bytes_received,
        seconds=newer.outcome.seconds,
        requests=newer.outcome.requests,
        kept_rows=kept,
    )
    if nothing_new:
        return Known(older.table, outcome)
    outcome = replace(
        outcome,
        rows=len(rows),
        not_a_number=rows.without_number,
        tier_seconds=tier_seconds(rows.time, expected.period),
        findings=_still_true(best.outcome.findings, rows, expected),
    )
    return Known(table_of(rows, newer.table.column_names[1]), outcome)


def better(older: Known, newer: Known) -> Known:
    """The one whose outcome is the better one; the newer one if they are alike."""
    return newer if _rank(newer) >= _rank(older) else older


def completed(older: Rows, newer: Rows) -> tuple[Rows, int]:
    """The newer rows, and the older ones at all times at which the newer answer has nothing.

    At a time that both have, the newer rows are taken, unless they are fewer or have fewer numbers.

    Returns:
        The rows in order of time, and how many of them are older ones.
    """
    if not len(older) or _same(older, newer):  # the usual case, with little memory
        return newer, 0
    better_before = _better_before(older, newer)
    keep = ~_among(older.time, newer.time) | _among(older.time, better_before)
    kept = int(np.count_nonzero(keep))
    if not kept:
        return newer, 0
    give_way = _among(newer.time, better_before)
    both = joined(
        [
            Rows(older.time[keep], older.value[keep]),
            Rows(newer.time[~give_way], newer.value[~give_way]),
        ]
    )
    order = np.argsort(both.time, kind="stable")
    return Rows(both.time[order], both.value[order]), kept


def _better_before(older: Rows, newer: Rows) -> Times:
    """Times of both at which the older answer has more numbers or, with as many, more rows."""
    repeated = older.time[1:][np.diff(older.time) == 0]
    special: Times = np.union1d(repeated, newer.time[np.isnan(newer.value)])
    if not len(special):
        return special
    old_numbers, old_rows = _counts(older, special)
    new_numbers, new_rows = _counts(newer, special)
    more = (old_numbers > new_numbers) | ((old_numbers == new_numbers) & (old_rows > new_rows))
    better: Times = special[more]
    return better


def _counts(rows: Rows, times: Times) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How many rows with a number, and how many at all, there are at each of some sorted times."""
    inside = _among(rows.time, times)
    place = np.searchsorted(times, rows.time[inside])
    numbers = ~np.isnan(rows.value[inside])
    return (
        np.bincount(place[numbers], minlength=len(times)),
        np.bincount(place, minlength=len(times)),
    )


def _among(times: Times, sorted_times: Times) -> NDArray[np.bool_]:
    if not len(sorted_times):
        return np.zeros(len(times), np.bool_)
    place = np.minimum(np.searchsorted(sorted_times, times), len(sorted_times) - 1)
    return np.asarray(sorted_times[place] == times, np.bool_)


def _rank(known: Known) -> int:
    return _BETTER.index(known.outcome.state)


def _same(one: Rows, other: Rows) -> bool:
    return np.array_equal(one.time, other.time) and np.array_equal(
        one.value, other.value, equal_nan=True
    )


def _contradict(older: Known, newer: Known, both: Rows, expected: Expectation) -> bool:
    period = expected.period
    if period is None or expected.rate_may_change:
        return False
    return crowded(both, period) and not any(
        crowded(rows_of(each.table), period) for each in (older, newer)
    )


def _still_true(
    findings: tuple[Finding, ...], rows: Rows, expected: Expectation
) -> tuple[Finding, ...]:
    """What is missing is looked for again, since the other answer may have filled it."""
    failed = [f for f in findings if f.kind == "request failed" and _is_empty(rows, f)]
    spans = tuple((f.start, f.end) for f in failed if f.start is not None and f.end is not None)
    missing = [
        Finding(d.kind, d.start, d.end, f"{d.detail}; in no pull so far")
        for d in doubts(rows, replace(expected, failed=spans))
        if d.kind in _MISSING
    ]
    others = [f for f in findings if f.kind not in ("request failed", *_MISSING)]
    return (*failed, *missing, *others)


def _is_empty(rows: Rows, finding: Finding) -> bool:
    if finding.start is None or finding.end is None:
        return True
    return not len(rows.between(finding.start, finding.end))
