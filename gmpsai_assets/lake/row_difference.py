"""What differs between the rows of one subject in two pulls: samples added, removed and changed.

Only arrays are compared here; files are compared in ``difference``.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import from_microseconds

_SLICE_ROWS = 1 << 17


@dataclass(frozen=True)
class RowsDifference:
    """How the rows of one subject differ.

    Attributes:
        added: rows at a time that has no row in the older file.
        removed: rows at a time that has none in the newer one.
        changed: rows at the same time with another value.
        first: the earliest time concerned, microseconds since 1970 UTC; None if nothing differs.
        last: the latest.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    first: int | None = None
    last: int | None = None

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __add__(self, other: "RowsDifference") -> "RowsDifference":
        times = [t for t in (self.first, self.last, other.first, other.last) if t is not None]
        return RowsDifference(
            self.added + other.added,
            self.removed + other.removed,
            self.changed + other.changed,
            min(times, default=None),
            max(times, default=None),
        )

    def as_json(self) -> dict[str, int | str | None]:
        """Plain values; times as ISO text in UTC."""
        first, last = (
            None if t is None else from_microseconds(t).isoformat() for t in (self.first, self.last)
        )
        counts = {"added": self.added, "removed": self.removed, "changed": self.changed}
        return {**counts, "first": first, "last": last}


def rows_difference(older: pa.Table, newer: pa.Table) -> RowsDifference:
    """Compare two tables with ``time`` (timestamp[us, UTC], ascending) and one float64 column.

    Rows are compared as a whole: a time may occur several times. Null equals null.
    """
    if older.equals(newer):
        return RowsDifference()
    old, new = _columns(older), _columns(newer)
    total = RowsDifference()
    begun = ended = 0
    # Slice by slice, cut between two times, so that sorting needs little memory.
    while begun < len(old[0]) or ended < len(new[0]):
        until = _slice_end(old[0], begun), _slice_end(new[0], ended)
        limit = min(t for t in until if t is not None)
        next_old = int(np.searchsorted(old[0], limit, "right"))
        next_new = int(np.searchsorted(new[0], limit, "right"))
        total += _slice_difference(
            old[0][begun:next_old],
            old[1][begun:next_old],
            new[0][ended:next_new],
            new[1][ended:next_new],
        )
        begun, ended = next_old, next_new
    return total


def _slice_end(times: NDArray[np.int64], begun: int) -> int | None:
    return int(times[min(begun + _SLICE_ROWS, len(times)) - 1]) if begun < len(times) else None


def _slice_difference(
    old_time: NDArray[np.int64],
    old_value: NDArray[np.int64],
    new_time: NDArray[np.int64],
    new_value: NDArray[np.int64],
) -> RowsDifference:
    if np.array_equal(old_time, new_time) and np.array_equal(old_value, new_value):
        return RowsDifference()
    time = np.concatenate([old_time, new_time])
    value = np.concatenate([old_value, new_value])
    sign = np.repeat([-1, 1], [len(old_time), len(new_time)])
    order = np.lexsort((value, time))
    time, value, sign = time[order], value[order], sign[order]
    is_first = np.append(True, (np.diff(time) != 0) | (np.diff(value) != 0))
    starts = np.flatnonzero(is_first)
    surplus = np.add.reduceat(sign, starts)  # of each distinct row: copies in newer less in older
    times = time[starts]
    at, first_of_time = np.unique(times, return_index=True)
    gained = np.add.reduceat(np.maximum(surplus, 0), first_of_time)
    lost = np.add.reduceat(np.maximum(-surplus, 0), first_of_time)
    changed = np.minimum(gained, lost)
    concerned = at[(gained > 0) | (lost > 0)]
    if not len(concerned):
        return RowsDifference()
    return RowsDifference(
        int((gained - changed).sum()),
        int((lost - changed).sum()),
        int(changed.sum()),
        int(concerned[0]),
        int(concerned[-1]),
    )


def _columns(rows: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Times, and the bits of the values; null is the one NaN that no reply can hold."""
    value = rows.column(1).to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    return rows["time"].cast(pa.int64()).to_numpy(), value.view(np.int64)
