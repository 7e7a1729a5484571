"""Recipes and supercycles: what the timeline generator plans for each tick, which supercycle runs which plan, and when.

Here are plans and arithmetic on supercycle numbers. When an event is seen on TCLK is in ``tclk_events``.

The 21-tick module, the counts of the first recipe and most state identifiers are those of the
timeline of June 2019 (1166 entries over 901 ticks, fermilab-accelerator-ai/models). The other
recipes, and every state identifier of an event that is not in that timeline, stand in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.tclk import NULL_CYCLE
from gmpsai_assets.emulator.line_clock import LineClock
from gmpsai_assets.emulator.noise import Integers, stream_key, uniforms

MODULE_TICKS = 21
_SPILL_TICKS = 82
_SPILL_NULL_CYCLES = 39

_STATE_IDS = {
    0x12: 1, 0x13: 2, 0x15: 2, 0x17: 5, 0x1C: 2, 0x1D: 4, 0x20: 23, 0x2A: 9, 0x30: 1, 0x32: 1,
    0x93: 1, 0x94: 1, 0xA5: 2, 0xAE: 2, 0xE2: 5, 0xE3: 6, 0xE9: 20,
}  # fmt: skip
_OTHER_STATE_ID = 3

_MACHINES = {
    "Main Injector": (0x20, 0x21, 0x23, 0x29, 0x2A, 0x2B, 0x2D, 0x2E),
    "NuMI": (0xA5, 0xAE),
    "Recycler": (0xDE, 0xE0, 0xE1, 0xE2, 0xE3, 0xE9),
    "Accumulator": (0x30, 0x80, 0x85, 0x8E, 0x90, 0x91, 0x93, 0x94),
    "Switchyard": (0x32,),
}
_MACHINE_OF = {event: machine for machine, events in _MACHINES.items() for event in events}


@dataclass(frozen=True, order=True)
class RecipeEntry:
    """One entry of the plan.

    Attributes:
        tick: line tick of the supercycle, from 0.
        machine: the machine that acts on it.
        event: TCLK event, 0 to 255.
        state_id: state identifier of the entry.
    """

    tick: int
    machine: str
    event: int
    state_id: int


@dataclass(frozen=True)
class Recipe:
    """One supercycle program.

    Attributes:
        name: what it is for.
        length_ticks: line ticks of the supercycle.
        entries: the plan in the order in which the generator lists it.
        groups: groups of events outside the plan that run with it (see ``tclk_events``).
    """

    name: str
    length_ticks: int
    entries: tuple[RecipeEntry, ...]
    groups: frozenset[str]

    def booster_resets(self) -> list[int]:
        """The Booster reset of each tick; a null cycle ($11) where nothing is planned."""
        resets = [NULL_CYCLE] * self.length_ticks
        for entry in self.entries:
            if entry.machine == "Booster":
                resets[entry.tick] = entry.event
        return resets


@dataclass
class _Draft:
    """Entries while a recipe is written down."""

    length_ticks: int
    booster: dict[int, int] = field(default_factory=dict)
    others: list[tuple[int, int]] = field(default_factory=list)

    def place(self, tick: int, event: int) -> None:
        if tick < self.length_ticks:
            self.others.append((tick, event))

    def finish(self, name: str, groups: set[str]) -> Recipe:
        placed = [(tick, event) for tick, event in self.booster.items() if tick < self.length_ticks]
        entries = [_entry(tick, event) for tick, event in [*placed, *self.others]]
        entries.sort(key=lambda entry: (entry.tick, entry.machine != "Booster", entry.event))
        return Recipe(name, self.length_ticks, tuple(entries), frozenset(groups))


def _entry(tick: int, event: int) -> RecipeEntry:
    machine = _MACHINE_OF.get(event, "Booster")
    return RecipeEntry(tick, machine, event, _STATE_IDS.get(event, _OTHER_STATE_ID))


def _place_module(draft: _Draft, number: int, *, muon: bool, studies: bool) -> None:
    """One 21-tick module: a batch of twelve for NuMI, and cycles for other users around it."""
    start = number * MODULE_TICKS
    other = 0x1C if muon else 0x1D
    resets = [0x1D, *[0x15] * 12, 0x1D, other, other, 0x1D, 0x1D, other, other, 0x1D]
    if studies:
        resets[16] = 0x12
        resets[17] = 0x17 if number % 6 == 0 else 0x1D
    draft.booster.update({start + tick: reset for tick, reset in enumerate(resets)})
    for tick, event in ((0, 0xE3), (0, 0xA5), (12, 0x2A), (12, 0xAE)):
        draft.place(start + tick, event)
    if muon:
        for tick, event in ((13, 0x93), (13, 0xE9), (17, 0x94), (17, 0xE9)):
            draft.place(start + tick, event)


def _place_spill(draft: _Draft, start: int) -> None:
    """Slow spill: one batch for the fixed target, null cycles under the flat top, then fill."""
    draft.booster[start] = 0x13
    for tick in range(start + 1 + _SPILL_NULL_CYCLES, draft.length_ticks):
        draft.booster[tick] = 0x1D
    for tick, event in ((0, 0xE2), (0, 0x20), (10, 0x30)):
        draft.place(start + tick, event)
    draft.place(0, 0x32)


def _beam_recipe(name: str, length: int, *, muon: bool, spill: bool) -> Recipe:
    draft = _Draft(length)
    spill = spill and length >= _SPILL_TICKS + MODULE_TICKS
    modules = (length - (_SPILL_TICKS if spill else 0)) // MODULE_TICKS
    for number in range(modules):
        with_muon = muon and number % 13 != 12
        _place_module(draft, number, muon=with_muon, studies=number % 3 == 0 and number < 36)
    if spill:
        _place_spill(draft, modules * MODULE_TICKS)
    else:
        draft.booster.update(dict.fromkeys(range(modules * MODULE_TICKS, length), 0x1D))
    groups = {"beam"} | ({"muon"} if muon else set()) | ({"slow spill"} if spill else set())
    return draft.finish(name, groups)


def _studies_recipe(length: int) -> Recipe:
    """Studies: single cycles of every kind among null cycles."""
    draft = _Draft(length)
    booster = (0x12, 0x14, 0x12, 0x16, 0x12, 0x17, 0x1C, 0x12, 0x19)
    spacing = max(1, length // (4 * len(booster)))
    for number in range(4 * len(booster)):
        draft.booster[number * spacing] = booster[number % len(booster)]
    others = (0x21, 0x23, 0x29, 0x2B, 0x2D, 0x2E, 0x80, 0x85, 0x8E, 0x90, 0x91, 0xE0, 0xE1)
    for number, event in enumerate(others):
        draft.place(2 + number * max(1, length // len(others)), event)
    return draft.finish("studies", {"studies"})


_WRITERS: tuple[Callable[[int], Recipe], ...] = (
    lambda length: _beam_recipe("NuMI, Muon, slow spill", length, muon=True, spill=True),
    lambda length: _beam_recipe("NuMI and Muon", length, muon=True, spill=False),
    lambda length: _beam_recipe("NuMI and slow spill", length, muon=False, spill=True),
    _studies_recipe,
)


@cache
def recipes(length_ticks: int) -> tuple[Recipe, ...]:
    """All programs of the simulated laboratory for supercycles of a length in ticks."""
    return tuple(write(length_ticks) for write in _WRITERS)


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
