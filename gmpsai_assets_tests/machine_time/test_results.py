"""The result of a supercycle, and which recipe its Booster resets show."""

import numpy as np
import pytest

from gmpsai_assets.machine_time.plans import Recipe
from gmpsai_assets.machine_time.results import fitting_recipes
from gmpsai_assets.machine_time.supercycles import Supercycles

TICKS = 100
NUMI = Recipe(np.arange(TICKS), np.arange(TICKS), np.full(TICKS, 0x15, np.uint8))


def fitting(others: int, own: int = -1) -> int:
    """The recipe that fits a supercycle of NuMI cycles, of which some were seen with another reset."""
    supercycles = Supercycles(
        start=np.zeros(1, np.int64),
        source=np.zeros(1, np.uint8),
        recipe=np.full(1, own),
        planned_ticks=np.full(1, TICKS),
        recipe_ids=("NuMI",),
    )
    reset = np.full(TICKS, 0x15, np.uint8)
    reset[:others] = 0x1D
    place = np.zeros(TICKS, np.int64)
    found = fitting_recipes(supercycles, [NUMI], place, np.arange(TICKS), reset)
    return int(found[0])


@pytest.mark.parametrize("own", [-1, 0])
def test_a_recipe_fits_if_more_than_nine_ticks_of_ten_have_its_reset(own: int) -> None:
    assert [fitting(others, own) for others in (0, 5, 9, 11, 50, 100)] == [0, 0, 0, -1, -1, -1]
