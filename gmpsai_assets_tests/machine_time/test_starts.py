"""Starts of supercycles when $00 is wrong, and captured ones when the logger's clock is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gmpsai_assets.machine_time.starts import (
    Starts,
    StartsByTicks,
    clock_starts,
    distinct,
    match_captured,
    starts_by_ticks,
)
from gmpsai_assets_tests.machine_time.simulated_span import Times

LENGTH = 901 * 66_667
TRUE = 1_773_118_800_000_000 + LENGTH * np.arange(6)
TICKS = TRUE[0] + 16_500 + 66_667 * np.arange(6 * 901)
SECONDS = ((TICKS - TRUE[0]) % LENGTH) / 1e6


def found(resets: Times, ticks: Times = TICKS, seconds: NDArray[np.float64] = SECONDS) -> Starts:
    """What is found with some occurrences of $00."""
    return clock_starts(np.sort(resets), starts_by_ticks(ticks, seconds))


def test_starts_are_those_of_reset_where_nothing_is_wrong() -> None:
    starts = found(TRUE)
    assert starts.times.tolist() == TRUE.tolist()
    assert starts.by_reset.all()
    assert starts.stray == 0


@pytest.mark.parametrize("shift", [-3_000_000, -500_000, -66_000, -40_000, 40_000, 90_000, 600_000])
def test_a_moved_reset_moves_no_start(shift: int) -> None:
    moved = TRUE + shift * (np.arange(6) == 3)
    starts = found(moved)
    assert starts.times.tolist() == TRUE.tolist()
    assert np.flatnonzero(~starts.by_reset).tolist() == [3]
    assert starts.stray == 1


@pytest.mark.parametrize(
    "late", [-20_000_000, -120_000, -66_000, -5_000, 5_000, 120_000, 600_000, 3_000_000, 20_000_000]
)
def test_a_doubled_reset_starts_nothing(late: int) -> None:
    starts = found(np.append(TRUE, TRUE[3] + late))
    assert starts.times.tolist() == TRUE.tolist()
    assert starts.by_reset.all()
    assert starts.stray == 1


def test_a_lost_reset_is_known_from_its_ticks() -> None:
    starts = found(np.delete(TRUE, [0, 3]))
    assert starts.times.tolist() == TRUE.tolist()
    assert np.flatnonzero(~starts.by_reset).tolist() == [0, 3]
    assert starts.stray == 0


def test_a_supercycle_that_was_cut_short_is_one_of_its_own() -> None:
    cut = TRUE[2] + 300 * 66_667
    after = np.abs(TICKS - (cut + TRUE[3]) / 2) < (TRUE[3] - cut) / 2
    seconds = np.where(after, (TICKS - cut) / 1e6, SECONDS)
    starts = found(np.insert(TRUE, 3, cut), TICKS, seconds)
    assert starts.times.tolist() == np.insert(TRUE, 3, cut).tolist()
    assert starts.stray == 0


def test_moved_and_doubled_ticks_start_nothing() -> None:
    draw = np.random.default_rng(1)
    ticks = TICKS.copy()
    ticks[100::50] += draw.integers(-5_000_000, 5_000_000, ticks[100::50].size)
    order = np.argsort(ticks, kind="stable")
    starts = found(TRUE, ticks[order], SECONDS[order])
    assert starts.times.tolist() == TRUE.tolist()
    assert starts.stray == 0


def test_a_reset_of_which_no_tick_is_left_counts() -> None:
    first, last = np.searchsorted(TICKS, (TRUE[2], TRUE[4] + 1_000_000))
    gap = slice(first, last)
    starts = found(TRUE, np.delete(TICKS, gap), np.delete(SECONDS, gap))
    assert starts.times.tolist() == TRUE.tolist()
    assert starts.by_reset.all()
    without = found(TRUE, TICKS, np.full(TICKS.size, np.nan))
    assert without.times.tolist() == TRUE.tolist()


def test_starts_of_one_second_stay_apart() -> None:
    every = TRUE[0] + 999_000 * np.arange(5)
    assert distinct(np.sort(np.append(every, every + 3_000))).tolist() == every.tolist()


@pytest.mark.parametrize("ahead", [-20_000_000, -5_000_000, -700_000, 0, 700_000, 5_000_000])
def test_captured_supercycles_find_their_starts_with_a_clock_that_is_off(ahead: int) -> None:
    spread = np.array([0, 3_000, -4_000, 180_000, 1_000, -2_000])
    places, offset = match_captured(TRUE + ahead + spread, np.full(6, LENGTH), TRUE)
    assert places.tolist() == list(range(6))
    assert offset == pytest.approx(ahead, abs=3_000)


def test_a_captured_supercycle_of_which_the_clock_knows_nothing_has_no_place() -> None:
    known = np.delete(TRUE, 3)
    places, offset = match_captured(TRUE + 700_000, np.full(6, LENGTH), known)
    assert places.tolist() == [0, 1, 2, -1, 3, 4]
    assert offset == 700_000
    none = np.empty(0, np.int64)
    assert match_captured(TRUE, np.full(6, LENGTH), none)[1] is None
    assert match_captured(none, none, TRUE)[1] is None
    assert not StartsByTicks(none, none).contradicts(TRUE).any()


@pytest.mark.parametrize("wild", [1.7e308, -1.7e308, np.inf, 1e12])
def test_a_time_that_no_supercycle_lasts_is_no_time(wild: float) -> None:
    ticks = np.arange(3) * 66_667 + 1_000_000
    found = starts_by_ticks(ticks, np.array([0.0, wild, np.nan]))
    assert found.implied.tolist() == [1_000_000]
