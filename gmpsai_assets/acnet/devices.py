"""ACNET device names: the grammar a name must match in full, what its second character asks for, and array elements.

No request is built here; commands take names that passed through here.

An array device has several values at a time. ``B:X[3]`` is its element with index 3, the fourth one, and has one value,
so it is a parameter like any other. ``B:X[0:3]`` are the four elements from 0 to 3, both included. ``B:X`` and
``B:X[0]`` are two names, neither of which stands for the other: a data pool manager reads element 0 where no index is
given, a logger may have the whole array under that name (tables of logger lists hold ``L:D7TOR`` beside
``L:D7TOR[0:1]``).
"""

import re
from collections.abc import Sequence
from enum import Enum

DEVICE_GRAMMAR = r"[A-Z0#][:?_|&@$~][A-Z0-9_:-]{1,62}"
"""Upper-case form of the grammar of the Data Pool Manager (drf3/AcnetRequest.java)."""

LISTED_NAME_GRAMMAR = rf"{DEVICE_GRAMMAR}(?:[\[{{][0-9:]{{0,11}}[\]}}])?"
"""A name as a table of the laboratory may hold it: with any range of DRF (drf3/DiscreteRequest.java)."""

_LARGEST_INDEX = 32_767
"""As in drf3/ArrayRange.java."""

_MOST_ELEMENTS = 256
"""Of one range: each is a parameter with requests and columns of its own; the GMPS has 47. Chosen."""

_NAME = re.compile(rf"(?P<device>{DEVICE_GRAMMAR})(?P<range>[\[{{].*)?")
_RANGE = re.compile(r"\[(?:0|[1-9][0-9]*)(?::(?:0|[1-9][0-9]*))?\]")
"""``[3]`` or ``[0:3]``. What DRF allows besides has no one meaning in a list of parameters: ``[]``, ``[:]`` and
``[2:]`` end where the device does, which is not known here, ``{0:4}`` are raw bytes, and ``[03]`` would be a second
name of ``[3]``."""

_LISTED_RANGE = re.compile(r"\[(?P<first>[0-9]{0,5})(?P<colon>:?)(?P<last>[0-9]{0,5})\]")


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
    """The upper-cased name, if the whole text is that of a device or of one element of an array; nothing is trimmed.

    Raises:
        DeviceNameError: anything else, such as ``B:VIMIN;set``, ``B:VIMIN+set`` or the range ``B:X[0:3]``; and names
            that begin with ``#``, since a URL ends at that character and it must not be escaped.
    """
    device, indices = _parse(text)
    if indices is None:
        return device
    if len(indices) > 1:
        msg = (
            f"{text!r} names {len(indices)} elements of an array and one is meant here, such as "
            f"{device}[{indices[0]}]; only a parameter list takes a range"
        )
        raise DeviceNameError(msg)
    return f"{device}[{indices[0]}]"


def parse_device_names(text: str) -> tuple[str, ...]:
    """The same for a text that may hold a range: ``B:X[0:3]`` are ``B:X[0]``, ``B:X[1]``, ``B:X[2]`` and ``B:X[3]``.

    Raises:
        DeviceNameError: as ``parse_device_name`` does, but for ranges; of those that of more than 256 elements.
    """
    device, indices = _parse(text)
    if indices is None:
        return (device,)
    if len(indices) > _MOST_ELEMENTS:
        msg = (
            f"{text!r} names {len(indices)} elements, each of which would be a parameter; a range has at most "
            f"{_MOST_ELEMENTS}: name those that are wanted"
        )
        raise DeviceNameError(msg)
    return tuple(f"{device}[{index}]" for index in indices)


def device_of(name: str) -> str:
    """The device that a name is of: without index or range.

    Raises:
        DeviceNameError: no name of a device, an element or a range.
    """
    return _parse(name)[0]


def is_element(name: str) -> bool:
    """Whether a name is that of one element of an array.

    Raises:
        DeviceNameError: if the text is no device name.
    """
    return parse_device_name(name).endswith("]")


def names_that_hold(wanted: str, listed: Sequence[str]) -> list[bool]:
    """Which names of a table of the laboratory hold the values of a parameter.

    Of an element, those that name it and ranges that it is in; if there is none, those that name its device without a
    range, since a logger's list of a device may mean the whole array. Of a device, those that name it; if there is
    none, those that hold its element 0, which DRF reads where no index is given.

    Args:
        wanted: the parameter: a device or one element.
        listed: what the table names, in any case, with any range of DRF.

    Raises:
        DeviceNameError: what is wanted is no name of a parameter.
    """
    device, indices = _parse(parse_device_name(wanted))
    index = 0 if indices is None else indices[0]
    names = [name.upper() for name in listed]
    plain = [name == device for name in names]
    held = [name.startswith(f"{device}[") and _holds(name[len(device) :], index) for name in names]
    first, second = (plain, held) if indices is None else (held, plain)
    return first if any(first) else second


def _holds(written: str, index: int) -> bool:
    """Whether a range of DRF holds an index; one with an open end, such as ``[2:]`` or ``[]``, goes on to the last."""
    found = _LISTED_RANGE.fullmatch(written)
    if not found:
        return False
    first, colon, last = found.groups()
    if first and not colon:
        return int(first) == index
    return int(first or 0) <= index and (not last or index <= int(last))


def _parse(text: str) -> tuple[str, range | None]:
    """The upper-cased device and the indices of its elements; None in their place if the name has no range."""
    # str.upper() turns some letters outside ASCII into ASCII ones, so those are refused first.
    found = _NAME.fullmatch(text.upper() if text.isascii() else "")
    if not found:
        msg = (
            f"{text[:80]!r} is not an ACNET device name (a letter, one of : ? _ | & @ $ ~, "
            "then 1 to 62 letters, digits, _ : or -; for an element of an array its index, such as [3])"
        )
        raise DeviceNameError(msg)
    device = found["device"]
    if device.startswith("#"):
        msg = f"{device!r} begins with '#', which cannot be sent in a URL; use the name by letter"
        raise DeviceNameError(msg)
    return device, None if found["range"] is None else _indices(text, found["range"])


def _indices(text: str, written: str) -> range:
    if not _RANGE.fullmatch(written):
        msg = (
            f"{text[:80]!r} is not an ACNET device name: an element of an array is written as its index in decimal "
            "digits, such as [3], and a range with both its ends, such as [0:3] for the first four"
        )
        raise DeviceNameError(msg)
    ends = written[1:-1].split(":")
    # Before int(): a text of thousands of digits is another error there.
    if any(len(end) > len(str(_LARGEST_INDEX)) or int(end) > _LARGEST_INDEX for end in ends):
        msg = f"{text[:80]!r}: an index of an array is at most {_LARGEST_INDEX}"
        raise DeviceNameError(msg)
    first, last = int(ends[0]), int(ends[-1])
    if last < first:
        msg = f"{text!r}: the range ends before it begins; write [{last}:{first}] if that is meant"
        raise DeviceNameError(msg)
    return range(first, last + 1)


def device_property(device: str) -> Property:
    """The property that a device name reads.

    Raises:
        DeviceNameError: if the text is no device name.
    """
    return _PROPERTIES[parse_device_name(device)[1]]
