"""The preview of a day."""

import numpy as np

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.analysis.pictures import day_picture, envelope
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
    assert day_picture(rows, WINDOW, "a day").startswith(b"\x89PNG")
