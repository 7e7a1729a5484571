"""Columns of times and values that grow while a reply is read; what stands in it is read in ``reader``."""

import mmap

import numpy as np
from numpy.typing import NDArray

_FORESIGHT = 128


class GrowingColumns:
    """Times and values, appended block by block into one stretch of memory.

    Room is taken for 128 times the rows that are there, which costs nothing before it is
    written to; a day at 15 Hz is copied twice while it is still small. It is taken from the
    system itself, page by page, and goes back to it at once: an allocator would keep the
    columns of one device after another in pieces (100 MB with four connections, measured).
    """

    def __init__(self) -> None:
        self._clock = np.empty(0, np.int64)
        self._value = np.empty(0, np.float64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, clock: NDArray[np.int64], value: NDArray[np.float64]) -> None:
        """Add rows of equal number at the end."""
        count = self._count + len(clock)
        if count > len(self._clock):
            self._clock = self._with_room(self._clock, count)
            self._value = self._with_room(self._value, count)
        self._clock[self._count : count] = clock
        self._value[self._count : count] = value
        self._count = count

    def finish(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All rows, without the room that was not needed."""
        return self._clock[: self._count], self._value[: self._count]

    def _with_room(self, column: NDArray, count: int) -> NDArray:
        size = _FORESIGHT * count * column.itemsize
        room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        room.madvise(mmap.MADV_HUGEPAGE)  # 4 KiB at a time, a day of a device is 5000 page faults
        wider = np.frombuffer(room, column.dtype)
        wider[: self._count] = column[: self._count]
        return wider
