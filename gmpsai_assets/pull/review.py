"""What came is looked through, and every doubtful span is asked for again, once, as far as the limits allow.

What is doubtful is decided in ``suspicion``; how answers are put together, in ``rows``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

import numpy as np

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.pull.findings import shortened
from gmpsai_assets.pull.outcome import Finding, FindingKind
from gmpsai_assets.pull.patience import Asker
from gmpsai_assets.pull.rows import Rows, crowded, replaced, rows_of, union
from gmpsai_assets.pull.spans import askable, first_piece
from gmpsai_assets.pull.suspicion import PAGE_ROWS, Doubt, Expectation, doubts, without_number

_SECOND = 1_000_000
_MARGIN_PERIODS = 5
_CHECKED_SECONDS = 10
_FROZEN_REPEATS = 2
_ONE_BY_ONE = 4
"""More doubts of one kind than this are asked for again in one request that covers them all."""

_OWN: dict[FindingKind, str] = {
    "hole": "the logger has nothing there",
    "tail missing": "the logger has nothing there",
    "quiet": "it did not come",
    "row limit": "there is no more",
    "slower tier": "the logger has no faster samples, in smaller spans neither",
    "frozen value": "the logger has the same values",
    "clock step": "the logger has the same times",
    "not a number": "the logger has no numbers there",
}

Verdict = Literal["own", "open"]
"""``own``: the same came again, so it is the source's own. ``open``: asking again failed or was not possible."""


@dataclass
class Review:
    """The rows of one subject while they are looked through.

    Attributes:
        rows: the rows so far.
        expected: what is known of them, with the spans that could not be fetched.
        asker: sends further requests.
        verdicts: what became of each doubt that was asked for again, with the reason.
        incomplete: after ``run``, whether something may still be there that did not come.
    """

    rows: Rows
    expected: Expectation
    asker: Asker
    verdicts: dict[Doubt, tuple[Verdict, str]] = field(default_factory=dict)
    incomplete: bool = False
    _repeats: int = 0

    @property
    def window(self) -> Window:
        """The window of the whole question."""
        return self.expected.window

    @property
    def period(self) -> float | None:
        """The nominal interval in microseconds, or None."""
        return self.expected.period

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
            together = len(group) > _ONE_BY_ONE or group[0].kind == "quiet"
            self._ask_again(group if together else group[:1])

    def _doubts(self) -> list[Doubt]:
        return doubts(self.rows, self.expected) + without_number(self.rows)

    def _ask_again(self, group: list[Doubt]) -> None:
        if self._repeats >= self.asker.asking.most_repeats or self.asker.exhausted:
            verdict: tuple[Verdict, str] = ("open", "not asked again: the limit is reached")
        else:
            self._repeats += 1
            cover = Doubt(group[0].kind, group[0].start, max(doubt.end for doubt in group), "")
            try:
                verdict = self._cures()[cover.kind](cover)
            except AcnetError as error:
                verdict = ("open", f"asking again failed: {error.what}")
        for doubt in group:
            self.verdicts[doubt] = verdict

    def _cures(self) -> dict[str, Callable[[Doubt], tuple[Verdict, str]]]:
        return {
            "clock step": self._cure_clock_step,
            "slower tier": self._cure_tier,
            "row limit": self._cure_row_limit,
            "hole": self._cure_hole,
            "tail missing": self._cure_hole,
            "quiet": self._cure_hole,
            "frozen value": self._cure_frozen,
            "not a number": self._cure_missing_numbers,
        }

    def _ask(self, window: Window) -> Rows:
        return rows_of(self.asker.ask(window).table)

    def _cure_hole(self, doubt: Doubt) -> tuple[Verdict, str]:
        margin = max(_SECOND, round(_MARGIN_PERIODS * (self.period or 0)))
        window = askable(doubt.start - margin, doubt.end + margin, self.window)
        start, end = window.start_microseconds, window.end_microseconds
        newer, older = self._ask(window), self.rows.between(start, end)
        both = union(older, newer)
        if self._mixes_clocks(both) or (
            len(newer) < len(both) > len(older) and self._end_differs()
        ):
            # The new rows do not fit between the old ones: one of the two answers has a wrong clock.
            return self._cure_contradiction(doubt)
        self.rows = replaced(self.rows, both, start, end)
        return self._own(doubt)

    def _mixes_clocks(self, rows: Rows) -> bool:
        return self.period is not None and crowded(rows, self.period)

    def _end_differs(self) -> bool:
        """Whether the last seconds, asked for again, come with other times: after a step all rows are shifted."""
        end = self.window.end_microseconds
        window = askable(end - _CHECKED_SECONDS * _SECOND, end, self.window)
        older = self.rows.between(window.start_microseconds, end)
        return self._mixes_clocks(union(older, self._ask(window)))

    def _cure_contradiction(self, doubt: Doubt) -> tuple[Verdict, str]:
        if self._take_whole(doubt):
            return self._own(doubt)
        found = Doubt("clock step", doubt.start, self.window.end_microseconds, "times jump")
        self.verdicts[found] = ("open", "asked again: the answers contradict each other")
        return self.verdicts[found]

    def _cure_clock_step(self, doubt: Doubt) -> tuple[Verdict, str]:
        self._take_whole(doubt)
        return self._own(doubt)

    def _take_whole(self, doubt: Doubt) -> bool:
        """Ask for the whole window again and take that answer if it has one clock and rows where there were none."""
        newer = self._ask(self.window)
        has_rows = len(newer.between(doubt.start + 1, doubt.end - 1)) > 0
        better = has_rows and not self._mixes_clocks(newer) and len(newer) >= 0.9 * len(self.rows)
        if better:
            self.rows, self.expected = newer, replace(self.expected, failed=())
        return better

    def _cure_tier(self, doubt: Doubt) -> tuple[Verdict, str]:
        window = askable(doubt.start, doubt.end, self.window)
        if not self._take_if_faster(window):
            seconds = self.asker.asking.smallest_span_seconds
            parts: tuple[Window, Window] | None = first_piece(window, seconds)
            while parts is not None and self._take_if_faster(parts[0]):
                if self.asker.exhausted:
                    return "open", "not asked again: the limit is reached"
                parts = first_piece(parts[1], seconds) or (
                    (parts[1], parts[1]) if parts[1] != parts[0] else None
                )
        return self._own(doubt)

    def _take_if_faster(self, window: Window) -> bool:
        newer = self._ask(window)
        start, end = window.start_microseconds, window.end_microseconds
        faster = len(newer) > 1.4 * len(self.rows.between(start, end))
        if faster:
            self.rows = replaced(self.rows, newer, start, end)
        return faster

    def _cure_row_limit(self, doubt: Doubt) -> tuple[Verdict, str]:
        for _ in range(self.asker.asking.most_repeats):
            if self.asker.exhausted:
                break
            last = int(self.rows.time[-1])
            newer = self._ask(askable(last, doubt.end, self.window))
            self.rows = union(self.rows, newer)
            grown = len(newer) > 0 and int(self.rows.time[-1]) > last
            if not grown or len(newer) % PAGE_ROWS:
                return self._own(doubt)
        end = from_microseconds(int(self.rows.time[-1]))
        return "open", f"each answer ends after {PAGE_ROWS} rows; followed until {end:%H:%M:%S} UTC"

    def _cure_frozen(self, doubt: Doubt) -> tuple[Verdict, str]:
        # Well beyond both ends, so that a fault of the answer itself would be seen again.
        margin = 2 * (doubt.end - doubt.start)
        window = askable(doubt.start - margin, doubt.end + margin, self.window)
        older = self.rows.between(doubt.start, doubt.end)
        for _ in range(_FROZEN_REPEATS):
            newer = self._ask(window)
            part = newer.between(doubt.start, doubt.end)
            if len(part) == len(older) and np.array_equal(part.value, older.value):
                return self._own(doubt)
            expected = Expectation(window, self.period)
            found = [each.kind for each in doubts(newer, expected)] if len(newer) else []
            if len(part) >= len(older) and "frozen value" not in found:
                self.rows = replaced(self.rows, part, doubt.start, doubt.end)
                return self._own(doubt)
        return "open", "asked again: the answers contradict each other"

    def _cure_missing_numbers(self, doubt: Doubt) -> tuple[Verdict, str]:
        window = askable(doubt.start, doubt.end, self.window)
        probe = first_piece(window, self.asker.asking.smallest_span_seconds)
        if probe is None or self._fill_numbers(probe[0]):
            self._fill_numbers(window if probe is None else probe[1])
        return self._own(doubt)

    def _fill_numbers(self, window: Window) -> bool:
        before = self.rows.without_number
        self.rows = union(self.rows, self._ask(window))
        return self.rows.without_number < before

    def _own(self, doubt: Doubt) -> tuple[Verdict, str]:
        return "own", f"asked again: {_OWN[doubt.kind]}"

    def _findings(self, found: list[Doubt]) -> list[Finding]:
        # Two kinds of doubt are not seen in the rows any more although they were not settled.
        unseen = ("row limit", "clock step")
        unsettled = [d for d, (v, _) in self.verdicts.items() if v == "open" and d.kind in unseen]
        remaining = list(dict.fromkeys(found + unsettled))
        self.incomplete = any(self.verdicts[doubt][0] == "open" for doubt in remaining)
        findings = [
            Finding(d.kind, d.start, d.end, f"{d.detail}; {self.verdicts[d][1]}") for d in remaining
        ]
        findings += [
            Finding(d.kind, d.start, d.end, f"{d.detail}; asked again: it came", repaired=True)
            for d in self.verdicts
            if not any(_about_the_same(d, each) for each in remaining)
        ]
        return [one for _, each in groupby(findings, _kind) for one in shortened(list(each))]


def _kind(finding: Finding) -> tuple[str, bool]:
    return finding.kind, finding.repaired


def _about_the_same(one: Doubt, other: Doubt) -> bool:
    return one.kind == other.kind and one.start < other.end and other.start < one.end
