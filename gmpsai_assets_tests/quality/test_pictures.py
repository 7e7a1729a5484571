"""The preview of a day."""

import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.quality.pictures import (
    NotDrawnError,
    day_picture,
    envelope,
    event_picture,
    gap_picture,
)
from gmpsai_assets_tests.tables import sample_rows

WINDOW = day_window("2026-03-10")


def test_the_envelope_keeps_every_extreme() -> None:
    rows = sample_rows(WINDOW, 10_000)
    seconds, low, high = envelope(rows, 100)
    assert len(seconds) == len(low) == len(high) == 100
    assert low.min() == 1.0
    assert high.max() == 10_000.0
    assert np.all(low <= high)
    assert seconds[0] == WINDOW.start.timestamp()


def test_the_envelope_of_few_samples_is_the_samples() -> None:
    _, low, high = envelope(sample_rows(WINDOW, 3), 100)
    assert low.tolist() == high.tolist() == [1.0, 2.0, 3.0]
    assert len(envelope(sample_rows(WINDOW, 0))[0]) == 0


def test_the_picture_is_a_png() -> None:
    rows = {"B:VIMIN": sample_rows(WINDOW, 1000), "B:NONE": sample_rows(WINDOW, 0)}
    assert day_picture(list(rows), rows.__getitem__, WINDOW, "a day").startswith(b"\x89PNG")


def test_gaps_are_drawn_whatever_their_cause_and_length() -> None:
    window = day_window("2026-11-01")
    causes = {"source": 0.2, "request": 3_600.0, "slower tier": 90_000.0}
    gaps = [
        {"parameter": f"B:{cause}", "start": window.start, "seconds": seconds, "cause": cause}
        for cause, seconds in causes.items()
    ]
    one, all_three = (gap_picture(some, window, "gaps") for some in (gaps[:1], gaps))
    assert one.startswith(b"\x89PNG")
    assert len(all_three) > len(one)


def test_events_are_drawn_however_often_they_came() -> None:
    window = day_window("2026-03-08")
    rows = {"$0C": sample_rows(window, 50_000), "$00": sample_rows(window, 1)}
    picture = event_picture(list(rows), lambda name: rows[name]["time"], window, "events")
    assert picture.startswith(b"\x89PNG")
    one = event_picture(["$00"], lambda name: rows[name]["time"], window, "events")
    assert len(one) < len(picture)


any_double = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | any_double, max_size=6))
@example([1.7e308, -1.7e308])
@example([sys.float_info.max, -sys.float_info.max])
@example([1.7e308])
@example([5e-324, -5e-324])
@example([5e-324])
@example([0.0, -0.0])
@example([1e16, 1e16 + 2])
@example([2.0**53, 2.0**53 + 2, None])
@example([1e150, -1e150])
@example([1e-150, 1.1e-150])
@example([None, None])
def test_any_finite_double_is_drawn(values: list[float | None]) -> None:
    times = WINDOW.start_microseconds + 66_667 * np.arange(len(values))
    rows = pa.table(
        {"time": pa.array(times).cast(TIME_TYPE), "value": pa.array(values, pa.float64())}
    )
    others = {"B:WILD": rows, "B:VIMIN": sample_rows(WINDOW, 3)}
    assert day_picture(list(others), others.__getitem__, WINDOW, "a day").startswith(b"\x89PNG")


def test_what_the_library_cannot_draw_is_named() -> None:
    no_formula = r"$\frac$"
    with pytest.raises(NotDrawnError, match="B:WILD could not be drawn"):
        day_picture(["B:WILD"], lambda _: sample_rows(WINDOW, 2), WINDOW, no_formula)


def test_what_cannot_be_read_is_no_fault_of_the_drawing() -> None:
    published: dict[str, pa.Table] = {}
    with pytest.raises(KeyError):
        day_picture(["B:WILD"], published.__getitem__, WINDOW, "a day")
