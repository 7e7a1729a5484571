"""How samples of the fast tier are got where an answer came from a slower one.

A logger answers a window that begins before its fast samples do from a slower tier, although it has fast ones for the
rest; and it may answer a long window from a slower tier only because it is long.
"""

from dataclasses import dataclass
from datetime import datetime

from gmpsai_assets.acnet.clock import Window, to_microseconds
from gmpsai_assets.fetch.asking.gathered import Gathered
from gmpsai_assets.fetch.asking.windows import askable, cut_at, first_piece, halves, last_piece
from gmpsai_assets.fetch.checking.findings import Doubt, Expectation, doubts
from gmpsai_assets.fetch.checking.rows import Rows

_FASTER = 1.4
_EDGE_SECONDS = 60.0
_EDGE_PERIODS = 20


@dataclass(frozen=True)
class FasterTier:
    """The search for faster samples of one subject."""

    got: Gathered

    def take(self, doubt: Doubt) -> bool:
        """Ask for the slow span, then for its ends, and get all that is fast in spans as large as they come.

        Returns:
            False if the limit of requests ended the search.
        """
        window = askable(doubt.start, doubt.end, self.got.window)
        if self._take_if_faster(window):
            return True
        first = first_piece(window, self.got.smallest_seconds)
        last = last_piece(window, self.got.smallest_seconds)
        if first is None or last is None:
            return True
        head, tail = first[0], last[1]
        fast_head, fast_tail = self._take_if_faster(head), self._take_if_faster(tail)
        start, end = head.end, tail.start
        if start < end and (fast_head or fast_tail):
            if not fast_head:
                start = self._edge(slow=start, fast=end)
            elif not fast_tail:
                end = self._edge(slow=end, fast=start)
            if start < end:
                self._take_all(Window(start, end))
        return not self.got.asker.exhausted

    def _take_if_faster(self, window: Window) -> bool:
        newer = self.got.ask(window)
        faster = self._is_faster(newer, window)
        if faster:
            self.got.put(newer, window.start_microseconds, window.end_microseconds)
        return faster

    def _is_faster(self, newer: Rows, window: Window) -> bool:
        older = self.got.rows.between(window.start_microseconds, window.end_microseconds)
        return len(newer) > _FASTER * len(older)

    def _edge(self, *, slow: datetime, fast: datetime) -> datetime:
        """The instant, to about a minute, from which on towards the fast side small spans are fast."""
        seconds = max(_EDGE_SECONDS, _EDGE_PERIODS * (self.got.expected.period or 0) / 1e6)
        while abs((fast - slow).total_seconds()) > seconds and not self.got.asker.exhausted:
            between = Window(min(slow, fast), max(slow, fast))
            parts = cut_at(between, between.start + (between.end - between.start) / 2)
            if parts is None:
                break
            middle = parts[0].end
            probe = self._probe(middle, seconds, forwards=slow < fast)
            if self._is_faster(self.got.ask(probe), probe):
                fast = middle
            else:
                slow = middle
        return fast

    def _probe(self, middle: datetime, seconds: float, *, forwards: bool) -> Window:
        start = to_microseconds(middle)
        length = round(seconds * 1e6)
        first = start if forwards else start - length
        return askable(first, first + length, self.got.window)

    def _take_all(self, window: Window) -> None:
        """Get a window of which small spans are fast: whole, or in halves where that gives the slower tier."""
        if self.got.asker.exhausted:
            return
        newer = self.got.ask(window)
        expected = Expectation(window, self.got.expected.period)
        slow = not len(newer) or any(d.kind == "slower tier" for d in doubts(newer, expected))
        parts = halves(window, self.got.smallest_seconds) if slow else None
        if parts is not None:
            for part in parts:
                self._take_all(part)
        elif self._is_faster(newer, window):
            self.got.put(newer, window.start_microseconds, window.end_microseconds)
