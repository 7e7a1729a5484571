"""Samples of the fast tier where an answer came from a slower one: all that there are come, in few requests."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import Window, day_window, is_repeated_local_time
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.checking.rows import Rows, table_of
from gmpsai_assets_tests.fetch.asking_for import ask_for

DAY = day_window("2026-03-10")
FALL_BACK = day_window("2026-11-01")
SLOW = 15
"""The slow tier keeps every fifteenth sample."""


class TwoTiers:
    """A logger with a row a second that answers some windows from its slow tier."""

    def __init__(self, day: Window, slow: Callable[[Window], bool]) -> None:
        count = int(day.seconds)
        self.day = day
        self.rows = Rows(
            day.start_microseconds + np.arange(count, dtype=np.int64) * 1_000_000 + 5,
            np.random.default_rng(7).normal(size=count),
        )
        self.slow = slow
        self.asked: list[Window] = []

    def __call__(self, window: Window) -> SampleReply:
        self.asked.append(window)
        part = self.rows.between(window.start_microseconds, window.end_microseconds)
        if self.slow(window):
            kept = part.time // 1_000_000 % SLOW == 0
            part = Rows(part.time[kept], part.value[kept])
        return SampleReply(table_of(part, "value"), ReplyCounts())

    def answer(self) -> Answer:
        """Ask for the day."""
        return ask_for(self, self.day, nominal_rate_hz=1.0)


def _slow_rows(day: Window) -> int:
    return int(day.seconds) // SLOW


@pytest.mark.parametrize("day", [DAY, FALL_BACK], ids=["24 h", "25 h"])
@pytest.mark.parametrize("hours", [0.3, 6, 12.6, 20])
def test_a_day_whose_first_hours_rolled_off_has_all_that_is_left(day: Window, hours: float) -> None:
    edge = day.start + timedelta(hours=hours)
    logger = TwoTiers(day, lambda window: window.start < edge)
    answer = logger.answer()
    left = (day.hours - hours) * 3600
    repeated = 3600 * 2 if is_repeated_local_time(edge) else 0
    assert answer.table.num_rows >= left + hours * 3600 / SLOW - 120 - repeated
    assert answer.state == "partial"
    (slower,) = [finding for finding in answer.findings if finding.kind == "slower tier"]
    assert slower.end is not None
    assert abs(slower.end / 1e6 - edge.timestamp()) < 120 + repeated
    assert answer.requests <= 22


def test_a_day_whose_last_hours_are_not_yet_there_has_all_the_others() -> None:
    edge = DAY.start + timedelta(hours=15)
    logger = TwoTiers(DAY, lambda window: window.end > edge)
    answer = logger.answer()
    assert answer.table.num_rows >= 15 * 3600 + 9 * 3600 / SLOW - 120
    assert answer.requests <= 22


@pytest.mark.parametrize("hours", [1.1, 5, 13])
def test_where_only_long_windows_are_slow_the_day_comes_whole(hours: float) -> None:
    logger = TwoTiers(DAY, lambda window: window.hours > hours)
    answer = logger.answer()
    assert (answer.state, answer.table.num_rows) == ("complete", len(logger.rows))
    assert all(finding.repaired for finding in answer.findings)
    assert answer.findings[0].kind == "slower tier"
    assert answer.requests <= 3 + 2 * 2 * DAY.hours / hours


def test_a_day_that_is_slow_throughout_costs_three_more_requests_and_stays_partial() -> None:
    logger = TwoTiers(DAY, lambda _: True)
    answer = logger.answer()
    assert (answer.state, answer.table.num_rows) == ("partial", _slow_rows(DAY))
    assert answer.requests == 4
    (slower,) = answer.findings
    assert "not in smaller spans either" in slower.detail
