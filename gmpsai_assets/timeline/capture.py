"""The capture of one supercycle: its start, length and timeline, all of them certainly of the same supercycle.

Here belongs the order of the questions. How often and what happens after a failure is decided in ``logger``.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gmpsai_assets.acnet.errors import AcnetError, TransientError
from gmpsai_assets.timeline.records import Captured
from gmpsai_assets.timeline.source import Timeline, TimelineSource
from gmpsai_assets.timeline.start_estimate import (
    ElapsedReading,
    StartEstimate,
    estimate_start,
    runs,
    same_supercycle,
)

logger = logging.getLogger(__name__)

WANTED_READINGS = 5
"""Readings of the time elapsed; their bounds overlap in less than the quickest round trip."""

RUNNING_SECONDS = 0.2
"""Between the first and the last reading: within, the time elapsed must be seen to grow by at least a tick."""

_TRIES = 4
"""Tries to read one supercycle before the service counts as too slow for its length; chosen."""

Answer = TypeVar("Answer")


class StraddledError(RuntimeError):
    """Supercycles began again and again while one was being read."""


class UnsteadyError(RuntimeError):
    """Two readings of what should not have changed differ, or those of the time elapsed do not go on."""


@dataclass(frozen=True)
class Capture:
    """One captured supercycle and its timeline."""

    record: Captured
    timeline: Timeline


def is_of(reading: ElapsedReading, start: StartEstimate) -> bool:
    """Whether a reading is of the supercycle that began then."""
    return same_supercycle(start, estimate_start([reading]), reading.elapsed_seconds)


def start_of(captured: Captured) -> StartEstimate:
    """The start of a captured supercycle as it was estimated."""
    uncertainty = round(captured.uncertainty_seconds * 1e6)
    return StartEstimate(captured.start, uncertainty, captured.readings)


def capture(
    source: TimelineSource,
    first: ElapsedReading,
    last: Captured | None,
    wait: Callable[[float], None],
) -> Capture:
    """Read length and timeline between two readings of the time elapsed that agree on the start.

    A length or timeline other than that of the supercycle before is read twice: a reply that was cut short between
    two lines would otherwise pass as a new recipe.

    Args:
        source: whom to ask.
        first: a reading of just now.
        last: the supercycle that was captured before, if any.
        wait: waits so many seconds.

    Raises:
        StraddledError: the supercycles are shorter than the requests take.
        UnsteadyError: length or timeline changed between two readings, or the time elapsed did not grow.
        AcnetError: by name, when something cannot be read.
    """
    for _ in range(_TRIES):
        length = _length(source, last)
        timeline = _timeline(source, last)
        second = _twice(source.elapsed)
        if is_of(second, estimate_start([first])):
            break
        first = second
    else:
        msg = f"a new supercycle began in each of {_TRIES} tries to read one; the service is too slow for its length"
        raise StraddledError(msg)
    readings = _more(source, [first, second], length)
    estimate = estimate_start([*readings, *_running(source, readings, wait)])
    record = Captured(
        start=estimate.start,
        uncertainty_seconds=estimate.uncertainty / 1e6,
        length_seconds=length,
        recipe_id=timeline.recipe_id,
        captured_at=second.before,
        readings=estimate.readings,
    )
    return Capture(record, timeline)


def _running(
    source: TimelineSource, readings: list[ElapsedReading], wait: Callable[[float], None]
) -> list[ElapsedReading]:
    """Make sure that the time elapsed runs; a reading that was needed for it, if it is of the same supercycle.

    A reading that stands still would look like a new supercycle every time.
    """
    first, last = readings[0], readings[-1]
    missing = RUNNING_SECONDS - (last.before - first.after) / 1e6
    further = []
    if missing > 0:
        wait(missing)
        last = _twice(source.elapsed)
        if (
            last.elapsed_seconds < first.elapsed_seconds
        ):  # the next supercycle has begun, so it runs
            return []
        further = [last]
    if not runs(first, last):
        between = (last.before - first.before) / 1e6
        msg = (
            f"the time into the supercycle is {first.elapsed_seconds} s and {between:.2f} s later "
            f"{last.elapsed_seconds} s; it does not run"
        )
        raise UnsteadyError(msg)
    return further


def _twice(question: Callable[[], Answer]) -> Answer:
    """Ask, and once more at once if a fault that can pass came in between: a capture is many questions in a row."""
    try:
        return question()
    except TransientError as error:
        logger.info("asked a second time at once: %s", error)
        return question()


def _length(source: TimelineSource, last: Captured | None) -> float:
    length = _twice(source.length)
    if last is None or length != last.length_seconds:
        again = _twice(source.length)
        if again != length:
            msg = f"the length of the supercycle is {length} s and then {again} s"
            raise UnsteadyError(msg)
    return length


def _timeline(source: TimelineSource, last: Captured | None) -> Timeline:
    timeline = _twice(source.timeline)
    if last is None or timeline.recipe_id != last.recipe_id:
        again = _twice(source.timeline)
        if again.recipe_id != timeline.recipe_id:
            msg = f"the timeline has {len(timeline.entries)} entries and then {len(again.entries)}, or others"
            raise UnsteadyError(msg)
    return timeline


def _more(
    source: TimelineSource, readings: list[ElapsedReading], length: float
) -> list[ElapsedReading]:
    """Further readings of the same supercycle, as far as it lasts; without them the start is only less exact."""
    while len(readings) < WANTED_READINGS:
        newest = readings[-1]
        round_trip = (newest.after - newest.before) / 1e6
        if newest.elapsed_seconds + 3 * round_trip > length:
            break
        try:
            further = source.elapsed()
        except AcnetError as error:
            logger.info("the start comes from %d readings only: %s", len(readings), error)
            break
        if not is_of(further, estimate_start(readings)):
            break
        readings.append(further)
    return readings
