"""Rows that the service leaves out at an end of every answer, and how they are got.

What is missing at the end of a day comes back missing when it is asked for up to that end. So rows that are known are
asked for: a service that cuts its answers leaves out the last of those, too. Then the window is made so much longer
that the cut falls outside of what is wanted, also beyond the day.
"""

from dataclasses import dataclass

from gmpsai_assets.acnet.clock import Window, from_microseconds, local_minute
from gmpsai_assets.fetch.asking.answer_so_far import AnswerSoFar
from gmpsai_assets.fetch.asking.windows import after_repeated_hour, before_repeated_hour
from gmpsai_assets.fetch.checking.rows import Rows
from gmpsai_assets.fetch.outcome import Finding, Span

_LONGER = 2
"""A window is made longer by so many times what was cut off: as many rows may take longer elsewhere. Chosen."""


@dataclass(frozen=True)
class CutEnds:
    """How much an answer leaves out, in microseconds; 0 where it leaves out nothing.

    Attributes:
        head: from the start of its window to its first row.
        tail: from its last row to the end of its window.
    """

    head: int = 0
    tail: int = 0

    def __bool__(self) -> bool:
        return self.head > 0 or self.tail > 0

    def __str__(self) -> str:
        ends = (("beginning", self.head), ("end", self.tail))
        return " and ".join(f"the {name}, here {us / 1e6:.3g} s," for name, us in ends if us)


def cut_ends(asked: Window, known: Rows, came: Rows) -> CutEnds:
    """What an answer leaves out although it is known to be there.

    Args:
        asked: the window of the answer.
        known: rows that came before, of this window.
        came: the rows of the answer.
    """
    start, end = asked.start_microseconds, asked.end_microseconds
    if not len(known):
        return CutEnds()
    if not len(came):
        return CutEnds(end - start, end - start)
    return CutEnds(
        int(came.time[0]) - start if known.time[0] < came.time[0] else 0,
        end - int(came.time[-1]) if known.time[-1] > came.time[-1] else 0,
    )


def cut_at_the_edge(so_far: AnswerSoFar, gap: Span, margin: int) -> CutEnds:
    """Whether the service cuts its answers, where a gap reaches an end of the day; one request tells.

    Args:
        so_far: its rows next to the gap are asked for.
        gap: from the start of the day, or to its end; nothing came of it when it was asked for again.
        margin: microseconds that are asked for beyond the length of the gap.
    """
    inner = _beside(so_far.window, gap, margin)
    if inner is None:
        return CutEnds()
    known = so_far.rows.between(inner.start_microseconds, inner.end_microseconds)
    return cut_ends(inner, known, so_far.ask(inner)) if len(known) else CutEnds()


def _beside(window: Window, gap: Span, margin: int) -> Window | None:
    """What lies next to a gap at an end of the day, a little longer than the gap; None if it reaches neither."""
    start, end = gap
    length = end - start + margin
    first, last = window.start_microseconds, window.end_microseconds
    if end >= last:
        inner_end = before_repeated_hour(from_microseconds(start))
        inner_start = before_repeated_hour(from_microseconds(max(first, start - length)))
    elif start <= first:
        inner_start = after_repeated_hour(from_microseconds(end))
        inner_end = after_repeated_hour(from_microseconds(min(last, end + length)))
    else:
        return None
    return Window(inner_start, inner_end) if inner_start < inner_end else None


def take_what_was_cut(so_far: AnswerSoFar, asked: Window, cut: CutEnds) -> str:
    """Ask for a window with more before and after it, so that the cut falls outside.

    Args:
        so_far: takes the rows in, and a finding that says so.
        asked: the window whose answer was cut.
        cut: how much it was cut.

    Returns:
        Why that is not possible, as it is not past yet; empty if it was done.
    """
    first = asked.start_microseconds - _LONGER * cut.head
    last = asked.end_microseconds + _LONGER * cut.tail
    wide = Window(
        before_repeated_hour(from_microseconds(first)), after_repeated_hour(from_microseconds(last))
    )
    day = so_far.window
    if wide.end > so_far.asker.now():
        return f"the service cuts {cut} off each answer; ask again after {local_minute(wide.end)}"
    known = so_far.rows.between(asked.start_microseconds, asked.end_microseconds)
    newer = so_far.ask(wide).between(day.start_microseconds, day.end_microseconds)
    again = newer.between(asked.start_microseconds, asked.end_microseconds)
    before = len(so_far.rows)
    so_far.add(newer)
    if len(so_far.rows) > before or not cut_ends(asked, known, again):
        finding = Finding("answers cut", *_span(asked), _detail(cut), repaired=True)
        so_far.note_cut(cut.head, cut.tail, finding)
    return ""


def _detail(cut: CutEnds) -> str:
    return f"the service cuts {cut} off each answer; what it cut was asked for in longer windows"


def _span(window: Window) -> Span:
    return window.start_microseconds, window.end_microseconds
