"""Booster cycles: which sample of each device, and which Booster reset, goes with each tick.

A sample belongs to a tick through the constant delay of its device, which is measured over the day. Nothing is
resampled, no equal times are looked for, and no tick is left out.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.instants import as_microseconds
from gmpsai_assets.machine_time.offsets import (
    ConstantOffset,
    Instants,
    constant_offset,
    nearest_tick,
)
from gmpsai_assets.machine_time.ticks import Ticks

Samples = tuple[Instants, NDArray[np.float64]]
"""Time stamps, sorted, and values."""

_BLOCK = 512
"""Samples that are put to their ticks from one that was searched for; chosen, a loss costs a search for each in it."""

_SPREAD = 2_000
"""Microseconds by which a sample may be off its usual delay: a jitter of a millisecond, and the rounding to one."""

_THREADS = 2
"""Reading and arithmetic leave the interpreter's lock; each thread holds the samples of one parameter."""


class ReadableParameter(Protocol):
    """A parameter of a day whose samples can be read when their turn comes."""

    @property
    def parameter(self) -> str:
        """ACNET device name."""

    def read(self) -> pa.Table:
        """Columns ``time`` and ``value``, sorted by time."""

    def last_before(self) -> pa.Table:
        """The same of the last moments before the day; no rows where they are not at hand."""

    def first_after(self) -> pa.Table:
        """The same of the first moments after the day; no rows where they are not at hand."""


@dataclass(frozen=True)
class Match:
    """Which stamps go with which ticks.

    Attributes:
        chosen: places of the stamps that go with a tick, ascending.
        ticks: the place of the tick of each.
        distances: microseconds from the tick to each.
        surplus: stamps that are near a tick which has a nearer one.
        off_tick: stamps that are not within half a period of any tick.
    """

    chosen: Instants
    ticks: Instants
    distances: Instants
    surplus: int
    off_tick: int


@dataclass(frozen=True)
class ParameterCycles:
    """One parameter by tick.

    Attributes:
        parameter: ACNET device name.
        values: float64, one for each tick; null where it has no sample, or one that is no number.
        offsets: int32 microseconds from the tick to the sample; null where it has no sample.
        offset: the usual delay.
        jitter_ms: standard deviation of the distance from tick to sample; 0 without samples.
        samples: samples of the day.
        surplus: those that are near a tick which has a nearer one.
        off_tick: those that are not within half a period of any tick.
        borrowed: samples of the neighbouring days that go with a tick of this one; no part of ``samples``.
        beyond: ticks without a sample because it is stamped on a neighbouring day, and was not found there.
    """

    parameter: str
    values: pa.Array
    offsets: pa.Array
    offset: ConstantOffset
    jitter_ms: float
    samples: int
    surplus: int
    off_tick: int
    borrowed: int
    beyond: int

    def account(self) -> dict[str, str | int | float | bool]:
        """What became of the samples: one row of the table ``cycle_parameters``."""
        return {
            "parameter": self.parameter,
            "locked": self.offset.locked,
            "offset_ms": self.offset.microseconds / 1000,
            "jitter_ms": self.jitter_ms,
            "samples": self.samples,
            "on_ticks": self.samples - self.surplus - self.off_tick,
            "surplus": self.surplus,
            "off_tick": self.off_tick,
            "borrowed": self.borrowed,
            "ticks": len(self.values),
            "ticks_without_sample": self.offsets.null_count,
            "ticks_beyond_midnight": self.beyond,
            "ticks_without_number": self.values.null_count,
        }


def match_stamps(stamps: Instants, ticks: Ticks, offset: int) -> Match:
    """Give each tick the stamp that is nearest to it after the delay is taken off, within half a period.

    Args:
        stamps: sorted.
        ticks: the ticks of the day.
        offset: the usual delay, microseconds.
    """
    if not stamps.size or not ticks.times.size:
        none = np.empty(0, dtype=np.int64)
        return Match(none, none, none, 0, stamps.size)
    near, distances = _nearest(stamps - offset, ticks)
    chosen = np.flatnonzero(np.abs(distances) <= ticks.period / 2)
    off_tick = stamps.size - chosen.size
    if off_tick:
        near, distances = near[chosen], distances[chosen]
    if (near[1:] == near[:-1]).any():
        order = np.lexsort((np.abs(distances), near))
        wins = np.insert(np.diff(near[order]) != 0, 0, True)
        kept = np.sort(order[wins])
        chosen, near, distances = chosen[kept], near[kept], distances[kept]
    return Match(chosen, near, distances + offset, stamps.size - off_tick - chosen.size, off_tick)


def _nearest(instants: Instants, ticks: Ticks) -> tuple[Instants, Instants]:
    """The tick nearest to each instant, and the microseconds from it.

    Neighbouring samples have neighbouring ticks, so that most ticks are known from that of the first in a block;
    only where that is not near by, after a loss, is each one searched for.
    """
    begins = np.arange(0, instants.size, _BLOCK)
    shifts = nearest_tick(ticks.times, instants[begins]) - begins
    places = np.repeat(shifts, _BLOCK)[: instants.size] + np.arange(instants.size)
    np.clip(places, 0, ticks.times.size - 1, out=places)
    distances = instants - ticks.times[places]
    # Two ticks are never closer than half a period.
    far = np.flatnonzero(np.abs(distances) > ticks.period / 4)
    places[far] = nearest_tick(ticks.times, instants[far])
    distances[far] = instants[far] - ticks.times[places[far]]
    return places, distances


def parameter_cycles(each: ReadableParameter, ticks: Ticks, window: Window) -> ParameterCycles:
    """Read one parameter and put its samples to their ticks.

    Args:
        each: the parameter.
        ticks: the ticks of the day.
        window: the day.
    """
    stamps, values = _columns(each.read())
    offset = constant_offset(stamps, ticks.times, ticks.period)
    ahead, behind = _beside(each, ticks, window, offset)
    own = slice(ahead[0].size, ahead[0].size + stamps.size)
    samples = stamps.size
    if ahead[0].size or behind[0].size:
        stamps = np.concatenate([ahead[0], stamps, behind[0]])
        values = np.concatenate([ahead[1], values, behind[1]])
    match = match_stamps(stamps, ticks, offset.microseconds)
    if offset.locked and match.distances.size:
        offset = ConstantOffset(int(np.median(match.distances)), locked=True)
    on_ticks = int(((match.chosen >= own.start) & (match.chosen < own.stop)).sum())
    if match.chosen.size < values.size:
        values = values[match.chosen]
    by_tick = np.full(ticks.times.size, np.nan)
    by_tick[match.ticks] = values
    offsets = np.zeros(ticks.times.size, dtype=np.int32)
    offsets[match.ticks] = match.distances
    without = np.ones(ticks.times.size, dtype=np.bool_)
    without[match.ticks] = False
    return ParameterCycles(
        parameter=each.parameter,
        values=pa.array(by_tick, from_pandas=True),
        offsets=pa.array(offsets, mask=without),
        offset=offset,
        jitter_ms=float(match.distances.std()) / 1000 if match.distances.size else 0.0,
        samples=samples,
        surplus=samples - on_ticks - match.off_tick,
        off_tick=match.off_tick,
        borrowed=match.chosen.size - on_ticks,
        beyond=int(_expected_beyond(ticks.times[without], window, offset).sum()),
    )


def _columns(rows: pa.Table) -> Samples:
    return as_microseconds(rows["time"]), rows["value"].to_numpy()


def _beside(
    each: ReadableParameter, ticks: Ticks, window: Window, offset: ConstantOffset
) -> tuple[Samples, Samples]:
    """The samples of neighbouring days that can go with the first and the last tick of the day."""
    none = (np.empty(0, dtype=np.int64), np.empty(0))
    if not offset.locked:
        return none, none
    first, last = (int(ticks.times[place]) + offset.microseconds for place in (0, -1))

    def near(rows: pa.Table, expected: int) -> Samples:
        stamps, values = _columns(rows)
        chosen = np.abs(stamps - expected) <= ticks.period / 2
        return stamps[chosen], values[chosen]

    return (
        near(each.last_before(), first) if first < window.start_microseconds + _SPREAD else none,
        near(each.first_after(), last) if last >= window.end_microseconds - _SPREAD else none,
    )


def _expected_beyond(times: Instants, window: Window, offset: ConstantOffset) -> NDArray[np.bool_]:
    """Whether the samples of ticks should be stamped on a neighbouring day; or may be, for what they spread."""
    expected = times + offset.microseconds
    beyond: NDArray[np.bool_] = expected < window.start_microseconds + _SPREAD
    return offset.locked & (beyond | (expected >= window.end_microseconds - _SPREAD))


def all_parameter_cycles(
    parameters: Sequence[ReadableParameter], ticks: Ticks, window: Window
) -> list[ParameterCycles]:
    """All parameters by tick, in the order given; 12 bytes for each tick and parameter are held."""
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="cycles") as pool:
        return list(pool.map(lambda each: parameter_cycles(each, ticks, window), parameters))


def resets_of_ticks(
    ticks: Ticks, resets: Mapping[int, Instants]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], int]:
    """The Booster reset of each tick, by their usual delay: ticks may be those of samples, which come earlier.

    Args:
        ticks: the ticks of the day.
        resets: occurrences by event code, each sorted.

    Returns:
        The event code of each tick, whether it has one at all, and how many ticks have several (the one nearest
        to the tick counts).
    """
    times = np.concatenate([*resets.values(), np.empty(0, dtype=np.int64)])
    codes = np.repeat(list(resets), [each.size for each in resets.values()]).astype(np.uint8)
    order = np.argsort(times, kind="stable")
    phase = constant_offset(times[order], ticks.times, ticks.period).microseconds
    match = match_stamps(times[order], ticks, phase)
    reset = np.zeros(ticks.times.size, dtype=np.uint8)
    seen = np.zeros(ticks.times.size, dtype=np.bool_)
    reset[match.ticks] = codes[order][match.chosen]
    seen[match.ticks] = True
    return reset, seen, match.surplus
