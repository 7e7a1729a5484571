"""Gaps are found where ticks were taken out, all of them, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.machine_time.line_clock import expected_ticks, line_clock
from gmpsai_assets.quality.gaps import find_gaps
from gmpsai_assets_tests.machine_time.line_locked import PERIOD, START, hour, ticks

WINDOW = hour()
CLOCK = line_clock(WINDOW)
COUNT = 54_000

stretches = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.one_of(st.integers(1, 3), st.integers(4, 9_000))),
    max_size=60,
)


def _numbers(chosen: list[tuple[int, int]]) -> list[int]:
    taken = np.zeros(COUNT, dtype=np.bool_)
    for first, length in chosen:
        taken[first : first + length] = True
    return [int(number) for number in np.flatnonzero(taken)]


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """First tick and length of each run of neighbouring ticks."""
    places = np.array(numbers, dtype=np.int64)
    breaks = np.flatnonzero(np.diff(places) > 1) + 1
    return [(int(run[0]), run.size) for run in np.split(places, breaks) if run.size]


@settings(max_examples=150, deadline=None)
@given(chosen=stretches, late=st.floats(0.2, 0.8), jitter=st.integers(0, 2_000))
def test_exactly_the_ticks_that_were_taken_out_are_missing(
    chosen: list[tuple[int, int]], late: float, jitter: int
) -> None:
    taken = _numbers(chosen)
    times = ticks(WINDOW, taken, late=late, jitter=jitter)
    gaps = find_gaps(times, CLOCK, 15.0)
    assert gaps.missing.sum() == len(taken)
    assert times.size + gaps.missing.sum() == COUNT
    runs = _runs(taken)
    assert gaps.joined.sum() == len(runs)
    if gaps.joined.max(initial=1) == 1:
        assert gaps.missing.tolist() == [length for _, length in runs]
        # Each gap begins with the sample before its first tick and ends with the one after its last.
        middles = (gaps.start + gaps.end) / 2
        expected = [START + (first + length / 2 - 0.5 + late) * PERIOD for first, length in runs]
        inner = (gaps.start > START) & (gaps.end < WINDOW.end_microseconds)
        assert middles[inner] == pytest.approx(np.array(expected)[inner], abs=jitter + 2)


@settings(max_examples=40, deadline=None)
@given(
    numbers=st.sets(st.integers(0, COUNT - 1), max_size=3_000),
    every=st.sampled_from([1, 2, 3, 5, 15]),
)
def test_many_gaps_are_joined_without_losing_a_tick(numbers: set[int], every: int) -> None:
    kept = set(range(0, COUNT, every)) - numbers
    taken = set(range(COUNT)) - kept
    times = ticks(WINDOW, taken)
    gaps = find_gaps(times, CLOCK, 15.0)
    assert gaps.start.size <= 100
    assert gaps.missing.sum() == len(taken)
    assert (gaps.start[1:] >= gaps.end[:-1]).all()
    # The samples within are those that lie strictly between both ends.
    edges = [
        np.searchsorted(times, gaps.start, "right"),
        np.searchsorted(times, gaps.end, "left"),
    ]
    plain = gaps.start > START
    assert gaps.inside[plain].tolist() == (edges[1] - edges[0])[plain].tolist()


def test_a_hundred_gaps_stay_apart_and_one_more_has_some_joined() -> None:
    for count, found in ((100, 100), (101, 1)):  # equally far from each other: joined all at once
        lost = list(range(200, 200 + 300 * count, 300))
        gaps = find_gaps(ticks(WINDOW, lost), CLOCK, 15.0)
        assert (gaps.start.size, gaps.missing.sum()) == (found, count)


@pytest.mark.parametrize(
    ("day", "count"),
    [("2026-03-08", 1_242_000), ("2026-03-10", 1_296_000), ("2026-11-01", 1_350_000)],
)
def test_a_day_without_a_sample_is_one_gap_with_all_its_ticks(day: str, count: int) -> None:
    clock = line_clock(day_window(day))
    gaps = find_gaps(np.array([], dtype=np.int64), clock, 15.0)
    assert gaps.missing.tolist() == [count]
    assert gaps.seconds.tolist() == [day_window(day).seconds]


@given(place=st.integers(0, 3_599_999_999))
def test_a_single_sample_has_a_gap_before_and_after_it(place: int) -> None:
    gaps = find_gaps(np.array([START + place]), CLOCK, 15.0)
    assert COUNT - 2 <= gaps.missing.sum() <= COUNT - 1
    assert gaps.seconds.sum() == pytest.approx(3_600, abs=0.08)


def test_samples_that_come_twice_are_no_gap() -> None:
    times = np.repeat(ticks(WINDOW), 2)
    assert find_gaps(times, CLOCK, 15.0).missing.size == 0


def test_a_long_gap_is_counted_by_the_pace_of_the_device_where_the_line_is_not_known() -> None:
    taken = range(20_000, 38_000)
    times = ticks(WINDOW, taken, period=PERIOD * (1 + 2e-4))
    assert find_gaps(times, CLOCK, 15.0).missing.tolist() == [18_000]


def test_a_few_samples_give_no_pace() -> None:
    kept = ticks(WINDOW, range(100, COUNT - 100), jitter=2_000)
    assert find_gaps(kept, CLOCK, 15.0).missing.tolist() == [COUNT - 200]


def test_a_slower_tier_is_one_thin_stretch() -> None:
    times = ticks(WINDOW, period=1e6, jitter=100)
    gaps = find_gaps(times, CLOCK, 15.0)
    assert gaps.missing.tolist() == [COUNT - 3_600]
    assert gaps.thinned.tolist() == [True]
    assert gaps.inside.tolist() == [3_600]


def test_a_few_lost_cycles_near_each_other_stay_apart() -> None:
    lost = range(100, 118, 2)
    gaps = find_gaps(ticks(WINDOW, list(lost)), CLOCK, 15.0)
    assert gaps.missing.tolist() == [1] * 9
    assert not gaps.thinned.any()
    gaps = find_gaps(ticks(WINDOW, list(range(100, 120, 2))), CLOCK, 15.0)
    assert (gaps.missing.tolist(), gaps.thinned.tolist()) == ([10], [True])


def test_a_device_of_one_sample_a_minute_lacks_those_that_were_taken_out() -> None:
    times = ticks(WINDOW, [0, 7, 8, 59], period=60e6, jitter=20_000)
    gaps = find_gaps(times, CLOCK, 1 / 60)
    assert gaps.missing.tolist() == [1, 2, 1]
    assert expected_ticks(CLOCK, 1 / 60) == 60
