"""The statistics of one parameter's day: its values and the intervals between its samples.

The numbers of a column are sorted once; quantiles, mode and extremes are read off there. Any finite double is coped
with: columns whose squares or sums would leave the range of a double are scaled by a power of two, which is exact.
Reading and writing tables does not belong here.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.lake.parameter_days import ParameterDay
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.lake.tables import rows_table
from gmpsai_assets.machine_time.line_clock import (
    LINE_FREQUENCY_DEVICE,
    expected_ticks,
    line_clock,
)

QUANTILES = {"q01": 0.01, "q25": 0.25, "median": 0.5, "q75": 0.75, "q99": 0.99}

UNSCALED = (1e-100, 1e100)
"""Columns whose largest size lies between are computed as they are: a day's sum of their squares, some 1e6 of them, is
far from both ends of a double (1e-308 and 1.8e308)."""

_Numbers = NDArray[np.float64]


def day_statistics(parameters: Sequence[ParameterDay], window: Window) -> pa.Table:
    """The statistics of all parameters of a day, in the order given; one is in memory at a time.

    Returns:
        A table with the columns of ``file_statistics``.
    """
    line = next((p.read() for p in parameters if p.parameter == LINE_FREQUENCY_DEVICE), None)
    clock = line_clock(window, line)
    rows = [
        parameter_statistics(
            each.parameter,
            each.node,
            each.read(),
            None if (rate := each.nominal_rate_hz) is None else expected_ticks(clock, rate),
        )
        for each in parameters
    ]
    return rows_table(FILE_STATISTICS, rows)


def parameter_statistics(
    parameter: str, node: str, rows: pa.Table, expected_samples: int | None
) -> dict[str, Any]:
    """One row of ``file_statistics``.

    Args:
        parameter: ACNET device name.
        node: logger node that delivered the samples.
        rows: columns ``time`` (timestamp[us, UTC], sorted) and ``value`` (float64, null where
            the reply had no number).
        expected_samples: ticks of the day, see ``line_clock.expected_ticks``; None if not known.

    Returns:
        The row as a dict. Statistics of nothing are None, and so is the standard deviation of
        one number, or one that is larger than any double.
    """
    intervals = interval_seconds(rows["time"])
    return {
        "parameter": parameter,
        "node": node,
        "samples": rows.num_rows,
        "numbers": rows.num_rows - rows["value"].null_count,
        **_distribution("value", rows["value"]),
        **_distribution("interval", intervals),
        "expected_samples": expected_samples,
        "completeness": rows.num_rows / expected_samples if expected_samples else None,
    }


def interval_seconds(times: pa.ChunkedArray) -> pa.Array:
    """Seconds between neighbouring samples; one value fewer than there are times.

    Args:
        times: timestamp[us], in order.
    """
    microseconds = pa.chunked_array([c.cast(pa.int64()) for c in times.chunks], pa.int64())
    later = microseconds.slice(1)
    earlier = microseconds.slice(0, max(len(microseconds) - 1, 0))
    differences = pc.subtract(later, earlier).combine_chunks()
    return pc.divide(pc.cast(differences, pa.float64()), 1e6)


def _distribution(prefix: str, values: pa.Array | pa.ChunkedArray) -> dict[str, float | int | None]:
    # Adding zero makes -0.0, which is no other number than 0.0, look like it.
    ordered = values.drop_null().to_numpy() + 0.0
    ordered.sort()
    described = _described(ordered) if ordered.size else dict.fromkeys(_DESCRIBED)
    return {f"{prefix}_{name}": described[name] for name in _DESCRIBED}


_DESCRIBED = ("mean", "std", "min", "max", "mode", "mode_samples", "distinct", *QUANTILES)


def _described(ordered: _Numbers) -> dict[str, float | int | None]:
    """What is known of numbers in ascending order, at least one."""
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(starts, append=ordered.size)
    # The first of several equally frequent ones is the smallest, as pandas' mode()[0] was.
    fullest = int(counts.argmax())
    exponent = _exponent(max(-ordered[0], ordered[-1]))
    scaled = np.ldexp(ordered, -exponent) if exponent else ordered
    return {
        "mean": _between(ordered, _unscaled(pc.mean(pa.array(scaled)).as_py(), exponent)),
        "std": _deviation(scaled, exponent),
        "min": float(ordered[0]),
        "max": float(ordered[-1]),
        "mode": float(ordered[starts[fullest]]),
        "mode_samples": int(counts[fullest]),
        "distinct": int(starts.size),
        **{
            name: _between(ordered, _unscaled(_quantile(scaled, share), exponent))
            for name, share in QUANTILES.items()
        },
    }


def _exponent(largest: float) -> int:
    """The power of two that is taken out before anything is squared or added up; mostly 0."""
    smallest_size, largest_size = UNSCALED
    if largest == 0 or smallest_size < largest < largest_size:
        return 0
    return math.frexp(largest)[1]


def _unscaled(number: float, exponent: int) -> float:
    """A number in its own size again; infinite where no double is as large."""
    try:
        return math.ldexp(number, exponent)
    except OverflowError:
        return math.copysign(math.inf, number)


def _between(ordered: _Numbers, number: float) -> float:
    """Means and quantiles lie between the extremes, which rounding alone may leave."""
    return min(max(number, float(ordered[0])), float(ordered[-1]))


def _deviation(scaled: _Numbers, exponent: int) -> float | None:
    if scaled.size < 2:
        return None
    if scaled[0] == scaled[-1]:
        # The mean of many equal numbers is rounded, and so would differ from each of them.
        return 0.0
    deviation = _unscaled(pc.stddev(pa.array(scaled), ddof=1).as_py(), exponent)
    return deviation if math.isfinite(deviation) else None


def _quantile(ordered: _Numbers, share: float) -> float:
    """By straight lines between neighbours, as Arrow and NumPy do by default."""
    place = share * (ordered.size - 1)
    before = int(place)
    lower, upper = float(ordered[before]), float(ordered[min(before + 1, ordered.size - 1)])
    return lower + (place - before) * (upper - lower)
