"""Windows that are cut: on whole seconds, without loss, and never in the hour that comes twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window, day_window, is_repeated_local_time
from gmpsai_assets.acnet.commands import LoggerGet
from gmpsai_assets.fetch.asking.windows import askable, cut_at, first_piece, halves, last_piece

FALL_BACK = day_window("2026-11-01")
_DAYS = st.sampled_from(["2026-03-08", "2026-03-10", "2026-11-01"]).map(day_window)


@given(_DAYS, st.floats(0, 1))
def test_the_parts_of_a_window_can_be_asked_for_and_make_the_whole(
    day: Window, place: float
) -> None:
    parts = cut_at(day, day.start + (day.end - day.start) * place)
    if parts is None:
        return
    before, after = parts
    assert (before.start, before.end, after.end) == (day.start, after.start, day.end)
    assert LoggerGet("B:VIMIN", before).text != LoggerGet("B:VIMIN", after).text


@given(_DAYS, st.integers(300, 7200))
def test_halving_ends_at_the_smallest_span(day: Window, smallest: int) -> None:
    windows, pieces = [day], []
    while windows:
        window = windows.pop()
        parts = halves(window, smallest)
        windows += parts or ()
        pieces += [] if parts else [window]
    pieces.sort()
    assert [one.end for one in pieces[:-1]] == [other.start for other in pieces[1:]]
    assert (pieces[0].start, pieces[-1].end) == (day.start, day.end)
    for piece in pieces:
        assert not is_repeated_local_time(piece.start)
        assert not is_repeated_local_time(piece.end)
        holds_both_passes = piece.seconds >= 7200 and day == FALL_BACK
        assert piece.seconds < 2 * smallest + 2 or holds_both_passes


@given(st.integers(0, 90_000_000_000), st.integers(0, 7_200_000_000))
def test_a_span_is_widened_to_a_window_that_can_be_asked_for(offset: int, length: int) -> None:
    start = FALL_BACK.start_microseconds + min(offset, 89_999_000_000)
    end = min(start + length, FALL_BACK.end_microseconds)
    window = askable(start, end, FALL_BACK)
    assert FALL_BACK.start <= window.start <= window.end <= FALL_BACK.end
    assert window.start_microseconds <= start <= end <= window.end_microseconds
    assert LoggerGet("B:VIMIN", window).window == window


def test_both_passes_of_the_repeated_hour_stay_together() -> None:
    middle = datetime(2026, 11, 1, 7, 0, tzinfo=UTC)
    before, after = cut_at(FALL_BACK, middle) or pytest.fail("it can be cut before the hour")
    assert before.end == datetime(2026, 11, 1, 5, 59, 59, tzinfo=UTC)
    both = Window(after.start, datetime(2026, 11, 1, 8, 0, tzinfo=UTC))
    assert halves(both, 60) is None


def test_pieces_are_cut_off_both_ends() -> None:
    day = day_window("2026-03-10")
    quarter = timedelta(minutes=15)
    for parts, boundary in (
        (first_piece(day, 900), day.start + quarter),
        (last_piece(day, 900), day.end - quarter),
    ):
        assert parts == (Window(day.start, boundary), Window(boundary, day.end))
    assert first_piece(Window(day.start, day.start + quarter), 900) is None
