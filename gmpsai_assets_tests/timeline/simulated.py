"""A laboratory in virtual time: supercycles of any lengths, any latency, any failures, and hours in a moment."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry, recipe_identity
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.clock import Clock, StopRequested, StopSwitch
from gmpsai_assets.timeline.heartbeat import Heart
from gmpsai_assets.timeline.logger import TimelineLogger
from gmpsai_assets.timeline.records import Captured
from gmpsai_assets.timeline.source import Timeline
from gmpsai_assets.timeline.start_estimate import ElapsedReading

BEGIN = 1_773_118_800_000_000
"""2026-03-10 00:00 in Chicago."""


def recipe(number: int) -> Timeline:
    """A recipe of its own for each number."""
    entries = tuple(
        RecipeEntry(n, 0x11 + number % 3, number, n / 15, "Main Injector") for n in range(1, 6)
    )
    return Timeline(recipe_identity(entries), entries)


class Laboratory:
    """A timeline generator.

    Args:
        lengths: seconds of one supercycle after the other; the last one goes on.
        recipes: recipe numbers of the supercycles; 0 for further ones.
        latency: seconds that a request takes; the value is read after a quarter of it.
        failing: what a request at an instant (seconds since the beginning) raises, or None.

    Attributes:
        clock_lead: microseconds by which the clock of the logger's machine is ahead.
        frozen_at: instant from which on the time elapsed stands still.
    """

    def __init__(
        self,
        lengths: Iterator[float] | list[float],
        recipes: list[int] | None = None,
        latency: float = 0.02,
        failing: Callable[[float], Exception | None] = lambda _: None,
    ) -> None:
        self.now = BEGIN
        self.stop = StopSwitch()
        self.requests = 0
        self.clock_lead = 0
        self.frozen_at = math.inf
        self._frozen: float | None = None
        self._end: int | None = None
        self._latency = latency
        self._failing = failing
        self._lengths = iter(lengths)
        self._length = 60.0
        self._recipes = recipes or []
        self.starts: list[int] = [BEGIN - 200_000]
        self.lengths: list[float] = []
        self._plan(BEGIN)

    def _plan(self, until: int) -> None:
        while len(self.lengths) < len(self.starts) or self.starts[-1] <= until:
            if len(self.lengths) < len(self.starts):
                self._length = next(self._lengths, self._length)
                self.lengths.append(self._length)
            if self.starts[-1] <= until:
                self.starts.append(self.starts[-1] + round(self.lengths[-1] * 1e6))

    def _number(self) -> int:
        self._plan(self.now)
        return bisect_right(self.starts, self.now) - 1

    def _pass(self, share: float) -> None:
        self.now += round(self._latency * share * 1e6)
        if self._end is not None and self.now >= self._end:
            self.stop.request()

    def _ask(self) -> int:
        self.requests += 1
        self._pass(0.25)
        error = self._failing((self.now - BEGIN) / 1e6)
        if error is not None:
            raise error
        return self._number()

    def elapsed(self) -> ElapsedReading:
        before = self.now + self.clock_lead
        number = self._ask()
        seconds = round((self.now - self.starts[number]) / 1e6, 6)
        if self.now >= self.frozen_at:
            seconds = self._frozen = self._frozen if self._frozen is not None else seconds
        self._pass(0.75)
        return ElapsedReading(seconds, 1e-6, before, self.now + self.clock_lead)

    def length(self) -> float:
        length = self.lengths[self._ask()]
        self._pass(0.75)
        return length

    def timeline(self) -> Timeline:
        number = self._ask()
        self._pass(0.75)
        return recipe(self._recipes[number] if number < len(self._recipes) else 0)

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.now += round(seconds * 1e6)
        self._pass(0)

    def run(self, folder: Path, hours: float) -> TimelineLogger:
        """A logger in this laboratory, run for so many hours."""
        self.stop.requested = False
        clock = Clock(
            self.stop,
            real=lambda: self.now + self.clock_lead,
            steady=lambda: self.now,
            sleep=self.sleep,
        )
        files = CaptureFiles(folder)
        logger = TimelineLogger(self, files, clock, Heart(files.heartbeat, real=lambda: self.now))
        self._end = self.now + round(hours * 3600e6)
        with suppress(StopRequested):
            logger.run()
        return logger

    def begun(self) -> list[int]:
        """The starts up to now of those that began after the laboratory did."""
        return [start for start in self.starts if start <= self.now]


def steady(length: float) -> Iterator[float]:
    """Supercycles of one length."""
    return (length for _ in count())


def captured_in(folder: Path) -> list[Captured]:
    """What the files of a folder hold."""
    files = CaptureFiles(folder)
    days = (from_microseconds(BEGIN), from_microseconds(BEGIN + 40 * 86_400_000_000))
    return [each for each in files.read(*days) if isinstance(each, Captured)]
