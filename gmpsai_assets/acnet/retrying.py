"""When and how often a request is made again.

Here belongs the policy alone. The class of an error shows whether it may pass.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from gmpsai_assets.acnet import stopping
from gmpsai_assets.acnet.errors import TransientError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


_MOST_ATTEMPTS: ContextVar[int | None] = ContextVar("most attempts of a request", default=None)


@contextmanager
def at_most(attempts: int) -> Iterator[None]:
    """Requests made inside, in this thread, have no more than so many attempts, whatever their policy.

    It is for callers that know more of the service than a single request does: that it is down, for one.
    """
    before = _MOST_ATTEMPTS.set(attempts)
    try:
        yield
    finally:
        _MOST_ATTEMPTS.reset(before)


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with jitter and a cap.

    Args:
        attempts: how often a request is made in all, at least once.
        first_delay: seconds before the second attempt; doubled each time.
        longest_delay: cap of a delay in seconds, also of one that the service asks for.
        jitter: each delay is spread over plus and minus this fraction of itself, so that parallel
            requests do not come back in step.
        sleep: waits so many seconds; ends at once where this thread is to stop.
        draw: a random number from 0 to 1.

    Raises:
        ValueError: if no attempt is allowed, or a delay or jitter is out of range.
    """

    attempts: int = 5
    first_delay: float = 1.0
    longest_delay: float = 60.0
    jitter: float = 0.25
    sleep: Callable[[float], None] = stopping.pause
    draw: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if self.attempts < 1 or min(self.first_delay, self.longest_delay) < 0:
            msg = f"a request needs at least one attempt and delays of 0 s or more, got {self}"
            raise ValueError(msg)
        if not 0 <= self.jitter <= 1:
            msg = f"jitter is a fraction from 0 to 1, got {self.jitter}"
            raise ValueError(msg)

    def delay(self, attempt: int, retry_after: float | None = None) -> float:
        """Seconds to wait after the failure of an attempt, counted from 1.

        A wait that the service asks for is kept to, up to the cap.
        """
        spread = 1 + self.jitter * (2 * self.draw() - 1)
        waited = min(self.first_delay * 2.0 ** min(attempt - 1, 30) * spread, self.longest_delay)
        return waited if retry_after is None else min(max(waited, retry_after), self.longest_delay)

    def run(self, attempt_once: Callable[[], Result]) -> Result:
        """Call until it returns; the last transient error is raised, any other one at once.

        Raises:
            TransientError: when every attempt met one.
            StoppedError: this thread is to stop; seen before each attempt and while it waits.
        """
        attempts = min(self.attempts, _MOST_ATTEMPTS.get() or self.attempts)
        for attempt in range(1, attempts):
            stopping.check()
            try:
                return attempt_once()
            except TransientError as error:
                stopping.check()
                wait = self.delay(attempt, error.retry_after)
                logger.warning(
                    "attempt %d of %d failed, next in %.1f s: %s",
                    attempt,
                    attempts,
                    wait,
                    error,
                )
                self.sleep(wait)
        stopping.check()
        return attempt_once()
