"""Recipes: what the timeline generator plans for each tick of a supercycle, and what goes with it.

Here are the plans alone. When a supercycle starts is in ``supercycle``, when an event is seen on
TCLK is in ``tclk_events``.

The 21-tick module, the counts of the first recipe and most state identifiers are those of the
timeline of June 2019 (1166 entries over 901 ticks, fermilab-accelerator-ai/models). The other
recipes, and every state identifier of an event that is not in that timeline, stand in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from gmpsai_assets.acnet.tclk import NULL_CYCLE

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
