"""The requests for one subject: sent within their limits, counted, and with an eye on the health of the service.

What is asked for is decided in ``split`` and ``refetch``.
"""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.acnet.errors import (
    AcnetError,
    DeviceRefused,
    RowsNotUnderstood,
    ServiceRefused,
    SeveralValues,
    SyntaxRefused,
    TransientError,
)
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply
from gmpsai_assets.acnet.retrying import at_most
from gmpsai_assets.acnet.stopping import Stop
from gmpsai_assets.fetch.options import RequestLimits

INCLUSIVE_END_ROWS = 2
"""Whether the service counts the end of a window in is not known: a row or two beyond it are no finding."""

DOWN_AFTER_FAILURES = 12
"""So many failures in a row, of whatever subject, and the service seems down. Chosen: four subjects that fail whole, at
their start and at their end make as many."""

FOR_GOOD = (DeviceRefused, RowsNotUnderstood, ServiceRefused, SeveralValues, SyntaxRefused)
"""What no other window and no repetition changes: after one of these nothing more is asked for the subject."""

ONE_AT_A_TIME = Lock()
"""Held while the rows of a subject are looked through: that takes as much memory again as half of them, and
connections that began together finish together."""


class ServiceHealth:
    """Whether the service answers anything at all; shared by all subjects of a pull.

    Args:
        stop: what ends the pull; it is set when two subjects in a row meet a refusal of the whole service. Not by the
            first one: a gateway can also refuse a single name.

    Attributes:
        stop: the same.
        other_window: a sentence, if the service was seen to answer for another window than was asked.
    """

    def __init__(self, stop: Stop | None = None) -> None:
        self.stop = stop or Stop()
        self.other_window = ""
        self._failures = 0
        self._refused: set[int] = set()
        self._lock = Lock()

    def note(self, *, answered: bool) -> None:
        """Count the end of one request."""
        with self._lock:
            self._failures = 0 if answered else self._failures + 1
            if answered:
                self._refused.clear()

    def note_refusal(self, error: ServiceRefused, subject: int) -> None:
        """Count an answer that any other subject would get, too.

        Args:
            error: the answer.
            subject: tells the subjects of the pull apart.
        """
        with self._lock:
            self._failures = 0
            self._refused.add(subject)
            by_all = len(self._refused) > 1
        if by_all:
            self.stop.set(error)

    @property
    def seems_down(self) -> bool:
        """Whether the last dozen requests, of whatever subject, all failed: smaller spans cannot help."""
        return self._failures >= DOWN_AFTER_FAILURES

    @property
    def remark(self) -> str:
        """A sentence about the service that follows an error; empty while it answers."""
        if not self.seems_down:
            return ""
        return f" The service seems down: the last {self._failures} requests all failed."


@dataclass
class Asker:
    """Sends the requests for one subject and keeps account of them.

    Attributes:
        fetch: asks for one window.
        limits: how much is asked for at most.
        health: shared by all subjects.
        now: gives the present moment, aware.
        requests: how many were made.
        bytes: length of all answers.
        counts: sum over the answers whose rows were taken first; what is asked for again adds nothing to it.
        foreign: rows outside the window of one of these answers, beyond those of an end that counts in.
    """

    fetch: Callable[[Window], SampleReply]
    limits: RequestLimits
    health: ServiceHealth = field(default_factory=ServiceHealth)
    now: Callable[[], datetime] = utc_now
    requests: int = 0
    bytes: int = 0
    counts: ReplyCounts = field(default_factory=ReplyCounts)
    foreign: int = 0
    _refused: AcnetError | None = None
    _started: float = field(default_factory=time.monotonic)

    def forget_counts(self) -> None:
        """Count nothing of the answers so far, as those to come take their place."""
        self.counts, self.foreign = ReplyCounts(), 0

    def count(self, reply: SampleReply) -> None:
        """Count an answer whose rows are taken."""
        self.counts += reply.counts
        self.foreign += max(0, reply.counts.outside_window - INCLUSIVE_END_ROWS)

    def ask(self, window: Window) -> SampleReply:
        """One request, with the client's own retries; a single attempt while the service seems down.

        Raises:
            StoppedError: the pull was stopped; nothing is sent.
            AcnetError: as ``fetch`` does; once refused for good the same again, and nothing is sent.
        """
        self.health.stop.check()
        if self._refused is not None:
            raise self._refused
        self.requests += 1
        # Each attempt of a service that is silent costs its timeout, for each of some hundred subjects.
        hurry = at_most(1) if self.health.seems_down else nullcontext()
        try:
            with hurry:
                reply = self.fetch(window)
        except AcnetError as error:
            self.health.stop.check()
            self._note(error)
            raise
        self.health.note(answered=reply.cut_short is None)
        self.bytes += reply.bytes
        return reply

    def _note(self, error: AcnetError) -> None:
        if isinstance(error, FOR_GOOD):
            self._refused = error
        if isinstance(error, ServiceRefused):
            self.health.note_refusal(error, id(self))
        else:
            self.health.note(answered=not isinstance(error, TransientError))

    @property
    def seconds(self) -> float:
        """Time since the first request."""
        return time.monotonic() - self._started

    @property
    def exhausted(self) -> bool:
        """Whether a limit is reached."""
        too_many = self.requests >= self.limits.most_requests
        return too_many or self.seconds >= self.limits.longest_seconds
