"""The ticks of a day: when each Booster cycle began, and the number that it keeps for ever.

Ticks come from the event $0C. Where that is missing they are rebuilt from other things that follow the same clock,
and say so.

A cycle's number is the ordinal of its local day (days since 0001-01-01, the first being 1) times 2,000,000 plus the
number of line ticks since the day's first one. So a day can be made alone, with days before it missing; numbers of
different days never meet, as a day of 25 hours has 1,350,000 ticks; they ascend with time; and within a day two
numbers differ by the ticks between them, lost ones counted. Across midnight they do not count ticks. A pull that
brings more of a day leaves its numbers as they were, unless no event and no device had anything for minutes before:
then the ticks of the gap could only be estimated.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.tclk import NOMINAL_TICK_HZ
from gmpsai_assets.machine_time.offsets import Instants, constant_offset, nearest_tick

NOMINAL_PERIOD = 1e6 / NOMINAL_TICK_HZ
"""Microseconds between ticks at a line of exactly 60 Hz; it wanders by a thousandth."""

NUMBERS_OF_A_DAY = 2_000_000
TICK_SOURCES = ("$0C", "$0F", "resets", "samples")
"""What a tick was taken from: its own event, the line tick, the Booster resets, or the samples of a device."""

_UNEVEN = 0.02
"""Part of a period by which two ticks may be closer or farther than usual: the log's millisecond is 1.5 % of one."""

_EDGE = 0.002
"""Part of a period by which the first tick of a day can come later than a period after its start: the line wanders."""
_LONG_GAP = 100
"""Ticks from which on a gap is counted by the rate around it: by the day's, a thousandth off, it would be a tenth of a
tick wrong."""

_SURROUNDINGS = 1_000
"""Ticks to either side of a gap that give that rate: a minute, in which the line does not wander."""


@dataclass(frozen=True)
class Ticks:
    """The ticks of a day that anything was recorded of, in order.

    Attributes:
        times: microseconds since 1970 UTC.
        index: line ticks since the first one of the day; ticks of which nothing was recorded are counted.
        source: place in ``TICK_SOURCES``.
        period: usual microseconds between two.
        stray: occurrences of $0C that are no tick: doubled, or off the clock's cadence.
        ahead: ticks that were read of the time just ahead of the window, microseconds since 1970 UTC.
    """

    times: Instants
    index: Instants
    source: NDArray[np.uint8]
    period: float
    stray: int
    ahead: Instants = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def index_at(self, instants: Instants) -> Instants:
        """The index of the line tick nearest to instants, also in gaps and outside the day.

        Outside it goes on at the rate of the nearest minute, so it holds for some minutes.
        """
        if not self.times.size:
            return np.zeros(instants.size, dtype=np.int64)
        index = np.interp(instants, self.times, self.index)
        index += np.minimum(instants - self.times[0], 0) / usual_period(self.times[:_SURROUNDINGS])
        index += np.maximum(instants - self.times[-1], 0) / usual_period(
            self.times[-_SURROUNDINGS:]
        )
        return np.rint(index).astype(np.int64)

    def grid(self, margin: int) -> tuple[int, Instants]:
        """Times of all line ticks, also those without a record, and of ``margin`` more at both ends.

        Returns:
            The index of the first, and the times.
        """
        first, last = int(self.index[0]) - margin, int(self.index[-1]) + margin
        every = np.arange(first, last + 1)
        known = np.concatenate([self.ahead, self.times])
        index = np.concatenate([self.index_at(self.ahead), self.index])
        times = np.interp(every, index, known)
        times += np.minimum(every - index[0], 0) * self.period
        times += np.maximum(every - index[-1], 0) * self.period
        return first, np.rint(times).astype(np.int64)


def cycle_numbers(day: date, index: Instants) -> Instants:
    """Permanent numbers of a local day's cycles, see the head of this module; int64."""
    return day.toordinal() * NUMBERS_OF_A_DAY + index


def day_ticks(
    window: Window, events: Instants, others: Iterable[tuple[str, Instants]] = ()
) -> Ticks:
    """The ticks of a window.

    Args:
        window: the day; ticks outside are left out, but those ahead of it are kept beside.
        events: occurrences of $0C, sorted.
        others: what follows the same clock with a constant delay: a name out of ``TICK_SOURCES`` and
            stamps, sorted. Asked for one after the other, and only while ticks are missing.
    """
    period = usual_period(events)
    times, stray = on_cadence(events, period)
    source = np.zeros(times.size, dtype=np.uint8)
    waiting = iter(others)
    while _lacks_ticks(times, window, period):
        name, stamps = next(waiting, ("", None))
        if stamps is None:
            break
        added = _missing_ticks(times, stamps, period)
        times = np.concatenate([times, added])
        code = np.full(added.size, TICK_SOURCES.index(name), np.uint8)
        order = np.argsort(times, kind="stable")
        times, source = times[order], np.concatenate([source, code])[order]
    first, end = np.searchsorted(times, (window.start_microseconds, window.end_microseconds))
    ahead, times, source = times[:first], times[first:end], source[first:end]
    return Ticks(times, _counted(times, window, period), source, period, stray, ahead)


def usual_period(times: Instants) -> float:
    """Mean microseconds between neighbouring ticks, those with a loss between them left out.

    Not the median: the event log writes milliseconds, so it would be 66 or 67 ms.
    """
    steps = np.diff(times)
    steps = steps[np.abs(steps - NOMINAL_PERIOD) < NOMINAL_PERIOD * _UNEVEN]
    return float(steps.mean()) if steps.size else NOMINAL_PERIOD


def on_cadence(times: Instants, period: float) -> tuple[Instants, int]:
    """One occurrence for each tick of a clock, and how many others there were.

    Occurrences that have neighbours at the right distance, and none between, show where ticks are. Every
    occurrence then belongs to the nearest tick, if that is within a quarter of a period, and the nearest one wins.
    """
    uneven = np.abs(np.diff(times) - period) > _UNEVEN * period
    if not uneven.any():
        return times, 0
    close = np.diff(times) < period / 2
    even = np.append(~uneven, False) | np.insert(~uneven, 0, False)
    alone = ~(np.append(close, False) | np.insert(close, 0, False))
    sure = times[even & alone]
    if sure.size < 2:
        kept = times[np.insert(~close, 0, True)]
        return kept, times.size - kept.size
    places = np.concatenate([[0.0], np.cumsum(np.rint(np.diff(sure) / period))])
    phases = np.interp(times, sure, places)
    phases += np.minimum(times - sure[0], 0) / period + np.maximum(times - sure[-1], 0) / period
    ticks = np.rint(phases).astype(np.int64)
    distances = np.abs(phases - ticks)
    order = np.lexsort((distances, ticks))
    wins = np.insert(np.diff(ticks[order]) != 0, 0, True) & (distances[order] <= 0.25)
    kept = times[np.sort(order[wins])]
    return kept, times.size - kept.size


def _lacks_ticks(times: Instants, window: Window, period: float) -> bool:
    if not times.size:
        return True
    longest = (1 + _UNEVEN / 2) * period
    # A window may begin and end anywhere between two ticks.
    before, behind = times[0] - window.start_microseconds, window.end_microseconds - times[-1]
    return bool(max(before, behind) > longest or (np.diff(times) > longest + period / 2).any())


def _missing_ticks(times: Instants, stamps: Instants, period: float) -> Instants:
    """Ticks that stamps with a constant delay show where there are none yet."""
    if not times.size:
        return on_cadence(stamps, usual_period(stamps))[0]
    offset = constant_offset(stamps, times, period)
    if not offset.locked:
        return times[:0]
    moved = stamps - offset.microseconds
    new = moved[np.abs(moved - times[nearest_tick(times, moved)]) > period / 2]
    # Between the ticks that are known already, only what keeps the cadence is one more.
    kept, _ = on_cadence(np.sort(np.concatenate([times, new])), period)
    return np.setdiff1d(kept, times)


def _counted(times: Instants, window: Window, period: float) -> Instants:
    """Line ticks from the first of the window to each tick, by the time between them."""
    if not times.size:
        return times
    steps = np.diff(times)
    counts = np.maximum(np.rint(steps / period), 1).astype(np.int64)
    for gap in np.flatnonzero(counts > _LONG_GAP):
        around = np.concatenate(
            [steps[max(gap - _SURROUNDINGS, 0) : gap], steps[gap + 1 : gap + _SURROUNDINGS]]
        )
        # Over a long gap the day's usual period would not do: the line wanders.
        single = around[np.abs(around - period) < _UNEVEN * period]
        if single.size:
            counts[gap] = max(round(float(steps[gap] / single.mean())), 1)
    # The period of the surroundings and not of the day, which a pull that brings more of it would change.
    first = (times[0] - window.start_microseconds) / usual_period(times[:_SURROUNDINGS])
    return max(int(first - _EDGE), 0) + np.concatenate([[0], np.cumsum(counts)])
