"""How long supercycles lasted, those that were captured and those of which $00 tells the start alone.

Pure functions on starts; how many are missing between them is counted in ``compaction``.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.machine_time.offsets import Instants, nearest_tick
from gmpsai_assets.timeline.records import EMULATOR, Captured, Gap, Record, Running


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


_LENGTH_OF_NONE = 60.0
_ALIKE = 0.05
"""Distances that differ by less than this share are of supercycles of one length."""


def starts_and_lengths(
    captured: Sequence[Captured], resets: Instants
) -> tuple[Instants, NDArray[np.float64]]:
    """All known starts in order, and the length of each in seconds.

    $00 tells no length, so its distance to the next start stands in where three in a row are alike, or where it is
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
        told = ~of_captured & (gap == gap[nearest])
        lengths[told] = distances[nearest[told]]
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


_NOBODY = "no timeline logger ran"
_SILENCE = "the timeline logger recorded nothing and no reason; it may have been killed"


class LoggerLife:
    """The signs of life of timeline loggers.

    Args:
        records: in the order written. A logger that ran before the first of them shows by what it recorded later.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        records = list(records)
        signs = sorted(filter(None, map(_sign, records)), key=lambda sign: sign[0])
        self._times = np.array([at for at, _ in signs], dtype=np.int64)
        self._alive = np.array([False, *(alive for _, alive in signs)], dtype=np.bool_)
        self._gaps = [each for each in records if isinstance(each, Gap)]

    def ran_at(self, instants: Instants) -> NDArray[np.bool_]:
        """Whether a logger ran at each instant: it lived before and has not said that it stopped."""
        ran: NDArray[np.bool_] = self._alive[np.searchsorted(self._times, instants, side="right")]
        return ran

    def reason(self, start: int, end: int) -> str:
        """Why nothing was captured in a span; of what loggers said of it the latest knows most."""
        said = [each for each in self._gaps if each.start < end and each.end > start]
        if said:
            return max(said, key=lambda gap: gap.end).reason
        before_end = int(np.searchsorted(self._times, end))
        stops = self._times[:before_end][~self._alive[1 : before_end + 1]]
        if stops.size and (stops[-1] >= start or not self._alive[before_end]):
            return f"{_NOBODY}; it was stopped at {from_microseconds(int(stops[-1])):%Y-%m-%d %H:%M:%S} UTC"
        return _SILENCE if before_end else _NOBODY


def _sign(record: Record) -> tuple[int, bool] | None:
    """When a record was written, and whether its logger lived on."""
    if isinstance(record, Running):
        return record.at, record.what == "started"
    if isinstance(record, Gap):
        return record.end, True
    return None if record.origin == EMULATOR else (record.captured_at, True)
