"""Constant delays against the clock."""

import numpy as np
import pytest

from gmpsai_assets.machine_time.offsets import constant_offset, nearest_tick

PERIOD = 66_650
TICKS = 1_773_118_800_000_000 + PERIOD * np.arange(20_000)
JITTER = np.random.default_rng(1).integers(-1_000, 1_001, TICKS.size)


@pytest.mark.parametrize("delay", [-33_000, -15_000, 0, 2_200, 14_000, 33_000])
def test_a_delay_is_measured_within_half_a_period_to_either_side(delay: int) -> None:
    offset = constant_offset(TICKS + delay + JITTER, TICKS, PERIOD)
    assert offset.locked
    assert offset.microseconds == pytest.approx(delay, abs=100)


def test_a_delay_of_half_a_period_is_one_delay_and_not_two() -> None:
    offset = constant_offset(TICKS + PERIOD // 2 + JITTER, TICKS, PERIOD)
    assert abs(offset.microseconds) == pytest.approx(PERIOD / 2, abs=100)


@pytest.mark.parametrize("every", [3, 4, 5, 7])
def test_a_part_of_the_samples_far_off_does_not_move_it(every: int) -> None:
    stamps = TICKS + 5_000 + JITTER
    stamps[::every] += 25_000
    assert constant_offset(np.sort(stamps), TICKS, PERIOD).microseconds == pytest.approx(
        5_000, abs=1_000
    )


def test_stamps_that_do_not_follow_the_clock_have_no_delay() -> None:
    slow = TICKS[0] + 1_000_000 * np.arange(1_000)
    assert not constant_offset(slow, TICKS, PERIOD).locked
    assert not constant_offset(TICKS[:0], TICKS, PERIOD).locked
    assert not constant_offset(TICKS, TICKS[:0], PERIOD).locked


def test_the_nearest_tick_is_found_beyond_the_ends_too() -> None:
    asked = np.array([TICKS[0] - 9_999_999, TICKS[1] + 100, TICKS[2] - 100, TICKS[-1] + 5])
    assert nearest_tick(TICKS, asked).tolist() == [0, 1, 2, TICKS.size - 1]
