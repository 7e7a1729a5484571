"""Numbers and times as people read them in the UI."""

from datetime import UTC, datetime, timedelta

import pytest

from gmpsai_assets.assets.cells import (
    clock_text,
    column_texts,
    minute_text,
    number_text,
    percent_text,
    plotted,
)

SPACE = "\N{NO-BREAK SPACE}"
NOON = datetime(2026, 3, 10, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (103.41412211991026, "103.414"),
        (-11.777808828559852, "-11.7778"),
        (0.03484214472551175, "0.0348421"),
        (44494.96265466018, "44,495"),
        (1295744, "1,295,744"),
        (1295744.0, "1,295,744"),
        (739684000123, "739,684,000,123"),
        (0.0667, "0.0667"),
        (60.0, "60"),
        (0.0, "0"),
        (-0.0, "0"),
        (999999.96, "1,000,000"),
        (3.2e-07, "3.2e-07"),
        (1.7e308, "1.7e+308"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_has_the_digits_that_mean_something(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100 %"),
        (0.9999984564876141, "99.999846 %"),
        (1 - 1e-8, "99.99999900 %"),
        (0.5, "50 %"),
        (0.0, "0 %"),
        (1.0004, "100.04 %"),
        (None, ""),
    ],
)
def test_what_lacks_anything_is_not_written_as_100_percent(share: float | None, text: str) -> None:
    assert percent_text(share) == text


def test_a_plotted_share_never_becomes_one_by_rounding() -> None:
    assert plotted(0.9999984564876141) == 0.99999846
    assert plotted(1 - 1e-8) < 1
    assert plotted(103.41412211991026) == 103.414
    assert plotted(1.7976931348623157e308) == 1.79769e308


def test_numbers_stand_below_each_other_by_their_points() -> None:
    shown = column_texts([103.44407, -5.6111317, 44495, None, 0.5, "$0C"])
    assert shown == [
        f"{SPACE * 3}103.444",
        f"{SPACE * 4}-5.61113",
        "44,495",
        None,
        f"{SPACE * 5}0.5",
        "$0C",
    ]
    assert column_texts(["9 %", "100 %"]) == [f"{SPACE * 2}9{SPACE}%", f"100{SPACE}%"]


def test_times_are_local_with_their_zone() -> None:
    winter = datetime(2026, 1, 10, 17, tzinfo=UTC)
    shown = column_texts([NOON, winter])
    assert shown == [
        f"2026-03-10 12:00:00{SPACE}CDT",
        f"2026-01-10 11:00:00{SPACE}CST",
    ]
    part = column_texts([NOON, NOON + timedelta(microseconds=999_999)])
    assert [str(each)[-16:] for each in part] == [
        f"12:00:00.000{SPACE}CDT",
        f"12:00:00.999{SPACE}CDT",
    ]
    assert minute_text(NOON) == f"2026-03-10 12:00{SPACE}CDT"
    assert minute_text(None) == ""


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert clock_text(first) == f"01:30:00{SPACE}CDT"
    assert clock_text(first + timedelta(hours=1)) == f"01:30:00{SPACE}CST"


def test_yes_and_no_are_words() -> None:
    assert column_texts([True, False]) == ["yes", "no"]
