"""The accelerator's days: they tile the year, and agree with Dagster's partitions and with facts from outside."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from gmpsai_assets.acnet.clock import (
    Window,
    day_window,
    is_repeated_local_time,
    local_midnight,
    local_text,
    newest_complete_day,
    parse_day,
    utc_offset_microseconds,
)
from gmpsai_assets.partitions import DAILY

YEAR = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
"""The second Sunday of March and the first of November (Energy Policy Act of 2005, section 110)."""


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("year", [2019, 2020, 2026, 2027, 2028])
def test_the_windows_of_a_year_tile_it_without_gap_or_overlap(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    windows = [day_window(day) for day in days]
    assert all(before.end == after.start for before, after in pairwise(windows))
    assert windows[0].start == datetime(year, 1, 1, 6, tzinfo=UTC)
    assert windows[-1].end == datetime(year + 1, 1, 1, 6, tzinfo=UTC)
    hours = [window.hours for window in windows]
    assert (hours.count(23), hours.count(25), hours.count(24)) == (1, 1, len(days) - 2)


def test_days_of_2026_begin_at_midnight_of_central_time_by_the_law_not_by_our_code() -> None:
    for day in YEAR:
        daylight = SPRING < day <= AUTUMN  # at midnight of the two Sundays the old time still holds
        hour = 5 if daylight else 6
        assert local_midnight(day) == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        assert day_window(day).hours == {SPRING: 23, AUTUMN: 25}.get(day, 24)


def test_days_of_2026_are_the_partitions_of_dagster() -> None:
    keys = [key for key in DAILY.get_partition_keys(_utc("2027-01-02T12:00:00")) if key < "2027"]
    assert keys == [day.isoformat() for day in YEAR]
    for key in keys:
        partition = DAILY.time_window_for_partition_key(key)
        window = day_window(key)
        assert (partition.start.timestamp(), partition.end.timestamp()) == (
            window.start.timestamp(),
            window.end.timestamp(),
        )


@pytest.mark.parametrize(
    ("instant", "local"),
    [
        # One second before and at each change of the clocks, and the hour that comes twice.
        ("2026-03-08T07:59:59", "2026-03-08 01:59:59"),
        ("2026-03-08T08:00:00", "2026-03-08 03:00:00"),
        ("2026-11-01T06:59:59", "2026-11-01 01:59:59"),
        ("2026-11-01T07:00:00", "2026-11-01 01:00:00"),
        ("2026-11-01T08:00:00", "2026-11-01 02:00:00"),
        # 00:00:00.048 local was 05:00:00.048 UTC in a file of the laboratory.
        ("2020-03-10T05:00:00", "2020-03-10 00:00:00"),
    ],
)
def test_instants_are_written_in_the_time_of_the_laboratory(instant: str, local: str) -> None:
    assert local_text(_utc(instant)) == local


@pytest.mark.parametrize(
    ("instant", "repeated"),
    [
        ("2026-11-01T05:59:59", False),
        ("2026-11-01T06:00:00", True),
        ("2026-11-01T07:59:59", True),
        ("2026-11-01T08:00:00", False),
        ("2026-03-08T07:59:59", False),
        ("2026-03-08T08:00:00", False),
    ],
)
def test_only_the_hour_that_comes_twice_cannot_be_written(instant: str, repeated: bool) -> None:
    assert is_repeated_local_time(_utc(instant)) is repeated


def test_the_offset_changes_at_the_instant_of_the_law() -> None:
    change = round(_utc("2026-11-01T07:00:00").timestamp()) * 1_000_000
    hours = [utc_offset_microseconds(change + n) / 3.6e9 for n in (-1, 0)]
    assert hours == [-5.0, -6.0]


def test_the_newest_complete_day_changes_at_local_midnight_of_every_day() -> None:
    for day in YEAR:
        midnight = local_midnight(day)
        before, after = (newest_complete_day(midnight + timedelta(microseconds=n)) for n in (-1, 0))
        assert after == (day - timedelta(days=1)).isoformat()
        assert before == (day - timedelta(days=2)).isoformat()


@pytest.mark.parametrize("text", ["2026-3-7", "20260307", "2026-02-29", "2026-03-07 ", "", "today"])
def test_a_day_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        parse_day(text)


def test_a_window_needs_a_zone_and_an_order() -> None:
    noon = _utc("2026-03-10T12:00:00")
    with pytest.raises(ValueError, match="naive"):
        Window(noon.replace(tzinfo=None), noon)
    for end in (noon, noon - timedelta(microseconds=1)):
        with pytest.raises(ValueError, match="end after it starts"):
            Window(noon, end)
