"""Statistics of many days that look like the Booster's: for tests of the history and its page.

Means, noise, drift and extremes are those of one BOOSTR day (Zenodo 4382663); from day to day they wander.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Movement:
    """One device's day: mean, extremes, and the standard deviation within the day and of the means of days."""

    mean: float
    low: float
    high: float
    deviation: float
    wander: float


MOVING = {
    "B:VIMIN": Movement(103.41547, 100.80598, 106.08131, 0.03255, 0.12),
    "B_VIMIN": Movement(103.41474, 103.28155, 103.50656, 0.01775, 0.12),
    "B:VIMAX": Movement(966.10205, 961.85803, 967.50287, 0.03075, 0.4),
    "B_VIMAX": Movement(966.10205, 966.08002, 966.11005, 0.00714, 0.4),
    "B:IMINER": Movement(0.00155, -9.70531, 9.70469, 0.22821, 0.004),
    "B:LINFRQ": Movement(-8.98581, -60.65022, 41.73726, 15.90318, 4.0),
    "B:VIPHAS": Movement(1.80999, 1.76747, 1.85656, 0.00657, 0.0004),
    "B:GMPS4V": Movement(105.80213, -5.24063, 840.08522, 63.6, 2.5),
    "B:ACMNPG": Movement(9.97482, 5.50000572, 13.50000572, 0.48282, 0.2),
    "B_ACMNPG": Movement(9.97482, 5.50000572, 13.50000572, 0.48282, 0.2),
    "B:VINHBT": Movement(1.0, 0.0, 1.0, 0.189, 0.0),
    "B_VINHBT": Movement(1.0, 0.0, 1.0, 0.189, 0.0),
    "I:IB": Movement(3294.024, 337.1875, 7065.9375, 1575.2, 30.0),
    "I:MDAT40": Movement(3293.869, 369.41528, 7033.3862, 1562.3, 30.0),
    "I:MXIB": Movement(3293.452, 369.50989, 7033.55078, 1562.3, 30.0),
}
FLAGS = ("B:VINHBT", "B_VINHBT")
CONSTANT = {
    "B:NGMPS": 4.0,
    "B_VIPHAS": 1.80999994,
    "B|GMPSSC": 2147483905.0,
} | {
    f"B{mark}{name}": value
    for mark in ":_"
    for name, value in {
        "GMPSFF": 3.2042,
        "GMPSBT": 0.0003,
        "IMINST": 0.0,
        "IPHSTC": 20.0,
        "IMINXG": -11.82499981,
        "IMINXO": 0.0,
        "IMAXXG": -117.88400269,
        "IMAXXO": 10.0,
        "ACMNIG": 0.75350088,
        "ACMXPG": 3.0,
        "ACMXIG": 0.30000001,
        "DCPG": 0.0,
        "DCIG": 0.0,
    }.items()
}
NO_NUMBERS = ("B:CHG0", "B:CHGA", "B:CHGB")


def listed_parameters() -> list[str]:
    """The 47 devices of ParamList.txt, in its order."""
    text = (files("gmpsai_assets") / "parameter_lists" / "ParamList.txt").read_text()
    return [line.split()[1] for line in text.splitlines() if not line.startswith("#")]


def days_from(first: str, count: int, without: Sequence[int] = ()) -> list[str]:
    """So many days in a row, less those at the given places."""
    start = date.fromisoformat(first)
    return [(start + timedelta(n)).isoformat() for n in range(count) if n not in without]


def sample_statistics(days: Sequence[str], seed: int = 1) -> pa.Table:
    """One row per day and listed parameter, as ``history_payload`` and ``daily_numbers`` read them."""
    random = np.random.default_rng(seed)
    columns = {name: _history(name, len(days), random) for name in listed_parameters()}
    names = list(columns)
    numbers = np.stack([columns[name] for name in names])
    arrays = {
        "day": pa.array(list(days) * len(names)),
        "parameter": pa.array(np.repeat(names, len(days)).tolist()),
    }
    for place, statistic in enumerate(_STATISTICS):
        arrays[statistic] = pa.array(numbers[:, place].ravel(), from_pandas=True)
    arrays["value_median"] = arrays["value_mean"]
    return pa.table(arrays)


_STATISTICS = (
    "value_mean",
    "value_mode",
    "value_std",
    "value_min",
    "value_max",
    "numbers",
    "value_mode_samples",
    "value_distinct",
)
_SAMPLES = 1_296_000


def _history(name: str, count: int, random: np.random.Generator) -> np.ndarray:
    """The statistics of each day; NaN where there is no number."""
    if name in NO_NUMBERS:
        return np.vstack(
            [np.full((5, count), np.nan), np.zeros((1, count)), np.full((2, count), np.nan)]
        )
    if name in CONSTANT:
        value = CONSTANT[name]
        return np.array(
            [[each] * count for each in (value, value, 0.0, value, value, _SAMPLES, _SAMPLES, 1)]
        )
    day = MOVING[name]
    level = np.zeros(count)
    for n, step in enumerate(random.normal(0, day.wander / 3, count)):
        level[n] = 0.95 * level[n - 1] + step if n else step
    mean = day.mean + level
    deviation = day.deviation * random.lognormal(0, 0.15, count)
    # On a quiet day the extremes are a few standard deviations off, on one in eight as far as in BOOSTR.
    reach = np.where(random.random(count) < 0.12, 1.0, random.uniform(0.2, 0.45, count))
    low, high = mean - (day.mean - day.low) * reach, mean + (day.high - day.mean) * reach
    if name in FLAGS:
        share = random.uniform(0.95, 0.97, count)
        low, high, mean, mode = np.zeros(count), np.ones(count), share, np.ones(count)
        distinct, mode_samples = 2, np.round(share * _SAMPLES)
    else:
        # The mode of a continuous value is noise.
        mode = mean + deviation * random.uniform(-1.5, 1.5, count)
        distinct, mode_samples = 100_000, np.full(count, 40.0)
    lines = (mean, mode, deviation, low, high, _SAMPLES, mode_samples, distinct)
    return np.stack([np.broadcast_to(np.asarray(each, dtype=float), count) for each in lines])


ODD: dict[str, tuple[float | None, ...]] = {
    # Mean, mode, standard deviation, minimum, maximum, numbers, how many are the mode, different ones.
    "B:NOISE": (-11.42, -36.0, 16.0, -60.0, 41.0, _SAMPLES, 40, 100_000),
    "B:NEARLY0": (-9e-6, -0.001, 0.2282, -9.7, 9.7, _SAMPLES, 40, 100_000),
    "B:FLAG": (0.96, 1.0, 0.189, 0.0, 1.0, _SAMPLES, 0.96 * _SAMPLES, 2),
    "B|STATUS": (
        2147483904.0,
        2147483905.0,
        20.0,
        2147483649.0,
        2147483905.0,
        _SAMPLES,
        0.995 * _SAMPLES,
        3,
    ),
    "B:HUGE": (1.6e308, 1.7e308, None, -1.7e308, 1.7e308, _SAMPLES, 40, 100_000),
    "B:TINY": (5e-324, 5e-324, 5e-324, 0.0, 1.5e-323, _SAMPLES, 40, 100_000),
    "B:BIG": (4.2e9, 4.1e9, 3e5, 4.199e9, 4.203e9, _SAMPLES, 40, 100_000),
    "B:THOUSANDS": (15_000.0, 4_000.0, 2_222.0, 4_000.0, 26_000.0, _SAMPLES, 40, 100_000),
    "B:SKEW": (1.0, 0.0, 2.0, 0.0, 40.0, _SAMPLES, 40, 100_000),
    "B:X[3]": (5.0, 4.0, 0.3, 4.0, 6.0, _SAMPLES, 40, 100_000),
    "B:AVERYLONGNAMEOFADEVICE_WITH_MORE[0123]": (-2.5, 4.0, 0.3, -4.0, 6.0, _SAMPLES, 40, 100_000),
    "B:AVERYLONGNAMEOFACONSTANT_DEVICE[0123]": (
        -11.8,
        -11.8,
        0.0,
        -11.8,
        -11.8,
        _SAMPLES,
        _SAMPLES,
        1,
    ),
    "B:NOSIGMA": (7.0, 7.0, None, 6.0, 8.0, 2, 1, 2),
}
"""Devices that are hard to show, the same on each day."""


def odd_statistics(days: Sequence[str]) -> pa.Table:
    """One row per day and odd device."""
    rows = [
        {"day": day, "parameter": name, **dict(zip(_STATISTICS, numbers, strict=True))}
        for name, numbers in ODD.items()
        for day in days
    ]
    columns = [("day", pa.string()), ("parameter", pa.string())]
    columns += [(name, pa.float64()) for name in (*_STATISTICS, "value_median")]
    medians = [{**row, "value_median": row["value_mean"]} for row in rows]
    return pa.Table.from_pylist(medians, schema=pa.schema(columns))
