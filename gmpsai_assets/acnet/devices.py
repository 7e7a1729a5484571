"""ACNET device names: the grammar a name must match in full, and what its second character asks for.

No request is built here; commands take names that passed through here.
"""

import re
from enum import Enum

DEVICE_GRAMMAR = r"[A-Z0#][:?_|&@$~][A-Z0-9_:-]{1,62}"
"""Upper-case form of the grammar of the Data Pool Manager (drf3/AcnetRequest.java)."""

_DEVICE = re.compile(DEVICE_GRAMMAR)


class DeviceNameError(ValueError):
    """A text that is not one whole device name."""


class Property(Enum):
    """What a name reads, by its second character (DPM drf3)."""

    READING = "reading"
    SETTING = "setting"
    STATUS = "status"
    CONTROL = "control"
    ANALOG_ALARM = "analog alarm"
    DIGITAL_ALARM = "digital alarm"
    DESCRIPTION = "description"


_PROPERTIES = {
    ":": Property.READING,
    "?": Property.READING,
    "_": Property.SETTING,
    "|": Property.STATUS,
    "&": Property.CONTROL,
    "@": Property.ANALOG_ALARM,
    "$": Property.DIGITAL_ALARM,
    "~": Property.DESCRIPTION,
}


def parse_device_name(text: str) -> str:
    """The upper-cased name, if the whole text is one device name; nothing is trimmed.

    Raises:
        DeviceNameError: anything else, such as ``B:VIMIN;set`` or ``B:VIMIN+set``; and names that
            begin with ``#``, since a URL ends at that character and it must not be escaped.
    """
    # str.upper() turns some letters outside ASCII into ASCII ones, so those are refused first.
    name = text.upper() if text.isascii() else ""
    if not _DEVICE.fullmatch(name):
        msg = (
            f"{text[:80]!r} is not an ACNET device name (a letter, one of : ? _ | & @ $ ~, "
            "then 1 to 62 letters, digits, _ : or -)"
        )
        raise DeviceNameError(msg)
    if name.startswith("#"):
        msg = f"{name!r} begins with '#', which cannot be sent in a URL; use the name by letter"
        raise DeviceNameError(msg)
    return name


def device_property(device: str) -> Property:
    """The property that a device name reads.

    Raises:
        DeviceNameError: if the text is no device name.
    """
    return _PROPERTIES[parse_device_name(device)[1]]
