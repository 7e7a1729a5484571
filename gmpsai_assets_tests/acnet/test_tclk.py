"""The catalogue of TCLK events."""

import pytest

from gmpsai_assets.acnet.tclk import (
    BEAM_USERS,
    BOOSTER_RESETS,
    EVENTS,
    TCLK_EVENTS,
    event_cadence,
    event_code,
    event_label,
    event_meaning,
)


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


def test_the_user_of_a_beam_is_named_in_its_meaning() -> None:
    assert set(BEAM_USERS) < set(BOOSTER_RESETS)
    for code, user in BEAM_USERS.items():
        assert user in event_meaning(code)


def test_every_documented_cadence_is_known() -> None:
    known = {code for code in EVENTS if event_cadence(code)}
    assert len(known) == 91
    assert event_cadence(0x8F) == "every 1 s exactly, by GPS"
    assert event_cadence(0x3C) == event_cadence(0x00) == "once a supercycle"
    assert event_cadence(0xFF) is None


@pytest.mark.parametrize("event", [0x0C, "$0C", "$0c", "0c", "0x0C", " $0C ", "c"])
def test_an_event_is_a_number_or_written_as_in_the_control_room(event: int | str) -> None:
    assert event_code(event) == 0x0C


@pytest.mark.parametrize("event", [256, -1, "$GG", "", "$100", "VIMIN"])
def test_what_is_no_event_is_refused(event: int | str) -> None:
    with pytest.raises(ValueError, match="TCLK event"):
        event_code(event)
