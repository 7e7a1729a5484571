"""The devices of the simulated laboratory: names, texts, loggers, and the numbers of their signals.

Only facts are here; ``signals`` turns them into samples. Means, ranges, noise, drift, change counts
and median steps are those of one BOOSTR day (Zenodo 4382663) as computed by TGM-hub/beamline-twin.
Descriptions and units are this emulator's words, not those of the laboratory's database. No value
is published for B:CHG0, B:CHGA, B:CHGB, B|GMPSSC and E:DURL01: theirs stand in.
"""

from dataclasses import dataclass
from typing import Literal

FAST_NODE = "MLrn"
SLOW_NODE = "NuMI2"


@dataclass(frozen=True)
class Constant:
    """A device that keeps one value."""

    value: float


@dataclass(frozen=True)
class Setting:
    """A setting that people or a loop change: piecewise constant."""

    schedule: Literal["minimum loop", "maximum", "proportional gain", "inhibit", "status"]


@dataclass(frozen=True)
class Analog:
    """A noisy reading.

    Attributes:
        centre: long-run mean, or the name of the setting it follows.
        noise: spread of the white part.
        drift: spread of the slow part.
        drift_seconds: shortest period of the slow part.
        spikes: part of the samples that are far off.
        spike_range: lowest and highest of these, as distance from the centre.
        repeats: part of the samples that repeat the one before.
        step: smallest step of the number, 0 if it has none.
        limits: lowest and highest value, if there are any.
    """

    centre: float | str
    noise: float
    drift: float
    drift_seconds: float = 300.0
    spikes: float = 0.0
    spike_range: tuple[float, float] = (0.0, 0.0)
    repeats: float = 0.0
    step: float = 0.0
    limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class Special:
    """A signal with a law of its own."""

    law: Literal["minimum error", "minimum current", "line frequency", "main injector", "charge"]
    variant: int = 0
    repeats: float = 0.0


Model = Constant | Setting | Analog | Special


@dataclass(frozen=True)
class Device:
    """What the control system knows of a device.

    Attributes:
        name: ACNET name, upper case.
        text: description.
        unit: common unit, possibly empty.
        model: how its samples come about.
        node: logger node that holds it.
        period_seconds: None on the 15 Hz list, else the period of its list.
        array: the array device that it is an element of; empty for a device of its own.
    """

    name: str
    text: str
    unit: str
    model: Model
    node: str = FAST_NODE
    period_seconds: int | None = None
    array: str = ""

    @property
    def stamped_as(self) -> str:
        """The device whose stamps it has: an array is read as a whole."""
        return self.array or self.name


_CONSTANT_PAIRS = {
    "ACMNIG": (0.75350088, "AC min integral gain", ""),
    "ACMXIG": (0.30000001, "AC max integral gain", ""),
    "ACMXPG": (3.0, "AC max proportional gain", ""),
    "DCIG": (0.0, "DC integral gain", ""),
    "DCPG": (0.0, "DC proportional gain", ""),
    "GMPSBT": (0.0003, "GMPS bend time", "sec"),
    "GMPSFF": (3.2042, "GMPS feed forward", ""),
    "IMAXXG": (-117.88400269, "Max transductor gain", "A/V"),
    "IMAXXO": (10.0, "Max transductor offset", "Amps"),
    "IMINST": (0.0, "Min sample time", ""),
    "IMINXG": (-11.82499981, "Min transductor gain", "A/V"),
    "IMINXO": (0.0, "Min transductor offset", "Amps"),
    "IPHSTC": (20.0, "Phase time constant", "sec"),
}

_MOVING = (
    Device(
        "B:VIMIN", "Compensated min current", "Amps", Special("minimum current", repeats=0.0045)
    ),
    Device("B_VIMIN", "Min current setting", "Amps", Setting("minimum loop")),
    Device(
        "B:VIMAX",
        "Compensated max current",
        "Amps",
        Analog("B_VIMAX", 0.0238, 0.0104, 400.0, 7.3e-5, (-4.23, 1.38), 0.043),
    ),
    Device("B_VIMAX", "Max current setting", "Amps", Setting("maximum")),
    Device("B:IMINER", "Min regulation error", "A*10", Special("minimum error", repeats=0.055)),
    Device("B:NGMPS", "Number of supplies", "", Constant(4.0)),
    Device("B:VINHBT", "Ramp inhibit", "", Setting("inhibit")),
    Device("B_VINHBT", "Ramp inhibit setting", "", Setting("inhibit")),
    Device("B:ACMNPG", "AC min prop gain", "", Setting("proportional gain")),
    Device("B_ACMNPG", "AC min prop gain setting", "", Setting("proportional gain")),
    Device(
        "B:VIPHAS",
        "Ramp phase to line",
        "rad",
        Analog(1.80999, 4.3e-4, 6.54e-3, 500.0, 4.2e-4, (-0.042, 0.046), 0.005),
    ),
    Device("B_VIPHAS", "Ramp phase setting", "rad", Constant(1.80999994)),
    Device(
        "B:GMPS4V",
        "Supply 4 voltage",
        "Volt",
        Analog(99.8, 27.0, 28.58, 240.0, 0.0165, (0.0, 739.0), 0.215, 0.001, (-5.24063, 840.08522)),
    ),
    Device("I:MXIB", "MI main dipole current", "Amps", Special("main injector", 0, 0.0133)),
    Device("I:IB", "MI lower bend current", "Amps", Special("main injector", 1)),
    Device("I:MDAT40", "MDAT MI bend current", "Amps", Special("main injector", 2, 0.01)),
    Device("B:LINFRQ", "Line frequency offset", "mHz", Special("line frequency", repeats=0.0245)),
    Device("B:CHG0", "Booster charge, injection", "E12", Special("charge", 0)),
    Device("B:CHGA", "Booster charge, middle", "E12", Special("charge", 1)),
    Device("B:CHGB", "Booster charge, extraction", "E12", Special("charge", 2)),
    Device("B|GMPSSC", "GMPS regulation status", "", Setting("status")),
    Device(
        "E:DURL01",
        "MSD refill level",
        "%",
        Analog(62.0, 0.15, 6.0, 20_000.0),
        node=SLOW_NODE,
        period_seconds=60,
    ),
)


def _constant_pair(name: str, value: float, text: str, unit: str) -> tuple[Device, Device]:
    model = Constant(value)
    return (
        Device(f"B:{name}", text, unit, model),
        Device(f"B_{name}", f"{text} setting", unit, model),
    )


DEVICES: dict[str, Device] = {
    device.name: device
    for device in (
        *_MOVING,
        *(
            device
            for name, (value, text, unit) in _CONSTANT_PAIRS.items()
            for device in _constant_pair(name, value, text, unit)
        ),
    )
}
"""Every logged device by its name in upper case."""
