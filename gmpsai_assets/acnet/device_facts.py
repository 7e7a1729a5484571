"""What is known of each device beyond its numbers: description, unit, and how well either is known.

Names, lists and readings do not belong here. The device database of the laboratory is the authority
(``show/text/units/FTD``); it cannot be asked from outside, so each fact has its source.
"""

from dataclasses import dataclass
from enum import StrEnum

from gmpsai_assets.acnet.devices import Property, device_of, device_property


class Certainty(StrEnum):
    """How well a description and its unit are known."""

    DATABASE = "device database"
    """As the laboratory's device database has it."""
    STATED = "stated"
    """Stated by a public source."""
    INFERRED = "inferred"
    """Concluded from the name and the numbers; to be confirmed in the device database."""
    UNKNOWN = "unknown"


class DeviceGroup(StrEnum):
    """Groups in which the control room looks for a device."""

    EXTREMES = "extremes"
    REGULATOR = "regulator"
    SUPPLIES = "supplies and line"
    MAIN_INJECTOR = "Main Injector"
    OTHER = "other"


@dataclass(frozen=True)
class DeviceFact:
    """Description and unit of one device.

    Attributes:
        device: name of the reading, such as ``B:VIMIN``; its setting and the elements of an array share the fact.
        description: what it is, or an empty text.
        unit: unit symbol; an empty text for a pure number; None if unknown.
        certainty: of the description and the unit, the weaker of the two.
        group: where the control room looks for it.
    """

    device: str
    description: str
    unit: str | None
    certainty: Certainty
    group: DeviceGroup


def reading_of(device: str) -> str:
    """The name of the reading that belongs to a setting; any other name as it is.

    Raises:
        DeviceNameError: if the text is no device name.
    """
    if device_property(device) is Property.SETTING:
        return f"{device[0]}:{device[2:]}"
    return device


def described_as(device: str) -> str:
    """The name under which a device is described: ``B:X`` for its setting ``B_X`` and for its element ``B_X[3]``.

    Raises:
        DeviceNameError: if the text is no device name.
    """
    return device_of(reading_of(device))


def device_fact(device: str) -> DeviceFact:
    """What is known of a device; for one that is not in the table, that nothing is.

    Raises:
        DeviceNameError: if the text is no device name.
    """
    name = described_as(device)
    unknown = DeviceFact(name, "", None, Certainty.UNKNOWN, DeviceGroup.OTHER)
    return DEVICE_FACTS.get(name, unknown)


def _stated(device: str, description: str, unit: str | None, group: DeviceGroup) -> DeviceFact:
    return DeviceFact(device, description, unit, Certainty.STATED, group)


def _inferred(device: str, description: str, unit: str | None, group: DeviceGroup) -> DeviceFact:
    return DeviceFact(device, description, unit, Certainty.INFERRED, group)


def _unknown(device: str, group: DeviceGroup) -> DeviceFact:
    return DeviceFact(device, "", None, Certainty.UNKNOWN, group)


# Stated: LINFRQ, axis label in HealthCheckHDF5.py, and GMPSSC, message of the commit that added it, both
# fermilab-accelerator-ai/workflow; IMINER, memo on the GMPS regulator in fermilab-accelerator-ai/models.
# Inferred: from the names, the regulation law of that memo, and the values in BOOSTR (Zenodo 4382663).
_EXTREMES, _REGULATOR = DeviceGroup.EXTREMES, DeviceGroup.REGULATOR
_SUPPLIES, _MAIN_INJECTOR = DeviceGroup.SUPPLIES, DeviceGroup.MAIN_INJECTOR
DEVICE_FACTS = {
    fact.device: fact
    for fact in (
        _inferred("B:VIMIN", "compensated minimum current", "A", _EXTREMES),
        _inferred("B:VIMAX", "compensated maximum current", "A", _EXTREMES),
        _stated("B:IMINER", "ten times the error at the minimum", "×0.1 A", _EXTREMES),
        _inferred("B:IMINST", "start of the minimum regulation", None, _EXTREMES),
        _inferred("B:IMINXG", "minimum transductor gain", "A/V", _EXTREMES),
        _inferred("B:IMINXO", "minimum transductor offset", "A", _EXTREMES),
        _inferred("B:IMAXXG", "maximum transductor gain", "A/V", _EXTREMES),
        _inferred("B:IMAXXO", "maximum transductor offset", "A", _EXTREMES),
        _inferred("B:VINHBT", "inhibit flag, 0 or 1", "", _REGULATOR),
        _inferred("B:GMPSFF", "feed-forward", None, _REGULATOR),
        _inferred("B:GMPSBT", "bend or time parameter", None, _REGULATOR),
        _inferred("B:IPHSTC", "time constant of the phase regulator", None, _REGULATOR),
        _inferred("B:ACMNPG", "proportional gain, AC minimum", "", _REGULATOR),
        _inferred("B:ACMNIG", "integral gain, AC minimum", "", _REGULATOR),
        _inferred("B:ACMXPG", "proportional gain, AC maximum", "", _REGULATOR),
        _inferred("B:ACMXIG", "integral gain, AC maximum", "", _REGULATOR),
        _inferred("B:DCPG", "proportional gain, DC loop", "", _REGULATOR),
        _inferred("B:DCIG", "integral gain, DC loop", "", _REGULATOR),
        _stated("B|GMPSSC", "regulation status and control, 32 bits", "", _REGULATOR),
        _inferred("B:VIPHAS", "phase of the ramp against the line", "rad", _SUPPLIES),
        _stated("B:LINFRQ", "line frequency, offset from 60 Hz", "mHz", _SUPPLIES),
        _inferred("B:NGMPS", "number of supplies in use", "", _SUPPLIES),
        _inferred("B:GMPS4V", "voltage of supply 4", "V", _SUPPLIES),
        _unknown("B:CHG0", _SUPPLIES),
        _unknown("B:CHGA", _SUPPLIES),
        _unknown("B:CHGB", _SUPPLIES),
        _inferred("I:MXIB", "main dipole current", "A", _MAIN_INJECTOR),
        _inferred("I:IB", "lower bend current", "A", _MAIN_INJECTOR),
        _inferred("I:MDAT40", "bend current as broadcast on MDAT", "A", _MAIN_INJECTOR),
    )
}
"""The facts by the name of the reading."""
