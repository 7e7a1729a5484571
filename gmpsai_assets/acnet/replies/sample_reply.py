"""Rules that turn rows as delivered into rows of a raw table: trim, order, and exact duplicates.

Nothing is parsed here, and nothing is filled in. Every row left out is counted.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window, to_microseconds
from gmpsai_assets.acnet.errors import AcnetError, SeveralValues
from gmpsai_assets.acnet.instants import as_microseconds, as_times
from gmpsai_assets.acnet.replies.notations import distinct
from gmpsai_assets.acnet.replies.samples import ParsedSamples

_MINUTE = 60_000_000

_TIMES_OF_AN_ARRAY = 4
"""So many times of a reply at least have several values if it is of an array. Chosen."""


@dataclass(frozen=True)
class ReplyCounts:
    """What a reply held, and what became of it.

    Attributes:
        outside_window: rows left out because they lie outside the window.
        impossible_times: rows left out because their wall time does not exist.
        ambiguous_times: rows whose pass of the repeated hour was not decided by order; kept.
        out_of_order: rows earlier than one delivered before them; sorted in.
        exact_duplicates: rows left out because time and value were there already.
        without_supercycle: of these ``ambiguous_times``, those that $00 would have decided, had it come.
        irregular_lines: lines among the data lines that are no data.
        irregular_examples: the first few of those.
        unread_rows: how many of them begin like a row, and are none that is understood.
        not_a_number_examples: the first few distinct texts that stand for a value and were not read as a number.
        other_notation: some of those that show that no value is a plain number, also where it looks like one; all
            values are then null.
    """

    outside_window: int = 0
    impossible_times: int = 0
    ambiguous_times: int = 0
    without_supercycle: int = 0
    out_of_order: int = 0
    exact_duplicates: int = 0
    irregular_lines: int = 0
    irregular_examples: tuple[str, ...] = ()
    unread_rows: int = 0
    not_a_number_examples: tuple[str, ...] = ()
    other_notation: tuple[str, ...] = ()

    def __add__(self, other: "ReplyCounts") -> "ReplyCounts":
        """Both counts together: sums, and the first few distinct examples."""
        sums: dict[str, Any] = {}
        for name in (each.name for each in fields(self)):
            one, two = getattr(self, name), getattr(other, name)
            sums[name] = distinct(one, two) if isinstance(one, tuple) else one + two
        return ReplyCounts(**sums)


@dataclass(frozen=True)
class OutsideRows:
    """The rows of a reply that lie outside its window.

    Attributes:
        before: how many lie before it.
        after: how many lie after it.
        first: the first of all rows of the reply, microseconds since 1970 UTC.
        last: the last of them.
    """

    before: int
    after: int
    first: int
    last: int


@dataclass(frozen=True)
class SampleReply:
    """Rows of one reply in order of time.

    Attributes:
        table: columns ``time`` (timestamp[us, UTC]) and a float64 one, null where no number came.
        counts: what happened to the rows.
        nothing_logged: the service's words if it holds nothing in the window; otherwise empty.
        remarks: lines before the rows that the service does not usually send.
        irregular_spans: where lines stood that are no data, microseconds since 1970 UTC, at least a minute apart.
        outside: the rows that lie outside the window; None if all lie inside.
        cut_short: why there are only the rows of a first part of the reply; None if it came whole.
        bytes: length of the body.
        seconds: time spent on request and reading, with all attempts.
    """

    table: pa.Table
    counts: ReplyCounts
    nothing_logged: str = ""
    remarks: tuple[str, ...] = ()
    irregular_spans: tuple[tuple[int, int], ...] = ()
    outside: OutsideRows | None = None
    cut_short: AcnetError | None = None
    bytes: int = 0
    seconds: float = 0.0

    def until(self, end: datetime) -> "SampleReply":
        """The part of the reply before an instant; irregular lines that all lie behind it are not counted."""
        microseconds = to_microseconds(end)
        time = as_microseconds(self.table["time"])
        table = self.table.slice(0, int(np.searchsorted(time, microseconds)))
        spans = tuple(span for span in self.irregular_spans if span[0] < microseconds)
        counts = self.counts
        if not spans:
            counts = replace(counts, irregular_lines=0, irregular_examples=(), unread_rows=0)
        return replace(self, table=table, counts=counts, irregular_spans=spans)


EventReply = SampleReply
"""The same for the occurrences of an event; its float64 column is ``supercycle_seconds``."""


def settle_samples(parsed: ParsedSamples, window: Window, column: str = "value") -> SampleReply:
    """Trim to the half-open window, sort stably by time, drop exact duplicates; count all of it.

    Args:
        parsed: rows as delivered.
        window: rows outside are left out.
        column: the name of the float64 column.

    Raises:
        SeveralValues: times come on several lines with other values, as those of an array may.
    """
    time, value = parsed.time, parsed.value
    outside = None
    if (
        len(time)
        and not window.start_microseconds <= time.min() <= time.max() < window.end_microseconds
    ):
        before, after = time < window.start_microseconds, time >= window.end_microseconds
        numbers = int(np.count_nonzero(before)), int(np.count_nonzero(after))
        outside = OutsideRows(*numbers, int(time.min()), int(time.max()))
        inside = ~(before | after)
        time, value = time[inside], value[inside]
    out_of_order = exact = 0
    if (time[1:] <= time[:-1]).any():
        out_of_order = int(np.count_nonzero(time < np.maximum.accumulate(time)))
        order = np.argsort(time, kind="stable")
        time, value = time[order], value[order]
        first = _first_of_equals(time, value)
        exact = len(time) - int(np.count_nonzero(first))
        time, value = time[first], value[first]
        if column == "value":
            _refuse_several_values(time, value, exact, out_of_order)
    rows = parsed.rows
    counts = ReplyCounts(
        outside_window=0 if outside is None else outside.before + outside.after,
        impossible_times=parsed.impossible_times,
        ambiguous_times=parsed.ambiguous_times,
        out_of_order=out_of_order,
        exact_duplicates=exact,
        irregular_lines=rows.irregular_lines,
        irregular_examples=rows.irregular_examples,
        unread_rows=rows.unread_rows,
        not_a_number_examples=distinct(rows.other_notation, rows.words),
        other_notation=rows.other_notation,
    )
    if counts.other_notation:
        value = np.full(len(time), np.nan)
    return SampleReply(
        _table(time, value, column),
        counts,
        remarks=parsed.remarks,
        irregular_spans=_irregular_spans(parsed, window),
        outside=outside,
    )


def no_samples(column: str = "value") -> pa.Table:
    """A table without rows, for a window in which nothing was logged."""
    return _table(np.empty(0, np.int64), np.empty(0, np.float64), column)


def _irregular_spans(parsed: ParsedSamples, window: Window) -> tuple[tuple[int, int], ...]:
    """From the row before to the row after each line that is no data; those of the same minute made one."""
    places = parsed.rows.irregular_places
    if not len(places):
        return ()
    edges = np.concatenate([[window.start_microseconds], parsed.time, [window.end_microseconds]])
    edges = np.clip(edges, window.start_microseconds, window.end_microseconds)
    around = np.sort(
        np.stack([edges[places], edges[np.minimum(places, len(edges) - 2) + 1]]), axis=0
    )
    start, end = np.sort(around[0]), np.sort(around[1])
    apart = np.flatnonzero(start[1:] - end[:-1] > _MINUTE)
    first, last = start[np.append(0, apart + 1)], end[np.append(apart, len(end) - 1)]
    return tuple(zip(first.tolist(), last.tolist(), strict=True))


def _table(time: NDArray[np.int64], value: NDArray[np.float64], column: str) -> pa.Table:
    values = pa.array(value, mask=np.isnan(value)) if np.isnan(value).any() else pa.array(value)
    return pa.table({"time": as_times(time), column: values})


def _refuse_several_values(
    time: NDArray[np.int64], value: NDArray[np.float64], repeated: int, out_of_order: int
) -> None:
    """Look at rows by time, without the repeated ones: elements that are equal at a time look like repetitions.

    Some equal times with other values are those of a logger that stamps two samples alike; and times that come again
    later, those of a clock that stepped back: the values of an array come together.
    """
    begins = np.flatnonzero(np.append(True, np.diff(time) != 0))
    values = np.diff(np.append(begins, len(time)))
    several = int(np.count_nonzero(values > 1))
    most_have_several_lines = len(time) + repeated > 1.5 * len(begins)
    came_together = 2 * out_of_order < several
    if several < _TIMES_OF_AN_ARRAY or not (most_have_several_lines and came_together):
        return
    most = int(values.argmax())
    rows = slice(begins[most], begins[most] + values[most])
    msg = f"{several} of {len(begins)} times have several values, on a line each"
    shown = " ".join(map(repr, value[rows].tolist()))
    raise SeveralValues(msg, received=f"{time[begins[most]] / 1e6:.6f} {shown}")


def _first_of_equals(time: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows, sorted by time, are the first with their time and value; null equals null."""
    first = np.ones(len(time), np.bool_)
    same = np.diff(time) == 0
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    # Adding 0.0 makes -0.0 and 0.0 one key; every missing number has the same bits already.
    keys = (value[tied] + 0.0).view(np.int64)
    order = np.lexsort((keys, time[tied]))
    equal = (np.diff(time[tied][order]) == 0) & (np.diff(keys[order]) == 0)
    first[tied[order[1:][equal]]] = False
    return first
