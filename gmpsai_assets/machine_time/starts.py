"""When supercycles started, by $00 and by the ticks after it, and which captured one is which of them.

About 900 ticks of a supercycle say when it started, by the time into it that the event log gives beside each, and
one $00 does. So where they contradict each other the ticks are right: a $00 that was doubled, moved or made up while
the time into the supercycle went on started nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.machine_time.offsets import Instants, nearest_tick

FARTHEST_SECONDS = 86_400.0
"""No time into a supercycle is longer than a day: supercycles last seconds to minutes, and a larger number would
leave the range of microseconds in 64 bits."""

HALF_TICK = 33_333
"""Starts closer than so many microseconds agree."""

SHORTEST = 900_000
"""Starts closer than so many microseconds are one; the shortest supercycle has a second."""

_ROUNDING = 2_000
"""Microseconds by which a $00 and the start by a tick differ at most: the log rounds both to a millisecond."""

_VOTING_TICKS = 13
"""So many ticks after a start say whether it was one: 0.87 s, all of them within the shortest supercycle; odd."""

_LARGEST_STRAY = 2_000_000
"""A captured start is at most so many microseconds off, the clock's offset taken out. Chosen: well above the
uncertainty of a capture over a slow network, some tenths of a second."""

_LARGEST_SHARE = 0.45
"""Or this part of its length where that is less: short of half, from where on the next start would be as near."""


@dataclass(frozen=True)
class Starts:
    """Starts known from the event log, ascending.

    Attributes:
        times: microseconds since 1970 UTC.
        by_reset: whether the $00 of each was seen.
        stray: occurrences of $00 that started nothing.
    """

    times: Instants
    by_reset: NDArray[np.bool_]
    stray: int


@dataclass(frozen=True)
class StartsByTicks:
    """The start that each tick of a day implies, in order of time.

    Attributes:
        times: ticks beside which the log gives the time into the supercycle.
        implied: the start that each implies: its own time less that time.
    """

    times: Instants
    implied: Instants

    def contradicts(self, starts: Instants) -> NDArray[np.bool_]:
        """Whether most of the ticks next after each of some starts imply another one that was running then.

        A tick of a later supercycle does not count for or against one whose own ticks are lost.
        """
        agree, concerned = self._votes(starts)
        contradicted: NDArray[np.bool_] = 2 * agree < concerned
        return contradicted

    def starts(self) -> Instants:
        """The starts that ticks agree on: the median of what they imply, the ticks next after each among them."""
        implied = np.sort(self.implied)
        opens = np.flatnonzero(np.diff(implied, prepend=implied[:1] - SHORTEST) > HALF_TICK)
        counts = np.diff(np.append(opens, implied.size))
        middles = implied[opens + (counts - 1) // 2]
        agree, concerned = self._votes(middles)
        agreed: Instants = middles[(agree > 0) & (2 * agree >= concerned)]
        return agreed

    def _votes(self, starts: Instants) -> tuple[Instants, Instants]:
        """How many of the ticks next after each start agree with it, and how many are of its time at all."""
        first = np.searchsorted(self.times, starts, side="right")
        places = first[:, None] + np.arange(_VOTING_TICKS)
        asked = places < self.times.size
        off = np.append(self.implied, 0)[np.where(asked, places, -1)] - starts[:, None]
        agree = asked & (np.abs(off) <= HALF_TICK)
        concerned = asked & (off < SHORTEST)
        return agree.sum(axis=1), concerned.sum(axis=1)


def starts_by_ticks(ticks: Instants, seconds: NDArray[np.float64]) -> StartsByTicks:
    """The starts that ticks imply.

    Args:
        ticks: occurrences of $0C, sorted.
        seconds: time into the supercycle that the log gives with each; NaN where unknown. A number beyond
            ``FARTHEST_SECONDS`` is none.
    """
    known = np.abs(seconds) <= FARTHEST_SECONDS
    return StartsByTicks(
        ticks[known], ticks[known] - np.rint(seconds[known] * 1e6).astype(np.int64)
    )


def clock_starts(resets: Instants, by_ticks: StartsByTicks) -> Starts:
    """The starts by ticks and $00 together.

    A start that ticks agree on counts, at the time of its $00 if that is the same but for the rounding of the log.
    A $00 without any tick of its own counts as well, and one that ticks contradict does not.

    Args:
        resets: occurrences of $00, sorted.
        by_ticks: the starts that ticks imply.
    """
    implied = by_ticks.starts()
    nearest, by_reset, claimed = _claims(implied, resets)
    same = by_reset & (np.abs(nearest - implied) <= _ROUNDING)
    rest = np.delete(resets, claimed)
    alone = distinct(rest[~by_ticks.contradicts(rest)])
    if implied.size:
        alone = alone[np.abs(alone - implied[nearest_tick(implied, alone)]) >= SHORTEST]
    times = np.concatenate([np.where(same, nearest, implied), alone])
    order = np.argsort(times, kind="stable")
    seen = np.concatenate([by_reset, np.ones(alone.size, dtype=np.bool_)])
    return Starts(times[order], seen[order], rest.size - alone.size)


def distinct(times: Instants) -> Instants:
    """Sorted times without those that follow another one too closely to be a start of their own."""
    kept: list[int] = []
    for time in times.tolist():
        if not kept or time - kept[-1] >= SHORTEST:
            kept.append(time)
    return np.array(kept, dtype=np.int64)


def match_captured(
    captured: Instants, lengths: Instants, starts: Instants
) -> tuple[Instants, int | None]:
    """Which known start each captured supercycle has, although two clocks stamped them.

    The offset of the logger's clock is measured first, as the median over captured starts that are within half
    their length of a known one; each captured start then belongs to the known one that is nearest when that offset
    is taken out. So an offset beyond half a supercycle is taken for another one.

    Args:
        captured: starts by the logger's clock, microseconds.
        lengths: planned length of each, microseconds.
        starts: known starts, ascending.

    Returns:
        The place of the start of each, -1 for none, and the offset (captured less known) in microseconds; None if
        no captured start is near a known one.
    """
    places = np.full(captured.size, -1, dtype=np.int64)
    if not captured.size or not starts.size:
        return places, None
    distances = captured - starts[nearest_tick(starts, captured)]
    near = np.abs(distances) < lengths / 2
    if not near.any():
        return places, None
    offset = round(float(np.median(distances[near])))
    nearest = nearest_tick(starts, captured - offset)
    strays = np.abs(captured - starts[nearest] - offset)
    fits = strays <= np.minimum(_LARGEST_STRAY, lengths * _LARGEST_SHARE)
    places[fits] = nearest[fits]
    return places, offset


def _claims(starts: Instants, resets: Instants) -> tuple[Instants, NDArray[np.bool_], Instants]:
    """The $00 nearest to each start, whether it agrees with it, and the places of those that do."""
    if not resets.size:
        return starts, np.zeros(starts.size, dtype=np.bool_), starts[:0]
    place = nearest_tick(resets, starts)
    agrees = np.abs(resets[place] - starts) <= HALF_TICK
    return resets[place], agrees, place[agrees]
