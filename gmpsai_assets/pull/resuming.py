"""A subject of which an earlier try has kept a part: what is asked for now, and what both tries together amount to.

How a subject is asked for belongs to ``asking``; where the part is kept, to ``drafts``.
"""

from collections.abc import Callable
from dataclasses import replace

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.replies.settling import ReplyCounts
from gmpsai_assets.pull.asking import Already, Answer
from gmpsai_assets.pull.outcome import Finding, FindingKind, Outcome
from gmpsai_assets.pull.suspicion import Expectation
from gmpsai_assets.pull.uniting import ContradictionError, Known, better, united

_OF_THE_WHOLE_ANSWER: tuple[FindingKind, ...] = (
    "slower tier",
    "clock step",
    "row limit",
    "answers differ",
)
"""Findings that put all rows in doubt, or cannot be seen in them again: the whole window is asked for anew."""


def resumed(
    kept: Known | None,
    ask: Callable[[Already | None], Answer],
    subject: str,
    expected: Expectation,
) -> Known:
    """Ask for what an earlier try lacks, and put both together; nothing that came is given up.

    Args:
        kept: what an earlier try has kept, if there was one; it is not finished.
        ask: asks for the subject; given what came already, for the rest alone.
        subject: its name.
        expected: what is known of its rows before they come.
    """
    already = None if kept is None else _already(kept)
    answer = ask(already)
    newer = Known(answer.table, answer.outcome(subject))
    if kept is None:
        return newer
    if already is not None:
        return Known(newer.table, _with_effort(newer.outcome, kept.outcome))
    try:
        both = united(kept, newer, expected)
    except ContradictionError:
        both = better(kept, newer)
    return Known(both.table, replace(both.outcome, kept_rows=0))


def _already(kept: Known) -> Already | None:
    """What need not be asked for again; None if that is nothing."""
    outcome = kept.outcome
    doubtful = [finding for finding in outcome.findings if not finding.repaired]
    if not kept.table.num_rows or any(f.kind in _OF_THE_WHOLE_ANSWER for f in doubtful):
        return None
    counts = ReplyCounts(
        outside_window=outcome.outside_window,
        ambiguous_times=outcome.ambiguous_times,
        out_of_order=outcome.out_of_order,
        exact_duplicates=outcome.duplicates,
    )
    missing = tuple(window for each in doubtful for window in _failed_span(each))
    return Already(kept.table, counts, missing)


def _failed_span(finding: Finding) -> list[Window]:
    if finding.kind != "request failed" or finding.start is None or finding.end is None:
        return []
    return [Window(from_microseconds(finding.start), from_microseconds(finding.end))]


def _with_effort(outcome: Outcome, earlier: Outcome) -> Outcome:
    return replace(
        outcome,
        bytes_received=outcome.bytes_received + earlier.bytes_received,
        seconds=outcome.seconds + earlier.seconds,
        requests=outcome.requests + earlier.requests,
    )
