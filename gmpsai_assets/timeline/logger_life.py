"""When a timeline logger ran, as its records tell, and why it captured nothing in a span.

Pure functions of records; what was captured belongs to ``compaction``.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.analysis.offsets import Instants
from gmpsai_assets.timeline.records import EMULATOR, Hole, Record, Running

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
        self._holes = [each for each in records if isinstance(each, Hole)]

    def ran_at(self, instants: Instants) -> NDArray[np.bool_]:
        """Whether a logger ran at each instant: it lived before and has not said that it stopped."""
        ran: NDArray[np.bool_] = self._alive[np.searchsorted(self._times, instants, side="right")]
        return ran

    def reason(self, start: int, end: int) -> str:
        """Why nothing was captured in a span; of what loggers said of it the latest knows most."""
        said = [each for each in self._holes if each.start < end and each.end > start]
        if said:
            return max(said, key=lambda hole: hole.end).reason
        before_end = int(np.searchsorted(self._times, end))
        stops = self._times[:before_end][~self._alive[1 : before_end + 1]]
        if stops.size and (stops[-1] >= start or not self._alive[before_end]):
            return f"{_NOBODY}; it was stopped at {from_microseconds(int(stops[-1])):%Y-%m-%d %H:%M:%S} UTC"
        return _SILENCE if before_end else _NOBODY


def _sign(record: Record) -> tuple[int, bool] | None:
    """When a record was written, and whether its logger lived on."""
    if isinstance(record, Running):
        return record.at, record.what == "started"
    if isinstance(record, Hole):
        return record.end, True
    return None if record.origin == EMULATOR else (record.captured_at, True)
