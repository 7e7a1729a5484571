"""Rows that the service leaves out at an end of every answer, and how they are got.

What is missing at the end of a day comes back missing when it is asked for up to that end. So the window is made so
much longer that the cut falls outside of what is wanted, also beyond the day. Where that is not past yet, rows that are
known are asked for: a service that cuts its answers leaves out the last of those, too.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from gmpsai_assets.acnet.clock import Window, from_microseconds, local_minute
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply
from gmpsai_assets.fetch.asking.answer_so_far import AnswerSoFar
from gmpsai_assets.fetch.asking.asker import Asker
from gmpsai_assets.fetch.asking.windows import after_repeated_hour, before_repeated_hour
from gmpsai_assets.fetch.checking.rows import Rows, rows_of, table_of
from gmpsai_assets.fetch.outcome import Finding, Span

_LONGER = 2
"""A window is made longer by so many times what was cut off: as many rows may take longer elsewhere. Chosen."""

_LONGER_ROWS = 10
"""Where nothing came, by the time of so many rows at least; chosen."""


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


def look_beyond_the_day(so_far: AnswerSoFar, gap: Span, asked: Window) -> str:
    """Where a gap reaches an end of the day and nothing came again, ask for it in a window that goes beyond that end.

    Where that is not past yet, rows beside the gap tell whether the service cuts its answers at all.

    Args:
        so_far: takes the rows in, and a finding that says so.
        gap: what is missing.
        asked: the window in which it was asked for again.

    Returns:
        Why that is not possible, as it is not past yet; empty otherwise.
    """
    day = so_far.window
    length = gap[1] - gap[0]
    at_the_start = gap[0] <= day.start_microseconds
    at_the_end = gap[1] >= day.end_microseconds
    if not (at_the_start or at_the_end):
        return ""
    cut = CutEnds(length * at_the_start, length * at_the_end)
    if _longer(asked, cut).end <= so_far.asker.now():
        return take_what_was_cut(so_far, asked, cut, sure=False)
    inner = _beside(day, gap, asked)
    if inner is None:
        return ""
    cut = cut_ends(inner, so_far.rows.between(*_span(inner)), _rows_in(so_far, inner))
    return take_what_was_cut(so_far, asked, cut) if cut else ""


def _rows_in(so_far: AnswerSoFar, window: Window) -> Rows:
    """The rows of a further answer alone: texts in it are those of other hours, too."""
    return rows_of(so_far.reply(window).table)


def _beside(window: Window, gap: Span, asked: Window) -> Window | None:
    """What lies next to a gap at an end of the day, as long as the window that was asked for; None if there is none."""
    start, end = gap
    length = asked.end_microseconds - asked.start_microseconds
    first, last = window.start_microseconds, window.end_microseconds
    if end >= last:
        inner_end = before_repeated_hour(from_microseconds(start))
        inner_start = before_repeated_hour(from_microseconds(max(first, start - length)))
    else:
        inner_start = after_repeated_hour(from_microseconds(end))
        inner_end = after_repeated_hour(from_microseconds(min(last, end + length)))
    return Window(inner_start, inner_end) if inner_start < inner_end else None


def take_what_was_cut(
    so_far: AnswerSoFar, asked: Window, cut: CutEnds, *, sure: bool = True
) -> str:
    """Ask for a window with more before and after it, so that the cut falls outside.

    Args:
        so_far: takes the rows in, and a finding that says so.
        asked: the window whose answer was cut.
        cut: how much it was cut.
        sure: whether it is known that it was.

    Returns:
        Why that is not possible, as it is not past yet; empty if it was done.
    """
    wide = _longer(asked, cut)
    day = so_far.window
    if wide.end > so_far.asker.now():
        return f"the service cuts {cut} off each answer; ask again after {local_minute(wide.end)}"
    known = so_far.rows.between(asked.start_microseconds, asked.end_microseconds)
    newer = _rows_in(so_far, wide).between(*_span(day))
    again = newer.between(asked.start_microseconds, asked.end_microseconds)
    before = len(so_far.rows)
    so_far.add(newer)
    if len(so_far.rows) > before or (sure and not cut_ends(asked, known, again)):
        finding = Finding("answers cut", *_span(asked), _detail(cut), repaired=True)
        so_far.note_cut(cut.head, cut.tail, finding)
    return ""


def _longer(asked: Window, cut: CutEnds) -> Window:
    first = asked.start_microseconds - _LONGER * cut.head
    last = asked.end_microseconds + _LONGER * cut.tail
    return Window(
        before_repeated_hour(from_microseconds(first)), after_repeated_hour(from_microseconds(last))
    )


def longer_answer(asker: Asker, window: Window, period: float) -> SampleReply:
    """The rows of a window out of an answer to a much longer one, as far as that is past.

    Args:
        asker: sends the request.
        window: what is wanted.
        period: the nominal interval in microseconds.

    Raises:
        AcnetError: as the service is asked.
    """
    length = timedelta(seconds=max(window.seconds, _LONGER_ROWS * period / 1e6))
    end = max(window.end, min(window.end + length, asker.now().replace(microsecond=0)))
    wide = Window(before_repeated_hour(window.start - length), after_repeated_hour(end))
    reply = asker.ask(wide)
    rows = rows_of(reply.table).between(window.start_microseconds, window.end_microseconds)
    table = table_of(rows, reply.table.column_names[1])
    return replace(reply, table=table, counts=ReplyCounts(), outside=None)


def note_that_all_was_cut(so_far: AnswerSoFar) -> None:
    """Remember that nothing came but in a longer window."""
    length = round(so_far.window.seconds * 1e6)
    cut = CutEnds(length, length)
    finding = Finding("answers cut", *_span(so_far.window), _detail(cut), repaired=True)
    so_far.note_cut(length, length, finding)


def _detail(cut: CutEnds) -> str:
    return f"the service cuts {cut} off its answers; what it cut was asked for in longer windows"


def _span(window: Window) -> Span:
    return window.start_microseconds, window.end_microseconds
