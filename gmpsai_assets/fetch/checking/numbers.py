"""Whether a subject's rows hold numbers as they usually do, and whether rows came that were not read.

A row without a number is kept and counted, but it is no value: a day of nothing but such rows is not complete. What is
usual is what the days before show.
"""

import statistics
from collections.abc import Sequence

import numpy as np

from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts
from gmpsai_assets.fetch.checking.findings import Expectation
from gmpsai_assets.fetch.checking.rows import Rows
from gmpsai_assets.fetch.outcome import ASKED_ABOUT, Finding, FindingKind

LEAST_SHARE = 0.01
"""So many rows without a number are no shortcoming of an answer. Chosen: a quarter of an hour of a day, the smallest
span that is asked for by itself."""
MORE_THAN_USUAL = 1.5
"""Nor is this many times the share of the days before; chosen."""
DAYS_BEFORE = 5
"""The median of so many days is what is usual: a day or two that were bad do not count."""


_NOTHING_CAME: tuple[FindingKind, ...] = (*ASKED_ABOUT, "quiet")


def lack_of_numbers(rows: Rows, examples: Sequence[str], expected: Expectation) -> Finding | None:
    """The finding that fewer rows hold a number than usual; None if as many do.

    Args:
        rows: of the whole window.
        examples: texts that stand where no number was read.
        expected: what is known of them, with the days before.
    """
    before = expected.without_number_before
    if not len(rows) or not _lacks_numbers(rows.without_number, len(rows), before):
        return None
    such = f", such as {', '.join(map(repr, examples))}" if examples else ""
    share = f"; usual is a share of {_usual(before):.2g}" if before else ""
    detail = f"{rows.without_number:,} of {len(rows):,} values are no numbers{such}{share}"
    return Finding("not a number", None, None, detail)


def never_had_numbers(shares_before: Sequence[float]) -> bool:
    """Whether no row of the days before held one; False where no day is known."""
    return bool(shares_before) and min(shares_before) >= 1.0


def without_values(rows: Rows) -> Rows:
    """The same rows without any number."""
    return Rows(rows.time, np.full(len(rows), np.nan))


def rows_were_not_read(findings: Sequence[Finding], counts: ReplyCounts, rows: int) -> bool:
    """Whether rows came in a form that is not understood, and what they hold is missing.

    Args:
        findings: of the answers.
        counts: of the answers.
        rows: how many were understood.
    """
    standing = [each for each in findings if each.kind == "irregular lines" and not each.repaired]
    if not counts.unread_rows or not standing:
        return False
    if counts.unread_rows > LEAST_SHARE * (rows + counts.unread_rows):
        return True
    empty = [each.span for each in findings if each.kind in _NOTHING_CAME and not each.repaired]
    return any(a < f.span[1] and f.span[0] < b for a, b in empty for f in standing)


def _lacks_numbers(without_number: int, rows: int, shares_before: Sequence[float]) -> bool:
    """Whether more rows than usual hold no number; rows that hold none at all always lack them.

    Args:
        without_number: rows that hold none.
        rows: all rows.
        shares_before: share of rows without a number on each of the days before; empty where no day is known.
    """
    allowed = max(LEAST_SHARE, MORE_THAN_USUAL * _usual(shares_before)) * rows
    return without_number > allowed or without_number == rows


def _usual(shares_before: Sequence[float]) -> float:
    return statistics.median(shares_before) if shares_before else 0.0
