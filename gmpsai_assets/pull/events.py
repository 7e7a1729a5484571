"""The pull of event_data: all 256 TCLK event codes of one day in one file.

The asset calls ``pull_events`` and reports its result. How the file is pulled belongs to ``day_file``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.repeated_hour import repeated_hours, tell_passes_apart
from gmpsai_assets.acnet.replies.settling import SampleReply
from gmpsai_assets.acnet.tclk import SUPERCYCLE_START, event_label
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.pull.collect import Request
from gmpsai_assets.pull.day_file import DayFile
from gmpsai_assets.pull.outcome import Outcome, PullFailedError
from gmpsai_assets.pull.progress import ProgressFile

EVENT_CODES = range(256)
EVENTS_FILE = "events.parquet"


@dataclass(frozen=True)
class EventPull:
    """A published day of events: what each of the 256 codes gave, in order of the code."""

    day: str
    outcomes: tuple[Outcome, ...]
    file: Path


def pull_events(datalogger: DataLogger, lake: Lake, day: str, *, connections: int) -> EventPull:
    """Pull one day of all TCLK events and publish it, whole or not at all.

    Raises:
        PullFailedError: some events failed; all others are kept as drafts for the next try.
        OSError: the disk is full or not writable; what was published before is intact.
    """
    wanted = DayFile(
        lake,
        EVENT_DATA,
        day,
        requests=[Request(event_label(code), code) for code in EVENT_CODES],
        key=int,
        fetch=_fetcher(datalogger, day_window(day)),
        origin={"source": datalogger.source},
    )
    with (
        ProgressFile(lake.drafts, EVENT_DATA.name, day, len(EVENT_CODES)) as progress,
        lake.publication(EVENT_DATA, day) as publication,
    ):
        path = publication.file(EVENTS_FILE)
        pulled = wanted.pull(path, connections=connections, progress=progress)
        if pulled.failures:
            raise PullFailedError(day, "events", len(EVENT_CODES), pulled.failures)
    wanted.drafts.remove()
    return EventPull(day, pulled.outcomes, lake.day_folder(EVENT_DATA, day) / EVENTS_FILE)


def _fetcher(datalogger: DataLogger, window: Window) -> Callable[[int, Window], SampleReply]:
    """How one event is fetched; on the day with a repeated hour with the help of all $00 of that day."""
    if repeated_hours(window) is None:
        return datalogger.events
    try:
        starts = datalogger.events(SUPERCYCLE_START, window).table["time"]
    except AcnetError:
        return datalogger.events  # $00 itself is asked for again and then reported with the others
    microseconds = starts.cast("int64").to_numpy()

    def fetch(event: int, window: Window) -> SampleReply:
        return tell_passes_apart(datalogger.events(event, window), microseconds, window)

    return fetch
