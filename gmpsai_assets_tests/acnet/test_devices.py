"""The grammar of device names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.devices import (
    DEVICE_GRAMMAR,
    DeviceNameError,
    Property,
    device_of,
    device_property,
    is_element,
    names_that_hold,
    parse_device_name,
    parse_device_names,
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
        "B:X[3",
        "B:X 3]",
        "B:X[3]]",
        "B:X[3][4]",
        "B:X[3];set+B_X+99",
        "B:X[3]+set",
        "B:X[3].RAW",
        "B:X [3]",
        "[3]",
        "B:[3]",
        "B:X[ ]",
        "B:X[]",
        "B:X[:]",
        "B:X[0:]",
        "B:X[:3]",
        "B:X[-1]",
        "B:X[03]",
        "B:X[0x3]",
        "B:X[1,3]",
        "B:X[0:3:2]",
        "B:X[\u0663]",
        "B:X[3]\n",
        "B:X{0:4}",
        "B:X{2}",
    ],
)
def test_anything_that_is_not_one_whole_name_is_refused(text: str) -> None:
    for parse in (parse_device_name, parse_device_names, device_of):
        with pytest.raises(DeviceNameError, match="not an ACNET device name"):
            parse(text)


def test_a_name_that_a_url_cannot_carry_is_refused_with_that_reason() -> None:
    with pytest.raises(DeviceNameError, match="cannot be sent in a URL"):
        parse_device_name("#:VIMIN")


@given(st.from_regex(DEVICE_GRAMMAR, fullmatch=True).filter(lambda name: name[0] != "#"))
def test_every_name_of_the_grammar_is_read_unchanged(name: str) -> None:
    assert parse_device_name(name) == name


@given(
    st.from_regex(DEVICE_GRAMMAR, fullmatch=True).filter(lambda name: name[0] != "#"),
    st.integers(0, 32_767),
    st.integers(0, 255),
)
def test_every_range_is_as_many_names_of_one_device(device: str, first: int, more: int) -> None:
    last = min(first + more, 32_767)
    names = parse_device_names(f"{device}[{first}:{last}]")
    assert len(set(names)) == last - first + 1
    assert [parse_device_name(name) for name in names] == list(names)
    assert set(map(device_of, names)) == {device}


@given(st.text(alphabet="B:X[]{}0123456789,- "))
def test_a_text_of_brackets_and_digits_is_a_name_or_refused(text: str) -> None:
    try:
        names = parse_device_names(f"B:X{text}")
    except DeviceNameError:
        return
    assert all(re.fullmatch(r"B:X[BX:0-9-]*(\[[0-9]+\])?", name) for name in names)


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


def test_an_element_of_an_array_is_a_name() -> None:
    assert parse_device_name("g:pidki[3]") == "G:PIDKI[3]"
    assert parse_device_names("g:pidki[3]") == ("G:PIDKI[3]",)
    assert device_property("B_X[0]") is Property.SETTING
    assert device_of("B_X[32767]") == "B_X"
    assert device_of("b:x") == "B:X"
    assert is_element("B:X[0]")
    assert not is_element("B:X")


def test_a_range_is_its_elements_with_both_ends() -> None:
    assert parse_device_names("L:D7TOR[0:1]") == ("L:D7TOR[0]", "L:D7TOR[1]")
    assert parse_device_names("b:x[7:9]") == ("B:X[7]", "B:X[8]", "B:X[9]")
    assert parse_device_names("B:X[2:2]") == ("B:X[2]",)
    assert parse_device_names("B|GMPSSC") == ("B|GMPSSC",)


def test_a_device_and_its_element_0_are_two_names() -> None:
    assert parse_device_names("B:X") != parse_device_names("B:X[0]")


def test_a_range_is_no_name_of_one_parameter() -> None:
    with pytest.raises(
        DeviceNameError, match=r"'B:X\[0:3\]' names 4 elements .* such as B:X\[0\]; only a .* list"
    ):
        parse_device_name("B:X[0:3]")
    assert parse_device_name("B:X[2:2]") == "B:X[2]"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("B:X[3:1]", r"ends before it begins; write \[1:3\]"),
        ("B:X[32768]", "an index of an array is at most 32767"),
        ("B:X[0:65535]", "an index of an array is at most 32767"),
        (f"B:X[{'9' * 5000}]", "an index of an array is at most 32767"),
        ("B:X[0:256]", "names 257 elements, .* a range has at most 256"),
        ("B:X[0:]", r"both its ends, such as \[0:3\]"),
        ("B:X{0:4}", r"such as \[3\]"),
    ],
)
def test_a_range_that_cannot_be_meant_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(DeviceNameError, match=reason) as caught:
        parse_device_names(text)
    assert len(str(caught.value)) < 300


def test_the_longest_range_is_read() -> None:
    names = parse_device_names("B:X[32512:32767]")
    assert (len(names), names[0], names[-1]) == (256, "B:X[32512]", "B:X[32767]")


D7TOR = [
    "L:D7TOR",
    "L:D7TOR[0:1]",
    "L:D7TORX",
    "L:D7TO",
    "L_D7TOR[0:1]",
    "l:d7tor[3]",
    "L:D7TOR{0:4}",
]


@pytest.mark.parametrize(
    ("wanted", "listed", "held"),
    [
        ("L:D7TOR[1]", D7TOR, ["L:D7TOR[0:1]"]),
        ("L:D7TOR[3]", D7TOR, ["l:d7tor[3]"]),
        ("L:D7TOR[2]", D7TOR, ["L:D7TOR"]),
        ("L:D7TOR", D7TOR, ["L:D7TOR"]),
        ("L:D7TOR", ["L:D7TOR[0:1]", "L:D7TOR[3]"], ["L:D7TOR[0:1]"]),
        ("L:D7TOR", ["L:D7TOR[3]"], []),
        ("G:PIDKI[3]", ["G:PIDKI[3]"], ["G:PIDKI[3]"]),
        ("G:PIDKI[3]", ["G:PIDKI[30]", "G:PIDKI[13]"], []),
        (
            "B:X[3]",
            ["B:X[]", "B:X[:]", "B:X[2:]", "B:X[:3]", "B:X[4:]", "B:X[:2]"],
            ["B:X[]", "B:X[:]", "B:X[2:]", "B:X[:3]"],
        ),
        ("B:X[3]", ["B_X[3]", "B:Y[3]"], []),
        ("B:X[3]", [], []),
        ("B:X[3]", ["B:X[", f"B:X[{'9' * 5000}]", "B:X{3}", "", "no name"], []),
    ],
)
def test_a_parameter_is_found_under_the_names_that_hold_it(
    wanted: str, listed: list[str], held: list[str]
) -> None:
    found = names_that_hold(wanted, listed)
    assert [name for name, holds in zip(listed, found, strict=True) if holds] == held
