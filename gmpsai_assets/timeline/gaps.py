"""The spans of a day whose supercycles were not captured: how many began in them, and why they are missing.

Pure functions on starts and records.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window, from_microseconds, local_moment
from gmpsai_assets.machine_time.offsets import Instants, nearest_tick
from gmpsai_assets.timeline.records import Captured, Gap, Record, Running
from gmpsai_assets.timeline.start_estimate import missed_between

_LENGTH_OF_NONE = 60.0
"""Seconds of a supercycle where nothing is known of any: the usual length."""

_ALIKE = 0.05
"""Distances that differ by less than this share are of supercycles of one length. Chosen: the line wanders by a
thousandth, and lengths in use differ by far more."""

_NOBODY = "no timeline logger ran"
_NO_REASON = "the timeline logger recorded nothing and no reason; it may have been killed"


@dataclass(frozen=True)
class TimelineGap:
    """A span of a day whose supercycles were not captured.

    Attributes:
        start: when the first of them should have begun, or the start of the day; microseconds since 1970 UTC.
        end: when the next captured one began, or the end of the day.
        missed: how many supercycles began within; counted by $00, estimated from the lengths where $00 is not known.
        known_starts: how many of these have a $00.
        reason: why, as far as it is known.
    """

    start: int
    end: int
    missed: int
    known_starts: int
    reason: str


def unknown_starts(window: Window, captured: Sequence[Captured], resets: Instants) -> Instants:
    """Where supercycles of a day must have begun that have neither a capture nor a $00: estimated, evenly spaced.

    Args:
        window: the day.
        captured: each supercycle once, in order; also those around the day.
        resets: the $00 of supercycles that were not captured, ascending.
    """
    known, durations = _starts_and_lengths(captured, resets)
    starts, lengths = known.tolist(), durations.tolist()
    if not starts:
        return known
    found: list[float] = []
    for start, length, following, next_length in zip(
        starts, lengths, starts[1:], lengths[1:], strict=False
    ):
        planned_end = start + round(length * 1e6)
        missed = missed_between(planned_end, following, length, next_length)
        found += [start + (following - start) * n / (missed + 1) for n in range(1, missed + 1)]
    found += np.arange(
        starts[0] - lengths[0] * 1e6, window.start_microseconds, -lengths[0] * 1e6
    ).tolist()
    next_start = starts[-1] + lengths[-1] * 1e6
    if window.end_microseconds - next_start >= lengths[-1] * 5e5:
        found += np.arange(next_start, window.end_microseconds, lengths[-1] * 1e6).tolist()
    return between(
        np.sort(np.array(found)).astype(np.int64),
        window.start_microseconds,
        window.end_microseconds,
    )


def timeline_gaps(
    window: Window,
    captured: Sequence[Captured],
    resets: Instants,
    unknown: Instants,
    records: Sequence[Record],
) -> Iterator[TimelineGap]:
    """The spans between captured supercycles in which others began, in order.

    Args:
        window: the day.
        captured: each supercycle once, in order; also those around the day.
        resets: the $00 of supercycles that were not captured, ascending.
        unknown: what ``unknown_starts`` gives.
        records: what loggers recorded in the day and around it, in the order written.
    """
    life = _LoggerLife(records)
    for before, after in pairwise([None, *captured, None]):
        low = window.start_microseconds if before is None else before.start + 1
        high = window.end_microseconds if after is None else after.start
        known, missing = between(resets, low, high), between(unknown, low, high)
        missed = known.size + missing.size
        if not missed and captured:
            continue
        planned = low if before is None else before.planned_end
        first = min([planned, *known.tolist(), *missing.tolist()])
        start, end = max(first, window.start_microseconds), min(high, window.end_microseconds)
        yield TimelineGap(start, end, missed, known.size, life.reason(start, end))


class _LoggerLife:
    """When timeline loggers ran, and what they recorded of gaps.

    Args:
        records: in the order written. A logger that ran before the first of them shows by what it recorded later.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        signs = sorted(map(_sign, records), key=lambda sign: sign[0])
        self._times = np.array([at for at, _ in signs], dtype=np.int64)
        self._alive = np.array([False, *(alive for _, alive in signs)], dtype=np.bool_)
        self._gaps = [each for each in records if isinstance(each, Gap)]

    def reason(self, start: int, end: int) -> str:
        """Why nothing was captured in a span; of the gaps recorded in it the latest knows most."""
        recorded = [each for each in self._gaps if each.start < end and each.end > start]
        if recorded:
            return max(recorded, key=lambda gap: gap.end).reason
        before_end = int(np.searchsorted(self._times, end))
        stops = self._times[:before_end][~self._alive[1 : before_end + 1]]
        if stops.size and (stops[-1] >= start or not self._alive[before_end]):
            return f"{_NOBODY}; it was stopped at {local_moment(from_microseconds(int(stops[-1])))}"
        return _NO_REASON if before_end else _NOBODY


def _sign(record: Record) -> tuple[int, bool]:
    """When a record was written, and whether its logger lived on."""
    if isinstance(record, Running):
        return record.at, record.what == "started"
    if isinstance(record, Gap):
        return record.end, True
    return record.captured_at, True


def _starts_and_lengths(
    captured: Sequence[Captured], resets: Instants
) -> tuple[Instants, NDArray[np.float64]]:
    """All known starts in order, and the length of each in seconds.

    A $00 has no length, so its distance to the next start stands in where three in a row are alike, or where it is
    the usual one of the day. Another that stands alone may be two supercycles with a lost $00 between them: it
    counts as long as the nearest sure one of the same gap, or else as usual.

    Args:
        captured: each supercycle once, in order.
        resets: times of the $00 of supercycles that were not captured, ascending.
    """
    starts = np.array([*(each.start for each in captured), *resets.tolist()], dtype=np.int64)
    planned = np.array([*(each.length_seconds for each in captured), *[np.nan] * resets.size])
    order = np.argsort(starts, kind="stable")
    starts, planned = starts[order], planned[order]
    of_captured = ~np.isnan(planned)
    distances = np.append(np.diff(starts), 0)[: starts.size] / 1e6
    distances[of_captured] = np.nan
    usual = _usual(planned[of_captured], starts)
    lengths = np.where(of_captured, planned, usual)
    sure = np.flatnonzero(_in_threes(distances) | (np.abs(distances - usual) <= _ALIKE * usual))
    if sure.size:
        places = np.arange(starts.size)
        nearest = sure[nearest_tick(sure, places)]
        gap = np.cumsum(of_captured)
        known = ~of_captured & (gap == gap[nearest])
        lengths[known] = distances[nearest[known]]
    return starts, lengths


def _in_threes(distances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of some distances are members of three alike in a row."""
    alike = np.abs(np.diff(distances)) <= _ALIKE * distances[1:]
    three = alike[1:] & alike[:-1]
    found = np.zeros(distances.size, dtype=np.bool_)
    for shift in range(3):
        found[shift : shift + three.size] |= three
    return found


def _usual(planned: NDArray[np.float64], starts: Instants) -> float:
    if planned.size:
        return float(np.median(planned))
    return float(np.median(np.diff(starts))) / 1e6 if starts.size > 1 else _LENGTH_OF_NONE


def between(times: Instants, low: int, high: int) -> Instants:
    """Those of some times that are in ``[low, high)``."""
    chosen: Instants = times[(times >= low) & (times < high)]
    return chosen
