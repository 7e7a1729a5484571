"""Whether the service answers for another window than the one that is asked for.

A service that takes the times in another zone, or whose clock is off, sends rows from outside the window at one end and
none at the other. The same is seen of a service that adds a margin where the device was silent at one end, so a small
window of which rows are known is asked for once more: who answers for another window does not give those.
"""

from collections.abc import Iterable
from datetime import timedelta

import numpy as np

from gmpsai_assets.acnet.clock import (
    Window,
    from_microseconds,
    is_repeated_local_time,
    local_minute,
    utc_offset_microseconds,
)
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.asker import INCLUSIVE_END_ROWS, Asker
from gmpsai_assets.fetch.asking.windows import askable
from gmpsai_assets.fetch.checking.rows import Times, rows_of
from gmpsai_assets.fetch.outcome import Span

_SECOND = 1_000_000
_SHORTER_END = 0.5
"""At the other end at least this part of what lies outside is missing. In the nights of the clock change one end of a
day lies five hours from its text taken as UTC, the other six."""
_PROBE_SECONDS = 60.0
"""Length of the window that is asked for once more at most; chosen."""
_STEPS = (3600, 1800, 900, 60, 1)
"""A shift is told in the longest of these steps, in seconds, of which it may be a multiple."""


def other_window(asker: Asker, replies: Iterable[tuple[Window, SampleReply]]) -> str:
    """What shows that the service answers for another window, in a sentence; empty if nothing does.

    It is worded alike for all subjects of a pull. A request is made only where a reply has rows outside its window at
    one end, and none at the other end of it.

    Args:
        asker: sends that request.
        replies: with the windows that they are for.
    """
    for window, reply in replies:
        shift = _possible_shift(window, reply)
        if shift is not None and not _knows_its_window(asker, window, reply, shift):
            return _sentence(window, shift)
    return ""


def _possible_shift(window: Window, reply: SampleReply) -> Span | None:
    """The least and the largest shift, microseconds, negative for an earlier window; None if nothing points to one."""
    outside = reply.outside
    if outside is None or (outside.before > 0) == (outside.after > 0):
        return None
    start, end = window.start_microseconds, window.end_microseconds
    if outside.before:
        beyond, missing = start - outside.first, end - outside.last
    else:
        beyond, missing = outside.last - end, outside.first - start
    rows = outside.before + outside.after
    if (rows <= INCLUSIVE_END_ROWS and beyond <= _SECOND) or missing < _SHORTER_END * beyond:
        return None
    # The rows outside may be fewer than the shift brings; at the other end it is at most a pause less than is missing.
    usual = (outside.last - outside.first) // max(1, rows + reply.table.num_rows - 1)
    longest = int(np.diff(rows_of(reply.table).time).max(initial=_SECOND))
    least, most = sorted((max(beyond, missing - max(2 * usual, longest)), missing))
    return (-most, -least) if outside.before else (least, most)


def _knows_its_window(asker: Asker, window: Window, reply: SampleReply, shift: Span) -> bool:
    """Whether rows that are known come again when they alone are asked for."""
    seconds = min(_PROBE_SECONDS, min(map(abs, shift)) / _SECOND)
    time, within = _known(window, reply)
    first = int(time[len(time) // 2]) // _SECOND * _SECOND
    probe = askable(first, first + max(1, int(seconds)) * _SECOND, within)
    known = time[(time >= probe.start_microseconds) & (time < probe.end_microseconds)]
    try:
        again = rows_of(asker.ask(probe).table)
    except AcnetError:
        return False  # what cannot be judged is not called complete
    return bool(np.isin(known, again.time).all())


def _known(window: Window, reply: SampleReply) -> tuple[Times, Window]:
    """Times of rows that the service has, in order, and a window that holds them.

    Those inside the window, of which the repeated hour is left out if that is possible; without any, one outside.
    """
    time = rows_of(reply.table).time
    if not len(time) and reply.outside is not None:
        row = reply.outside.first if reply.outside.before else reply.outside.last
        around = from_microseconds(row)
        return np.array([row]), Window(around - timedelta(days=1), around + timedelta(days=1))
    middle = len(time) // 2
    if is_repeated_local_time(from_microseconds(int(time[middle]))):
        return time[:1], window  # the day begins an hour before the one that comes twice
    return time, window


def _sentence(window: Window, shift: Span) -> str:
    microseconds = _roundest(window, shift)
    seconds = abs(microseconds) // _SECOND
    which = "earlier" if microseconds < 0 else "later"
    start, end = (
        local_minute(each + timedelta(microseconds=microseconds))
        for each in (window.start, window.end)
    )
    asks = "does it take the times as UTC" if seconds % 3600 == 0 else "is its clock off"
    return (
        f"the service answers for another window, {_length(seconds)} {which} than was asked: {asks}? The rows run from "
        f"about {start} to {end}; those inside the day are kept as a draft"
    )


def _roundest(window: Window, shift: Span) -> int:
    """The shift that a person would guess: local time taken as UTC, or the roundest one that is possible."""
    least, most = shift
    as_utc = utc_offset_microseconds(window.start_microseconds)
    if least <= as_utc <= most:
        return as_utc
    for step in _STEPS:
        number = most // (step * _SECOND) if most > 0 else -(-least // (step * _SECOND))
        rounded = number * step * _SECOND
        if number and least <= rounded <= most:
            return rounded
    return most if most > 0 else least


def _length(seconds: int) -> str:
    for name, unit in (("h", 3600), ("min", 60)):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{number} {name}" for number, name in parts if number)
