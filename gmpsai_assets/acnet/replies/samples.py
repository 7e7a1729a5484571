"""Samples and events out of their replies: rows with their times in UTC.

Wall times, whose text has no zone, are placed in UTC by their order. Shapes of lines are read in ``reader``; what
becomes of the rows is in ``sample_reply``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import local_midnight, to_microseconds, utc_offset_microseconds
from gmpsai_assets.acnet.errors import RowsNotUnderstood, SeveralValues, UnreadableReply
from gmpsai_assets.acnet.replies.reader import ParsedRows, RowReader
from gmpsai_assets.acnet.replies.refusals import complains
from gmpsai_assets.acnet.replies.rows import Form

DAY = 86_400_000_000
SMALLEST_FOLD = 1_000_000
"""A step back by less than a second is disorder among neighbours, not the end of an hour."""

CERTAIN_FOLD = DAY // 48
"""Where the hour begins anew, rows that come often step back by nearly all of it. A step by less than half of it is
that of an event that comes seldom, or of rows that came late."""

MOST_LATE_ROWS = 2
"""After such a step so many rows may lie before the last row of it for them to be late ones."""


@dataclass(frozen=True)
class PlacedTimes:
    """Wall times in UTC, in the order they came.

    Attributes:
        time: int64 microseconds since 1970 UTC; without meaning where not possible.
        possible: False for wall times that the clock jumps over in March.
        ambiguous: times in the repeated hour whose pass is a guess for want of a step back of about an hour.
    """

    time: NDArray[np.int64]
    possible: NDArray[np.bool_]
    ambiguous: int


def local_to_utc(wall: NDArray[np.int64]) -> PlacedTimes:
    """Place wall-clock microseconds (as if since 1970 in local time) in UTC.

    A date without a clock change has one offset. In the repeated hour of November the rows before
    the largest step back belong to the first pass, the rows from there on to the second; without one, or if it seems to
    be that of a row that came late, all belong to the first.
    """
    time = wall.copy()
    possible = np.ones(len(wall), np.bool_)
    ambiguous = 0
    for day, rows in _rows_by_day(wall):
        before, after, change = _offsets(day)
        if change is None:
            time[rows] -= before
            continue
        time[rows], possible[rows], unsure = _on_change_day(wall[rows], before, after, change)
        ambiguous += unsure
    return PlacedTimes(time, possible, ambiguous)


def _rows_by_day(wall: NDArray[np.int64]) -> Iterator[tuple[int, slice | NDArray[np.intp]]]:
    """Days since 1970 that occur, each with its rows. A reply mostly holds one day."""
    if not len(wall):
        return
    first, last = int(wall.min()) // DAY, int(wall.max()) // DAY
    if first == last:
        yield first, slice(None)
        return
    days = wall // DAY
    for day in np.unique(days).tolist():
        yield day, np.flatnonzero(days == day)


def _offsets(day: int) -> tuple[int, int, int | None]:
    """UTC offsets at the start and end of a local day, and the UTC instant of a change."""
    start = date(1970, 1, 1) + timedelta(days=day)
    first = to_microseconds(local_midnight(start))
    last = to_microseconds(local_midnight(start + timedelta(days=1)))
    before, after = utc_offset_microseconds(first), utc_offset_microseconds(last)
    if before == after:
        return before, after, None
    while last - first > 1:
        middle = (first + last) // 2
        if utc_offset_microseconds(middle) == before:
            first = middle
        else:
            last = middle
    return before, after, last


def _on_change_day(
    wall: NDArray[np.int64], before: int, after: int, change: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_], int]:
    """UTC microseconds, which rows are possible, and how many ambiguous ones were not decided."""
    late = wall >= change + max(before, after)
    time = wall - np.where(late, after, before)
    between = ~late & (wall >= change + min(before, after))
    if after > before:
        return time, ~between, 0
    repeated = np.flatnonzero(between)
    steps = np.diff(wall[repeated])
    all_possible = np.ones(len(wall), np.bool_)
    if not len(steps) or steps.min() > -SMALLEST_FOLD:
        return time, all_possible, len(repeated)
    last = int(steps.argmin())
    second_pass = repeated[last + 1 :]
    certain = bool(steps.min() <= -CERTAIN_FOLD)
    before_it = int(np.count_nonzero(wall[second_pass] < wall[repeated[last]]))
    if certain or before_it > MOST_LATE_ROWS or before_it == len(second_pass):
        time[second_pass] = wall[second_pass] - after
    return time, all_possible, 0 if certain else len(repeated)


@dataclass(frozen=True)
class ParsedSamples:
    """Rows of a reply in order of delivery.

    Attributes:
        time: int64 microseconds since 1970 UTC.
        value: float64, NaN where the line has no number.
        rows: the lines they came from, with the counts of everything unusual.
        remarks: lines before the rows that the service does not usually send.
        ambiguous_times: rows in the repeated hour of November that could be either pass.
        impossible_times: rows dropped because their wall time does not exist (March).
    """

    time: NDArray[np.int64]
    value: NDArray[np.float64]
    rows: ParsedRows
    remarks: tuple[str, ...] = ()
    ambiguous_times: int = 0
    impossible_times: int = 0

    @property
    def last_line_complete(self) -> bool:
        """Whether the last line had a line end; if not, the reply may be cut."""
        return self.rows.last_line_complete


def in_utc(rows: ParsedRows, remarks: tuple[str, ...]) -> ParsedSamples:
    """Rows with their times in UTC; wall times are placed by their order in the reply."""
    if rows.form is Form.EPOCH:
        return ParsedSamples(rows.clock, rows.value, rows, remarks)
    placed = local_to_utc(rows.clock)
    time, value = placed.time, rows.value
    impossible = len(time) - int(np.count_nonzero(placed.possible))
    if impossible:
        time, value = time[placed.possible], value[placed.possible]
    return ParsedSamples(time, value, rows, remarks, placed.ambiguous, impossible)


class SampleParser:
    """Reads one ``logger_get`` reply, chunk by chunk.

    Lines are ``epoch-seconds value``, or ``DD-MON-YYYY HH:MM:SS.mmm value`` in local time. Blanks,
    tabs, CR, blank lines, a preamble and HTML tags around the data are tolerated.

    Args:
        subject: device and window, for messages.
    """

    def __init__(self, subject: str) -> None:
        self._reader = RowReader(subject)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            AcnetError: by name, if an error text stands among the lines.
        """
        self._reader.feed(chunk)

    def finish(self) -> ParsedSamples:
        """All samples of the reply, as delivered.

        Raises:
            NoValues: the service holds none.
            AcnetError: by name, if there is no data line, or an error text among them.
        """
        return _samples(self._reader.finish())

    def finish_cut(self) -> ParsedSamples:
        """The samples in whole lines of a reply that broke off.

        Raises:
            AcnetError: as ``finish`` does.
        """
        return _samples(self._reader.finish_cut())


def _samples(rows: ParsedRows) -> ParsedSamples:
    """Such a reply has no preamble (clients of the laboratory read data from its first line), so any is a remark."""
    return in_utc(rows, rows.preamble)


class EventParser:
    """Reads one ``event_log`` reply, chunk by chunk.

    Lines are ``DD-MON-YYYY HH:MM:SS.mmm offset``: local wall time, and seconds since the last
    start of the supercycle (slightly negative for events of its first tick). Any preamble and
    title row is tolerated: replies of 2019 have none, those of 2026 have five lines and a title.

    Args:
        subject: event and window, for messages.
    """

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._reader = RowReader(subject)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            AcnetError: by name, if an error text stands among the lines.
        """
        with self._no_more_columns():
            self._reader.feed(chunk)

    def finish(self) -> ParsedSamples:
        """All occurrences of the reply, as delivered; the values are the offsets in seconds.

        Raises:
            NoOccurrences: the event was not seen.
            AcnetError: by name, if there is no data line, or an error text among them.
        """
        with self._no_more_columns():
            rows = self._reader.finish()
        return self._occurrences(rows)

    def finish_cut(self) -> ParsedSamples:
        """The occurrences in whole lines of a reply that broke off.

        Raises:
            AcnetError: as ``finish`` does.
        """
        with self._no_more_columns():
            rows = self._reader.finish_cut()
        return self._occurrences(rows)

    @contextmanager
    def _no_more_columns(self) -> Iterator[None]:
        """An event has no elements: several numbers in a row are columns that were not there before."""
        try:
            yield
        except SeveralValues as error:
            msg = "rows of the event log hold more than date, time and seconds into the supercycle"
            raise RowsNotUnderstood(msg, subject=self._subject, received=error.received) from error

    def _occurrences(self, rows: ParsedRows) -> ParsedSamples:
        if rows.form is not Form.LOCAL:
            msg = "the times of events came as plain numbers, not as dates"
            raise UnreadableReply(msg, subject=self._subject)
        return in_utc(rows, tuple(filter(complains, rows.preamble)))
