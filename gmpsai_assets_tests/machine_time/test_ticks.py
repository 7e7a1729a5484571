"""Ticks of a day: from $0C, rebuilt where it is missing, and numbered for ever."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.emulator.machine import LateFrontEnd, Machine
from gmpsai_assets.machine_time.ticks import (
    NUMBERS_OF_A_DAY,
    TICK_SOURCES,
    Ticks,
    cycle_numbers,
    day_ticks,
    on_cadence,
)
from gmpsai_assets_tests.machine_time.simulated_span import Times, logged

START = day_window("2026-03-10").start_microseconds
MINUTE = Window(from_microseconds(START), from_microseconds(START + 60_000_000))
MACHINE = Machine(seed=1)
LOGGED = logged(MACHINE.events(0x0C, MINUTE)[0])


def times_of(ticks: Ticks, source: str) -> Times:
    chosen: Times = ticks.times[ticks.source == TICK_SOURCES.index(source)]
    return chosen


def test_every_occurrence_on_a_clean_day_is_a_tick_as_it_was_logged() -> None:
    ticks = day_ticks(MINUTE, LOGGED)
    assert ticks.times.tolist() == LOGGED.tolist()
    assert ticks.index.tolist() == list(range(LOGGED.size))
    assert ticks.stray == 0


def test_lost_ticks_come_back_from_the_line_tick_and_are_marked() -> None:
    lost = [7, 100, 101, 102, LOGGED.size - 1]
    line = logged(MACHINE.events(0x0F, MINUTE)[0])
    ticks = day_ticks(MINUTE, np.delete(LOGGED, lost), [("$0F", line)])
    assert ticks.index.tolist() == list(range(LOGGED.size))
    assert np.abs(ticks.times - LOGGED).max() <= 2_000
    rebuilt = ticks.source == TICK_SOURCES.index("$0F")
    assert np.flatnonzero(rebuilt).tolist() == lost


def test_samples_fill_what_no_event_shows_even_those_of_a_late_front_end() -> None:
    late = Machine(seed=1, late={"B:GMPS4V": LateFrontEnd(14_000, 1_000)})
    samples = late.samples("B:GMPS4V", MINUTE)[0]
    ticks = day_ticks(MINUTE, np.delete(LOGGED, slice(200, 700)), [("samples", samples)])
    assert ticks.times.size == LOGGED.size
    assert np.abs(ticks.times - LOGGED).max() <= 3_000
    assert times_of(ticks, "samples").size == 500


@pytest.mark.parametrize("late", [-40_000, -28_000, 20_000, 28_000, 40_000])
def test_a_surplus_sample_in_a_gap_displaces_no_tick(late: int) -> None:
    samples = MACHINE.samples("B:VIMIN", MINUTE)[0]
    surplus = np.sort(np.append(samples, samples[[300, 400, 401]] + late))
    ticks = day_ticks(MINUTE, np.delete(LOGGED, slice(200, 700)), [("samples", surplus)])
    assert ticks.times.size == LOGGED.size
    assert np.abs(ticks.times - LOGGED).max() <= 3_000


def test_numbers_stay_when_a_second_pull_brings_more_of_the_day() -> None:
    times = logged(MACHINE.events(0x0C, day_window("2026-03-10"))[0])
    for ahead in range(0, 3_000, 200):
        window = Window(
            from_microseconds(int(times[0]) - ahead), from_microseconds(int(times[-1]) + 1)
        )
        for first in (1, 20, 200, 900):
            pulls = (times[first : first + 3_000], times[first : first + 400_000], times[first:])
            numbers = {int(day_ticks(window, each).index[0]) for each in pulls}
            assert len(numbers) == 1
            assert abs(numbers.pop() - first) <= 1


def test_a_day_without_any_tick_event_is_rebuilt_from_samples_alone() -> None:
    samples = MACHINE.samples("B:VIMIN", MINUTE)[0]
    ticks = day_ticks(MINUTE, LOGGED[:0], [("$0F", LOGGED[:0]), ("samples", samples)])
    assert ticks.times.tolist() == samples.tolist()
    assert set(ticks.source.tolist()) == {TICK_SOURCES.index("samples")}


def test_other_sources_are_not_asked_while_nothing_is_missing() -> None:
    def refuse() -> "list[tuple[str, Times]]":
        msg = "another source was asked"
        raise AssertionError(msg)

    ticks = day_ticks(MINUTE, LOGGED, (refuse() for _ in range(1)))  # type: ignore[misc]
    assert ticks.times.size == LOGGED.size


def test_where_nothing_was_recorded_there_is_no_row_and_the_count_goes_on() -> None:
    ticks = day_ticks(MINUTE, np.delete(LOGGED, slice(300, 500)))
    assert ticks.index.tolist() == [*range(300), *range(500, LOGGED.size)]
    first, grid = ticks.grid(2)
    assert first == -2
    assert np.abs(grid[2:-2] - LOGGED).max() < 10_000


def test_ticks_lost_at_the_beginning_are_counted() -> None:
    assert day_ticks(MINUTE, LOGGED[40:]).index[0] == 40


@pytest.mark.parametrize("late", [-33_000, -9_000, -3_000, 3_000, 5_000, 33_000, 34_000])
def test_a_doubled_tick_is_dropped_and_counted_whichever_came_first(late: int) -> None:
    doubled = np.sort(np.append(LOGGED, LOGGED[50] + late))
    ticks = day_ticks(MINUTE, doubled)
    assert ticks.times.tolist() == LOGGED.tolist()
    assert ticks.stray == 1


def test_a_tick_that_moved_a_little_stays_one_and_far_off_it_is_rebuilt() -> None:
    moved = LOGGED.copy()
    moved[[50, 80]] += [9_000, 30_000]
    ticks = day_ticks(MINUTE, moved, [("$0F", logged(MACHINE.events(0x0F, MINUTE)[0]))])
    assert ticks.index.tolist() == list(range(LOGGED.size))
    assert ticks.times[50] == LOGGED[50] + 9_000
    assert abs(ticks.times[80] - LOGGED[80]) <= 2_000
    assert ticks.source[80] == TICK_SOURCES.index("$0F")
    assert ticks.stray == 1


@given(
    lost=st.sets(st.integers(1, 898), max_size=300),
    doubled=st.sets(st.integers(1, 898), max_size=30),
    jitter=st.integers(0, 300),
)
def test_whatever_is_lost_or_doubled_each_tick_keeps_its_number(
    lost: set[int], doubled: set[int], jitter: int
) -> None:
    spread = np.random.default_rng(jitter).integers(-jitter, jitter + 1, LOGGED.size)
    times = LOGGED + spread
    kept = np.setdiff1d(np.arange(LOGGED.size), list(lost))
    extra = times[np.setdiff1d(list(doubled), list(lost)).astype(int)] + 2_000
    ticks = day_ticks(MINUTE, np.sort(np.concatenate([times[kept], extra])))
    assert ticks.index.tolist() == kept.tolist()
    assert ticks.stray == extra.size


def test_a_few_odd_occurrences_are_taken_as_they_are() -> None:
    kept, stray = on_cadence(np.array([0, 5_000, 400_000]), 66_667.0)
    assert kept.tolist() == [0, 400_000]
    assert stray == 1


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08", 23), ("2026-03-10", 24), ("2026-11-01", 25)]
)
def test_numbers_of_a_whole_day_ascend_one_by_one_and_stay_below_the_next_day(
    day: str, hours: int
) -> None:
    window = day_window(day)
    times = logged(MACHINE.events(0x0C, window)[0])
    ticks = day_ticks(window, times)
    numbers = cycle_numbers(date.fromisoformat(day), ticks.index)
    assert numbers.size == times.size
    assert times.size == pytest.approx(hours * 54_000, rel=1e-3)
    assert (np.diff(numbers) == 1).all()
    assert numbers[0] == date.fromisoformat(day).toordinal() * NUMBERS_OF_A_DAY
    following = date.fromisoformat(day) + timedelta(days=1)
    assert numbers[-1] < cycle_numbers(following, np.zeros(1, dtype=np.int64))[0]
    assert float(numbers[-1]) == numbers[-1]


def test_a_gap_in_which_nothing_was_recorded_is_counted_by_the_clock_around_it() -> None:
    window = day_window("2026-03-08")
    times = logged(MACHINE.events(0x0C, window)[0])
    minutes = day_ticks(window, np.delete(times, slice(400_000, 404_500)))
    assert minutes.index[-1] == times.size - 1
    hour = day_ticks(window, np.delete(times, slice(400_000, 454_000)))
    assert hour.index[-1] == pytest.approx(times.size - 1, abs=54)
