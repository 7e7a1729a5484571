"""One subject asked for thoroughly: whole, in pieces where that fails, and again where the answer has findings.

Here the outcome of one subject is decided. Many subjects side by side belong to ``day_file``; how requests are split,
to ``split``; what is asked for again, to ``refetch``.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply, no_samples
from gmpsai_assets.fetch.asking.answer import Answer, PartialAnswer
from gmpsai_assets.fetch.asking.answer_so_far import AnswerSoFar
from gmpsai_assets.fetch.asking.asker import ONE_AT_A_TIME, Asker, ServiceHealth
from gmpsai_assets.fetch.asking.cut_ends import longer_answer, note_that_all_was_cut
from gmpsai_assets.fetch.asking.other_window import other_window
from gmpsai_assets.fetch.asking.refetch import refetch
from gmpsai_assets.fetch.asking.split import FailedSpan, Pieces, fetch_in_pieces, state_of
from gmpsai_assets.fetch.checking.findings import Expectation, findings_in_text
from gmpsai_assets.fetch.checking.numbers import (
    lack_of_numbers,
    never_had_numbers,
    rows_were_not_read,
    without_values,
)
from gmpsai_assets.fetch.checking.rows import Rows, joined, replaced, rows_of, table_of, union
from gmpsai_assets.fetch.checking.tiers import tier_seconds
from gmpsai_assets.fetch.options import RequestLimits
from gmpsai_assets.fetch.outcome import Finding, FindingKind, State

_FEW_ROWS = 100
"""Chosen: of up to so many rows a day an end that is cut off each answer may be all, and a longer window is small."""


def ask_thoroughly(
    fetch: Callable[[Window], SampleReply],
    expected: Expectation,
    *,
    limits: RequestLimits | None = None,
    health: ServiceHealth | None = None,
    earlier: PartialAnswer | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Answer:
    """Everything the service has for one subject in a window, and what is wrong with it.

    A clean answer takes one request. Errors of the service end in the answer's state and are not raised.

    Args:
        fetch: asks for a window; raises ``AcnetError``.
        expected: what is known of the rows; its window is on whole seconds, without a boundary in the hour that comes
            twice.
        limits: how much is asked for at most.
        health: shared by all subjects of a pull.
        earlier: what an earlier try has brought; only the rest, and what is seen in both together, is asked for.
        now: gives the present moment, aware.
    """
    asker = Asker(fetch, limits or RequestLimits(), health or ServiceHealth(), now)
    window, period = expected.window, expected.period
    if earlier is not None:
        asker.counts = earlier.counts
        pieces = _in_spans(asker, earlier.missing)
        tables = [earlier.table, *_tables(pieces)]
        return _with_rows(asker, tables, _filled(earlier, pieces), pieces, expected)
    pieces = fetch_in_pieces(asker, window)
    empty = not any(reply.table.num_rows for _, reply in pieces.replies)
    if pieces.replies and not pieces.failed and empty and period is not None:
        # What always comes: having nothing is worth a second question, whose answer alone counts.
        asker.forget_counts()
        pieces = fetch_in_pieces(asker, window)
        empty = not any(reply.table.num_rows for _, reply in pieces.replies)
        if empty and window.seconds * 1e6 <= _FEW_ROWS * period:
            return _of_few_rows(asker, pieces, expected)
    if empty:
        return _without_rows(asker, pieces, window)
    tables = _tables(pieces)
    rows = joined([rows_of(table) for table in tables])
    return _with_rows(asker, tables, rows, pieces, expected)


def _of_few_rows(asker: Asker, pieces: Pieces, expected: Expectation) -> Answer:
    """Nothing came twice of a device with so few rows that a service that cuts its answers would leave none."""
    try:
        reply = longer_answer(asker, expected.window, expected.period or 0)
    except AcnetError:
        reply = None  # the answers before were whole, so that what they say stands
    if reply is None or not reply.table.num_rows:
        return _without_rows(asker, pieces, expected.window)
    came = Pieces([(expected.window, reply)])
    return _with_rows(
        asker, [reply.table], rows_of(reply.table), came, expected, whole_was_cut=True
    )


def _tables(pieces: Pieces) -> list[pa.Table]:
    return [reply.table for _, reply in pieces.replies]


def _in_spans(asker: Asker, spans: tuple[Window, ...]) -> Pieces:
    pieces = Pieces()
    for span in spans:
        found = fetch_in_pieces(asker, span)
        pieces.replies += found.replies
        pieces.failed += found.failed
    return pieces


def _filled(earlier: PartialAnswer, pieces: Pieces) -> Rows:
    """The rows of an earlier try with what came of the spans that it lacked."""
    rows = rows_of(earlier.table)
    for span, reply in pieces.replies:
        start, end = span.start_microseconds, span.end_microseconds
        rows = replaced(rows, union(rows.between(start, end), rows_of(reply.table)), start, end)
    return rows


def _without_rows(asker: Asker, pieces: Pieces, window: Window) -> Answer:
    table = pieces.replies[0][1].table if pieces.replies else no_samples()
    if pieces.failed:
        error: AcnetError = pieces.failed[0].error
        remark = f"{error}{asker.health.remark}"
        return _answer(asker, table, state_of(error), _request_failed(pieces.failed), remark)
    if shifted := other_window(asker, pieces.replies):
        asker.health.other_window = asker.health.other_window or shifted
        return _answer(asker, table, "failed", [_of_another_window(shifted, window)], shifted)
    remark = pieces.replies[0][1].nothing_logged or "nothing inside the window"
    return _answer(asker, table, "no data", _counted(asker.counts, 0, asker.foreign), remark)


def _with_rows(
    asker: Asker,
    tables: list[pa.Table],
    first: Rows,
    pieces: Pieces,
    expected: Expectation,
    *,
    whole_was_cut: bool = False,
) -> Answer:
    expected = replace(expected, failed=tuple(each.span for each in pieces.failed))
    in_texts = [
        each for window, reply in pieces.replies for each in findings_in_text(reply, window)
    ]
    so_far = AnswerSoFar(first, expected, asker, in_texts)
    if whole_was_cut:
        note_that_all_was_cut(so_far)
    so_far.shifted = other_window(asker, pieces.replies)
    findings, partial = refetch(so_far)
    if so_far.shifted:
        asker.health.other_window = asker.health.other_window or so_far.shifted
        findings = [_of_another_window(so_far.shifted, expected.window)]
    if so_far.expected.failed:
        findings = _request_failed(pieces.failed) + findings
        partial = True
    partial |= asker.counts.without_supercycle > 0
    if not expected.rate_may_change:
        partial |= any(each.kind == "slower tier" and not each.repaired for each in findings)
    findings = [_with_texts(each, asker.counts.not_a_number_examples) for each in findings]
    partial |= rows_were_not_read(findings, asker.counts, len(so_far.rows))
    rows = without_values(so_far.rows) if so_far.other_notation else so_far.rows
    unchanged = rows is first and len(tables) == 1
    table = tables[0] if unchanged else table_of(rows, tables[0].column_names[1])
    explained = {finding.kind for finding in findings}
    numbers = _counted(asker.counts, rows.without_number, asker.foreign)
    findings += [each for each in numbers if each.kind not in explained]
    state: State = "partial" if partial else "complete"
    remark = ""
    lacking = lack_of_numbers(rows, asker.counts.not_a_number_examples, expected)
    if lacking is not None:
        findings.insert(0, lacking)
        state = "partial"
        if not partial and never_had_numbers(expected.without_number_before):
            state, remark = "no data", f"{lacking.detail}; nor was any on the days before"
    with ONE_AT_A_TIME:
        tier = tier_seconds(rows.time, expected.period)
    return _answer(asker, table, state, findings, so_far.shifted or remark, tier)


def _of_another_window(sentence: str, window: Window) -> Finding:
    return Finding("another window", window.start_microseconds, window.end_microseconds, sentence)


def _request_failed(spans: list[FailedSpan]) -> list[Finding]:
    return [
        Finding("request failed", *each.span, f"{each.window}: {_said(each.error)}")
        for each in spans
    ]


def _said(error: AcnetError) -> str:
    """What happened, and what the service said to it."""
    return f"{error.what}: {error.received!r}" if error.received else error.what


def _with_texts(finding: Finding, texts: tuple[str, ...]) -> Finding:
    """The finding that values are no numbers, with what stood in their place."""
    if finding.kind != "not a number" or not texts:
        return finding
    return replace(finding, detail=f"{finding.detail}; there stood {', '.join(map(repr, texts))}")


def _counted(counts: ReplyCounts, without_number: int, foreign: int) -> list[Finding]:
    """Findings that are numbers of rows, not spans.

    Args:
        counts: of the answers.
        without_number: rows kept without a number.
        foreign: rows outside the window that are not explained by an end that counts in.
    """
    texts = ", ".join(map(repr, counts.not_a_number_examples))
    such = f", such as {texts}" if texts else ""
    numbers: dict[FindingKind, tuple[int, str]] = {
        "not a number": (without_number, f"values are no numbers and kept as null{such}"),
        "duplicates": (counts.exact_duplicates, "rows came twice and are kept once"),
        "out of order": (counts.out_of_order, "rows came late and are sorted in"),
        "outside window": (foreign, "rows lie outside the window and are dropped"),
        "ambiguous times": (
            counts.ambiguous_times,
            "rows of the hour that comes twice could be of either pass and stay where their order puts them"
            + ("; $00, which tells it, did not come" if counts.without_supercycle else ""),
        ),
        "impossible times": (counts.impossible_times, "rows have a local time that does not exist"),
        "irregular lines": (
            counts.irregular_lines,
            f"lines are no data, such as {', '.join(map(repr, counts.irregular_examples[:2]))}",
        ),
    }
    return [
        Finding(kind, None, None, f"{number} {text}")
        for kind, (number, text) in numbers.items()
        if number
    ]


def _answer(
    asker: Asker,
    table: pa.Table,
    state: State,
    findings: list[Finding],
    remark: str,
    tier: float | None = None,
) -> Answer:
    return Answer(
        table,
        state,
        asker.counts,
        tuple(findings),
        remark,
        tier,
        asker.bytes,
        asker.seconds,
        asker.requests,
    )
