"""Days of operation as runs of line ticks: when people change settings and cycles are missed.

A day of operation is a UTC day that begins at 06:00, local midnight in winter. What happens once a
day happens in its middle 22 hours, so that each local day of 24 hours sees it exactly once.
"""

from gmpsai_assets.emulator.blocks import RecentResults
from gmpsai_assets.emulator.line_clock import ZERO_MICROSECONDS, LineClock

_DAY_MICROSECONDS = 86_400_000_000
_BEGIN_MICROSECONDS = ZERO_MICROSECONDS + 6 * 3_600_000_000
_QUIET_TICKS = 54_000
ACTIVE_TICKS = 22 * 53_900
"""Ticks of the middle of a day, in which something may happen."""


class OperatingDays:
    """Days of operation, counted from 1 January 2019.

    Args:
        clock: the line clock.
    """

    def __init__(self, clock: LineClock) -> None:
        self._clock = clock
        self._recent: RecentResults[int] = RecentResults(512)

    def first_tick(self, day: int) -> int:
        """The first line tick of a day."""
        start = _BEGIN_MICROSECONDS + day * _DAY_MICROSECONDS
        return self._recent.get(day, lambda: self._clock.first_tick_from(start))

    def first_active_tick(self, day: int) -> int:
        """The first line tick of the part of a day in which something may happen."""
        return self.first_tick(day) + _QUIET_TICKS

    def day_of(self, tick: int) -> int:
        """The day a line tick belongs to."""
        time = int(self._clock.tick_times(tick, 1)[0])
        return (time - _BEGIN_MICROSECONDS) // _DAY_MICROSECONDS
