"""Instants in Arrow tables: the one type of every time column, and its way to and from NumPy.

Local time and the calendar are in ``clock``, which needs no Arrow: the timeline logger runs for months and stays small.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TIME_TYPE = pa.timestamp("us", tz="UTC")
"""The type of every column that holds an instant: microseconds since 1970, UTC."""


def as_times(microseconds: NDArray[np.int64]) -> pa.Array:
    """int64 microseconds since 1970 UTC as a column of type ``TIME_TYPE``, without a copy."""
    return pa.array(microseconds).view(TIME_TYPE)


def as_microseconds(times: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """A column of type ``TIME_TYPE`` without nulls as int64 microseconds since 1970 UTC."""
    microseconds: NDArray[np.int64] = times.cast(pa.int64()).to_numpy()
    return microseconds
