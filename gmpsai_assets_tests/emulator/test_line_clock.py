"""The 15 Hz clock follows the line, whatever window is asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.emulator.line_clock import MEAN_OFFSET_MILLIHERTZ, ZERO_MICROSECONDS, LineClock

CLOCK = LineClock(seed=1)
A_TICK = CLOCK.first_tick_from(day_window("2026-03-10").start_microseconds)


@settings(max_examples=40, deadline=None)
@given(first=st.integers(-120_000, 120_000), lead=st.integers(0, 70_000))
def test_a_tick_has_the_same_time_in_every_window(first: int, lead: int) -> None:
    alone = CLOCK.tick_times(A_TICK + first, 3)
    among = CLOCK.tick_times(A_TICK + first - lead, lead + 3)
    assert alone.tolist() == among[lead:].tolist()
    offset = CLOCK.line_offset(A_TICK + first, 1)
    assert offset[0] == CLOCK.line_offset(A_TICK + first - lead, lead + 1)[lead]


def test_ticks_follow_the_phase_of_the_line() -> None:
    times = CLOCK.tick_times(A_TICK, 54_000)
    phase = CLOCK.phase_ticks(np.array((times - ZERO_MICROSECONDS) / 1e6, dtype=np.float64))
    assert np.abs(phase - np.arange(A_TICK, A_TICK + 54_000)).max() < 1e-3


def test_intervals_are_a_fifteenth_of_a_second_within_a_tenth_of_a_percent() -> None:
    intervals = np.diff(CLOCK.tick_times(A_TICK, 54_000))
    assert intervals.min() > 66_600
    assert intervals.max() < 66_750


@settings(max_examples=50, deadline=None)
@given(microseconds=st.integers(0, 86_400_000_000))
def test_the_first_tick_from_an_instant_is_the_first(microseconds: int) -> None:
    instant = day_window("2026-03-10").start_microseconds + microseconds
    tick = CLOCK.first_tick_from(instant)
    before, at = CLOCK.tick_times(tick - 1, 2)
    assert before < instant <= at


def test_there_were_ticks_before_2019() -> None:
    year = 365 * 86_400_000_000
    tick = CLOCK.first_tick_from(ZERO_MICROSECONDS - 2 * year)
    assert tick < -900_000_000
    assert (np.diff(CLOCK.tick_times(tick, 1_000)) > 66_000).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mean_of_a_day_wanders_little_and_every_clean_day_has_1_2957xx_ticks(seed: int) -> None:
    clock = LineClock(seed)
    midnights = np.arange(3_000.0) * 86_400.0
    ticks = np.diff(clock.phase_ticks(midnights))
    assert ticks.min() > 1_295_701
    assert ticks.max() < 1_295_799
    means = (ticks - 1_296_000) / 86_400 * 4_000
    assert np.abs(means - MEAN_OFFSET_MILLIHERTZ).max() < 1.5


def test_the_line_wanders_by_some_sixty_millihertz_in_a_day() -> None:
    offset = CLOCK.offset_millihertz(np.arange(20.0 * 1_440) * 60.0)
    assert offset.std() == pytest.approx(15.9, abs=0.6)
    days = offset.reshape(20, -1)
    assert np.percentile(days.max(axis=1), 50) == pytest.approx(42, abs=18)
    assert np.percentile(days.min(axis=1), 50) == pytest.approx(-62, abs=18)
