"""What is seen in an answer is asked for again, and the findings say what came of it.

``refetch`` is the one entry. Below it, ``answer_so_far`` takes further answers in, and ``faster_tier`` gets what came
from a slower tier. What there is to see is decided in ``checking``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.fetch.asking.answer_so_far import AnswerSoFar
from gmpsai_assets.fetch.asking.asker import ONE_AT_A_TIME
from gmpsai_assets.fetch.asking.cut_ends import (
    CutEnds,
    cut_ends,
    look_beyond_the_day,
    take_what_was_cut,
)
from gmpsai_assets.fetch.asking.faster_tier import take_faster_samples
from gmpsai_assets.fetch.asking.windows import askable, first_piece, last_piece
from gmpsai_assets.fetch.checking.findings import (
    PAGE_ROWS,
    Expectation,
    findings_in_rows,
    other_notation,
    without_numbers,
)
from gmpsai_assets.fetch.checking.rows import rows_of, union
from gmpsai_assets.fetch.outcome import Finding, FindingKind

_SECOND = 1_000_000

# How much is asked for again; all chosen, and seen to suffice for every fault of docs/faults.md.
_ONE_BY_ONE = 4
"""More findings of one kind than this are asked for again in one request that covers them all."""
_TOGETHER: tuple[FindingKind, ...] = ("quiet", "service message")
"""Kinds that are always asked for in one request."""
_MARGIN_PERIODS = 5
"""A gap is asked for with so many periods before and after it, at least a second: the rows there must come again."""
_CHECKED_SECONDS = 10
"""Length of the end of a window by which two answers are compared: 150 samples at 15 Hz."""
_FROZEN_REPEATS = 2
"""A frozen value is asked for once more where the second answer contradicts the first."""
_LEAST_SHARE = 0.9
"""An answer takes the place of another one only if it has at least this share of its rows."""

_MOST_GAPS = 40
_MOST_OTHERS = 4
"""Findings of one kind that are listed; more cannot be read, and the rest is summed up."""


@dataclass(frozen=True)
class _Refetched:
    """What asking again about a finding showed.

    Attributes:
        settled: the same came again, or what was missing came. If not, asking again failed, was not possible, or gave
            an answer that contradicts the first.
        clause: the same in words.
        contradiction: a clock step that showed on the way; None if none did.
    """

    settled: bool
    clause: str
    contradiction: Finding | None = None


_NOT_ASKED = _Refetched(False, "not asked again: the limit is reached")
_CONTRADICTION = _Refetched(False, "asked again: the answers contradict each other")

_CONFIRMED: dict[FindingKind, str] = {
    "gap": "the logger has nothing there",
    "tail missing": "the logger has nothing there",
    "quiet": "it did not come",
    "row limit": "there is no more",
    "slower tier": "the logger has no faster samples, not in smaller spans either",
    "frozen value": "the logger has the same values",
    "clock step": "the logger has the same times",
    "not a number": "the logger has no numbers there",
    "other notation": "the values come like this again",
    "irregular lines": "such lines are there again",
    "service message": "the line is there again",
}
"""What it means that a finding is there after it was asked for again."""


def refetch(so_far: AnswerSoFar) -> tuple[list[Finding], bool]:
    """Ask again where it can help, until nothing is seen that was not asked for again.

    Args:
        so_far: the answer; what comes is taken into it.

    Returns:
        What is still seen in the answer, and, marked as repaired, what is not seen any more; and whether something
        may still be there that did not come. Nothing is said of the answers of a service that is ``shifted``.
    """
    results: dict[Finding, _Refetched] = {}
    repeats = 0
    while True:
        seen = _look_through(so_far)
        new = [finding for finding in seen if finding not in results]
        if so_far.shifted:
            # What is missing then, such a service does not give when it is asked again.
            return [], True
        if not new:
            return _what_remains(so_far, seen, results)
        group = [finding for finding in new if finding.kind == new[0].kind]
        if len(group) <= _ONE_BY_ONE and group[0].kind not in _TOGETHER:
            group = group[:1]
        if repeats >= so_far.limits.most_repeats or so_far.asker.exhausted:
            result = _NOT_ASKED
        else:
            repeats += 1
            result = _ask_again(so_far, group)
        if result.contradiction is not None:
            results[result.contradiction] = result
        results |= dict.fromkeys(group, result)


def _look_through(so_far: AnswerSoFar) -> list[Finding]:
    with ONE_AT_A_TIME:
        found = findings_in_rows(so_far.rows, so_far.expected)
        if so_far.other_notation:
            found.insert(0, other_notation(so_far.other_notation, so_far.window))
        else:
            found += without_numbers(so_far.rows)
    return found + list(dict.fromkeys(so_far.in_texts))


def _ask_again(so_far: AnswerSoFar, group: list[Finding]) -> _Refetched:
    whole = replace(group[0], end=max(finding.span[1] for finding in group))
    try:
        return _REFETCH[whole.kind](so_far, whole)
    except AcnetError as error:
        return _Refetched(False, f"asking again failed: {error.what}")


def _what_remains(
    so_far: AnswerSoFar, seen: list[Finding], results: dict[Finding, _Refetched]
) -> tuple[list[Finding], bool]:
    rows_may_follow = so_far.expected.period is None or any(f.kind == "tail missing" for f in seen)
    # These are not seen in the rows any more although they were not settled.
    unseen = [
        finding
        for finding, result in results.items()
        if not result.settled
        and (finding.kind == "clock step" or (finding.kind == "row limit" and rows_may_follow))
    ]
    remaining = list(dict.fromkeys(seen + unseen))
    findings = [
        replace(f, detail=f"{f.detail}; {results[f].clause}", asked_again=results[f].settled)
        for f in remaining
    ]
    for finding in results:
        if not any(_about_the_same(finding, each) for each in remaining):
            came = "it is not there any more" if finding.kind == "service message" else "it came"
            detail = f"{finding.detail}; asked again: {came}"
            findings.append(replace(finding, detail=detail, repaired=True, asked_again=True))
    findings += so_far.differing
    findings += [] if so_far.cut is None else [so_far.cut]
    shortened = [
        finding
        for _, alike in groupby(findings, lambda each: (each.kind, each.repaired))
        for finding in _shortened(list(alike))
    ]
    not_settled = any(not results[finding].settled for finding in remaining)
    return shortened, not_settled or bool(so_far.differing)


def _about_the_same(one: Finding, other: Finding) -> bool:
    (start, end), (other_start, other_end) = one.span, other.span
    return one.kind == other.kind and start < other_end and other_start < end


def _shortened(findings: list[Finding]) -> list[Finding]:
    """The findings of one kind, the last of them summed up where there are too many to be read."""
    most = _MOST_GAPS if findings[0].kind == "gap" else _MOST_OTHERS
    if len(findings) <= most:
        return findings
    rest = findings[most - 1 :]
    detail = f"{len(rest)} more; {rest[0].detail}"
    settled = all(each.asked_again for each in rest)
    summed = replace(rest[0], end=rest[-1].end, detail=detail, asked_again=settled)
    return [*findings[: most - 1], summed]


def _confirmed(finding: Finding) -> _Refetched:
    return _Refetched(True, f"asked again: {_CONFIRMED[finding.kind]}")


def _gap(so_far: AnswerSoFar, gap: Finding) -> _Refetched:
    start, end = gap.span
    margin = max(_SECOND, round(_MARGIN_PERIODS * (so_far.expected.period or 0)))
    window = _around(so_far, gap, margin)
    if so_far.cut is not None:
        known = CutEnds(so_far.cut_before, so_far.cut_after)
        return _if_possible(gap, take_what_was_cut(so_far, window, known))
    newer = so_far.ask(window)
    older = so_far.rows.between(window.start_microseconds, window.end_microseconds)
    both = union(older, newer)
    each_has_its_own = len(newer) < len(both) > len(older)
    if so_far.mixes_clocks(both) or (each_has_its_own and _end_differs(so_far)):
        # The new rows do not fit between the old ones: one of the two answers has a wrong clock.
        if _take_whole(so_far, gap):
            return _confirmed(gap)
        step = Finding("clock step", gap.start, so_far.window.end_microseconds, "times jump")
        return replace(_CONTRADICTION, contradiction=step)
    so_far.add(newer)
    cut = cut_ends(window, older, newer)
    if not cut and not len(newer.between(start + 1, end)):
        return _if_possible(gap, look_beyond_the_day(so_far, gap.span, window))
    return _if_possible(gap, take_what_was_cut(so_far, window, cut) if cut else "")


def _if_possible(gap: Finding, not_yet: str) -> _Refetched:
    return _Refetched(False, not_yet) if not_yet else _confirmed(gap)


def _end_differs(so_far: AnswerSoFar) -> bool:
    """Whether the last seconds, asked for again, come with other times: after a step all rows are shifted."""
    end = so_far.window.end_microseconds
    window = askable(end - _CHECKED_SECONDS * _SECOND, end, so_far.window)
    older = so_far.rows.between(window.start_microseconds, end)
    return so_far.mixes_clocks(union(older, so_far.ask(window)))


def _clock_step(so_far: AnswerSoFar, step: Finding) -> _Refetched:
    _take_whole(so_far, step)
    return _confirmed(step)


def _take_whole(so_far: AnswerSoFar, finding: Finding) -> bool:
    """Ask for the whole window again and take that answer if it has one clock and rows where there were none."""
    start, end = finding.span
    reply = so_far.reply(so_far.window)
    newer = rows_of(reply.table)
    has_rows = len(newer.between(start + 1, end - 1)) > 0
    enough = len(newer) >= _LEAST_SHARE * len(so_far.rows)
    better = has_rows and enough and not so_far.mixes_clocks(newer)
    if better:
        so_far.start_anew(reply)
    return better


def _slower_tier(so_far: AnswerSoFar, slow: Finding) -> _Refetched:
    return _confirmed(slow) if take_faster_samples(so_far, slow) else _NOT_ASKED


def _row_limit(so_far: AnswerSoFar, limit: Finding) -> _Refetched:
    for _ in range(so_far.limits.most_repeats):
        if so_far.asker.exhausted:
            break
        last = int(so_far.rows.time[-1])
        newer = so_far.ask(askable(last, limit.span[1], so_far.window))
        so_far.add(newer)
        grown = len(newer) > 0 and int(so_far.rows.time[-1]) > last
        if not grown or len(newer) % PAGE_ROWS:
            return _confirmed(limit)
    end = from_microseconds(int(so_far.rows.time[-1]))
    detail = f"each answer ends after {PAGE_ROWS} rows; followed until {end:%H:%M:%S} UTC"
    return _Refetched(False, detail)


def _frozen(so_far: AnswerSoFar, frozen: Finding) -> _Refetched:
    # Well beyond both ends, so that a fault of the answer itself would be seen again.
    start, end = frozen.span
    window = _around(so_far, frozen, 2 * (end - start))
    older = so_far.rows.between(start, end)
    for _ in range(_FROZEN_REPEATS):
        newer = so_far.ask(window)
        part = newer.between(start, end)
        if len(part) == len(older) and np.array_equal(part.value, older.value):
            return _confirmed(frozen)
        expected = Expectation(window, so_far.expected.period)
        found = findings_in_rows(newer, expected) if len(newer) else []
        if len(part) >= len(older) and all(each.kind != "frozen value" for each in found):
            so_far.put(part, start, end)
            return _confirmed(frozen)
    return _CONTRADICTION


def _not_a_number(so_far: AnswerSoFar, finding: Finding) -> _Refetched:
    window = _around(so_far, finding, 0)
    parts = first_piece(window, so_far.limits.smallest_span_seconds)
    before = so_far.rows.without_number
    so_far.add(so_far.ask(window if parts is None else parts[0]))
    if parts is not None and so_far.rows.without_number < before:
        so_far.add(so_far.ask(parts[1]))
    return _confirmed(finding)


def _other_notation(so_far: AnswerSoFar, finding: Finding) -> _Refetched:
    """One answer to the whole question counts: a part of it may hold nothing but what looks like numbers."""
    reply = so_far.reply(so_far.window)
    enough = reply.table.num_rows >= _LEAST_SHARE * len(so_far.rows)
    if enough and not reply.counts.other_notation:
        so_far.start_anew(reply)
    return _confirmed(finding)


def _irregular_lines(so_far: AnswerSoFar, finding: Finding) -> _Refetched:
    reply = so_far.reply(_around(so_far, finding, _SECOND))
    so_far.add(rows_of(reply.table))
    if not reply.irregular_spans:
        so_far.forget_texts(finding)
    return _confirmed(finding)


def _service_message(so_far: AnswerSoFar, finding: Finding) -> _Refetched:
    """Ask for a small span first: a service that sends the line with every answer need not send the day twice."""
    window = _around(so_far, finding, 0)
    parts = last_piece(window, so_far.limits.smallest_span_seconds)
    if parts is None or not so_far.reply(parts[1]).remarks:
        reply = so_far.reply(window)
        so_far.add(rows_of(reply.table))
        if not reply.remarks:
            so_far.forget_texts(finding)
    return _confirmed(finding)


def _around(so_far: AnswerSoFar, finding: Finding, margin: int) -> Window:
    start, end = finding.span
    return askable(start - margin, end + margin, so_far.window)


_REFETCH: dict[FindingKind, Callable[[AnswerSoFar, Finding], _Refetched]] = {
    "clock step": _clock_step,
    "slower tier": _slower_tier,
    "row limit": _row_limit,
    "gap": _gap,
    "tail missing": _gap,
    "quiet": _gap,
    "frozen value": _frozen,
    "not a number": _not_a_number,
    "other notation": _other_notation,
    "irregular lines": _irregular_lines,
    "service message": _service_message,
}
