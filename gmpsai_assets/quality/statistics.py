"""The statistics of one parameter's day: its values and the intervals between its samples.

All numbers come from Arrow's compute kernels over whole columns. Reading and writing tables does not belong here.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.lake.tables import rows_table
from gmpsai_assets.machine_time.line_clock import (
    LINE_FREQUENCY_DEVICE,
    expected_ticks,
    line_clock,
)

QUANTILES = {"q01": 0.01, "q25": 0.25, "median": 0.5, "q75": 0.75, "q99": 0.99}


class ReadableParameter(Protocol):
    """A parameter of a day whose samples can be read when their turn comes."""

    @property
    def parameter(self) -> str:
        """ACNET device name."""

    @property
    def node(self) -> str:
        """Logger node that delivered it."""

    @property
    def nominal_rate_hz(self) -> float | None:
        """Rate at which it is logged; None if that is not known."""

    def read(self) -> pa.Table:
        """Columns ``time`` and ``value``."""


def day_statistics(parameters: Sequence[ReadableParameter], window: Window) -> pa.Table:
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
        expected_samples: ticks of the day, see ``completeness.expected_ticks``; None if not known.

    Returns:
        The row as a dict. Statistics of nothing are None, and so is the standard deviation of
        one number.
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


def _distribution(prefix: str, values: pa.Array | pa.ChunkedArray) -> dict[str, float | None]:
    extremes = pc.min_max(values)
    quantiles = pc.quantile(values, q=list(QUANTILES.values())).to_pylist()
    # Arrow gives the smallest of several equally frequent values, as pandas' mode()[0] did.
    modes = pc.mode(values)
    deviation = _finite(pc.stddev(values, ddof=1).as_py())
    if deviation and extremes["min"] == extremes["max"]:
        deviation = (
            0.0  # the mean of many equal numbers is rounded, and so would differ from each of them
        )
    numbers = {
        "mean": pc.mean(values).as_py(),
        "std": deviation,
        "min": extremes["min"].as_py(),
        "max": extremes["max"].as_py(),
        "mode": modes[0]["mode"].as_py() if len(modes) else None,
        **dict(zip(QUANTILES, quantiles, strict=True)),
    }
    return {f"{prefix}_{name}": number for name, number in numbers.items()}


def _finite(number: float | None) -> float | None:
    return None if number is None or number != number else number  # noqa: PLR0124 - NaN only
