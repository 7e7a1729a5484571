"""When a supercycle began, out of several readings of the time elapsed in it, and how many began between two.

Pure arithmetic on microseconds since 1970 UTC; the logger runs it, so it needs no NumPy.

A reading is the time elapsed at some moment between question and answer, so it bounds the start on both sides. The
true start lies within the bounds of all readings: where they overlap is narrower than any of them, and unlike a mean
it is not moved by a slow answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gmpsai_assets.acnet.tclk import NOMINAL_TICK_HZ

TICK_SECONDS = 1 / NOMINAL_TICK_HZ
"""The timeline generator acts on ticks of the 15 Hz clock."""

_DRIFT = 1e-3
"""The line-locked clock leads or lags a true one by at most this fraction (fe_rules: 60 Hz within 60 mHz)."""

_JITTER_SECONDS = 0.01
"""By so much a reading may be late within the service. Chosen; the round trip itself is in its bounds already."""

AGREEMENT = 50_000
"""Two readings of one supercycle may disagree by this many microseconds beyond their bounds. Chosen: less than a tick,
and a twentieth of the shortest supercycle."""


@dataclass(frozen=True)
class ElapsedReading:
    """One reading of the time into the supercycle.

    Attributes:
        elapsed_seconds: as read.
        resolution_seconds: one more in the last printed digit.
        before: just before it was asked for, microseconds since 1970 UTC.
        after: just after the answer came.
    """

    elapsed_seconds: float
    resolution_seconds: float
    before: int
    after: int

    @property
    def earliest_start(self) -> int:
        """The supercycle cannot have begun before."""
        return self.before - round((self.elapsed_seconds + self.resolution_seconds) * 1e6)

    @property
    def latest_start(self) -> int:
        """The supercycle cannot have begun after; a clock that was set back gives the earliest instead."""
        latest = self.after - round((self.elapsed_seconds - self.resolution_seconds) * 1e6)
        return max(latest, self.earliest_start)

    @property
    def on_tick(self) -> bool:
        """Whether the number is a whole count of ticks, as a value that only moves once a tick is."""
        ticks = self.elapsed_seconds / TICK_SECONDS
        return abs(ticks - round(ticks)) * TICK_SECONDS <= self.resolution_seconds


@dataclass(frozen=True)
class StartEstimate:
    """When a supercycle began.

    Attributes:
        start: microseconds since 1970 UTC.
        uncertainty: the start is within plus and minus so many microseconds.
        readings: how many readings it comes from.
    """

    start: int
    uncertainty: int
    readings: int


def estimate_start(readings: Sequence[ElapsedReading]) -> StartEstimate:
    """The start of the supercycle that all readings are of.

    If all of them are whole counts of ticks, the value moves once a tick and each may be up to a tick old. If their
    bounds do not overlap (this machine's clock was set meanwhile), the narrowest counts and the uncertainty covers
    what the others say.

    Raises:
        ValueError: without a reading.
    """
    if not readings:
        msg = "a start needs at least one reading"
        raise ValueError(msg)
    stale = round(TICK_SECONDS * 1e6) if all(reading.on_tick for reading in readings) else 0
    bounds = [(reading.earliest_start - stale, reading.latest_start) for reading in readings]
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    if low <= high:
        return StartEstimate((low + high) // 2, (high - low + 1) // 2, len(readings))
    best_low, best_high = min(bounds, key=lambda bound: bound[1] - bound[0])
    start = (best_low + best_high) // 2
    off = max(abs((low + high) // 2 - start) for low, high in bounds)
    return StartEstimate(start, max(off, (best_high - best_low + 1) // 2), len(readings))


def runs(earlier: ElapsedReading, later: ElapsedReading) -> bool:
    """Whether the time elapsed grew between two readings of one supercycle by the time between them."""
    stale = TICK_SECONDS if earlier.on_tick and later.on_tick else 0.0
    slack = stale + earlier.resolution_seconds + later.resolution_seconds + _JITTER_SECONDS
    least = (later.before - earlier.after) / 1e6 * (1 - _DRIFT) - slack
    most = (later.after - earlier.before) / 1e6 * (1 + _DRIFT) + slack
    return least <= later.elapsed_seconds - earlier.elapsed_seconds <= most


def same_supercycle(one: StartEstimate, other: StartEstimate, elapsed_seconds: float) -> bool:
    """Whether two estimates can be of one supercycle.

    Args:
        one: an estimate.
        other: an estimate that was made later.
        elapsed_seconds: how old the supercycle was then: the clocks have drifted apart since its start.
    """
    slack = AGREEMENT + round(_DRIFT * elapsed_seconds * 1e6)
    return abs(other.start - one.start) <= one.uncertainty + other.uncertainty + slack


def missed_between(planned_end: int, start: int, length: float, next_length: float) -> int:
    """How many supercycles began and were not captured between two that were.

    A supercycle lasts as long as planned within a tenth of a second (the line-locked clock wanders), so a delay of
    half of one means that one was missed. Their number is an estimate where the length changed meanwhile.

    Args:
        planned_end: when the earlier one should have ended, microseconds since 1970 UTC.
        start: when the later one began, microseconds since 1970 UTC.
        length: planned seconds of the earlier one.
        next_length: planned seconds of the later one.
    """
    gap = (start - planned_end) / 1e6
    if gap < min(length, next_length) / 2:
        return 0
    return max(1, round(gap / ((length + next_length) / 2)))
