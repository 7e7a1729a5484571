"""Blocks of line ticks: the unit in which the simulation computes, remembers and streams.

A block is 54,000 consecutive ticks of the 15 Hz clock, about one hour. Its bounds are absolute,
so a block is the same whoever asks for it. What is in a block is decided elsewhere.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

BLOCK_TICKS = 54_000
"""Ticks in a block; a multiple of every grid used in the simulation."""

Value = TypeVar("Value")


class RecentResults(Generic[Value]):
    """The newest results of a costly function, shared by threads.

    Args:
        capacity: how many results are kept; the least recently used one is dropped first.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._results: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """The remembered result of ``key``, or that of ``compute``, which must be pure."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = compute()
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._capacity:
                self._results.popitem(last=False)
        return result
