"""The preview of a day."""

import numpy as np

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.quality.pictures import day_picture, envelope, event_picture, gap_picture
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
