"""Rows are written in the notations of the laboratory."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, to_microseconds
from gmpsai_assets.emulator.render import SampleFormat, event_rows, local_date_text, sample_rows

START = 1_583_816_400_048_000
TIMES = START + np.array([0, 66_650, 133_300], dtype=np.int64)
VALUES = np.array([103.37957, 103.42123, -0.270313], dtype=np.float32)


def local(*fields: int, fold: int = 0) -> int:
    return to_microseconds(datetime(*fields, tzinfo=ACCELERATOR_ZONE, fold=fold))  # type: ignore[misc, arg-type]


def test_samples_are_written_with_epoch_seconds() -> None:
    assert sample_rows(TIMES, VALUES, SampleFormat(decimals=6)) == (
        b"1583816400.048000 103.37957\n1583816400.114650 103.42123\n1583816400.181300 -0.270313\n"
    )


def test_epoch_seconds_have_three_decimals_unless_six_are_chosen() -> None:
    rows = sample_rows(TIMES, VALUES, SampleFormat()).decode().splitlines()
    assert [row.split()[0] for row in rows] == [
        "1583816400.048",
        "1583816400.114",
        "1583816400.181",
    ]


def test_samples_are_written_with_local_time_in_fixed_columns() -> None:
    assert sample_rows(TIMES, VALUES, SampleFormat(local=True)) == (
        b"10-MAR-2020 00:00:00.048   103.37957\n"
        b"10-MAR-2020 00:00:00.114   103.42123\n"
        b"10-MAR-2020 00:00:00.181  -0.270313\n"
    )


def test_a_constant_value_is_written_the_same_way() -> None:
    same = np.full(3, 0.75350088, dtype=np.float32)
    one_by_one = sample_rows(TIMES, np.array([0.75350088, 0.75350088, 1], "f4"), SampleFormat())
    assert sample_rows(TIMES, same, SampleFormat()).splitlines()[:2] == one_by_one.splitlines()[:2]


def test_a_value_may_be_stars_or_have_a_unit() -> None:
    stars = np.array([False, True, False])
    rows = sample_rows(TIMES, VALUES, SampleFormat(unit="Amps"), stars, "*****")
    assert rows.splitlines()[1] == b"1583816400.114 ***** Amps"


def test_numbers_come_in_three_lengths() -> None:
    texts = [
        sample_rows(TIMES[:1], VALUES[:1], SampleFormat(number=number)).split()[1]
        for number in ("full", "database", "double")
    ]
    assert texts == [b"103.37957", b"103.3796", b"103.37957000732422"]


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2, max_size=9))
def test_a_value_is_read_back_exactly(values: list[float]) -> None:
    column = np.array(values, dtype=np.float32)
    times = START + np.arange(column.size, dtype=np.int64)
    rows = sample_rows(times, column, SampleFormat()).decode().splitlines()
    assert np.array_equal(np.array([row.split()[1] for row in rows], dtype=np.float32), column)


def test_events_are_written_with_local_time_and_seconds_into_the_supercycle() -> None:
    times = np.array([local(2019, 6, 27, 0, 0, 59) + 441_700, local(2019, 6, 27, 0, 2, 0)])
    offsets = np.array([-1, 12_345_678])
    assert event_rows(times, offsets) == (
        b"27-JUN-2019 00:00:59.441  -0.000001\n27-JUN-2019 00:02:00.000  12.345678\n"
    )


@settings(deadline=None)
@given(st.integers(-999_999, 999_999_999))
def test_any_supercycle_time_is_read_back_exactly(offset: int) -> None:
    row = event_rows(np.array([START]), np.array([offset])).decode()
    assert round(float(row.split()[2]) * 1e6) == offset


def test_the_repeated_hour_is_written_twice_without_a_mark() -> None:
    first, second = local(2026, 11, 1, 1, 30, fold=0), local(2026, 11, 1, 1, 30, fold=1)
    assert second - first == 3_600_000_000
    rows = event_rows(np.array([first, second]), np.array([0, 0])).decode().splitlines()
    assert rows[0] == rows[1]
    assert rows[0].startswith("01-NOV-2026 01:30:00.000")


def test_the_skipped_hour_is_not_written() -> None:
    times = np.array([local(2026, 3, 8, 1, 59, 59), local(2026, 3, 8, 3, 0, 0)])
    assert times[1] - times[0] == 1_000_000
    rows = event_rows(times, np.array([0, 0])).decode().splitlines()
    assert [row[12:20] for row in rows] == ["01:59:59", "03:00:00"]


def test_no_rows_are_no_text() -> None:
    nothing = np.empty(0, dtype=np.int64)
    assert sample_rows(nothing, nothing.astype("f4"), SampleFormat()) == b""
    assert event_rows(nothing, nothing) == b""


@pytest.mark.parametrize("month", range(1, 13))
def test_months_have_their_three_letters(month: int) -> None:
    text = local_date_text(local(2026, month, 5, 7, 8, 9))
    names = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    assert text == f"05-{names[month - 1]}-2026 07:08:09"
