"""The plan of a day out of its recipes."""

import numpy as np
import pyarrow as pa
import pytest

from gmpsai_assets.emulator.recipes import recipes
from gmpsai_assets.emulator.texts import timeline_seconds
from gmpsai_assets.machine_time.plans import day_plan, lengths_in_ticks, read_recipes
from gmpsai_assets.machine_time.supercycles import Supercycles


def table(entries: list[tuple[int, float, str]]) -> pa.Table:
    """A recipe called "one": event, offset and machine of each entry."""
    events, offsets, machines = zip(*entries, strict=True)
    return pa.table(
        {
            "recipe_id": ["one"] * len(entries),
            "entry_index": range(1, len(entries) + 1),
            "event": pa.array(events, pa.uint8()),
            "offset_seconds": pa.array(offsets, pa.float64()),
            "machine": machines,
        }
    )


def supercycles(starts: list[int], recipe: list[int], planned_ticks: list[int]) -> Supercycles:
    """Supercycles of a recipe called "one"."""
    known = (np.array(starts), np.zeros(len(starts), np.uint8))
    return Supercycles(*known, np.array(recipe), np.array(planned_ticks), ("one",))


@pytest.mark.parametrize("ticks", [901, 1_499])
def test_four_digits_are_enough_for_each_tick_up_to_a_hundred_seconds(ticks: int) -> None:
    every = table([(0x15, float(timeline_seconds(i / 15)), "Booster") for i in range(ticks)])
    (recipe,) = read_recipes(every, ["one"])
    assert recipe.ticks.tolist() == list(range(ticks))


def test_beyond_a_hundred_seconds_resets_of_one_time_are_neighbours() -> None:
    every = table([(0x15, float(timeline_seconds(i / 15)), "Booster") for i in range(9_000)])
    (recipe,) = read_recipes(every, ["one"])
    assert recipe.ticks.tolist() == list(range(9_000))


def test_ticks_without_a_reset_have_a_null_cycle() -> None:
    (recipe,) = read_recipes(table([(0x15, 0.0667, "Booster"), (0xA5, 0.2, "NuMI")]), ["one"])
    assert recipe.booster_resets(4).tolist() == [0x11, 0x15, 0x11, 0x11]
    one = supercycles([0], [0], [4])
    plan = day_plan(one, np.array([0]), [recipe])
    planned = sorted(zip(plan.tick.tolist(), plan.event.tolist(), strict=True))
    assert planned == [(0, 0x11), (1, 0x15), (2, 0x11), (3, 0x11), (3, 0xA5)]


def test_the_plan_of_each_simulated_recipe_is_read_back_as_it_was_written() -> None:
    for written in recipes(901):
        entries = [
            (each.event, float(timeline_seconds(each.tick / 15)), each.machine)
            for each in written.entries
        ]
        (recipe,) = read_recipes(table(entries), ["one"])
        assert recipe.booster_resets(901).tolist() == written.booster_resets()


def test_a_recipe_that_is_not_in_the_table_plans_nothing() -> None:
    (recipe,) = read_recipes(table([(0x15, 0.0, "Booster")]), ["other"])
    one = supercycles([0], [0], [4])
    assert day_plan(one, np.array([0]), [recipe]).tick.size == 0


def test_a_supercycle_lasts_to_the_next_but_not_longer_than_planned() -> None:
    starts = np.array([0, 10, 40])
    three = supercycles([0, 10, 40], [0, 0, -1], [15, 15, 0])
    assert lengths_in_ticks(three, starts).tolist() == [10, 15, 15]


def test_an_entry_at_any_time_leaves_the_others_where_they_are() -> None:
    entries = [(0x15, 0.0667, "Booster"), (0xA5, 1.7e308, "NuMI"), (0xA6, -1.7e308, "NuMI")]
    (recipe,) = read_recipes(table(entries), ["one"])
    assert recipe.booster_resets(3).tolist() == [0x11, 0x15, 0x11]
