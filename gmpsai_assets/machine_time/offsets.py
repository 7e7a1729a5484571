"""Constant delays against the 15 Hz clock: how late a device or an event usually is, and which tick it goes with.

Here is arithmetic on time stamps alone, of whatever they are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Instants = NDArray[np.int64]
"""Microseconds since 1970 UTC, or differences of them."""

LOCKED = 0.3
"""Stamps whose phases add up to less than this part of their number do not follow the clock. Chosen: some thousand
stamps at random reach a few hundredths, and those that follow with a jitter of some milliseconds more than 0.9."""

_RUNS, _RUN = 64, 64
"""The delay is measured on so many runs of so many neighbours: 4,096 stamps give its median to some microseconds."""


@dataclass(frozen=True)
class ConstantOffset:
    """How far stamps usually are from their ticks.

    Attributes:
        microseconds: median of stamp less tick, within half a period to either side; 0 if not locked.
        locked: whether the stamps follow the clock at all.
    """

    microseconds: int
    locked: bool


def nearest_tick(ticks: Instants, instants: Instants) -> Instants:
    """The place of the tick that is nearest to each instant; both sorted, at least one tick."""
    right = np.clip(np.searchsorted(ticks, instants), 1, max(ticks.size - 1, 1))
    right = np.minimum(right, ticks.size - 1)
    left = np.maximum(right - 1, 0)
    places: Instants = np.where(instants - ticks[left] <= ticks[right] - instants, left, right)
    return places


def constant_offset(stamps: Instants, ticks: Instants, period: float) -> ConstantOffset:
    """Measure the delay of stamps against ticks.

    First the phase within a period, as a direction on the circle: so a delay of just half a period does not fall
    apart into two, and stamps that are far off do not pull it away. Then the median over those that are within half
    a period of a tick so delayed. Of many stamps some 4,000 are looked at.

    Args:
        stamps: sorted.
        ticks: sorted; with gaps, if need be.
        period: microseconds between ticks.
    """
    near = _near(_some(stamps), ticks, period)
    if not near.size:
        return ConstantOffset(0, locked=False)
    phases = (near - ticks[np.searchsorted(ticks, near, side="right") - 1]) / period
    direction = np.exp(2j * np.pi * phases).mean()
    if abs(direction) < LOCKED:
        return ConstantOffset(0, locked=False)
    rough = round(float(np.angle(direction)) / (2 * np.pi) * period)
    moved = near - rough
    distances = moved - ticks[nearest_tick(ticks, moved)]
    distances = distances[np.abs(distances) <= period / 2]
    fine = int(np.median(distances)) if distances.size else 0
    return ConstantOffset(rough + fine, locked=True)


def _some(stamps: Instants) -> Instants:
    """Runs of neighbours, spread evenly: every n-th stamp would be blind to what returns every n-th tick."""
    if stamps.size <= _RUNS * _RUN:
        return stamps
    begins = np.linspace(0, stamps.size - _RUN, _RUNS).astype(np.int64)
    some: Instants = stamps[(begins[:, None] + np.arange(_RUN)).ravel()]
    return some


def _near(stamps: Instants, ticks: Instants, period: float) -> Instants:
    """Stamps with a tick not long before them; in a long gap the phase would be a guess."""
    if not ticks.size:
        return stamps[:0]
    before = np.searchsorted(ticks, stamps, side="right") - 1
    near: Instants = stamps[(before >= 0) & (stamps - ticks[before] < 2 * period)]
    return near
