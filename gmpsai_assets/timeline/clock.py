"""The clock by which the timeline logger stamps and waits, and the switch that ends a wait or a request.

It is the clock of this machine, corrected by nothing: keep the machine on NTP. How far it was from the clock of
the $00 events is measured when the day is compacted.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_LOOKS = 3
"""Looks at both clocks, of which the least disturbed counts; chosen."""

_SLEWED = 50_000
"""Microseconds by which the clock may move between two looks without having been set: NTP slews by 0.5 ms a second, and
a look comes every few seconds."""


class StopRequested(BaseException):
    """Somebody asked for the end. Not an ``Exception``: nothing that handles failures may catch it."""


class StopSwitch:
    """Remembers that the end was asked for."""

    def __init__(self) -> None:
        self.requested = False
        self._interruptible = False

    def listen(self) -> None:
        """Take SIGTERM, SIGINT and SIGHUP as requests to end; only the main thread can."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)

    def request(self) -> None:
        """Ask for the end from another thread: what is under way goes on until it is done."""
        self.requested = True

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Within the block a signal ends what is under way.

        Raises:
            StopRequested: the end was asked for, before or within.
        """
        self._interruptible = True
        try:
            if self.requested:
                raise StopRequested
            yield
        finally:
            self._interruptible = False

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True
        if self._interruptible:
            raise StopRequested


def steady_microseconds() -> int:
    """Microseconds of a clock that nobody can set; it goes on while the machine sleeps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


def real_microseconds() -> int:
    """Now, microseconds since 1970 UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class Clock:
    """The time, and waiting; at a speed other than 1 against a service that simulates the same speed.

    Attributes:
        stop: a signal to it ends a wait.
        speed: seconds of this clock in a real second.
        origin: the instant (microseconds since 1970 UTC) at which this clock shows the real time;
            without meaning at speed 1.
        real: gives the real time, microseconds since 1970 UTC.
        steady: gives a time that nobody can set, microseconds.
        sleep: waits so many real seconds.
    """

    stop: StopSwitch
    speed: float = 1.0
    origin: int = 0
    real: Callable[[], int] = real_microseconds
    steady: Callable[[], int] = steady_microseconds
    sleep: Callable[[float], None] = time.sleep

    def now(self) -> int:
        """The time, microseconds since 1970 UTC."""
        real = self.real()
        if self.speed == 1.0:
            return real
        return self.origin + round((real - self.origin) * self.speed)

    def real_at(self, instant: int) -> int:
        """The real time at which this clock shows an instant; both in microseconds since 1970 UTC."""
        if self.speed == 1.0:
            return instant
        return self.origin + round((instant - self.origin) / self.speed)

    def wait(self, seconds: float) -> None:
        """Wait so many seconds of this clock.

        Raises:
            StopRequested: the end was asked for.
        """
        with self.stop.interruptible():
            self.sleep(max(0.0, seconds) / self.speed)


class ClockSettings:
    """Notices when somebody sets the clock of this machine."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lead = self._measured()

    def step(self) -> int:
        """By how many microseconds of ``clock`` it was set since this was last asked; 0 for what slewing explains."""
        lead, before = self._measured(), self._lead
        self._lead = lead
        step = round((lead - before) * self._clock.speed)
        return step if abs(step) > _SLEWED else 0

    def _measured(self) -> int:
        """Real less steady time, from the least disturbed of some looks at both."""
        looks = []
        for _ in range(_LOOKS):
            before = self._clock.real()
            steady = self._clock.steady()
            after = self._clock.real()
            looks.append((abs(after - before), (before + after) // 2 - steady))
        return min(looks)[1]
