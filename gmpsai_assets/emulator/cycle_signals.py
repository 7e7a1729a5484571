"""Signals that repeat with the machine cycles of a supercycle: beam and Main Injector current.

Here is the shape over one supercycle of each recipe; noise and stamps are added elsewhere.
"""

import numpy as np

from gmpsai_assets.emulator.counter_random import Floats
from gmpsai_assets.emulator.supercycle import SupercycleSchedule


class CycleSignals:
    """Signals that repeat with the machine cycles of a supercycle.

    Args:
        schedule: the supercycles.
    """

    def __init__(self, schedule: SupercycleSchedule) -> None:
        self._schedule = schedule
        resets = [np.array(recipe.booster_resets()) for recipe in schedule.recipes]
        self._beam = np.stack([_beam_of(codes) for codes in resets])
        self._current = np.stack(
            [
                _injector_current(
                    recipe.length_ticks,
                    [(entry.tick, entry.event) for entry in recipe.entries],
                )
                for recipe in schedule.recipes
            ]
        )

    def beam(self, first: int, count: int) -> Floats:
        """Charge accelerated by the Booster on each tick, 1e12 protons."""
        return self._pick(self._beam, first + 1, count)

    def main_injector(self, first: int, count: int) -> Floats:
        """Bend current of the Main Injector on each tick, amperes."""
        return self._pick(self._current, first, count)

    def _pick(self, table: Floats, first: int, count: int) -> Floats:
        ticks = np.arange(first, first + count, dtype=np.int64)
        numbers = self._schedule.number_of_ticks(ticks)
        recipe = self._schedule.recipe_index(np.arange(numbers[0], numbers[-1] + 1))
        picked: Floats = table[
            recipe[numbers - numbers[0]], ticks - numbers * self._schedule.length_ticks
        ]
        return picked


_CHARGES = {0x13: 4.2, 0x14: 0.5, 0x15: 4.5, 0x16: 0.8, 0x17: 0.5, 0x19: 4.4, 0x1C: 4.0, 0x1D: 4.3}


def _beam_of(resets: np.ndarray) -> Floats:
    charges: Floats = np.zeros(256)
    for code, charge in _CHARGES.items():
        charges[code] = charge
    beam: Floats = charges[resets]
    return beam


_IDLE = 369.85
_FLAT_TOP = 7033.2
_RISE = (0.0, 0.005, 0.145, 0.31, 0.51, 0.71, 0.852, 0.995, 1.0, 1.0)
_FALL = (0.99109, 0.88247, 0.70894, 0.54154, 0.37919, 0.2, 0.04)
"""The first five are the readings of I:MXIB from 2020-03-10 05:00:00 UTC on (C, DataAnalysis.ipynb); the rest, and the
rise, are drawn such that a day has the published steps and spread."""
_RAMP = np.array(_RISE + _FALL)
_SPILL_RAMP = np.concatenate(
    [np.linspace(0, 1, 20), np.ones(30), np.linspace(1, 0, 12, endpoint=False)]
)
_LONG_RAMPS = {0x20, 0x21}
_SHORT_RAMPS = {0x23, 0x29, 0x2A, 0x2B, 0x2D}


def _injector_current(length: int, entries: list[tuple[int, int]]) -> Floats:
    """The bend current over one supercycle: a ramp after each reset of the Main Injector."""
    ramp = np.zeros(length)
    for tick, event in entries:
        shape = _SPILL_RAMP if event in _LONG_RAMPS else _RAMP
        if event in _LONG_RAMPS | _SHORT_RAMPS:
            places = (tick + np.arange(shape.size)) % length
            ramp[places] = np.maximum(ramp[places], shape)
    return _IDLE + (_FLAT_TOP - _IDLE) * ramp
