"""The clock by which the timeline logger stamps and waits.

It is the clock of this machine, corrected by nothing: keep the machine on NTP. How far it was from the clock of the
$00 events is told when the day is compacted.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gmpsai_assets.timeline.stopping import StopSwitch


def real_microseconds() -> int:
    """Now, microseconds since 1970 UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class Clock:
    """Tells the time and waits, at a speed other than 1 against an emulator of the same speed.

    Attributes:
        stop: a signal to it ends a wait.
        speed: seconds of this clock in a real second.
        origin: the instant (microseconds since 1970 UTC) at which this clock shows the real time;
            without meaning at speed 1.
        real: tells the real time, microseconds since 1970 UTC.
        sleep: waits so many real seconds.
    """

    stop: StopSwitch
    speed: float = 1.0
    origin: int = 0
    real: Callable[[], int] = real_microseconds
    sleep: Callable[[float], None] = time.sleep

    def now(self) -> int:
        """The time, microseconds since 1970 UTC."""
        real = self.real()
        if self.speed == 1.0:
            return real
        return self.origin + round((real - self.origin) * self.speed)

    def wait(self, seconds: float) -> None:
        """Wait so many seconds of this clock.

        Raises:
            StopRequested: the end was asked for.
        """
        with self.stop.interruptible():
            self.sleep(max(0.0, seconds) / self.speed)
