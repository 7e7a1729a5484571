"""When supercycles start, and which recipe each of them runs.

Here is arithmetic on supercycle numbers. What a recipe holds is in ``recipes``; what is seen on
TCLK is in ``tclk_events``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.emulator.counter_random import Integers, stream_key, uniforms
from gmpsai_assets.emulator.line_clock import LineClock
from gmpsai_assets.emulator.recipes import Recipe, recipes

USUAL_LENGTH_TICKS = 901
"""The setting of G:SCTIME in October 2019 was 60.066666 s, which is 901 ticks."""

_STRETCH_SUPERCYCLES = 239
_CHANCE_OF_RECIPE = np.cumsum([0.42, 0.27, 0.27, 0.04])


@dataclass(frozen=True)
class Supercycle:
    """One supercycle as it ran.

    Attributes:
        number: consecutive number, 0 at the start of 2019.
        start_microseconds: time of its $00, microseconds since 1970 UTC.
        first_tick: line tick of its $00.
        recipe: the program it ran.
    """

    number: int
    start_microseconds: int
    first_tick: int
    recipe: Recipe


class SupercycleSchedule:
    """Supercycles of constant length, run by recipes that change every four hours or so.

    Args:
        seed: seed of the simulation.
        clock: the line clock.
        length_ticks: ticks of a supercycle.

    Raises:
        ValueError: if the length is not positive.
    """

    def __init__(self, seed: int, clock: LineClock, length_ticks: int = USUAL_LENGTH_TICKS) -> None:
        if length_ticks < 2:
            msg = f"a supercycle has at least 2 ticks, got {length_ticks}"
            raise ValueError(msg)
        self.length_ticks = length_ticks
        self.recipes = recipes(length_ticks)
        self._clock = clock
        self._key = stream_key(seed, "recipe of a stretch")

    def number_of_ticks(self, ticks: Integers) -> Integers:
        """The supercycle each line tick belongs to."""
        numbers: Integers = ticks // self.length_ticks
        return numbers

    def recipe_index(self, numbers: Integers) -> Integers:
        """The recipe each supercycle runs, as an index of ``recipes``."""
        draws = uniforms(self._key, numbers // _STRETCH_SUPERCYCLES)
        index: Integers = np.searchsorted(_CHANCE_OF_RECIPE, draws, side="right")
        return np.minimum(index, len(self.recipes) - 1)

    def has_group(self, group: str, numbers: Integers) -> NDArray[np.bool_]:
        """Whether a group of events runs in each supercycle."""
        members = np.array([group in recipe.groups for recipe in self.recipes])
        found: NDArray[np.bool_] = members[self.recipe_index(numbers)]
        return found

    def start_times(self, first: int, count: int) -> Integers:
        """Times of the $00 of ``count`` supercycles, microseconds since 1970 UTC."""
        if count <= 0:
            return np.empty(0, dtype=np.int64)
        span = (count - 1) * self.length_ticks + 1
        return self._clock.tick_times(first * self.length_ticks, span)[:: self.length_ticks]

    def at(self, microseconds: int) -> Supercycle:
        """The supercycle that runs at an instant."""
        tick = self._clock.first_tick_from(microseconds + 1) - 1
        return self.supercycle(tick // self.length_ticks)

    def supercycle(self, number: int) -> Supercycle:
        """The supercycle of a number."""
        index = int(self.recipe_index(np.array([number], dtype=np.int64))[0])
        start = int(self.start_times(number, 1)[0])
        return Supercycle(number, start, number * self.length_ticks, self.recipes[index])

    def between(self, start_microseconds: int, end_microseconds: int) -> list[Supercycle]:
        """All supercycles whose $00 lies in ``[start, end)``."""
        first = -(-self._clock.first_tick_from(start_microseconds) // self.length_ticks)
        last = -(-self._clock.first_tick_from(end_microseconds) // self.length_ticks)
        return [self.supercycle(number) for number in range(first, last)]
