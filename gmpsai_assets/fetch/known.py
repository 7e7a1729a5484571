"""Two answers for one subject made one, so that no sample that was ever fetched or published is lost.

Rows and outcomes are put together here. Where the older answer lies, in a draft or in a published file, is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts
from gmpsai_assets.fetch.asking.ask import Already, Answer
from gmpsai_assets.fetch.checking.findings import Expectation, doubts
from gmpsai_assets.fetch.checking.rows import Rows, Times, crowded, joined, rows_of, table_of
from gmpsai_assets.fetch.checking.tiers import tier_seconds
from gmpsai_assets.fetch.outcome import Finding, FindingKind, Outcome, State
from gmpsai_assets.lake.parquet import read_metadata, read_rows_of
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named

_BETTER: tuple[State, ...] = ("failed", "refused", "no data", "partial", "complete")
_MISSING: tuple[FindingKind, ...] = ("gap", "tail missing", "quiet", "slower tier", "row limit")
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


@dataclass(frozen=True)
class PublishedSubjects:
    """The subjects of one published file.

    Attributes:
        file: the file; None if there is none, or if it shall not be looked at.
        schema: of the columns to read: the time and the number.
        outcomes: what the file says of its subjects.
    """

    file: Path | None = None
    schema: pa.Schema = field(default_factory=lambda: pa.schema([]))
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    def known(self, subject: str, key: str | int) -> Known | None:
        """What is published of a subject; None if it is not, or if what is there is damaged.

        Args:
            subject: its name in the outcomes.
            key: its value in the first column.

        Raises:
            OSError: if the disk cannot be read.
        """
        if self.file is None:
            return None
        try:
            with damage_named(self.file):
                table = read_rows_of(self.file, key, self.schema.names).cast(self.schema)
        except DamagedFileError:
            return None
        table = table.replace_schema_metadata(None)
        outcome = self.outcomes.get(subject)
        if outcome is None:
            if not table.num_rows:
                return None
            outcome = Outcome(subject, "partial", rows=table.num_rows)
        return Known(table, outcome)


def published_subjects(folder: Path, name: str, schema: pa.Schema) -> PublishedSubjects:
    """The subjects of one file of a day.

    Args:
        folder: the day's folder; it need not exist.
        name: the file's name; a node may have been written with other capitals before.
        schema: the table's.

    Raises:
        OSError: if the disk cannot be read.
    """
    alike = sorted(path for path in folder.glob("*") if path.name.casefold() == name.casefold())
    if not alike:
        return PublishedSubjects()
    file = folder / name if folder / name in alike else alike[0]
    try:
        with damage_named(file):
            told = [Outcome(**each) for each in read_metadata(file).get("outcomes", ())]
    except DamagedFileError:
        told = []
    states = get_args(State)
    outcomes = {each.subject: each for each in told if each.state in states}
    return PublishedSubjects(file, pa.schema(list(schema)[1:]), outcomes)


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
