"""The grammar of device names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.devices import (
    DEVICE_GRAMMAR,
    DeviceNameError,
    Property,
    device_property,
    parse_device_name,
)


@pytest.mark.parametrize("name", ["B:VIMIN", "B_VIMIN", "B|GMPSSC", "I:MXIB", "0:1234", "Z@A-B:C"])
def test_a_device_name_is_read(name: str) -> None:
    assert parse_device_name(name) == name


def test_lower_case_is_raised() -> None:
    assert parse_device_name("e:hadc02") == "E:HADC02"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "B",
        "B:",
        "VIMIN",
        "B:VIMIN;set+B_VIMIN+99",
        "B:VIMIN+set",
        "B:VIMIN set",
        "B:VIMIN\n",
        " B:VIMIN",
        "B:VIMIN/setting",
        "B:VIMIN%3Bset",
        "B:VIMIN&acl=set",
        "B:" + "A" * 63,
        "\u0131:IB",
        "B:V\u0131MIN",
        "B:\u017fET",
        "B:VIMIN\x00",
        "B^VIMIN",
    ],
)
def test_anything_that_is_not_one_whole_name_is_refused(text: str) -> None:
    with pytest.raises(DeviceNameError, match="not an ACNET device name"):
        parse_device_name(text)


def test_a_name_that_a_url_cannot_carry_is_refused_with_that_reason() -> None:
    with pytest.raises(DeviceNameError, match="cannot be sent in a URL"):
        parse_device_name("#:VIMIN")


@given(st.from_regex(DEVICE_GRAMMAR, fullmatch=True).filter(lambda name: name[0] != "#"))
def test_every_name_of_the_grammar_is_read_unchanged(name: str) -> None:
    assert parse_device_name(name) == name


@given(st.text())
def test_a_text_is_a_plain_name_or_refused(text: str) -> None:
    try:
        name = parse_device_name(text)
    except DeviceNameError:
        return
    assert name == text.upper()
    assert not set(name) & set(" +;/%#\"'\\\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("B:VIMIN", Property.READING),
        ("B_VIMIN", Property.SETTING),
        ("B|GMPSSC", Property.STATUS),
        ("B@VIMIN", Property.ANALOG_ALARM),
        ("B$VIMIN", Property.DIGITAL_ALARM),
        ("B~VIMIN", Property.DESCRIPTION),
        ("B&VIMIN", Property.CONTROL),
        ("B?VIMIN", Property.READING),
    ],
)
def test_the_second_character_tells_the_property(name: str, expected: Property) -> None:
    assert device_property(name) is expected
