"""Front ends whose stamps come late, as they are asked for on the command line.

Only the reading of the words belongs here; what being late does to stamps is in ``machine``.
"""

import math

from gmpsai_assets.emulator.devices import DEVICES
from gmpsai_assets.emulator.machine import LateFrontEnd

LONGEST_MILLISECONDS = 60.0
"""Delay and jitter together stay within one tick of 66.6 ms, so that samples keep their order and their block."""


class LateFrontEndSyntaxError(ValueError):
    """A late front end was asked for in words the emulator does not know."""


def parse_late_front_end(text: str) -> tuple[str, LateFrontEnd]:
    """Read ``DEVICE=MILLISECONDS[,JITTER]``, such as ``B:GMPS4V=14,1``.

    Returns:
        The device in upper case, and how late it is.

    Raises:
        LateFrontEndSyntaxError: if the device is unknown, a number cannot be read, or it is out of range: from 0 on,
            the jitter at most the delay, and both together at most 60 ms.
    """
    device, _, numbers = text.partition("=")
    try:
        delay, jitter = (
            float(number) for number in (numbers if "," in numbers else f"{numbers},0").split(",")
        )
    except ValueError as error:
        msg = f"a late front end is written DEVICE=MILLISECONDS[,JITTER], got {text!r}"
        raise LateFrontEndSyntaxError(msg) from error
    in_range = 0 <= jitter <= delay and delay + jitter <= LONGEST_MILLISECONDS
    if not (math.isfinite(delay) and math.isfinite(jitter) and in_range):
        msg = (
            f"{text!r}: a late front end has a delay, and a jitter not larger than it, of together at most "
            f"{LONGEST_MILLISECONDS:.0f} ms"
        )
        raise LateFrontEndSyntaxError(msg)
    if device.upper() not in DEVICES:
        msg = f"no device {device!r} that could be late; there are {', '.join(DEVICES)}"
        raise LateFrontEndSyntaxError(msg)
    return device.upper(), LateFrontEnd(round(delay * 1_000), round(jitter * 1_000))
