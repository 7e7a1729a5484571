"""Commands to the ACL service as values: a closed set of verbs, all of which only read.

Here belong the exact texts of commands and of their URLs; nothing is sent here. ACL can also set
devices, so there is no way to make a command from free text: every field is checked when a command
is made, and every device name must match the ACNET grammar in full.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from gmpsai_assets.acnet.clock import Window, is_repeated_local_time, local_text
from gmpsai_assets.acnet.devices import device_of, parse_device_name
from gmpsai_assets.acnet.parameter_lists import parse_node


class AmbiguousTimeError(ValueError):
    """A window that cannot be written: the text of a request has no time zone."""


def _request_time(instant: datetime) -> str:
    """Local wall time as requests carry it, ``"YYYY-MM-DD HH:MM:SS"`` with its quotes."""
    if instant.microsecond:
        msg = f"a window is asked for in whole seconds, got {instant.isoformat()}"
        raise ValueError(msg)
    if is_repeated_local_time(instant):
        msg = (
            f"{instant.isoformat()} lies in the repeated hour of November and cannot be written in "
            "a request; move the boundary to 01:00 daylight time or 02:00 standard time"
        )
        raise AmbiguousTimeError(msg)
    return f'"{local_text(instant)}"'


@dataclass(frozen=True)
class LoggerGet:
    """The samples of one device in a window, as epoch seconds and plain numbers.

    Args:
        device: device name, any case.
        window: half-open, on whole seconds.
        node: the logger node; None lets the service choose one.

    Raises:
        DeviceNameError: no device name.
        AmbiguousTimeError: a boundary inside the repeated hour of November.
        ValueError: no node name, or a boundary between seconds.
    """

    device: str
    window: Window
    node: str | None = None
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        device = parse_device_name(self.device)
        node = "" if self.node is None else f"/node={parse_node(self.node)}"
        start, end = _request_time(self.window.start), _request_time(self.window.end)
        qualifiers = f"/date_format='utc_seconds'/ignore_db_format/start={start}/end={end}{node}"
        object.__setattr__(self, "device", device)
        object.__setattr__(self, "text", f"logger_get{qualifiers} {device}")

    @property
    def subject(self) -> str:
        """Device, node and window, for messages."""
        node = "" if self.node is None else f" on {self.node}"
        return f"{self.device}{node}, {self.window}"


@dataclass(frozen=True)
class EventLog:
    """The occurrences of one TCLK event in a window.

    Args:
        event: 0 to 255.
        window: half-open, on whole seconds.

    Raises:
        AmbiguousTimeError: a boundary inside the repeated hour of November.
        ValueError: no such event, or a boundary between seconds.
    """

    event: int
    window: Window
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.event, bool) or not isinstance(self.event, int):
            msg = f"a TCLK event is a whole number, got {self.event!r}"
            raise ValueError(msg)  # noqa: TRY004 (one error class for a bad field)
        if not 0 <= self.event <= 0xFF:
            msg = f"TCLK events run from 0 to 255 ($00 to $FF), got {self.event}"
            raise ValueError(msg)
        start, stop = _request_time(self.window.start), _request_time(self.window.end)
        text = f"event_log/start_time={start}/stop_time={stop}/event={self.event:02x}"
        object.__setattr__(self, "text", text)

    @property
    def subject(self) -> str:
        """Event and window, for messages."""
        return f"TCLK event ${self.event:02X}, {self.window}"


@dataclass(frozen=True)
class TimelineInfo:
    """All entries of the timeline that is playing now."""

    text: str = field(default="tlg_info/all_event_info", init=False, repr=False)
    subject: str = field(default="the timeline", init=False, repr=False)


@dataclass(frozen=True)
class ReadDevice:
    """The present reading of a device, or its setting, as a bare number.

    Args:
        device: device name, any case.
        setting: read the setting in place of the reading.

    Raises:
        DeviceNameError: no device name.
    """

    device: str
    setting: bool = False
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        device = parse_device_name(self.device)
        what = "/setting" * self.setting
        object.__setattr__(self, "device", device)
        object.__setattr__(self, "text", f"read/no_name/no_units{what} {device}")

    @property
    def subject(self) -> str:
        """Device and property, for messages."""
        return f"the {'setting' if self.setting else 'reading'} of {self.device}"


@dataclass(frozen=True)
class ShowDevice:
    """Description and unit of a device, from the device database; of an element, those of its array.

    The one form of the command that is known asks for the rate of default reading (FTD), too.

    Raises:
        DeviceNameError: no device name.
    """

    device: str
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        device = device_of(parse_device_name(self.device))
        object.__setattr__(self, "device", device)
        object.__setattr__(self, "text", f"show {device}/text/units/FTD")

    @property
    def subject(self) -> str:
        """Device, for messages."""
        return f"the description of {self.device}"


@dataclass(frozen=True)
class WhereLogged:
    """The logger lists that hold a device.

    Raises:
        DeviceNameError: no device name.
    """

    device: str
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        device = parse_device_name(self.device)
        object.__setattr__(self, "device", device)
        object.__setattr__(self, "text", f"show/whereLogged {device}")

    @property
    def subject(self) -> str:
        """Device, for messages."""
        return f"the loggers of {self.device}"


Command = LoggerGet | EventLog | TimelineInfo | ReadDevice | ShowDevice | WhereLogged


def render_url(base_url: str, command: Command) -> str:
    """The URL that asks the command, to be sent byte for byte.

    Blanks become ``+`` and nothing else is escaped: the service does not decode ``%7C`` and its
    like (pacsys docs/backends/acl.md), so ``" ' : | _ & @ $ , / [ ]`` travel raw.

    Raises:
        TypeError: if it is not one of the closed set of commands.
    """
    if type(command) not in get_args(Command):
        msg = f"only the commands of this module are sent, got {type(command).__name__}"
        raise TypeError(msg)
    return f"{base_url}?acl={command.text.replace(' ', '+')}"
