"""How much is asked for one subject at most, and what all of its requests brought together.

What is asked is decided in ``pieces`` and ``asking``.
"""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, fields, replace
from threading import Lock

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.errors import AcnetError, TransientError
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply
from gmpsai_assets.acnet.retrying import at_most

INCLUSIVE_END_ROWS = 2
"""The service may count the end of a window in; a row or two beyond it are no finding."""


JUDGING = Lock()
"""Held while the rows of a subject are judged: that takes as much memory again as half of them, and connections that
began together finish together."""


@dataclass(frozen=True)
class Asking:
    """How patiently a subject is asked for.

    Attributes:
        smallest_span_seconds: a window that fails is cut in halves down to about this length.
        longest_seconds: after this time no further request is made for the subject.
        most_requests: nor after this many.
        most_repeats: doubtful spans of one subject that are asked for again.
    """

    smallest_span_seconds: float = 900.0
    longest_seconds: float = 3600.0
    most_requests: int = 250
    most_repeats: int = 16

    def __post_init__(self) -> None:
        if self.smallest_span_seconds < 1 or self.most_requests < 1 or self.most_repeats < 0:
            msg = f"a subject takes at least one request and spans of at least a second, got {self}"
            raise ValueError(msg)


class ServiceHealth:
    """Whether the service answers anything at all; shared by all subjects of a pull."""

    GIVEN_UP_AFTER = 12

    def __init__(self) -> None:
        self._failures = 0
        self._lock = Lock()

    def note(self, *, answered: bool) -> None:
        """Count the end of one request."""
        with self._lock:
            self._failures = 0 if answered else self._failures + 1

    @property
    def seems_down(self) -> bool:
        """Whether the last dozen requests, of whatever subject, all failed: smaller spans cannot help."""
        return self._failures >= self.GIVEN_UP_AFTER

    @property
    def remark(self) -> str:
        """What is to be said of the service with an error; empty while it answers."""
        if not self.seems_down:
            return ""
        return f" The service seems down: the last {self._failures} requests all failed."


@dataclass
class Asker:
    """Sends the requests for one subject and keeps account of them.

    Attributes:
        fetch: asks for one window.
        asking: the limits.
        health: shared by all subjects.
        requests: how many were made.
        bytes: length of all answers.
        counts: sum over the answers whose rows were taken first; what is asked for again adds nothing to it.
        foreign: rows outside the window of one of these answers, beyond those of an end that counts in.
    """

    fetch: Callable[[Window], SampleReply]
    asking: Asking
    health: ServiceHealth = field(default_factory=ServiceHealth)
    requests: int = 0
    bytes: int = 0
    counts: ReplyCounts = field(default_factory=ReplyCounts)
    foreign: int = 0
    _started: float = field(default_factory=time.monotonic)

    def forget_counts(self) -> None:
        """Count nothing of the answers so far, as those to come take their place."""
        self.counts, self.foreign = ReplyCounts(), 0

    def count(self, reply: SampleReply) -> None:
        """Count an answer whose rows are taken."""
        self.counts = summed(self.counts, reply.counts)
        self.foreign += max(0, reply.counts.outside_window - INCLUSIVE_END_ROWS)

    def ask(self, window: Window) -> SampleReply:
        """One request, with the client's own retries; a single attempt while the service seems down.

        Raises:
            AcnetError: as ``fetch`` does.
        """
        self.requests += 1
        # Each attempt of a service that is silent costs its timeout, for each of some hundred subjects.
        hurry = at_most(1) if self.health.seems_down else nullcontext()
        try:
            with hurry:
                reply = self.fetch(window)
        except AcnetError as error:
            self.health.note(answered=not isinstance(error, TransientError))
            raise
        self.health.note(answered=reply.cut_short is None)
        self.bytes += reply.bytes
        return reply

    @property
    def seconds(self) -> float:
        """Time since the first request."""
        return time.monotonic() - self._started

    @property
    def exhausted(self) -> bool:
        """Whether a limit is reached."""
        too_many = self.requests >= self.asking.most_requests
        return too_many or self.seconds >= self.asking.longest_seconds


def summed(first: ReplyCounts, second: ReplyCounts) -> ReplyCounts:
    """Both counts together; the examples are those of the first that has any."""
    if first == ReplyCounts():
        return second
    numbers = {
        each.name: getattr(first, each.name) + getattr(second, each.name)
        for each in fields(ReplyCounts)
        if each.name != "irregular_examples"
    }
    examples = first.irregular_examples or second.irregular_examples
    return replace(second, irregular_examples=examples, **numbers)
