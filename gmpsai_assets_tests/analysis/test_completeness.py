"""How many ticks a day must have."""

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.analysis.completeness import expected_ticks, line_offset_mhz
from gmpsai_assets.analysis.rules import (
    samples_match_the_clock,
    ticks_match_the_window,
)
from gmpsai_assets_tests.tables import sample_rows


@pytest.mark.parametrize(
    ("day", "ticks"),
    [("2026-03-08", 1_242_000), ("2026-03-10", 1_296_000), ("2026-11-01", 1_350_000)],
)
def test_days_of_23_24_and_25_hours(day: str, ticks: int) -> None:
    assert expected_ticks(day_window(day), 15.0) == ticks


def test_a_slow_line_makes_fewer_ticks() -> None:
    # BOOSTR's day: the mean of B:LINFRQ was -8.98581 mHz, which costs 194 ticks.
    assert expected_ticks(day_window("2020-03-10"), 15.0, -8.98581) == 1_296_000 - 194


def test_an_unknown_line_is_taken_as_nominal() -> None:
    rows = sample_rows(day_window("2026-03-10"), 3)
    assert line_offset_mhz(None) == 0
    assert line_offset_mhz(rows.slice(0, 0)) == 0
    assert line_offset_mhz(rows) == 2.0


def test_samples_within_a_thousandth_pass_and_others_are_named() -> None:
    rows = [{"parameter": "B:VIMIN", "completeness": 0.9991}]
    assert samples_match_the_clock(rows).passed
    verdict = samples_match_the_clock([*rows, {"parameter": "B:VIMAX", "completeness": None}])
    assert not verdict.passed
    assert "B:VIMAX 0.000 %" in verdict.reason
    assert not samples_match_the_clock([]).passed


def test_ticks_are_judged_against_the_window() -> None:
    assert ticks_match_the_window(1_295_750, 1_296_000).passed
    assert not ticks_match_the_window(1_242_000, 1_296_000).passed
    assert not ticks_match_the_window(0, 0).passed
