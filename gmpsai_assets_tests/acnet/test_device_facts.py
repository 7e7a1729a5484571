"""Device facts: every listed device has one, and nothing is claimed that is not known."""

import pytest

from gmpsai_assets.acnet.device_facts import (
    DEVICE_FACTS,
    Certainty,
    described_as,
    device_fact,
    reading_of,
)
from gmpsai_assets_tests.site.sample_statistics import listed_parameters


@pytest.mark.parametrize("device", listed_parameters())
def test_every_listed_device_has_a_fact(device: str) -> None:
    assert device_fact(device).device == reading_of(device)


@pytest.mark.parametrize(
    ("device", "reading"),
    [
        ("B:VIMIN", "B:VIMIN"),
        ("B_VIMIN", "B:VIMIN"),
        ("B|GMPSSC", "B|GMPSSC"),
        ("B_X[3]", "B:X[3]"),
        ("B:X[0]", "B:X[0]"),
    ],
)
def test_a_setting_belongs_to_a_reading(device: str, reading: str) -> None:
    assert reading_of(device) == reading


def test_a_setting_shares_the_fact_of_its_reading() -> None:
    assert device_fact("B_VIMIN") is device_fact("B:VIMIN")
    assert device_fact("B_VIMIN").unit == "A"


def test_an_element_shares_the_fact_of_its_device() -> None:
    assert [described_as(name) for name in ("B:X[3]", "B_X[3]", "B|X[0]", "B:X")] == [
        "B:X",
        "B:X",
        "B|X",
        "B:X",
    ]
    assert device_fact("B_VIMIN[3]") is device_fact("B:VIMIN")
    assert device_fact("Z_ACLTST[3]").device == "Z:ACLTST"


def test_of_an_unlisted_device_nothing_is_claimed() -> None:
    fact = device_fact("Z:ACLTST")
    assert (fact.description, fact.unit, fact.certainty) == ("", None, Certainty.UNKNOWN)


def test_unknown_devices_have_neither_unit_nor_description() -> None:
    unknown = [fact for fact in DEVICE_FACTS.values() if fact.certainty is Certainty.UNKNOWN]
    assert {fact.device for fact in unknown} == {"B:CHG0", "B:CHGA", "B:CHGB"}
    assert all(fact.unit is None and not fact.description for fact in unknown)
