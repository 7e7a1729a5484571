"""The catalogue of TCLK events."""

import pytest

from gmpsai_assets.acnet.tclk import BOOSTER_RESETS, TCLK_EVENTS, event_label, event_meaning


def test_the_catalogue_holds_the_documented_events() -> None:
    assert len(TCLK_EVENTS) == 50
    assert list(TCLK_EVENTS) == sorted(TCLK_EVENTS)
    assert [event_label(code) for code in BOOSTER_RESETS] == [
        "$11", "$12", "$13", "$14", "$15", "$16", "$17", "$19", "$1C", "$1D",
    ]  # fmt: skip
    assert "supercycle" in event_meaning(0)
    assert event_meaning(0xFF) == ""
    with pytest.raises(ValueError, match="0 to 255"):
        event_label(256)
