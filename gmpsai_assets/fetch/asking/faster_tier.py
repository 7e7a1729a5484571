"""How samples of the fast tier are got where an answer came from a slower one.

A logger answers a window that begins before its fast samples do from a slower tier, although it has fast ones for the
rest; and it may answer a long window from a slower tier only because it is long.
"""

from datetime import datetime

from gmpsai_assets.acnet.clock import Window, to_microseconds
from gmpsai_assets.fetch.asking.answer_so_far import AnswerSoFar
from gmpsai_assets.fetch.asking.windows import askable, cut_at, first_piece, halves, last_piece
from gmpsai_assets.fetch.checking.findings import Expectation, findings_in_rows
from gmpsai_assets.fetch.checking.rows import Rows
from gmpsai_assets.fetch.outcome import Finding

_FASTER = 1.4
"""An answer with so many times the rows is of a faster tier: the nearest of the rates that loggers keep, 15 Hz and
10 Hz (lists of the logger nodes, fermi-ad/linac-logger-device-cleaner), are 1.5 apart."""

_EDGE_SECONDS = 60.0
_EDGE_PERIODS = 20
"""How closely the edge between two tiers is searched for: to a minute, and not closer than 20 samples, which tell a
rate. Both chosen."""


def take_faster_samples(so_far: AnswerSoFar, slow: Finding) -> bool:
    """Ask for the slow span, then for its ends, and get all that is fast in spans as large as they come.

    Args:
        so_far: takes the samples in.
        slow: the stretch of a slower tier.

    Returns:
        False if the limit of requests ended the search.

    Raises:
        AcnetError: asking failed.
    """
    window = askable(*slow.span, so_far.window)
    if _take_if_faster(so_far, window):
        return True
    first = first_piece(window, so_far.limits.smallest_span_seconds)
    last = last_piece(window, so_far.limits.smallest_span_seconds)
    if first is None or last is None:
        return True
    head, tail = first[0], last[1]
    fast_head, fast_tail = _take_if_faster(so_far, head), _take_if_faster(so_far, tail)
    start, end = head.end, tail.start
    if start < end and (fast_head or fast_tail):
        if not fast_head:
            start = _edge(so_far, slow=start, fast=end)
        elif not fast_tail:
            end = _edge(so_far, slow=end, fast=start)
        if start < end:
            _take_all(so_far, Window(start, end))
    return not so_far.asker.exhausted


def _take_if_faster(so_far: AnswerSoFar, window: Window) -> bool:
    newer = so_far.ask(window)
    faster = _is_faster(so_far, newer, window)
    if faster:
        so_far.put(newer, window.start_microseconds, window.end_microseconds)
    return faster


def _is_faster(so_far: AnswerSoFar, newer: Rows, window: Window) -> bool:
    older = so_far.rows.between(window.start_microseconds, window.end_microseconds)
    return len(newer) > _FASTER * len(older)


def _edge(so_far: AnswerSoFar, *, slow: datetime, fast: datetime) -> datetime:
    """The instant, to about a minute, from which on towards the fast side small spans are fast."""
    seconds = max(_EDGE_SECONDS, _EDGE_PERIODS * (so_far.expected.period or 0) / 1e6)
    length = round(seconds * 1e6)
    while abs((fast - slow).total_seconds()) > seconds and not so_far.asker.exhausted:
        between = Window(min(slow, fast), max(slow, fast))
        parts = cut_at(between, between.start + (between.end - between.start) / 2)
        if parts is None:
            break
        middle = parts[0].end
        first = to_microseconds(middle) - (0 if slow < fast else length)
        probe = askable(first, first + length, so_far.window)
        if _is_faster(so_far, so_far.ask(probe), probe):
            fast = middle
        else:
            slow = middle
    return fast


def _take_all(so_far: AnswerSoFar, window: Window) -> None:
    """Get a window of which small spans are fast: whole, or in halves where that gives the slower tier."""
    if so_far.asker.exhausted:
        return
    newer = so_far.ask(window)
    expected = Expectation(window, so_far.expected.period)
    slow = not len(newer) or any(
        each.kind == "slower tier" for each in findings_in_rows(newer, expected)
    )
    parts = halves(window, so_far.limits.smallest_span_seconds) if slow else None
    if parts is not None:
        for part in parts:
            _take_all(so_far, part)
    elif _is_faster(so_far, newer, window):
        so_far.put(newer, window.start_microseconds, window.end_microseconds)
