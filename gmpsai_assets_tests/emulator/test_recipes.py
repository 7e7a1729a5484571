"""Supercycles and their recipes."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.emulator.line_clock import LineClock
from gmpsai_assets.emulator.recipes import SupercycleSchedule, recipes

CLOCK = LineClock(seed=1)
SCHEDULE = SupercycleSchedule(1, CLOCK)
DAY = day_window("2026-03-10")


def test_the_first_recipe_has_the_counts_of_june_2019() -> None:
    entries = recipes(901)[0].entries
    assert len(entries) == 1166
    counts = Counter((entry.machine, f"{entry.event:02X}") for entry in entries)
    assert counts == {
        **{("Booster", event): number for event, number in
           (("15", 468), ("1D", 231), ("1C", 144), ("12", 12), ("17", 6), ("13", 1))},
        ("Main Injector", "2A"): 39, ("Main Injector", "20"): 1,
        ("NuMI", "A5"): 39, ("NuMI", "AE"): 39,
        ("Recycler", "E3"): 39, ("Recycler", "E9"): 72, ("Recycler", "E2"): 1,
        ("Accumulator", "93"): 36, ("Accumulator", "94"): 36, ("Accumulator", "30"): 1,
        ("Switchyard", "32"): 1,
    }  # fmt: skip


@settings(deadline=None)
@given(length=st.integers(2, 2_000))
def test_every_recipe_fits_any_length(length: int) -> None:
    for recipe in recipes(length):
        assert len(recipe.booster_resets()) == length
        assert all(0 <= entry.tick < length for entry in recipe.entries)
        assert list(recipe.entries) == sorted(
            recipe.entries,
            key=lambda entry: (entry.tick, entry.machine != "Booster", entry.event),
        )


def test_a_supercycle_of_901_ticks_takes_sixty_seconds() -> None:
    starts = SCHEDULE.start_times(500_000, 1_400)
    assert np.diff(starts).mean() == pytest.approx(60.078e6, abs=5_000)


def test_supercycles_between_two_instants_are_those_that_start_there() -> None:
    found = SCHEDULE.between(DAY.start_microseconds, DAY.end_microseconds)
    assert len(found) == 1438
    assert [one.number for one in found] == list(range(found[0].number, found[0].number + 1438))
    assert DAY.start_microseconds <= found[0].start_microseconds
    assert found[-1].start_microseconds < DAY.end_microseconds
    before = SCHEDULE.supercycle(found[0].number - 1)
    assert before.start_microseconds < DAY.start_microseconds


@settings(max_examples=50, deadline=None)
@given(offset=st.integers(0, 86_400_000_000))
def test_an_instant_is_in_the_supercycle_that_started_last(offset: int) -> None:
    instant = DAY.start_microseconds + offset
    running = SCHEDULE.at(instant)
    assert running.start_microseconds <= instant
    assert instant < SCHEDULE.supercycle(running.number + 1).start_microseconds


def test_recipes_take_turns_over_some_days() -> None:
    numbers = np.arange(600_000, 600_000 + 20 * 1_438, dtype=np.int64)
    index = SCHEDULE.recipe_index(numbers)
    assert set(index.tolist()) == {0, 1, 2, 3}
    assert np.count_nonzero(np.diff(index)) < 20 * 8
    assert SCHEDULE.has_group("beam", numbers).mean() > 0.8


def test_a_supercycle_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 ticks"):
        SupercycleSchedule(1, CLOCK, 1)
