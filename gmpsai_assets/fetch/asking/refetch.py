"""What is asked for again when something is doubtful, by the kind of the doubt, and what the answer says about it.

When doubts are raised and how they end is in ``review``; how answers are put together, in ``gathered``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

import numpy as np

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.fetch.asking.faster_tier import FasterTier
from gmpsai_assets.fetch.asking.gathered import Gathered
from gmpsai_assets.fetch.asking.limits import JUDGING
from gmpsai_assets.fetch.asking.report import shortened
from gmpsai_assets.fetch.asking.windows import askable, first_piece, last_piece
from gmpsai_assets.fetch.checking.findings import (
    PAGE_ROWS,
    Doubt,
    Expectation,
    doubts,
    without_number,
)
from gmpsai_assets.fetch.checking.rows import rows_of, union
from gmpsai_assets.fetch.outcome import Finding, FindingKind

_SECOND = 1_000_000
_MARGIN_PERIODS = 5
_CHECKED_SECONDS = 10
_FROZEN_REPEATS = 2

Verdict = tuple[Literal["own", "open"], str]
"""``own``: the same came again, so it is the source's own. ``open``: asking again failed or was not possible. With it,
a clause that says so."""

NOT_ASKED: Verdict = ("open", "not asked again: the limit is reached")
CONTRADICTION: Verdict = ("open", "asked again: the answers contradict each other")

_OWN: dict[FindingKind, str] = {
    "gap": "the logger has nothing there",
    "tail missing": "the logger has nothing there",
    "quiet": "it did not come",
    "row limit": "there is no more",
    "slower tier": "the logger has no faster samples, in smaller spans neither",
    "frozen value": "the logger has the same values",
    "clock step": "the logger has the same times",
    "not a number": "the logger has no numbers there",
    "irregular lines": "there are such lines again",
    "service message": "it says so again",
}


def cure(got: Gathered, doubt: Doubt) -> tuple[Verdict, Doubt | None]:
    """Ask again about a doubt and take in what comes.

    Returns:
        What became of it; and a doubt that came up on the way and cannot be settled.

    Raises:
        AcnetError: asking again failed.
    """
    return _CURES[doubt.kind](got, doubt)


def _own(doubt: Doubt) -> tuple[Verdict, None]:
    return ("own", f"asked again: {_OWN[doubt.kind]}"), None


def _gap(got: Gathered, doubt: Doubt) -> tuple[Verdict, Doubt | None]:
    margin = max(_SECOND, round(_MARGIN_PERIODS * (got.expected.period or 0)))
    window = askable(doubt.start - margin, doubt.end + margin, got.window)
    newer = got.ask(window)
    older = got.rows.between(window.start_microseconds, window.end_microseconds)
    both = union(older, newer)
    if got.mixes_clocks(both) or (len(newer) < len(both) > len(older) and _end_differs(got)):
        # The new rows do not fit between the old ones: one of the two answers has a wrong clock.
        if _take_whole(got, doubt):
            return _own(doubt)
        end = got.window.end_microseconds
        return CONTRADICTION, Doubt("clock step", doubt.start, end, "times jump")
    got.add(newer)
    return _own(doubt)


def _end_differs(got: Gathered) -> bool:
    """Whether the last seconds, asked for again, come with other times: after a step all rows are shifted."""
    end = got.window.end_microseconds
    window = askable(end - _CHECKED_SECONDS * _SECOND, end, got.window)
    older = got.rows.between(window.start_microseconds, end)
    return got.mixes_clocks(union(older, got.ask(window)))


def _clock_step(got: Gathered, doubt: Doubt) -> tuple[Verdict, None]:
    _take_whole(got, doubt)
    return _own(doubt)


def _take_whole(got: Gathered, doubt: Doubt) -> bool:
    """Ask for the whole window again and take that answer if it has one clock and rows where there were none."""
    reply = got.reply(got.window)
    newer = rows_of(reply.table)
    has_rows = len(newer.between(doubt.start + 1, doubt.end - 1)) > 0
    better = has_rows and not got.mixes_clocks(newer) and len(newer) >= 0.9 * len(got.rows)
    if better:
        got.start_anew(reply)
    return better


def _slower_tier(got: Gathered, doubt: Doubt) -> tuple[Verdict, None]:
    if not FasterTier(got).take(doubt):
        return NOT_ASKED, None
    return _own(doubt)


def _row_limit(got: Gathered, doubt: Doubt) -> tuple[Verdict, None]:
    for _ in range(got.asker.asking.most_repeats):
        if got.asker.exhausted:
            break
        last = int(got.rows.time[-1])
        newer = got.ask(askable(last, doubt.end, got.window))
        got.add(newer)
        grown = len(newer) > 0 and int(got.rows.time[-1]) > last
        if not grown or len(newer) % PAGE_ROWS:
            return _own(doubt)
    end = from_microseconds(int(got.rows.time[-1]))
    detail = f"each answer ends after {PAGE_ROWS} rows; followed until {end:%H:%M:%S} UTC"
    return ("open", detail), None


def _frozen(got: Gathered, doubt: Doubt) -> tuple[Verdict, None]:
    # Well beyond both ends, so that a fault of the answer itself would be seen again.
    margin = 2 * (doubt.end - doubt.start)
    window = askable(doubt.start - margin, doubt.end + margin, got.window)
    older = got.rows.between(doubt.start, doubt.end)
    for _ in range(_FROZEN_REPEATS):
        newer = got.ask(window)
        part = newer.between(doubt.start, doubt.end)
        if len(part) == len(older) and np.array_equal(part.value, older.value):
            return _own(doubt)
        expected = Expectation(window, got.expected.period)
        found = [each.kind for each in doubts(newer, expected)] if len(newer) else []
        if len(part) >= len(older) and "frozen value" not in found:
            got.put(part, doubt.start, doubt.end)
            return _own(doubt)
    return CONTRADICTION, None


def _missing_numbers(got: Gathered, doubt: Doubt) -> tuple[Verdict, None]:
    window = askable(doubt.start, doubt.end, got.window)
    parts = first_piece(window, got.smallest_seconds)
    before = got.rows.without_number
    got.add(got.ask(window if parts is None else parts[0]))
    if parts is not None and got.rows.without_number < before:
        got.add(got.ask(parts[1]))
    return _own(doubt)


def _irregular_lines(got: Gathered, doubt: Doubt) -> tuple[Verdict, None]:
    reply = got.reply(askable(doubt.start - _SECOND, doubt.end + _SECOND, got.window))
    got.add(rows_of(reply.table))
    if not reply.irregular_spans:
        got.unsaid(doubt)
    return _own(doubt)


def _message(got: Gathered, doubt: Doubt) -> tuple[Verdict, None]:
    """Ask for a small span first: a service that says so with every answer need not send the day twice."""
    window = askable(doubt.start, doubt.end, got.window)
    parts = last_piece(window, got.smallest_seconds)
    if parts is None or not got.reply(parts[1]).remarks:
        reply = got.reply(window)
        got.add(rows_of(reply.table))
        if not reply.remarks:
            got.unsaid(doubt)
    return _own(doubt)


_CURES: dict[FindingKind, Callable[[Gathered, Doubt], tuple[Verdict, Doubt | None]]] = {
    "clock step": _clock_step,
    "slower tier": _slower_tier,
    "row limit": _row_limit,
    "gap": _gap,
    "tail missing": _gap,
    "quiet": _gap,
    "frozen value": _frozen,
    "not a number": _missing_numbers,
    "irregular lines": _irregular_lines,
    "service message": _message,
}


_ONE_BY_ONE = 4
"""More doubts of one kind than this are asked for again in one request that covers them all."""

_TOGETHER = ("quiet", "service message")


@dataclass
class Review:
    """The doubts about what was gathered of one subject.

    Attributes:
        got: what came, and what asking again adds to it.
        verdicts: what became of each doubt that was asked for again.
        incomplete: after ``run``, whether something may still be there that did not come.
    """

    got: Gathered
    verdicts: dict[Doubt, Verdict] = field(default_factory=dict)
    incomplete: bool = False
    _repeats: int = 0

    def run(self) -> list[Finding]:
        """Ask again where it can help, until nothing doubtful is left that was not asked for.

        Returns:
            What remains doubtful, and, marked as repaired, what asking again cured.
        """
        while True:
            found = self._doubts()
            new = [doubt for doubt in found if doubt not in self.verdicts]
            if not new:
                return self._findings(found)
            group = [doubt for doubt in new if doubt.kind == new[0].kind]
            together = len(group) > _ONE_BY_ONE or group[0].kind in _TOGETHER
            self._ask_again(group if together else group[:1])

    def _doubts(self) -> list[Doubt]:
        with JUDGING:
            found = doubts(self.got.rows, self.got.expected) + without_number(self.got.rows)
        return found + list(dict.fromkeys(self.got.said))

    def _ask_again(self, group: list[Doubt]) -> None:
        if self._repeats >= self.got.asker.asking.most_repeats or self.got.asker.exhausted:
            verdict = NOT_ASKED
        else:
            self._repeats += 1
            cover = Doubt(group[0].kind, group[0].start, max(doubt.end for doubt in group), "")
            try:
                verdict, unsettled = cure(self.got, cover)
            except AcnetError as error:
                verdict, unsettled = ("open", f"asking again failed: {error.what}"), None
            if unsettled is not None:
                self.verdicts[unsettled] = verdict
        for doubt in group:
            self.verdicts[doubt] = verdict

    def _findings(self, found: list[Doubt]) -> list[Finding]:
        # These are not seen in the rows any more although they were not settled.
        unseen = [
            doubt
            for doubt, (settled, _) in self.verdicts.items()
            if settled == "open"
            and (
                doubt.kind == "clock step" or (doubt.kind == "row limit" and self._may_go_on(found))
            )
        ]
        remaining = list(dict.fromkeys(found + unseen))
        open_doubts = any(self.verdicts[doubt][0] == "open" for doubt in remaining)
        self.incomplete = open_doubts or bool(self.got.differing)
        findings = [
            Finding(d.kind, d.start, d.end, f"{d.detail}; {self.verdicts[d][1]}") for d in remaining
        ]
        findings += [
            Finding(d.kind, d.start, d.end, f"{d.detail}; asked again: {_cured(d)}", repaired=True)
            for d in self.verdicts
            if not any(_about_the_same(d, each) for each in remaining)
        ]
        findings += self.got.differing
        return [one for _, each in groupby(findings, _kind) for one in shortened(list(each))]

    def _may_go_on(self, found: list[Doubt]) -> bool:
        """Whether rows may be missing at the end of the window."""
        no_rate = self.got.expected.period is None
        return no_rate or any(doubt.kind == "tail missing" for doubt in found)


def _cured(doubt: Doubt) -> str:
    return "not so any more" if doubt.kind == "service message" else "it came"


def _kind(finding: Finding) -> tuple[str, bool]:
    return finding.kind, finding.repaired


def _about_the_same(one: Doubt, other: Doubt) -> bool:
    return one.kind == other.kind and one.start < other.end and other.start < one.end
