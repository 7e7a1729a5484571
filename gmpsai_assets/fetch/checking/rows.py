"""The rows of one subject as two arrays, and how the rows of several answers become one.

Which answers are put together, and which is believed, is decided in ``asking``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.instants import as_times

Times = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Rows in order of time.

    Attributes:
        time: int64 microseconds since 1970 UTC.
        value: float64, NaN where no number came.
    """

    time: Times
    value: Values

    def __len__(self) -> int:
        return len(self.time)

    def between(self, start: int, end: int) -> "Rows":
        """The rows of the half-open span; views, nothing is copied."""
        first, last = np.searchsorted(self.time, [start, end])
        return Rows(self.time[first:last], self.value[first:last])

    @property
    def without_number(self) -> int:
        """How many rows have no number."""
        return int(np.count_nonzero(np.isnan(self.value)))


def rows_of(table: pa.Table) -> Rows:
    """The rows of a table with a time and a float64 column."""
    time = _in_one(table.column(0)).cast(pa.int64())
    value = _in_one(table.column(1))
    return Rows(time.to_numpy(), value.to_numpy(zero_copy_only=False))


def _in_one(column: pa.ChunkedArray) -> pa.Array:
    """The column in one piece; ``combine_chunks`` would copy even where there is only one."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def table_of(rows: Rows, column: str) -> pa.Table:
    """The rows as a table ``time`` (timestamp[us, UTC]) and ``column`` (float64, null for no number)."""
    missing = np.isnan(rows.value)
    values = pa.array(rows.value, mask=missing) if missing.any() else pa.array(rows.value)
    return pa.table({"time": as_times(rows.time), column: values})


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows of windows that follow each other without overlap."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
    )


def union(older: Rows, newer: Rows) -> Rows:
    """The rows of both answers, each once.

    A row that is in both, with the same time and value, comes once. A row without a number gives way to one of
    the same time with a number. Several values at one time stay, also where the answers differ: nothing says which
    one is right; see ``conflicts``.
    """
    start, end = _extent(newer)
    inside = older.between(start, end)
    both = joined([inside, newer])
    # By time, then numbers in order; NaN sorts last. Adding 0.0 makes -0.0 and 0.0 one.
    order = np.lexsort((both.value + 0.0, both.time))
    time, value = both.time[order], both.value[order]
    same_time = np.diff(time) == 0
    repeats = np.isnan(value[1:]) | (value[1:] == value[:-1])
    kept = np.append(True, ~(same_time & repeats)) if len(time) else np.empty(0, np.bool_)
    return _with_part(older, Rows(time[kept], value[kept]), start, end)


def conflicts(older: Rows, newer: Rows) -> Times:
    """Times at which each of two answers has a number that the other one lacks; sorted, each once."""
    inside = older.between(*_extent(newer))
    both = joined([inside, newer])
    origin = np.repeat([0, 1], [len(inside), len(newer)])
    value = both.value + 0.0
    order = np.lexsort((origin, value, both.time))
    time, value, origin = both.time[order], value[order], origin[order]
    equal = (time[1:] == time[:-1]) & (value[1:] == value[:-1])
    alone = ~np.isnan(value) & ~np.append(False, equal) & ~np.append(equal, False)
    return np.intersect1d(time[alone & (origin == 0)], time[alone & (origin == 1)])


def replaced(older: Rows, newer: Rows, start: int, end: int) -> Rows:
    """The newer rows inside the half-open span, the older ones outside."""
    return _with_part(older, newer.between(start, end), start, end)


def crowded(rows: Rows, period: float) -> bool:
    """Whether rows of different clocks seem to be mixed: several intervals below half a period.

    Args:
        rows: rows in order of time.
        period: the nominal interval in microseconds.
    """
    return int(np.count_nonzero(np.diff(rows.time) < period / 2)) >= MIXED_INTERVALS


MIXED_INTERVALS = 4
"""One short interval is jitter, or a sample that came with two values; a clock that jumped back makes many."""


def _with_part(older: Rows, part: Rows, start: int, end: int) -> Rows:
    before = older.between(_FIRST, start)
    after = older.between(end, _LAST)
    return joined([before, part, after])


_FIRST, _LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


def _extent(rows: Rows) -> tuple[int, int]:
    return (int(rows.time[0]), int(rows.time[-1]) + 1) if len(rows) else (0, 0)
