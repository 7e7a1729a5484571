"""How what is known of a subject, from a published file or a draft, is completed and merged with what came now.

No sample that was ever fetched or published is lost. What is known is read in ``drafts`` and ``published``; what is
asked for is decided in ``asking``.
"""

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.instants import as_microseconds
from gmpsai_assets.acnet.replies.notations import distinct
from gmpsai_assets.acnet.replies.repeated_hour import HOUR_MICROSECONDS, repeated_hours
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts
from gmpsai_assets.fetch.asking.answer import PartialAnswer
from gmpsai_assets.fetch.checking.findings import Expectation, findings_in_rows
from gmpsai_assets.fetch.checking.numbers import without_values
from gmpsai_assets.fetch.checking.rows import (
    Rows,
    crowded,
    merged_rows,
    rows_of,
    same_rows,
    table_of,
)
from gmpsai_assets.fetch.checking.tiers import tier_seconds
from gmpsai_assets.fetch.outcome import (
    RATE_CHANGED,
    RATE_UNKNOWN,
    Finding,
    FindingKind,
    Outcome,
    State,
    SubjectData,
)

_WORST_FIRST: tuple[State, ...] = ("failed", "refused", "no data", "partial", "complete")

_SEEN_IN_ROWS: tuple[FindingKind, ...] = (
    "gap",
    "tail missing",
    "quiet",
    "slower tier",
    "row limit",
)
"""What is missing, and can be seen in the rows again."""

_ABOUT_THE_RATE: tuple[FindingKind, ...] = (RATE_UNKNOWN, RATE_CHANGED)

_SEEN_IN_TEXTS: tuple[FindingKind, ...] = ("irregular lines", "service message", "impossible times")
"""What stands beside the rows of an answer, and cannot be seen in them again."""

_OF_THE_WHOLE_ANSWER: tuple[FindingKind, ...] = (
    "slower tier",
    "clock step",
    "row limit",
    "answers differ",
    "other notation",
    "another window",
    "ambiguous times",
)
"""Findings that concern all rows, or cannot be seen in them again: the whole window is asked for anew."""


class ContradictionError(Exception):
    """The samples of two answers lie between each other, as those of two clocks do."""


def to_be_judged_anew(draft: SubjectData) -> SubjectData:
    """What is known as a partial answer of which nothing is missing yet; of its rate nothing is said."""
    standing = tuple(each for each in draft.outcome.findings if each.kind not in _ABOUT_THE_RATE)
    return SubjectData(draft.table, replace(draft.outcome, state="partial", findings=standing))


def ask_for_the_rest(
    draft: SubjectData | None,
    ask: Callable[[PartialAnswer | None], SubjectData],
    expected: Expectation,
) -> SubjectData:
    """Ask for what an earlier try lacks, and put both together; nothing that came is given up.

    Args:
        draft: what an earlier try has kept, if there was one; it is not finished.
        ask: asks for the subject; given what came before, for the rest alone.
        expected: what is known of its rows before they come.
    """
    earlier = None if draft is None else _to_be_completed(draft)
    newer = ask(earlier)
    if draft is None:
        return newer
    if earlier is not None:
        before = draft.outcome
        outcome = replace(
            newer.outcome,
            bytes_received=newer.outcome.bytes_received + before.bytes_received,
            seconds=newer.outcome.seconds + before.seconds,
            requests=newer.outcome.requests + before.requests,
            findings=newer.outcome.findings + _still_in_texts(before, newer.outcome),
        )
        return SubjectData(newer.table, outcome)
    try:
        both = merge(draft, newer, expected)
    except ContradictionError:
        both = _better(draft, newer)
    return SubjectData(both.table, replace(both.outcome, kept_rows=0))


def _still_in_texts(before: Outcome, after: Outcome) -> tuple[Finding, ...]:
    """What stood beside the rows that are not asked for again."""
    named = {each.kind for each in after.findings}
    return tuple(
        each for each in before.findings if each.kind in _SEEN_IN_TEXTS and each.kind not in named
    )


def _to_be_completed(draft: SubjectData) -> PartialAnswer | None:
    """What need not be asked for again; None if that is nothing."""
    outcome = draft.outcome
    standing = [finding for finding in outcome.findings if not finding.repaired]
    if not draft.table.num_rows or any(f.kind in _OF_THE_WHOLE_ANSWER for f in standing):
        return None
    counts = ReplyCounts(
        outside_window=outcome.outside_window,
        ambiguous_times=outcome.ambiguous_times,
        out_of_order=outcome.out_of_order,
        exact_duplicates=outcome.duplicates,
        not_a_number_examples=outcome.not_a_number_examples,
    )
    missing = tuple(
        Window(*map(from_microseconds, finding.span))
        for finding in standing
        if finding.kind == "request failed"
    )
    return PartialAnswer(draft.table, counts, missing)


def merge(older: SubjectData, newer: SubjectData, expected: Expectation) -> SubjectData:
    """All samples of both answers; the outcome is that of the better one, with what is still missing.

    Args:
        older: what was known.
        newer: what the service has now.
        expected: what is known of the rows of both before they come.

    Raises:
        ContradictionError: each answer has one clock, and both together have two.
    """
    older, newer = _placed_alike(older, newer, expected.window)
    rows, kept = merged_rows(rows_of(older.table), rows_of(newer.table))
    if not kept and _better(older, newer) is newer:
        return newer
    if kept and _contradict(older, newer, rows, expected):
        msg = f"{kept} samples known before lie between the {newer.outcome.rows} that came now"
        raise ContradictionError(msg)
    not_read = _in_other_notation(older, newer)
    if not_read is not None:
        rows = without_values(rows)
    nothing_new = _rank(older) >= _rank(newer) and same_rows(rows, rows_of(older.table))
    best = older if nothing_new else not_read or _better(older, newer)
    outcome = replace(
        best.outcome,
        bytes_received=newer.outcome.bytes_received,
        seconds=newer.outcome.seconds,
        requests=newer.outcome.requests,
        kept_rows=kept,
    )
    if nothing_new:
        return SubjectData(older.table, outcome)
    outcome = replace(
        outcome,
        rows=len(rows),
        not_a_number=rows.without_number,
        not_a_number_examples=_examples(rows, best.outcome, older.outcome, newer.outcome),
        tier_seconds=tier_seconds(rows.time, expected.period),
        findings=_still_true(best.outcome.findings, rows, expected),
    )
    return SubjectData(table_of(rows, newer.table.column_names[1]), outcome)


def _placed_alike(
    older: SubjectData, newer: SubjectData, window: Window
) -> tuple[SubjectData, SubjectData]:
    """Both without rows of the hour that comes twice that the other one has placed for certain.

    The same row would otherwise be there twice, an hour apart.
    """
    passes = repeated_hours(window)
    doubtful = [each.outcome.ambiguous_times > 0 for each in (older, newer)]
    if passes is None or doubtful[0] == doubtful[1]:
        return older, newer
    span = passes[0], passes[1] + HOUR_MICROSECONDS
    unsure, sure = (older, newer) if doubtful[0] else (newer, older)
    if not len(rows_of(sure.table).between(*span)):
        return older, newer
    time = as_microseconds(unsure.table["time"])
    outside = pa.array((time < span[0]) | (time >= span[1]))
    unsure = SubjectData(unsure.table.filter(outside), unsure.outcome)
    return (unsure, sure) if doubtful[0] else (sure, unsure)


def _better(older: SubjectData, newer: SubjectData) -> SubjectData:
    """The one in the better state; the newer one if they are alike."""
    return newer if _rank(newer) >= _rank(older) else older


def _rank(data: SubjectData) -> tuple[int, bool]:
    """Of two partial ones that is better of which only the rate is unknown."""
    rank = _WORST_FIRST.index(data.outcome.state)
    if not _has_numbers(data):
        # Of an older version, for which rows without any number were complete.
        rank = min(rank, _WORST_FIRST.index("no data"))
    return rank, data.outcome.is_unjudged


def _has_numbers(data: SubjectData) -> bool:
    nulls: int = data.table.column(1).null_count
    return not data.table.num_rows or nulls < data.table.num_rows


def _in_other_notation(older: SubjectData, newer: SubjectData) -> SubjectData | None:
    """The answer that came in another notation, where the other is a part that may only look like numbers."""
    # Of an older version, an answer with words in it may be complete without having been looked at for this.
    older_is_whole = older.outcome.state == "complete" and not older.outcome.not_a_number
    if newer.outcome.stands("other notation") and not older_is_whole:
        return newer
    if older.outcome.stands("other notation") and newer.outcome.state != "complete":
        return older
    return None


def _examples(rows: Rows, *outcomes: Outcome) -> tuple[str, ...]:
    """Texts of values that are no numbers, of these answers; none where there is no such row any more."""
    if not rows.without_number:
        return ()
    return distinct(*(each.not_a_number_examples for each in outcomes))


def _contradict(older: SubjectData, newer: SubjectData, both: Rows, expected: Expectation) -> bool:
    period = expected.period
    if period is None or expected.rate_may_change or not crowded(both, period):
        return False
    return not any(crowded(rows_of(each.table), period) for each in (older, newer))


def _still_true(
    findings: tuple[Finding, ...], rows: Rows, expected: Expectation
) -> tuple[Finding, ...]:
    """What is missing is looked for again, since the other answer may have filled it."""
    failed = [
        each
        for each in findings
        if each.kind == "request failed" and not len(rows.between(*each.span))
    ]
    spans = tuple(each.span for each in failed)
    missing = [
        replace(
            each,
            detail=f"{each.detail}; in no pull so far",
            asked_again=any(other.asked_again and _touch(each, other) for other in findings),
        )
        for each in findings_in_rows(rows, replace(expected, failed=spans))
        if each.kind in _SEEN_IN_ROWS
    ]
    others = [each for each in findings if each.kind not in ("request failed", *_SEEN_IN_ROWS)]
    return (*failed, *missing, *others)


def _touch(one: Finding, other: Finding) -> bool:
    """Whether two findings of one kind have a time in common."""
    if one.kind != other.kind:
        return False
    (start, end), (other_start, other_end) = one.span, other.span
    return start < other_end and other_start < end
