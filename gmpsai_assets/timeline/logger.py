"""The timeline logger: captures each supercycle while it plays, for months, whatever happens.

Here belongs when to ask, and what a failure means: it is logged and tried again with backoff, it never ends the
logger.
"""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace

from gmpsai_assets.acnet.errors import AcnetError, TransientError
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.lake.source import AnotherSourceError
from gmpsai_assets.timeline.capture import (
    Capture,
    StraddledError,
    UnsteadyError,
    capture,
    is_of,
    start_of,
)
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.clock import Clock, ClockSettings
from gmpsai_assets.timeline.heartbeat import Heart, iso
from gmpsai_assets.timeline.records import Captured, Gap, Record, Running
from gmpsai_assets.timeline.source import TimelineSource
from gmpsai_assets.timeline.start_estimate import missed_between, same_supercycle

logger = logging.getLogger(__name__)

WATCH_SECONDS = 5.0
"""No wait is longer: a supercycle that is cut short, or a length that changes, is noticed within."""

_MARGIN_SECONDS = 0.2
"""So long after a supercycle should have begun it is looked at: three ticks, so that it has."""

_FIRST_NOTE_SECONDS, _NOTE_SECONDS = 60.0, 600.0
"""An outage is recorded after a minute, about one supercycle, and then every ten. Chosen; a record is 100 bytes."""

_REASON_LETTERS = 300
"""A reason is cut to so many letters: it stands in each record of an outage."""

_EXPECTED = (AcnetError, AnotherSourceError, OSError, StraddledError, UnsteadyError)


class TimelineLogger:
    """Captures supercycles until it is asked to stop.

    Args:
        source: whom to ask.
        files: where captures are kept; the caller holds the lock.
        clock: gives the time and waits.
        heart: where its state is shown.
        retry: the delays after failures; its number of attempts is without meaning.
        claim: called before a capture is kept; raises where the data directory belongs to another service.
    """

    def __init__(
        self,
        source: TimelineSource,
        files: CaptureFiles,
        clock: Clock,
        heart: Heart,
        retry: RetryPolicy | None = None,
        claim: Callable[[], None] | None = None,
    ) -> None:
        self._source = source
        self._files = files
        self._clock = clock
        self._heart = heart
        self._retry = retry or RetryPolicy(first_delay=0.25, longest_delay=30.0)
        self._claim = claim
        self._settings = ClockSettings(clock)
        self._last = files.last_captured()
        self._last_is_own = False
        self._started_at = clock.now()
        self._noted: int | None = None
        self._failures = 0
        self._reasons: dict[str, int] = {}

    def run(self) -> None:
        """Capture until the stop switch is thrown.

        Raises:
            StopRequested: it was, by a signal while asking or waiting.
        """
        if self._last is not None:
            self._show(self._last)
        self._note(Running(self._started_at, "started", os.getpid()))
        try:
            while not self._clock.stop.requested:
                self._wait(self.step())
        finally:
            if self._failures:
                self._note_outage(at_end=True)
            self._note(Running(self._clock.now(), "stopped", os.getpid()))
            self._heart.beat(state="stopped")

    def step(self) -> float:
        """Look at the supercycle that plays and capture it unless it is there; returns the seconds to wait."""
        self._follow_clock()
        try:
            wait = self._look()
        except Exception as error:
            return self._failed(error)
        if self._failures:
            logger.info("reading again after %d failures", self._failures)
            self._failures = 0
        self._heart.beat(state="waiting", failing_since=None, failures=0, reason="")
        return wait

    def _follow_clock(self) -> None:
        """Once the clock of this machine was set, the last capture is older or younger by it than it was."""
        step, last = self._settings.step(), self._last
        if step and last is not None:
            logger.warning("the clock of this machine was set by %.3f s", step / 1e6)
            self._last = replace(last, start=last.start + step)

    def _look(self) -> float:
        reading = self._source.elapsed()
        last = self._last
        if last is not None and is_of(reading, start_of(last)):
            return _until_next(reading.elapsed_seconds, last.length_seconds)
        found = capture(self._source, reading, last, self._clock.wait)
        start = start_of(found.record)
        elapsed = (self._clock.now() - start.start) / 1e6
        if last is None or not same_supercycle(start_of(last), start, elapsed):
            self._refuse_earlier(found.record)
            self._keep(found)
        return _until_next(elapsed, found.record.length_seconds)

    def _refuse_earlier(self, record: Captured) -> None:
        """A supercycle that began before the last one cannot play after it; an earlier logger's clock may differ."""
        last = self._last
        if last is not None and self._last_is_own and record.start < last.start:
            msg = f"the supercycle would have begun at {iso(record.start)}, before the last one at {iso(last.start)}"
            raise UnsteadyError(msg)

    def _keep(self, found: Capture) -> None:
        record, last = found.record, self._last
        if self._claim is not None:
            self._claim()
        self._files.keep_recipe(record.recipe_id, found.timeline.entries)
        gap = self._gap_before(record)
        self._files.append([record] if gap is None else [gap, record], self._clock.now())
        self._last, self._last_is_own = record, True
        self._reasons.clear()
        self._noted = None
        beat = self._heart.now
        self._heart.beat(captured=beat.captured + 1, gaps=beat.gaps + (gap is not None))
        self._show(record)
        if gap is not None:
            logger.warning(
                "not captured from %s to %s: %s", iso(gap.start), iso(gap.end), gap.reason
            )
        if last is None or record.recipe_id != last.recipe_id:
            logger.info("recipe %s, %d entries", record.recipe_id, len(found.timeline.entries))
        if last is None or record.length_seconds != last.length_seconds:
            logger.info("supercycles of %s s", record.length_seconds)

    def _gap_before(self, record: Captured) -> Gap | None:
        last = self._last
        if last is None:
            missed_any = bool(self._reasons) and record.start > self._started_at
            return Gap(self._started_at, record.start, self._reason()) if missed_any else None
        missed = missed_between(
            last.planned_end, record.start, last.length_seconds, record.length_seconds
        )
        return Gap(last.planned_end, record.start, self._reason()) if missed else None

    def _reason(self) -> str:
        """Why supercycles since the last captured one are missing."""
        reasons = [f"{reason} ({count} times)" for reason, count in self._reasons.items()]
        if self._last is not None and self._started_at > self._last.planned_end:
            reasons.insert(0, self._before_start())
        return "; ".join(reasons) or "nothing failed; this machine or the service was held up"

    def _before_start(self) -> str:
        """What is known of the time before this logger started."""
        before, until = self._heart.before, iso(self._started_at)
        if before is None or before.state == "stopped":
            return f"no timeline logger ran until {until}"
        if before.state == "failing":
            return f"the timeline logger before the one of {until} failed: {before.reason}"
        return f"the timeline logger before the one of {until} died; it last lived at {before.written_at}"

    def _failed(self, error: Exception) -> float:
        self._failures += 1
        reason = f"{type(error).__name__}: {error}"[:_REASON_LETTERS]
        self._reasons[reason] = self._reasons.pop(reason, 0) + 1
        if len(self._reasons) > 5:  # the newest kinds are enough, and an outage may last for weeks
            del self._reasons[next(iter(self._reasons))]
        if self._failures & (self._failures - 1) == 0:
            unexpected = None if isinstance(error, _EXPECTED) else error
            logger.warning("failure %d: %s", self._failures, reason, exc_info=unexpected)
        self._note_outage()
        self._heart.fail(reason, self._failures)
        asked = error.retry_after if isinstance(error, TransientError) else None
        # Short supercycles are worth asking for often; 2 s is still gentle.
        length = self._last.length_seconds if self._last else 60.0
        return min(self._retry.delay(self._failures, asked), max(2.0, length / 2))

    def _note_outage(self, *, at_end: bool = False) -> None:
        """While an outage lasts, keep on record from time to time that nothing is captured, and why."""
        now = self._clock.now()
        since = self._started_at if self._last is None else self._last.planned_end
        if self._noted is None:
            due = max(since, self._started_at) + _FIRST_NOTE_SECONDS * 1e6
        else:
            due = self._noted + _NOTE_SECONDS * 1e6
        if now >= due or (at_end and now > since):
            self._noted = now
            self._note(Gap(since, now, self._reason()))

    def _note(self, record: Record) -> None:
        """Keep a record that nothing depends on; a full disk is noticed when a capture is kept."""
        with suppress(OSError):
            self._files.append([record], self._clock.now())

    def _show(self, last: Captured) -> None:
        shown = {**asdict(last), "start": iso(last.start), "captured_at": iso(last.captured_at)}
        due = iso(self._clock.real_at(last.planned_end))
        # One that was captured before a clean stop may play on; one long ago has nothing to do with this logger.
        self._heart.beat(
            last=shown, next_due=due if self._last_is_own else max(due, self._heart.now.next_due)
        )

    def _wait(self, seconds: float) -> None:
        while seconds > 0 and not self._clock.stop.requested:
            self._clock.wait(min(seconds, WATCH_SECONDS))
            self._heart.beat()
            seconds -= WATCH_SECONDS


def _until_next(elapsed: float, length: float) -> float:
    """Seconds to wait for the next supercycle, or until the next look at this one."""
    margin = min(_MARGIN_SECONDS, length / 20)
    left = length - elapsed
    wait = left + margin if left + margin > 0 else max(margin, -left)
    return min(wait, WATCH_SECONDS)
