"""The statistics agree with pandas, which computed the legacy ones, and hold for any finite double."""

import math
import sys
from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.quality.statistics import (
    day_statistics,
    interval_seconds,
    parameter_statistics,
)
from gmpsai_assets_tests.machine_time.line_locked import Recorded
from gmpsai_assets_tests.tables import sample_rows

WINDOW = day_window("2026-03-10")
numbers = st.one_of(st.none(), st.floats(-1e9, 1e9))
any_double = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [
        1.7e308,
        -1.7e308,
        sys.float_info.max,
        -sys.float_info.max,
        5e-324,
        -5e-324,
        -0.0,
        0.0,
        1.0,
        2.0**53,
    ]
)


def _rows(values: list[float | None]) -> pa.Table:
    times = WINDOW.start_microseconds + 66_667 * np.arange(len(values))
    return pa.table(
        {"time": pa.array(times).cast(TIME_TYPE), "value": pa.array(values, pa.float64())}
    )


@given(st.lists(numbers, min_size=2, max_size=300))
def test_values_agree_with_pandas(values: list[float | None]) -> None:
    row = parameter_statistics("B:VIMIN", "MLrn", _rows(values), len(values))
    series = pd.Series(values, dtype="float64")
    assert row["samples"] == len(values)
    assert row["numbers"] == series.count()
    if series.count() == 0:
        assert row["value_mean"] is None
        assert row["value_mode"] is None
        return
    assert row["value_min"] == series.min()
    assert row["value_max"] == series.max()
    assert row["value_mode"] == series.mode()[0]
    assert row["value_mean"] == pytest.approx(series.mean(), rel=1e-9, abs=1e-6)
    assert row["value_median"] == pytest.approx(series.median(), rel=1e-9, abs=1e-6)
    if series.count() > 1:
        assert row["value_std"] == pytest.approx(series.std(), rel=1e-6, abs=1e-3)


def test_the_mode_of_a_tie_is_the_smallest() -> None:
    row = parameter_statistics("B:VIMIN", "MLrn", _rows([3.0, 1.0, 1.0, 3.0, 2.0]), 5)
    assert row["value_mode"] == 1.0


def test_intervals_are_seconds_between_neighbours() -> None:
    rows = sample_rows(WINDOW, 4)
    assert interval_seconds(rows["time"]).to_pylist() == [0.066667] * 3
    row = parameter_statistics("B:VIMIN", "MLrn", rows, 4)
    assert row["interval_mean"] == pytest.approx(0.066667)
    assert row["interval_std"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("count", [0, 1])
def test_a_parameter_with_hardly_a_sample_has_empty_statistics(count: int) -> None:
    row = parameter_statistics("B:VIMIN", "MLrn", _rows([5.0] * count), 1_296_000)
    assert row["samples"] == count
    assert row["interval_mean"] is None
    assert row["value_std"] is None
    assert row["value_mean"] == (5.0 if count else None)


def test_no_double_spread_over_several_chunks_is_lost() -> None:
    whole = sample_rows(WINDOW, 100)
    parts = pa.concat_tables([whole.slice(0, 30), whole.slice(30)])
    assert interval_seconds(parts["time"]).equals(interval_seconds(whole["time"]))


def _recorded(name: str, rows: pa.Table) -> Recorded:
    stamps = rows["time"].cast(pa.int64()).to_numpy()
    return Recorded(name, stamps, values=rows["value"].to_numpy())


def test_a_day_has_the_columns_of_its_schema_and_follows_the_measured_line() -> None:
    slow_line = _rows([-120.0, -120.0])
    table = day_statistics(
        [_recorded("B:VIMIN", sample_rows(WINDOW, 10)), _recorded("B:LINFRQ", slow_line)], WINDOW
    )
    cast = table.cast(FILE_STATISTICS.schema)
    assert cast["parameter"].to_pylist() == ["B:VIMIN", "B:LINFRQ"]
    # The line is 0.2 % slow, and so is the clock that is locked to it.
    assert cast["expected_samples"].to_pylist() == [1_293_408, 1_293_408]


def test_what_stands_still_has_no_deviation_at_all() -> None:
    count = 100_000
    rows = pa.table(
        {
            "time": pa.array(range(0, count * 66_667, 66_667), pa.timestamp("us", "UTC")),
            "value": pa.array([0.75350088] * count),
        }
    )
    found = parameter_statistics("B:ACMNIG", "MLrn", rows, count)
    assert (found["value_std"], found["interval_std"]) == (0.0, 0.0)


@given(st.lists(st.none() | any_double, max_size=40))
def test_statistics_of_any_doubles_are_finite_or_null_and_lie_between_the_extremes(
    values: list[float | None],
) -> None:
    row = parameter_statistics("B:VIMIN", "MLrn", _rows(values), len(values))
    known = [value for value in values if value is not None]
    assert all(
        each is None or math.isfinite(each)
        for name, each in row.items()
        if name.startswith("value_")
    )
    if not known:
        assert row["value_mean"] is row["value_mode_samples"] is row["value_distinct"] is None
        return
    assert (row["value_min"], row["value_max"]) == (min(known), max(known))
    counts = Counter(known)
    assert row["value_distinct"] == len(counts)
    assert row["value_mode_samples"] == counts[row["value_mode"]] == max(counts.values())
    assert row["value_mode"] == min(v for v, n in counts.items() if n == max(counts.values()))
    ordered = ["min", "q01", "q25", "median", "q75", "q99", "max"]
    lines = [row[f"value_{name}"] for name in ordered]
    assert lines == sorted(lines)
    exact = sum(map(Fraction, known), Fraction(0)) / len(known)
    reach = max(abs(Fraction(value)) for value in known)
    assert abs(Fraction(row["value_mean"]) - exact) <= reach * Fraction(1, 10**13) + Fraction(
        5e-324
    )
    _deviation_is_right(row["value_std"], known, exact, reach)


def _deviation_is_right(
    found: float | None, known: list[float], mean: Fraction, reach: Fraction
) -> None:
    if len(known) == 1:
        assert found is None
        return
    squares = ((Fraction(value) - mean) ** 2 for value in known)
    squared = sum(squares, Fraction(0)) / (len(known) - 1)
    if found is None:
        assert squared > Fraction(sys.float_info.max) ** 2 * Fraction(999, 1000)
        return
    # Of numbers that differ in their last digits only, the deviation is as rough as these digits.
    rough = reach * Fraction(1, 10**14) + Fraction(1e-323)
    assert (Fraction(found) + rough) ** 2 >= squared * Fraction(999, 1000)
    assert squared >= max(Fraction(found) - rough, Fraction(0)) ** 2 * Fraction(999, 1000)


@pytest.mark.parametrize(
    ("values", "mean", "deviation", "median"),
    [
        ([1.7e308, -1.7e308], 0.0, None, 0.0),
        ([1.7e308, 1.7e308], 1.7e308, 0.0, 1.7e308),
        ([1.7e308, 1.5e308], 1.6e308, pytest.approx(math.sqrt(2) * 1e307), 1.6e308),
        ([1e-200, 3e-200], 2e-200, pytest.approx(math.sqrt(2) * 1e-200), 2e-200),
        ([5e-324, 5e-324, 5e-324], 5e-324, 0.0, 5e-324),
        ([-0.0], 0.0, None, 0.0),
    ],
)
def test_values_at_the_ends_of_a_double(
    values: list[float], mean: float, deviation: float | None, median: float
) -> None:
    row = parameter_statistics("B:VIMIN", "MLrn", _rows(list(values)), len(values))
    assert row["value_mean"] == pytest.approx(mean, rel=1e-15, abs=0)
    assert row["value_std"] == deviation
    assert row["value_median"] == pytest.approx(median, rel=1e-15, abs=0)
    assert math.copysign(1, row["value_min"]) == math.copysign(1, min(values) + 0.0)


def test_how_often_the_mode_came_and_how_many_values_there_were() -> None:
    row = parameter_statistics("B:VINHBT", "MLrn", _rows([1.0, 0.0, -0.0, None, 0.0, 2.0]), 6)
    assert (row["value_mode"], row["value_mode_samples"], row["value_distinct"]) == (0.0, 3, 3)
