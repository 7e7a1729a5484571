"""The exact texts of commands, and what cannot be made a command."""

from datetime import UTC, datetime, timedelta

import pytest

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.commands import (
    AmbiguousTimeError,
    Command,
    EventLog,
    LoggerGet,
    ReadDevice,
    ShowDevice,
    TimelineInfo,
    WhereLogged,
    render_url,
)
from gmpsai_assets.acnet.devices import DeviceNameError

BASE = "http://www-ad.fnal.gov/cgi-bin/acl.pl"
DAY = day_window("2020-03-10")


@pytest.mark.parametrize(
    ("command", "sent"),
    [
        (
            LoggerGet("B:VIMIN", DAY, "MLrn"),
            "logger_get/date_format='utc_seconds'/ignore_db_format"
            '/start="2020-03-10+00:00:00"/end="2020-03-11+00:00:00"/node=MLrn+B:VIMIN',
        ),
        (
            LoggerGet("b|gmpssc", DAY),
            "logger_get/date_format='utc_seconds'/ignore_db_format"
            '/start="2020-03-10+00:00:00"/end="2020-03-11+00:00:00"+B|GMPSSC',
        ),
        (
            EventLog(0x0C, DAY),
            'event_log/start_time="2020-03-10+00:00:00"/stop_time="2020-03-11+00:00:00"/event=0c',
        ),
        (TimelineInfo(), "tlg_info/all_event_info"),
        (ReadDevice("G:SCTIME", setting=True), "read/no_name/no_units/setting+G:SCTIME"),
        (ReadDevice("G:SCTIME"), "read/no_name/no_units+G:SCTIME"),
        (ReadDevice("M:OUTTMP"), "read/no_name/no_units+M:OUTTMP"),
        (ShowDevice("e:hadc02"), "show+E:HADC02/text/units/FTD"),
        (WhereLogged("L:RFQPAH"), "show/whereLogged+L:RFQPAH"),
        (
            LoggerGet("g:pidki[3]", DAY, "Lina2"),
            "logger_get/date_format='utc_seconds'/ignore_db_format"
            '/start="2020-03-10+00:00:00"/end="2020-03-11+00:00:00"/node=Lina2+G:PIDKI[3]',
        ),
        (WhereLogged("G:PIDKI[3]"), "show/whereLogged+G:PIDKI[3]"),
        (ReadDevice("G:PIDKI[3]"), "read/no_name/no_units+G:PIDKI[3]"),
        (ShowDevice("G:PIDKI[3]"), "show+G:PIDKI/text/units/FTD"),
    ],
)
def test_a_command_is_sent_as_the_laboratory_writes_it(command: Command, sent: str) -> None:
    assert render_url(BASE, command) == f"{BASE}?acl={sent}"


def test_a_command_names_its_subject() -> None:
    assert str(LoggerGet("B:VIMIN", DAY, "MLrn").subject).startswith("B:VIMIN on MLrn, 2020-03-10")
    day = "2020-03-10 00:00:00 CDT to 2020-03-11 00:00:00 CDT"
    assert EventLog(12, DAY).subject == f"TCLK event $0C, {day}"


@pytest.mark.parametrize(
    "device",
    [
        "B:VIMIN;set+B_VIMIN+99",
        "B:VIMIN+set",
        "B:VIMIN B:VIMAX",
        "",
        "B:X[0:3]",
        "B:X[3];set+B_X+99",
        "B:X[]",
        "B:X{0:4}",
    ],
)
def test_a_command_with_a_false_device_cannot_be_made(device: str) -> None:
    with pytest.raises(DeviceNameError):
        LoggerGet(device, DAY, "MLrn")
    for make in (ReadDevice, ShowDevice, WhereLogged):
        with pytest.raises(DeviceNameError):
            make(device)


@pytest.mark.parametrize("node", ["", "MLrn/x", "ML rn", "MLrn+set", "1ML", 'ML"'])
def test_a_command_with_a_false_node_cannot_be_made(node: str) -> None:
    with pytest.raises(ValueError, match="not a node name"):
        LoggerGet("B:VIMIN", DAY, node)


@pytest.mark.parametrize("event", [-1, 256, True, 1.0, "0c"])
def test_an_event_outside_a_byte_cannot_be_asked_for(event: int) -> None:
    with pytest.raises(ValueError, match="TCLK event"):
        EventLog(event, DAY)


def test_a_boundary_between_seconds_cannot_be_written() -> None:
    window = Window(DAY.start, DAY.end + timedelta(microseconds=1))
    with pytest.raises(ValueError, match="whole seconds"):
        LoggerGet("B:VIMIN", window)


@pytest.mark.parametrize("minute", [360, 390, 450, 479])
def test_a_boundary_in_the_repeated_hour_cannot_be_written(minute: int) -> None:
    inside = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=minute)
    with pytest.raises(AmbiguousTimeError, match="repeated hour"):
        EventLog(0, Window(DAY.start, inside))


def test_a_day_of_25_hours_can_be_written() -> None:
    text = EventLog(0, day_window("2026-11-01")).text
    assert '"2026-11-01 00:00:00"' in text
    assert '"2026-11-02 00:00:00"' in text


def test_only_the_closed_set_of_commands_is_rendered() -> None:
    class Forged(TimelineInfo):
        text = "set B_VIMIN 99"

    with pytest.raises(TypeError, match="only the commands"):
        render_url(BASE, Forged())
    with pytest.raises(TypeError, match="only the commands"):
        render_url(BASE, "set B_VIMIN 99")  # type: ignore[arg-type]
