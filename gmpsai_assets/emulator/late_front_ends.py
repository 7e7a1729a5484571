"""Front ends whose stamps come late, as they are asked for on the command line."""

from gmpsai_assets.emulator.devices import DEVICES
from gmpsai_assets.emulator.machine import LateFrontEnd


class LateFrontEndSyntaxError(ValueError):
    """A late front end was asked for in words the emulator does not know."""


def parse_late_front_end(text: str) -> tuple[str, LateFrontEnd]:
    """Read ``DEVICE=MILLISECONDS[,JITTER]``, such as ``B:GMPS4V=14,1``.

    Returns:
        The device in upper case, and how late it is.

    Raises:
        LateFrontEndSyntaxError: if the device is unknown or a number cannot be read.
    """
    device, _, numbers = text.partition("=")
    try:
        delay, jitter = (float(number) for number in [*numbers.split(","), "0"][:2])
    except ValueError as error:
        msg = f"a late front end is written DEVICE=MILLISECONDS[,JITTER], got {text!r}"
        raise LateFrontEndSyntaxError(msg) from error
    if device.upper() not in DEVICES:
        msg = f"no device {device!r} that could be late; there are {', '.join(DEVICES)}"
        raise LateFrontEndSyntaxError(msg)
    return device.upper(), LateFrontEnd(round(delay * 1_000), round(jitter * 1_000))
