"""The gaps of one device's day: where ticks of the line-locked clock have no sample, and how many.

Whose gap it is and why it is there belongs to ``causes``.
"""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmpsai_assets.machine_time.line_clock import LineClock
from gmpsai_assets.machine_time.offsets import Instants

LONGEST_INTERVAL = 1.5
"""Neighbouring samples further apart than so many periods have a gap between them. Half-way between the interval of
two neighbours and that of two with a tick between them; stamps are off by less than a quarter of a period."""

EDGE_TOLERANCE = 1.15
"""A sample is missing at an end of the window if it has room for so many periods. More than one, because the stamp of
the first or last tick can fall on the neighbouring day; chosen for stamps that are off by up to 10 ms."""

THIN_RUN = 10
"""So many gaps with a single sample between each are no single losses but one thinner stretch. Chosen: a logger loses
about one cycle a day, so ten in a row are no chance."""

MOST_GAPS = 100
"""A device has at most so many gaps a day; nearest ones are joined until it has. Chosen, so that a table of the worst
day stays small; no missing sample is lost by it."""

LARGEST_DEVIATION = 1e-3
"""A device whose pace seems further from that of the line than this has lost or doubled samples: the line itself stays
within 0.1 % of 60 Hz."""

_ROUNDING = 1e-6
"""Periods; what a sum of floating-point numbers may be off."""


@dataclass(frozen=True)
class Gaps:
    """Gaps of one device in order of time, one element each.

    Attributes:
        start: the last sample before the gap, or the start of the window; microseconds since 1970 UTC.
        end: the first sample after it, or the end of the window.
        missing: ticks without a sample.
        joined: how many gaps were joined to this one; 1 for a plain gap.
        inside: samples within; 0 for a plain gap.
    """

    start: Instants
    end: Instants
    missing: NDArray[np.int64]
    joined: NDArray[np.int64]
    inside: NDArray[np.int64]

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Length of each."""
        return (self.end - self.start) / 1e6

    @property
    def thinned(self) -> NDArray[np.bool_]:
        """Whether no two samples within are a period apart: a stretch at a slower rate."""
        thinned: NDArray[np.bool_] = (self.joined >= THIN_RUN) & (self.inside == self.joined - 1)
        return thinned


def no_gaps() -> Gaps:
    """None, as of a device whose rate is not known: nothing can be said to be missing."""
    return _gaps([], [], [], [])


def find_gaps(times: Instants, clock: LineClock, rate_hz: float) -> Gaps:
    """All gaps of a window, long and short.

    An interval of more than 1.5 periods is a gap. Its ticks are counted by the line and the device's own
    pace: whole periods between the samples, less one. At the ends of the window whole periods that fit
    are counted. Without any sample the window is one gap, with all its ticks.

    Args:
        times: microseconds since 1970 UTC, sorted, inside the clock's window.
        clock: the line of the day.
        rate_hz: nominal rate.
    """
    start, end = clock.window.start_microseconds, clock.window.end_microseconds
    if not times.size:
        whole = round(float(clock.elapsed(start, end)) * rate_hz)
        return _gaps([start], [end], [whole], [0])
    intervals = np.diff(times)
    after = np.flatnonzero(intervals > LONGEST_INTERVAL / rate_hz * 1e6)
    crowded = int(np.count_nonzero(intervals < 0.5 / rate_hz * 1e6))
    periods = clock.elapsed(times[after], times[after + 1]) * rate_hz
    all_periods = float(clock.elapsed(times[0], times[-1])) * rate_hz
    steps = intervals.size - after.size - crowded
    pace = _pace(steps, all_periods - float(periods.sum()), clock.window.seconds * rate_hz)
    missing = np.rint(periods * pace).astype(np.int64) - 1
    before = float(clock.elapsed(start, times[0])) * rate_hz * pace
    behind = float(clock.elapsed(times[-1], end)) * rate_hz * pace
    # The window holds its start and not its end, so a tick at the end is not one of it.
    first = floor(before + _ROUNDING) if before >= EDGE_TOLERANCE else 0
    last = ceil(behind - _ROUNDING) - 1 if behind >= EDGE_TOLERANCE else 0
    # The place of a gap is the number of samples before it.
    return _gaps(
        np.concatenate([[start], times[after], times[-1:]]),
        np.concatenate([times[:1], times[after + 1], [end]]),
        np.concatenate([[first], missing, [last]]),
        np.concatenate([[0], after + 1, [times.size]]),
    )


def _pace(steps: int, periods: float, ticks: float) -> float:
    """Ticks of the device for each of the line, where it has enough samples; else 1.

    B:LINFRQ is itself measured: on BOOSTR's day (Zenodo 4382663) its mean leaves 7e-5 open, which would be
    4 ticks in an hour; without it the line is taken as nominal, which is off by 2e-4.
    """
    if steps < 0.5 * ticks:
        return 1.0
    pace = steps / periods
    return pace if abs(pace - 1) < LARGEST_DEVIATION else 1.0


def _gaps(start: ArrayLike, end: ArrayLike, missing: ArrayLike, place: ArrayLike) -> Gaps:
    columns = [np.asarray(column, dtype=np.int64) for column in (start, end, missing, place)]
    real = columns[2] > 0
    first, last, lost, places = (column[real] for column in columns)
    ones = np.ones(first.size, dtype=np.int64)
    gaps = Gaps(first, last, lost, ones, ones - 1)
    gaps, places = _joined(gaps, places, 1, THIN_RUN)
    nearest = 1
    while gaps.start.size > MOST_GAPS:
        gaps, places = _joined(gaps, places, nearest, 2)
        nearest *= 2
    return gaps


def _joined(
    gaps: Gaps, places: NDArray[np.int64], nearest: int, smallest: int
) -> tuple[Gaps, NDArray[np.int64]]:
    """Join runs of at least ``smallest`` gaps that have at most ``nearest`` samples between each."""
    if gaps.start.size < smallest:
        return gaps, places
    between = np.diff(places) - gaps.inside[:-1]
    opens = np.concatenate([[True], between > nearest])
    run = np.cumsum(opens) - 1
    opens |= np.bincount(run)[run] < smallest
    first = np.flatnonzero(opens)
    last = np.append(first[1:], opens.size) - 1
    inside = places[last] + gaps.inside[last] - places[first]
    joined = Gaps(
        gaps.start[first],
        gaps.end[last],
        np.add.reduceat(gaps.missing, first),
        np.add.reduceat(gaps.joined, first),
        inside,
    )
    return joined, places[first]
