"""The pull of event_data: all 256 TCLK event codes of one day in one file.

The asset calls ``pull_events`` and reports its result. How a day is pulled belongs to ``publishing``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.replies.repeated_hour import repeated_hours, tell_passes_apart
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.acnet.tclk import (
    FIXED_RATES_HZ,
    SUPERCYCLE_START,
    USUAL_RATES_HZ,
    event_label,
)
from gmpsai_assets.fetch.day_file import DayFile, Subject
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.publishing import DayPull, pull_and_publish
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.lake.source import refuse_another_source

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
        fetch=_fetcher(datalogger, day_window(day)),
        origin={"source": datalogger.source},
    )
    pull = DayPull(EVENT_DATA, day, "events", len(EVENT_CODES), kept_days={})
    (outcomes,), published = pull_and_publish(lake, pull, [file], options)
    return EventPull(day, outcomes, published[0].file, published[0])


def _subject(code: int) -> Subject[int]:
    """An event with the rate at which it comes, if it is known to have one."""
    rate = FIXED_RATES_HZ.get(code, USUAL_RATES_HZ.get(code))
    return Subject(event_label(code), code, rate, rate_may_change=code in USUAL_RATES_HZ)


def _fetcher(datalogger: DataLogger, window: Window) -> Callable[[int, Window], SampleReply]:
    """How one event is fetched; on the day with a repeated hour with the help of all $00 of that day."""
    if repeated_hours(window) is None:
        return datalogger.events
    try:
        starts = datalogger.events(SUPERCYCLE_START, window)
    except AcnetError:
        return datalogger.events  # $00 itself is asked for again and then reported with the others
    # Of a reply that was cut short the starts that came are good; rows of the rest stay where order puts them.
    microseconds = starts.table["time"].cast("int64").to_numpy()

    def fetch(event: int, window: Window) -> SampleReply:
        return tell_passes_apart(datalogger.events(event, window), microseconds, window)

    return fetch
