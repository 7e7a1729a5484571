"""ACL commands and their times are read as the laboratory reads them."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, to_microseconds
from gmpsai_assets.emulator.request import (
    CommandSyntaxError,
    decode_query,
    parse_command,
    parse_local_time,
    split_commands,
)

NOW = to_microseconds(datetime(2026, 3, 11, 9, 30, tzinfo=ACCELERATOR_ZONE))


def chicago(*fields: int, fold: int = 0) -> int:
    return to_microseconds(datetime(*fields, tzinfo=ACCELERATOR_ZONE, fold=fold))  # type: ignore[misc, arg-type]


def test_the_command_of_the_daily_pull_is_read() -> None:
    query = (
        "acl=logger_get/date_format='utc_seconds'/ignore_db_format"
        '/start="2020-03-10+00:00:00"/end="2020-03-11+00:00:00"/node=MLrn+B:VIMIN'
    )
    command = parse_command(decode_query(query))
    assert command.verb == "logger_get"
    assert command.device == "B:VIMIN"
    assert command.qualifiers == {
        "date_format": "utc_seconds",
        "ignore_db_format": "",
        "start": "2020-03-10 00:00:00",
        "end": "2020-03-11 00:00:00",
        "node": "MLrn",
    }


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("acl=read+G:SCTIME", "read G:SCTIME"),
        ("read%20G:SCTIME", "read G:SCTIME"),
        ("acl=a%27b%27%22c%22", "a'b'\"c\""),
        ("acl=read+B%7CGMPSSC", "read B%7CGMPSSC"),
        ("acl=read+B%3AVIMIN", "read B%3AVIMIN"),
        ("acl=read+B|GMPSSC", "read B|GMPSSC"),
    ],
)
def test_four_codes_are_decoded_and_no_others(query: str, text: str) -> None:
    assert decode_query(query) == text


@pytest.mark.parametrize(
    "text",
    [
        "logger_get/device=F:MC6IC/start=yesterday/end=today",
        "logger_get/start=yesterday/end=today f:mc6ic",
        "logger_get f:mc6ic/start=yesterday/end=today",
    ],
)
def test_the_device_may_stand_anywhere(text: str) -> None:
    command = parse_command(text)
    assert command.device == "F:MC6IC"
    assert command.qualifiers["end"] == "today"


def test_qualifiers_may_come_after_the_device() -> None:
    command = parse_command("show e:hadc02/text/units/FTD")
    assert (command.verb, command.device) == ("show", "E:HADC02")
    assert list(command.qualifiers) == ["text", "units", "ftd"]


def test_commands_are_split_at_semicolons_that_are_not_escaped() -> None:
    assert [one.verb for one in split_commands("read A:B;set B:VIMIN 3; ")] == ["read", "set"]
    assert len(split_commands(r"read A:B\;C")) == 1


@pytest.mark.parametrize("text", ["", "   ", "/read", "read 'A:B", '"'])
def test_what_is_no_command_is_named(text: str) -> None:
    with pytest.raises(CommandSyntaxError):
        parse_command(text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        commands = split_commands(decode_query(text))
    except CommandSyntaxError:
        return
    assert all(command.verb == command.verb.lower() for command in commands)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2020-03-10 00:00:00", chicago(2020, 3, 10)),
        ("2020-03-10", chicago(2020, 3, 10)),
        ("11-OCT-2012-12:30", chicago(2012, 10, 11, 12, 30)),
        ("09-nov-2022-00:00:00", chicago(2022, 11, 9)),
        ("09-Nov-2022 01:02:03.250", chicago(2022, 11, 9, 1, 2, 3) + 250_000),
        ("Now", NOW),
        ("today", chicago(2026, 3, 11)),
        ("YESTERDAY", chicago(2026, 3, 10)),
    ],
)
def test_the_notations_of_time_are_read(text: str, microseconds: int) -> None:
    assert parse_local_time(text, NOW) == microseconds


@pytest.mark.parametrize("text", ["", "soon", "2020-13-01 00:00:00", "31-FEB-2020", "10-XXX-2020"])
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(CommandSyntaxError, match="no time"):
        parse_local_time(text, NOW)


@settings(deadline=None)
@given(st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2035, 1, 1)))  # noqa: DTZ001
def test_a_time_is_understood_as_chicago_time(moment: datetime) -> None:
    text = f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond:06d}"
    assert parse_local_time(text, NOW) == to_microseconds(moment.replace(tzinfo=ACCELERATOR_ZONE))


def test_a_time_of_the_repeated_hour_is_the_first_of_the_two() -> None:
    assert parse_local_time("2026-11-01 01:30:00", NOW) == chicago(2026, 11, 1, 1, 30)
