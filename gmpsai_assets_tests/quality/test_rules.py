"""Rules that need no more than two numbers."""

from gmpsai_assets.quality.rules import ticks_match_the_window


def test_ticks_are_judged_against_the_window() -> None:
    assert ticks_match_the_window(1_295_750, 1_296_000).passed
    assert not ticks_match_the_window(1_242_000, 1_296_000).passed
    assert not ticks_match_the_window(0, 0).passed
