"""The start of a supercycle out of several readings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.timeline.start_estimate import (
    ElapsedReading,
    estimate_start,
    runs,
    same_supercycle,
)

START = 1_773_118_800_123_456


def reading(at: float, way_there: float, way_back: float, digits: int = 6) -> ElapsedReading:
    """A reading of so many seconds into the supercycle, with the time the request took both ways."""
    read_at = START + round(at * 1e6)
    before, after = read_at - round(way_there * 1e6), read_at + round(way_back * 1e6)
    return ElapsedReading(round(at, digits), 10.0**-digits, before, after)


def test_one_reading_is_known_to_half_of_its_round_trip() -> None:
    estimate = estimate_start([reading(12.3456, 0.1, 0.1)])
    assert abs(estimate.start - START) <= 2
    assert estimate.uncertainty == pytest.approx(100_000, abs=3)


def test_slow_ways_on_different_sides_make_a_narrow_overlap() -> None:
    estimate = estimate_start([reading(1.2345, 0.9, 0.001), reading(3.4567, 0.002, 0.8)])
    assert abs(estimate.start - START) <= estimate.uncertainty <= 1_505


def test_one_late_reading_does_not_lead_the_others_astray() -> None:
    quick = [reading(1.01 + n, 0.002, 0.002) for n in range(4)]
    estimate = estimate_start([*quick, reading(7.01, 0.002, 4.0)])
    assert abs(estimate.start - START) <= 5
    assert estimate.readings == 5


ways = st.floats(0, 2)


@given(
    st.lists(st.tuples(st.floats(0, 600), ways, ways), min_size=1, max_size=6), st.integers(1, 6)
)
def test_the_true_start_is_always_within_the_uncertainty(
    seen: list[tuple[float, float, float]], digits: int
) -> None:
    readings = [reading(*each, digits=digits) for each in seen]
    estimate = estimate_start(readings)
    assert abs(estimate.start - START) <= estimate.uncertainty + 2
    narrowest = min(one.latest_start - one.earliest_start for one in readings)
    assert estimate.uncertainty <= narrowest / 2 + 1e6 / 15


@given(st.lists(st.tuples(st.floats(0, 600), ways, ways), min_size=1, max_size=6))
def test_a_value_that_moves_once_a_tick_counts_as_up_to_a_tick_old(
    seen: list[tuple[float, float, float]],
) -> None:
    readings = []
    for at, there, back in seen:
        true = reading(at, there, back)
        shown = round(int(at * 15) / 15, 6)
        readings.append(ElapsedReading(shown, 1e-6, true.before, true.after))
    estimate = estimate_start(readings)
    assert abs(estimate.start - START) <= estimate.uncertainty + 2


def test_readings_that_contradict_each_other_widen_the_uncertainty() -> None:
    stepped = ElapsedReading(5.0, 1e-6, START + 7_000_000, START + 7_010_000)
    estimate = estimate_start([reading(1.01, 0.002, 0.002), stepped])
    assert abs(estimate.start - START) <= 5
    assert estimate.uncertainty >= 2_000_000


def test_two_supercycles_of_one_second_are_told_apart() -> None:
    first = estimate_start([reading(0.9, 0.1, 0.1)])
    again = estimate_start([reading(0.95, 0.2, 0.1)])
    following = estimate_start([ElapsedReading(0.05, 1e-6, START + 950_000, START + 1_150_000)])
    assert same_supercycle(first, again, 0.95)
    assert not same_supercycle(first, following, 0.05)


@given(st.floats(0, 500), st.floats(0.2, 60), ways, ways, ways, ways, st.integers(2, 6))
def test_a_time_elapsed_that_goes_on_runs(
    at: float, later: float, one: float, two: float, three: float, four: float, digits: int
) -> None:
    first, last = (
        reading(at, one, two, digits),
        reading(at + two + three + later, three, four, digits),
    )
    assert runs(first, last)


@given(st.floats(0, 500), st.floats(0.2, 60), st.booleans())
def test_a_time_elapsed_that_stands_still_or_jumps_does_not_run(
    at: float, later: float, on_tick: bool
) -> None:
    shown = round(round(at * 15) / 15 if on_tick else at, 6)
    first = ElapsedReading(shown, 1e-6, START, START + 2_000)
    then = START + 2_000 + round(later * 1e6)
    assert not runs(first, ElapsedReading(shown, 1e-6, then, then + 2_000))
    jumped = shown + later + 0.5
    assert not runs(first, ElapsedReading(round(jumped, 6), 1e-6, then, then + 2_000))


def test_without_a_reading_there_is_no_start() -> None:
    with pytest.raises(ValueError, match="at least one reading"):
        estimate_start([])
