"""The pull of event_data: all 256 TCLK event codes of one day in one file.

The asset calls ``pull_events`` and reports its result. How a day is pulled belongs to ``publishing``.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.instants import as_microseconds
from gmpsai_assets.acnet.replies.repeated_hour import (
    repeated_hours,
    span_of_starts,
    tell_passes_apart,
    told_apart_by_order,
)
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.acnet.tclk import (
    FIXED_RATES_HZ,
    SUPERCYCLE_START,
    USUAL_RATES_HZ,
    event_label,
)
from gmpsai_assets.fetch.day_file import DayFile
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.publishing import DayPull, pull_and_publish
from gmpsai_assets.fetch.subjects import Subject
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.lake.source import refuse_another_source

_LOG = logging.getLogger(__name__)

EVENT_CODES = range(256)
EVENTS_FILE = "events.parquet"


@dataclass(frozen=True)
class EventPull:
    """A published day of events.

    Attributes:
        day: the partition key.
        outcomes: what each of the 256 codes gave, in order of the code.
        file: the published file.
        publication: what became of it: published, unchanged, or replaced with what difference.
    """

    day: str
    outcomes: tuple[Outcome, ...]
    file: Path
    publication: Published


def pull_events(datalogger: DataLogger, lake: Lake, day: str, options: FetchOptions) -> EventPull:
    """Pull one day of all TCLK events and publish it, whole or not at all; see ``pull_parameters``.

    Raises:
        AnotherSourceError: the lake holds what another service has answered; nothing was asked.
        PullFailedError: some events failed; all others are kept as drafts for the next try.
        DayNotStoredError: the disk is full or not writable; what was published before is intact.
    """
    refuse_another_source(lake.root, datalogger.source)
    file = DayFile(
        lake,
        EVENT_DATA,
        day,
        name=EVENTS_FILE,
        subjects=[_subject(code) for code in EVENT_CODES],
        key=int,
        fetch=event_fetcher(datalogger, day_window(day)),
        origin={"source": datalogger.source},
    )
    pull = DayPull(EVENT_DATA, day, "events", len(EVENT_CODES), kept_days={})
    (outcomes,), published = pull_and_publish(lake, pull, [file], options)
    return EventPull(day, outcomes, published[0].file, published[0])


def _subject(code: int) -> Subject[int]:
    """An event with the rate at which it comes, if it is known to have one."""
    rate = FIXED_RATES_HZ.get(code, USUAL_RATES_HZ.get(code))
    return Subject(event_label(code), code, rate, rate_may_change=code in USUAL_RATES_HZ)


def event_fetcher(datalogger: DataLogger, window: Window) -> Callable[[int, Window], SampleReply]:
    """How one event is fetched; on the day with a repeated hour with the help of the $00 around it.

    Args:
        datalogger: what is asked.
        window: the day.
    """
    if repeated_hours(window) is None:
        return datalogger.events
    known = _SupercycleStarts(datalogger, span_of_starts(window))

    def fetch(event: int, window: Window) -> SampleReply:
        reply = datalogger.events(event, window)
        if repeated_hours(window) is None or not reply.table.num_rows:
            return reply
        starts = known.starts()
        return (
            told_apart_by_order(reply)
            if starts is None
            else tell_passes_apart(reply, starts, window)
        )

    return fetch


_TRIES = 3
"""So often $00 is asked for in a pull, with the client's own retries; chosen. It takes a moment, and a service that
has failed for one may answer the next event."""


class _SupercycleStarts:
    """The $00 around the repeated hour, asked for when an event needs them; safe to share between threads.

    Without them an event whose order leaves its pass open is partial, and the day is not published: the next pull
    places it. Events that come often are placed by their order alone and need no $00.
    """

    def __init__(self, datalogger: DataLogger, window: Window) -> None:
        self._datalogger, self._window = datalogger, window
        self._starts: NDArray[np.int64] | None = None
        self._tries = 0
        self._lock = Lock()

    def starts(self) -> NDArray[np.int64] | None:
        """Microseconds since 1970 UTC, in order; None if they cannot be had. Empty where the log has none."""
        with self._lock:
            if self._starts is None and self._tries < _TRIES:
                self._tries += 1
                self._starts = self._asked()
            return self._starts

    def _asked(self) -> NDArray[np.int64] | None:
        try:
            reply = self._datalogger.events(SUPERCYCLE_START, self._window)
            if reply.cut_short is not None:
                raise reply.cut_short
        except AcnetError as error:
            text = (
                "events of the hour that comes twice are placed by order alone, as $00 did not come"
            )
            _LOG.warning("%s (try %d of %d): %s", text, self._tries, _TRIES, error)
            return None
        return as_microseconds(reply.table["time"])
