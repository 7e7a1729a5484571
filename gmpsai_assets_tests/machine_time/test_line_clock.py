"""How many ticks a day must have, and how the line carries them."""

import numpy as np
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.machine_time.line_clock import expected_ticks, line_clock
from gmpsai_assets_tests.tables import sample_rows

WINDOW = day_window("2026-03-10")


def _readings(seconds: list[float], offsets: list[float | None]) -> pa.Table:
    times = WINDOW.start_microseconds + (np.array(seconds) * 1e6).astype("i8")
    return pa.table(
        {"time": pa.array(times).cast(TIME_TYPE), "value": pa.array(offsets, pa.float64())}
    )


@pytest.mark.parametrize(
    ("day", "ticks"),
    [("2026-03-08", 1_242_000), ("2026-03-10", 1_296_000), ("2026-11-01", 1_350_000)],
)
def test_days_of_23_24_and_25_hours(day: str, ticks: int) -> None:
    assert expected_ticks(line_clock(day_window(day)), 15.0) == ticks


def test_a_slow_line_makes_fewer_ticks() -> None:
    # BOOSTR's day: the mean of B:LINFRQ was -8.98581 mHz, which costs 194 ticks.
    clock = line_clock(WINDOW, _readings([10.0], [-8.98581]))
    assert expected_ticks(clock, 15.0) == 1_296_000 - 194
    assert clock.mean_offset_mhz == -8.98581


def test_an_unknown_line_is_taken_as_nominal() -> None:
    rows = sample_rows(WINDOW, 3)
    assert line_clock(WINDOW, None).mean_offset_mhz == 0
    assert line_clock(WINDOW, rows.slice(0, 0)).mean_offset_mhz == 0
    assert line_clock(WINDOW, _readings([1.0], [None])).mean_offset_mhz == 0
    assert line_clock(WINDOW, rows).mean_offset_mhz == 2.0


def test_the_line_is_followed_minute_by_minute_and_a_gap_gets_the_mean() -> None:
    clock = line_clock(WINDOW, _readings([30.0, 90.0], [120.0, -120.0]))
    start = WINDOW.start_microseconds
    minutes = clock.elapsed(start, start + np.array([60, 120, 180]) * 1_000_000)
    assert minutes == pytest.approx([60.12, 120.0, 180.0])


@pytest.mark.parametrize("wild", [1e9, -1e300, np.inf, 200.1, -5_000.0])
def test_a_reading_that_no_line_can_have_is_left_out_and_counted(wild: float) -> None:
    sound = line_clock(WINDOW, _readings([10.0, 70.0], [-9.0, 12.0]))
    clock = line_clock(WINDOW, _readings([10.0, 40.0, 70.0], [-9.0, wild, 12.0]))
    assert clock.mean_offset_mhz == sound.mean_offset_mhz == 1.5
    assert expected_ticks(clock, 15.0) == expected_ticks(sound, 15.0)
    assert (clock.readings_left_out, sound.readings_left_out) == (1, 0)
    assert expected_ticks(line_clock(WINDOW, _readings([1.0], [wild])), 15.0) == 1_296_000


def test_a_clock_read_at_an_instant_outside_its_window_stands_still() -> None:
    clock = line_clock(WINDOW)
    assert clock.elapsed(WINDOW.start_microseconds - 5_000_000, WINDOW.end_microseconds) == 86_400
