"""What can be chosen when the emulator is started, and the words for a front end that is late."""

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from gmpsai_assets.emulator.arrays import ARRAYS
from gmpsai_assets.emulator.devices import DEVICES
from gmpsai_assets.emulator.machine import LateFrontEnd
from gmpsai_assets.emulator.recipes import USUAL_LENGTH_TICKS


@dataclass(frozen=True)
class EmulatorOptions:
    """Choices for one emulator.

    Attributes:
        port: loopback port to listen on; 0 takes a free one.
        seed: seed of the simulated machine.
        now: aware instant at which the laboratory's clock starts; the real clock if None.
        speed: simulated seconds per real second.
        cache: folder for rendered blocks, kept after the end; a temporary one if None.
        retention: what becomes of fast data older than 10 days: ``off`` keeps it, ``gone`` forgets
            it, ``slow`` gives one sample a second.
        faults: faults on demand, in the grammar of ``faults``.
        supercycle_ticks: line ticks of a supercycle.
        late_front_ends: late front ends as ``DEVICE=MILLISECONDS`` or ``DEVICE=MILLISECONDS,JITTER``.
        latency: seconds added to every request.
        stamp_decimals: decimals of seconds in the stamps of samples: 3 as at the laboratory, or 6.
        verbose: one line per request on stderr.
        captures_into: folder of capture files, for the days whose $00 is asked for; see ``captures``.
    """

    port: int = 0
    seed: int = 1
    now: datetime | None = None
    speed: float = 1.0
    cache: Path | None = None
    retention: Literal["off", "gone", "slow"] = "off"
    faults: tuple[str, ...] = ()
    supercycle_ticks: int = USUAL_LENGTH_TICKS
    late_front_ends: tuple[str, ...] = ()
    latency: float = 0.0
    stamp_decimals: Literal[3, 6] = 3
    verbose: bool = False
    captures_into: Path | None = None


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
    names = (*DEVICES, *ARRAYS)
    if device.upper() not in names:
        msg = f"no device {device!r} that could be late; there are {', '.join(names)}"
        raise LateFrontEndSyntaxError(msg)
    return device.upper(), LateFrontEnd(round(delay * 1_000), round(jitter * 1_000))
