"""A window fetched whole, or, where that fails, in smaller and smaller pieces.

Here requests fail and are split. What came is looked through in ``checking``.
"""

from dataclasses import dataclass, field

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.errors import (
    ACCESS_STATUSES,
    AcnetError,
    ConnectionFailed,
    DeviceRefused,
    HttpRefused,
    PermanentError,
    ServiceRefused,
    SeveralValues,
    SyntaxRefused,
    UnreadableReply,
)
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.asker import Asker
from gmpsai_assets.fetch.asking.windows import cut_before, first_piece, halves, last_piece
from gmpsai_assets.fetch.outcome import Span, State

_WHATEVER_THE_WINDOW = (
    ConnectionFailed,
    DeviceRefused,
    ServiceRefused,
    SeveralValues,
    SyntaxRefused,
)
_FAILURES_IN_A_ROW = 6
"""Chosen: after so many the rest is asked for once more, but not cut down any further."""


@dataclass(frozen=True)
class FailedSpan:
    """A part of the window that could not be fetched."""

    window: Window
    error: AcnetError

    @property
    def span(self) -> Span:
        """First instant and first instant after."""
        return self.window.start_microseconds, self.window.end_microseconds


@dataclass
class Pieces:
    """What came of a window.

    Attributes:
        replies: answers with the windows they are for; these do not overlap.
        failed: the rest of the window.

    The rows of an answer that was cut short are those of its window; its ``cut_short`` is not looked at again.
    """

    replies: list[tuple[Window, SampleReply]] = field(default_factory=list)
    failed: list[FailedSpan] = field(default_factory=list)

    def in_order(self) -> "Pieces":
        """Both lists by time, failed spans that touch and fail alike made one."""
        failed: list[FailedSpan] = []
        for span in sorted(self.failed, key=lambda each: each.window):
            last = failed[-1] if failed else None
            if (
                last
                and last.window.end == span.window.start
                and type(last.error) is type(span.error)
            ):
                failed[-1] = FailedSpan(Window(last.window.start, span.window.end), last.error)
            else:
                failed.append(span)
        return Pieces(sorted(self.replies, key=lambda each: each[0]), failed)


def state_of(error: AcnetError) -> State:
    """Whether an error means ``refused`` (a person must change something) or ``failed``."""
    if isinstance(error, UnreadableReply) and not isinstance(error, SeveralValues):
        return "failed"
    return "refused" if isinstance(error, PermanentError) else "failed"


def fetch_in_pieces(asker: Asker, window: Window) -> Pieces:
    """Ask for the whole window; where that fails, for smaller parts, down to the smallest span.

    Before a window is split, one smallest span at its start or at its end must come: if neither does, the
    service is down or has nothing against the length of the window, and splitting cannot help.
    """
    pieces = Pieces()
    failed = _ask_for_all_of(window, asker, pieces)
    if failed is not None:
        _fetch_in_parts(asker, failed, pieces)
    for _, reply in pieces.replies:
        asker.count(reply)
    return pieces.in_order()


def _fetch_in_parts(asker: Asker, failed: FailedSpan, pieces: Pieces) -> None:
    rest = None
    if splitting_may_help(failed.error) and not asker.health.seems_down:
        rest = _after_a_probe(asker, failed, pieces)
    if rest is None:
        pieces.failed.append(failed)
    else:
        _Splitter(asker, pieces, failed.error).fetch(rest)


def _ask_for_all_of(window: Window, asker: Asker, pieces: Pieces) -> FailedSpan | None:
    """Ask for a window, and where an answer breaks off, for what is missing; the span that fails, if one does."""
    while True:
        try:
            reply = asker.ask(window)
        except AcnetError as error:
            return FailedSpan(window, error)
        if reply.cut_short is None:
            pieces.replies.append((window, reply))
            return None
        parts = _at_the_break(window, reply, asker.limits.smallest_span_seconds)
        if parts is None:
            return FailedSpan(window, reply.cut_short)
        pieces.replies.append((parts[0], reply.until(parts[0].end)))
        window = parts[1]
        if asker.exhausted:
            return FailedSpan(window, reply.cut_short)


def _at_the_break(
    window: Window, reply: SampleReply, smallest_seconds: float
) -> tuple[Window, Window] | None:
    """What came whole and what is missing of an answer that broke off; None if too little came to go on like that.

    The boundary lies on the whole second before the last row, whose value may have lost digits.
    """
    if not reply.table.num_rows:
        return None
    parts = cut_before(window, reply.table["time"][-1].as_py())
    if parts is None or parts[0].seconds < min(smallest_seconds, window.seconds / 2):
        return None
    return parts


def splitting_may_help(error: AcnetError) -> bool:
    """Whether the same question for a smaller window could be answered."""
    if isinstance(error, HttpRefused):
        return error.status not in ACCESS_STATUSES
    return not isinstance(error, _WHATEVER_THE_WINDOW)


def _after_a_probe(asker: Asker, whole: FailedSpan, pieces: Pieces) -> Window | None:
    """What is still to be fetched after one smallest span came; None if none comes."""
    seconds = asker.limits.smallest_span_seconds
    first, last = first_piece(whole.window, seconds), last_piece(whole.window, seconds)
    if first is None or last is None:
        return None
    for probe, rest in (first, last[::-1]):
        tried = Pieces()
        if _ask_for_all_of(probe, asker, tried) is None:
            pieces.replies += tried.replies
            return rest
    return None


@dataclass
class _Splitter:
    """Splits a window of which some part can be fetched."""

    asker: Asker
    pieces: Pieces
    _last: AcnetError
    _failed: list[Window] = field(default_factory=list)
    _in_a_row: int = 0

    def fetch(self, window: Window) -> None:
        """Fetch all parts of a window; as a whole it is known to fail."""
        self._failed.append(window)
        self._split(window, self._last)

    def _split(self, window: Window, error: AcnetError) -> None:
        parts = halves(window, self.asker.limits.smallest_span_seconds)
        given_up = self._in_a_row >= _FAILURES_IN_A_ROW
        if parts is None or given_up or not splitting_may_help(error):
            self._in_a_row += 1
            self.pieces.failed.append(FailedSpan(window, error))
            return
        for part in parts:
            self._ask(part)

    def _ask(self, window: Window) -> None:
        if self.asker.exhausted:
            self.pieces.failed.append(FailedSpan(window, self._last))
            return
        parts = halves(window, self.asker.limits.smallest_span_seconds)
        if parts is not None and self._is_too_long(window):
            for part in parts:
                self._ask(part)
            return
        failed = _ask_for_all_of(window, self.asker, self.pieces)
        if failed is None:
            self._in_a_row = 0
            return
        self._failed.append(failed.window)
        self._last = failed.error
        self._split(failed.window, failed.error)

    def _is_too_long(self, window: Window) -> bool:
        """Whether two windows apart from each other, neither longer than this one, have failed."""
        shorter = sorted(
            each
            for each in self._failed
            if each.seconds <= window.seconds and not self._holds_a_failed_piece(each)
        )
        return any(
            one.end <= other.start for i, one in enumerate(shorter) for other in shorter[i + 1 :]
        )

    def _holds_a_failed_piece(self, window: Window) -> bool:
        """Whether the failure of a window is explained by a piece of it that fails however small."""
        smallest = (failed.window for failed in self.pieces.failed)
        return any(window.start <= each.start and each.end <= window.end for each in smallest)
