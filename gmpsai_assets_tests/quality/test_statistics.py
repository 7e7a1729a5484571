"""The statistics agree with pandas, which computed the legacy ones."""

from dataclasses import dataclass

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
from gmpsai_assets_tests.tables import sample_rows

WINDOW = day_window("2026-03-10")
numbers = st.one_of(st.none(), st.floats(-1e9, 1e9))


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


@dataclass(frozen=True)
class _Parameter:
    parameter: str
    rows: pa.Table
    node: str = "MLrn"
    nominal_rate_hz: float = 15.0

    def read(self) -> pa.Table:
        return self.rows


def test_a_day_has_the_columns_of_its_schema_and_follows_the_measured_line() -> None:
    slow_line = _rows([-120.0, -120.0])
    table = day_statistics(
        [_Parameter("B:VIMIN", sample_rows(WINDOW, 10)), _Parameter("B:LINFRQ", slow_line)], WINDOW
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
