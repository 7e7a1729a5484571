"""Until when missing samples can be had: counted from where each gap begins, and part of the result."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.deadlines import deadlines
from gmpsai_assets.quality.rules import day_is_complete
from gmpsai_assets_tests.machine_time.line_locked import START, Recorded, hour, ticks

WINDOW = hour()
REQUEST_FAILED = {"kind": "request failed", "start": None, "end": None, "detail": "no answer"}
FAILED: dict[str, Any] = {"state": "partial", "findings": [{**REQUEST_FAILED, "repaired": False}]}
LOST = range(9_000, 18_000)
"""Ticks from the tenth to the twentieth minute."""


def _ledger(kept_days: float = 10.0, **outcome: Any) -> list[dict[str, Any]]:
    device = Recorded("B:VIMIN", ticks(WINDOW, LOST), outcome=outcome, kept_days=kept_days)
    return day_ledger([device, Recorded("B:VIMAX", ticks(WINDOW))], WINDOW)


def _instant(microseconds: int) -> datetime:
    return from_microseconds(microseconds)


def test_the_deadline_is_ten_days_after_the_start_of_the_gap() -> None:
    broken, whole = _ledger(**FAILED)
    (gap,) = broken["gaps"]
    until = _instant(gap["start"]) + timedelta(days=10)
    assert abs(until - datetime(2026, 3, 20, 5, 10, tzinfo=UTC)) < timedelta(seconds=1)
    assert _instant(gap["obtainable_until"]) == _instant(broken["obtainable_until"]) == until
    assert whole["obtainable_until"] is None


def test_a_list_can_give_its_logger_another_memory() -> None:
    broken, _ = _ledger(kept_days=0.5, **FAILED)
    assert broken["obtainable_until"] == broken["gaps"][0]["start"] + 43_200_000_000


def test_what_the_logger_does_not_have_has_no_deadline() -> None:
    broken, _ = _ledger()
    assert broken["gaps"][0]["cause"] == "source"
    assert broken["obtainable_until"] is None
    found = deadlines([broken], datetime(2026, 3, 11, tzinfo=UTC))
    assert (found.hours_left, found.obtainable, found.forgotten, str(found)) == (None, 0, 0, "")


def test_the_first_deadline_ahead_counts_and_what_is_past_is_forgotten() -> None:
    day, hour_ = timedelta(days=1), timedelta(hours=1)
    start = _instant(START)
    gaps = [
        {"obtainable_until": start + 10 * day, "missing": 5},
        {"obtainable_until": start + 11 * day, "missing": 7},
        {"obtainable_until": None, "missing": 11},
    ]
    ledger = [{"gaps": gaps, "obtainable_until": start + 10 * day}]
    early, between, late = (
        deadlines(ledger, start + 10 * day + shift) for shift in (-2 * hour_, hour_, 2 * day)
    )
    assert (early.hours_left, early.obtainable, early.forgotten) == (2, 12, 0)
    assert (between.hours_left, between.obtainable, between.forgotten) == (23, 7, 5)
    assert (late.hours_left, late.obtainable, late.forgotten) == (0, 0, 12)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (
            datetime(2026, 3, 19, 0, 10, tzinfo=UTC),
            "9,000 samples missing can be fetched until 2026-03-20 00:09 CDT (29 h left): pull the day again",
        ),
        (
            datetime(2026, 4, 1, tzinfo=UTC),
            "9,000 samples missing for good: the logger forgot that time on 2026-03-20 00:09 CDT",
        ),
    ],
)
def test_the_result_names_the_deadline(now: datetime, words: str) -> None:
    result = day_is_complete(_ledger(**FAILED), now)
    assert not result.passed
    assert result.reason.endswith(words)
