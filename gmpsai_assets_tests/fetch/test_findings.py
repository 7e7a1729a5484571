"""What is a finding in rows, and what is none."""

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.fetch.checking.findings import (
    Expectation,
    findings_in_rows,
    without_numbers,
)
from gmpsai_assets.fetch.checking.rows import Rows
from gmpsai_assets.fetch.checking.tiers import tier_seconds
from gmpsai_assets.fetch.outcome import Finding

PERIOD = 1e6 / 15
HOUR = Window(from_microseconds(1_773_158_400_000_000), from_microseconds(1_773_162_000_000_000))
TICKS = np.rint(HOUR.start_microseconds + 20_000 + np.arange(54_000) * PERIOD).astype(np.int64)
NOISE = np.random.default_rng(1).normal(size=54_000).round(3)
CLEAN = Rows(TICKS, NOISE)


def _without(kept: np.ndarray) -> Rows:
    return Rows(TICKS[kept], NOISE[kept])


def _judge(rows: Rows, period: float | None = PERIOD, window: Window = HOUR) -> list[Finding]:
    return findings_in_rows(rows, Expectation(window, period))


def _kinds(rows: Rows) -> list[str]:
    return [each.kind for each in _judge(rows)]


def test_a_clean_hour_has_no_finding() -> None:
    assert _judge(CLEAN) == []
    assert without_numbers(CLEAN) == []


def test_a_missed_cycle_now_and_then_has_no_finding() -> None:
    kept = np.ones(len(TICKS), np.bool_)
    kept[np.random.default_rng(2).integers(0, len(TICKS), 300)] = False
    assert _judge(_without(kept)) == []


@pytest.mark.parametrize("missing", [slice(0, 100), slice(20_000, 20_030), slice(53_900, 54_000)])
def test_missing_seconds_are_found_where_they_are(missing: slice) -> None:
    kept = np.ones(len(TICKS), np.bool_)
    kept[missing] = False
    (found,) = _judge(_without(kept))
    assert found.kind == ("tail missing" if missing.stop == 54_000 else "gap")
    start, end = found.span
    assert start <= TICKS[missing][0] <= TICKS[missing][-1] <= end
    assert end - start < (missing.stop - missing.start + 2) * PERIOD


def test_a_part_that_could_not_be_fetched_is_no_gap() -> None:
    kept = np.ones(len(TICKS), np.bool_)
    kept[1000:3000] = False
    failed = (int(TICKS[1000]), int(TICKS[3000]))
    assert findings_in_rows(_without(kept), Expectation(HOUR, PERIOD, failed=(failed,))) == []


@pytest.mark.parametrize(
    ("missing", "found"),
    [
        (slice(1000, 1002), 0),
        (slice(1000, 1003), 1),
        (slice(0, 2), 0),
        (slice(0, 4), 1),
        (slice(53_998, None), 0),
        (slice(53_996, None), 1),
    ],
)
def test_three_ticks_that_follow_each_other_are_a_gap_and_two_are_not(
    missing: slice, found: int
) -> None:
    kept = np.ones(len(TICKS), np.bool_)
    kept[missing] = False
    assert len(_judge(_without(kept))) == found


@pytest.mark.parametrize("step", [2, 15, 4500])
def test_a_slower_tier_is_found_whatever_its_rate(step: int) -> None:
    found = _judge(_without(np.arange(0, 54_000, step)))
    assert found[0].kind == "slower tier"
    assert f"{step * PERIOD / 1e6:.3g} s" in found[0].detail


def test_a_tier_that_begins_in_the_middle_is_found_from_there() -> None:
    kept = np.append(np.arange(30_000), np.arange(30_000, 54_000, 15))
    (found,) = _judge(_without(kept))
    assert found.kind == "slower tier"
    assert abs(found.span[0] - int(TICKS[30_000])) <= PERIOD


def test_a_whole_number_of_pages_and_no_more_is_found() -> None:
    assert _kinds(_without(np.arange(2 * 487)))[0] == "row limit"
    assert "row limit" not in _kinds(_without(np.arange(2 * 487 + 1)))


def test_an_event_without_a_rate_is_judged_by_the_row_limit_and_its_own_pauses() -> None:
    pages = _without(np.arange(487))
    assert [each.kind for each in _judge(pages, None)] == ["row limit", "quiet"]
    less = _without(np.arange(487 - 1))
    assert [each.kind for each in _judge(less, None)] == ["quiet"]
    one = Rows(TICKS[:1], NOISE[:1])
    assert _judge(one, None) == []


def test_an_event_that_often_pauses_has_no_finding() -> None:
    pauses = np.ones(54_000, np.bool_)
    for start in (5_000, 15_000, 25_000, 40_000):
        pauses[start : start + 3_000] = False
    assert _judge(_without(pauses), None) == []
    pauses[45_000:] = False
    assert _judge(_without(pauses), None) == []
    pauses[30_000:] = False
    found = _judge(_without(pauses), None)
    assert {each.kind for each in found} == {"quiet"}
    assert (found[-1].start, found[-1].end) == (TICKS[29_999], HOUR.end_microseconds)


def test_a_value_that_stands_still_is_found() -> None:
    value = NOISE.copy()
    value[10_000:10_200] = value[10_000]
    (found,) = _judge(Rows(TICKS, value))
    assert (found.kind, found.start) == ("frozen value", TICKS[10_000])
    assert found.end == TICKS[10_199] + 1


@pytest.mark.parametrize(
    ("period", "length", "runs", "found"),
    [
        (1e6 / 15, 150, 1, 1),
        (1e6 / 15, 149, 1, 0),
        (1e6, 50, 1, 1),
        (1e6, 49, 1, 0),
        (1e6 / 15, 150, 3, 3),
        (1e6 / 15, 150, 4, 0),
    ],
)
def test_ten_seconds_and_fifty_samples_of_one_value_are_frozen_up_to_three_times(
    period: float, length: int, runs: int, found: int
) -> None:
    count = int(HOUR.seconds * 1e6 / period)
    time = HOUR.start_microseconds + (np.arange(count) * period).astype(np.int64)
    value = np.arange(count, dtype=np.float64)
    for run in range(runs):
        start = 100 + run * count // 5
        value[start : start + length] = -1.0
    frozen = _judge(Rows(time, value), period)
    assert [each.kind for each in frozen] == ["frozen value"] * found


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(54_000),
        np.repeat(np.arange(60.0), 900),
        np.where(np.arange(54_000) < 20_000, 1.0, 0.0),
        np.where(np.arange(54_000) % 900 < 300, 0.0, NOISE),
        np.full(54_000, np.nan),
    ],
    ids=["constant", "steps", "switched once", "ramps with flat parts", "no numbers"],
)
def test_a_device_that_stands_still_by_itself_has_no_finding(value: np.ndarray) -> None:
    assert _judge(Rows(TICKS, value)) == []


def test_rows_of_two_clocks_are_found() -> None:
    shifted = np.where(np.arange(54_000) >= 27_000, TICKS - 2_000_300, TICKS)
    order = np.argsort(shifted, kind="stable")
    found = _judge(Rows(shifted[order], NOISE[order]))
    assert [each.kind for each in found] == ["clock step", "tail missing"]
    start, end = found[0].span
    assert end - start == pytest.approx(2e6, rel=0.05)


def test_values_without_a_number_are_gathered_by_the_minute() -> None:
    value = NOISE.copy()
    value[[100, 101, 500, 30_000]] = np.nan
    found = without_numbers(Rows(TICKS, value))
    assert [each.start for each in found] == [TICKS[100], TICKS[30_000]]


def test_the_tier_is_the_most_frequent_interval() -> None:
    assert tier_seconds(CLEAN.time, PERIOD) == pytest.approx(1 / 15, abs=1e-4)
    assert tier_seconds(CLEAN.time) == pytest.approx(1 / 15, abs=1e-4)
    slow = _without(np.append(np.arange(100), np.arange(100, 54_000, 15)))
    assert tier_seconds(slow.time, PERIOD) == pytest.approx(1.0, abs=1e-3)
    assert tier_seconds(TICKS[:1]) is None


def test_a_slow_device_is_judged_by_its_own_rate() -> None:
    day = day_window("2026-03-10")
    time = day.start_microseconds + np.arange(1440, dtype=np.int64) * 60_000_000
    rows = Rows(time, np.arange(1440.0))
    assert _judge(rows, 60e6, day) == []
    kept = np.delete(np.arange(1440), slice(700, 710))
    (found,) = _judge(Rows(time[kept], rows.value[kept]), 60e6, day)
    assert found.kind == "gap"
