"""One subject asked for thoroughly: whole, in pieces where that fails, and again where the answer is doubtful.

Here the outcome of one subject is decided. Many subjects side by side belong to ``collect``; how requests are cut,
to ``pieces``; what is asked for again, to ``review``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply, no_samples
from gmpsai_assets.fetch.asking.gathered import Gathered
from gmpsai_assets.fetch.asking.limits import JUDGING, Asker, Asking, ServiceHealth
from gmpsai_assets.fetch.asking.refetch import Review
from gmpsai_assets.fetch.asking.report import bounds, counted, request_failed
from gmpsai_assets.fetch.asking.split import Pieces, fetch_in_pieces, state_of
from gmpsai_assets.fetch.checking.findings import Expectation, text_doubts
from gmpsai_assets.fetch.checking.rows import Rows, joined, replaced, rows_of, table_of, union
from gmpsai_assets.fetch.checking.tiers import tier_seconds
from gmpsai_assets.fetch.outcome import Finding, Outcome, State


@dataclass(frozen=True)
class Answer:
    """All that is known of one subject in a window.

    Attributes:
        table: its rows in order of time: ``time`` and a float64 column.
        state: what they amount to.
        counts: sum over all replies.
        findings: what was unusual.
        remark: what the service said where it had nothing; why it was refused or failed.
        tier_seconds: the most frequent interval.
        bytes: length of all replies.
        seconds: time spent, retries included.
        requests: how many were made.
    """

    table: pa.Table
    state: State
    counts: ReplyCounts
    findings: tuple[Finding, ...]
    remark: str
    tier_seconds: float | None
    bytes: int
    seconds: float
    requests: int

    def outcome(self, subject: str) -> Outcome:
        """The answer without its rows."""
        return Outcome(
            subject,
            self.state,
            rows=self.table.num_rows,
            not_a_number=self.table.column(1).null_count,
            duplicates=self.counts.exact_duplicates,
            out_of_order=self.counts.out_of_order,
            outside_window=self.counts.outside_window,
            ambiguous_times=self.counts.ambiguous_times,
            bytes_received=self.bytes,
            seconds=self.seconds,
            remark=self.remark,
            requests=self.requests,
            tier_seconds=self.tier_seconds,
            findings=self.findings,
        )


@dataclass(frozen=True)
class Already:
    """What an earlier try has brought of a subject, of which a part did not come.

    Attributes:
        table: its rows.
        counts: what became of the rows of its replies.
        missing: the spans that failed and are all that is asked for now; on whole seconds.
    """

    table: pa.Table
    counts: ReplyCounts
    missing: tuple[Window, ...]


def ask_thoroughly(
    fetch: Callable[[Window], SampleReply],
    window: Window,
    *,
    nominal_rate_hz: float | None = None,
    rate_may_change: bool = False,
    asking: Asking | None = None,
    health: ServiceHealth | None = None,
    already: Already | None = None,
) -> Answer:
    """Everything the service has for one subject in a window, and what is wrong with it.

    A clean answer takes one request. Errors of the service end in the answer's state and are not raised.

    Args:
        fetch: asks for a window; raises ``AcnetError``.
        window: on whole seconds, without a boundary in the hour that comes twice.
        nominal_rate_hz: rows a second that are expected; None if that is not known.
        rate_may_change: whether a lower rate that comes again is the subject's own, and nothing is missing.
        asking: the limits.
        health: shared by all subjects of a pull.
        already: what an earlier try has brought; only the rest, and what is doubtful about both, is asked for.
    """
    asker = Asker(fetch, asking or Asking(), health or ServiceHealth())
    period = None if nominal_rate_hz is None else 1e6 / nominal_rate_hz
    expected = Expectation(window, period, rate_may_change=rate_may_change)
    if already is not None:
        asker.counts = already.counts
        pieces = _in_spans(asker, already.missing)
        tables = [already.table, *_tables(pieces)]
        return _with_rows(asker, tables, _filled(already, pieces), pieces, expected)
    pieces = fetch_in_pieces(asker, window)
    empty = not any(reply.table.num_rows for _, reply in pieces.replies)
    if pieces.replies and not pieces.failed and empty and nominal_rate_hz is not None:
        # What always comes: having nothing is worth a second question, whose answer alone counts.
        asker.forget_counts()
        pieces = fetch_in_pieces(asker, window)
        empty = not any(reply.table.num_rows for _, reply in pieces.replies)
    if empty:
        return _without_rows(asker, pieces)
    tables = _tables(pieces)
    rows = joined([rows_of(table) for table in tables])
    return _with_rows(asker, tables, rows, pieces, expected)


def _tables(pieces: Pieces) -> list[pa.Table]:
    return [reply.table for _, reply in pieces.replies]


def _in_spans(asker: Asker, spans: tuple[Window, ...]) -> Pieces:
    pieces = Pieces()
    for span in spans:
        found = fetch_in_pieces(asker, span)
        pieces.replies += found.replies
        pieces.failed += found.failed
    return pieces


def _filled(already: Already, pieces: Pieces) -> Rows:
    """The rows of an earlier try with what came of the spans that it lacked."""
    rows = rows_of(already.table)
    for span, reply in pieces.replies:
        start, end = span.start_microseconds, span.end_microseconds
        rows = replaced(rows, union(rows.between(start, end), rows_of(reply.table)), start, end)
    return rows


def _without_rows(asker: Asker, pieces: Pieces) -> Answer:
    table = pieces.replies[0][1].table if pieces.replies else no_samples()
    if pieces.failed:
        error: AcnetError = pieces.failed[0].error
        remark = f"{error}{asker.health.remark}"
        return _answer(asker, table, state_of(error), request_failed(pieces.failed), remark)
    if asker.foreign:
        remark = f"all {asker.counts.outside_window} rows that came lie outside the window"
        return _answer(asker, table, "failed", counted(asker.counts, 0, asker.foreign), remark)
    remark = pieces.replies[0][1].nothing_logged or "nothing inside the window"
    return _answer(asker, table, "no data", [], remark)


def _with_rows(
    asker: Asker, tables: list[pa.Table], first: Rows, pieces: Pieces, expected: Expectation
) -> Answer:
    expected = replace(expected, failed=tuple(bounds(span) for span in pieces.failed))
    said = [doubt for window, reply in pieces.replies for doubt in text_doubts(reply, window)]
    got = Gathered(first, expected, asker, said)
    review = Review(got)
    findings = review.run()
    if got.expected.failed:
        findings = request_failed(pieces.failed) + findings
    slower = any(each.kind == "slower tier" and not each.repaired for each in findings)
    partial = bool(got.expected.failed) or review.incomplete
    partial |= slower and not expected.rate_may_change
    rows = got.rows
    unchanged = rows is first and len(tables) == 1
    table = tables[0] if unchanged else table_of(rows, tables[0].column_names[1])
    explained = {finding.kind for finding in findings}
    numbers = counted(asker.counts, rows.without_number, asker.foreign)
    findings += [each for each in numbers if each.kind not in explained]
    state: State = "partial" if partial else "complete"
    with JUDGING:
        tier = tier_seconds(rows.time, expected.period)
    return _answer(asker, table, state, findings, "", tier)


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


__all__ = ["Already", "Answer", "Asking", "ServiceHealth", "ask_thoroughly"]
