"""The catalogue of TCLK events: what each event of the accelerator's clock stands for.

Here belong codes, meanings, rates and usual cadences. Nothing is read from the control system here.
Meanings after TCLK_Events.txt of fermilab-accelerator-ai/workflow and hinsclk.htm of
www-ad.fnal.gov controls hardware_vogel, in other words.
"""

from dataclasses import dataclass

EVENTS = range(256)
"""Every code that TCLK can carry."""


@dataclass(frozen=True)
class TclkEvent:
    """One documented event.

    Attributes:
        code: 0 to 255.
        clock_class: the part of the complex it belongs to, as the event table names it.
        meaning: what it marks.
        beam_user: whom the beam of a Booster cycle is for; None for other events and for cycles of studies.
    """

    code: int
    clock_class: str
    meaning: str
    beam_user: str | None = None


_DOCUMENTED = (
    TclkEvent(0x00, "CLK", "start of the supercycle; resets the master clock"),
    TclkEvent(0x02, "CLK", "five-second tick"),
    TclkEvent(0x04, "CLK", "beam to the MuCool test area on the next $11"),
    TclkEvent(0x07, "CLK", "720 Hz clock by name; logged with each 15 Hz tick"),
    TclkEvent(0x0C, "CLK", "15 Hz tick at the delayed minimum of the GMPS current"),
    TclkEvent(0x0E, "BSTR", "first Booster reset with beam after a prepulse"),
    TclkEvent(0x0F, "CLK", "15 Hz tick in phase with the power line"),
    TclkEvent(0x11, "BSTR", "Booster null cycle: ramp without beam"),
    TclkEvent(0x12, "BSTR", "Booster prepulse cycle ahead of beam; always after a $08"),
    TclkEvent(0x13, "BSTR", "Booster cycle with beam for fixed-target running"),
    TclkEvent(0x14, "BSTR", "Booster cycle for studies with Main Injector or Muon campus"),
    TclkEvent(0x15, "BSTR", "Booster cycle with beam for NuMI", "NuMI"),
    TclkEvent(0x16, "BSTR", "Booster cycle for Main Injector studies"),
    TclkEvent(0x17, "BSTR", "Booster cycle for studies of the Booster itself"),
    TclkEvent(0x19, "BSTR", "Booster cycle with beam for NuMI, second kind", "NuMI"),
    TclkEvent(0x1A, "NTF", "parasitic beam to neutron therapy permitted"),
    TclkEvent(0x1B, "NTF", "parasitic beam to neutron therapy inhibited"),
    # The table of events has it for studies alone; in the timelines of June 2019 four of them precede each transfer
    # to the Muon target ($93, $94).
    TclkEvent(
        0x1C,
        "BSTR",
        "Booster cycle with beam for Muon, or for studies with Main Injector or Recycler",
        "Muon",
    ),
    TclkEvent(0x1D, "BSTR", "Booster cycle with beam for MiniBooNE", "MiniBooNE"),
    TclkEvent(0x20, "MI", "Main Injector reset: 120 GeV, short fixed-target ramp"),
    TclkEvent(0x21, "MI", "Main Injector reset: 120 GeV, long fixed-target ramp"),
    TclkEvent(0x23, "MI", "Main Injector reset: NuMI"),
    TclkEvent(0x29, "MI", "Main Injector reset: studies, or 120 GeV to the Muon campus"),
    TclkEvent(0x2A, "MI", "Main Injector reset: NuMI with Recycler slip stacking"),
    TclkEvent(0x2B, "MI", "Main Injector reset: studies"),
    TclkEvent(0x2D, "MI", "Main Injector reset: 8 GeV to the Muon campus, or studies"),
    TclkEvent(0x2E, "MI", "Main Injector reset: studies, second kind"),
    TclkEvent(0x30, "SWYD", "reset of the slow spill to the switchyard"),
    TclkEvent(0x32, "SWYD", "prepulse of the switchyard"),
    TclkEvent(0x80, "MUON", "beam other than 8 GeV to the Muon campus by the Main Injector"),
    TclkEvent(0x85, "MUON", "8 GeV beam to the Muon campus by the Main Injector"),
    TclkEvent(0x8E, "MUON", "reset of the P1 and P2 lines"),
    TclkEvent(0x8F, "CLK", "one-second tick from GPS"),
    TclkEvent(0x90, "MUON", "Recycler to the M3 line, first kind"),
    TclkEvent(0x91, "MUON", "Recycler to the M3 line, second kind"),
    TclkEvent(0x93, "MUON", "Recycler to the Muon target, first kind"),
    TclkEvent(0x94, "MUON", "Recycler to the Muon target, second kind"),
    TclkEvent(0xA5, "NUMI", "NuMI reset for beam"),
    TclkEvent(0xAC, "CLK", "charging of the Main Injector abort"),
    TclkEvent(0xAE, "NUMI", "reset of the ramp of the NuMI beam line"),
    TclkEvent(0xBE, "MI", "Booster beam goes to the Recycler"),
    TclkEvent(0xBF, "MI", "Booster beam goes to the Main Injector or to MiniBooNE"),
    TclkEvent(0xDE, "RR", "Recycler transfer to the Main Injector"),
    TclkEvent(0xE0, "RR", "Recycler reset: Recycler studies"),
    TclkEvent(0xE1, "RR", "Recycler reset: Main Injector studies"),
    TclkEvent(0xE2, "RR", "Recycler reset: fixed target"),
    TclkEvent(0xE3, "RR", "Recycler reset: NuMI"),
    TclkEvent(0xE9, "RR", "Recycler reset: Muon campus"),
    TclkEvent(0xEA, "MTA", "announcement of beam to the MuCool test area"),
    TclkEvent(0xF1, "BSTR", "clears the hold-off of $0E"),
)

TCLK_EVENTS = {event.code: event for event in _DOCUMENTED}
"""Documented events by code, in order of code."""

BEAM_USERS = {event.code: event.beam_user for event in _DOCUMENTED if event.beam_user is not None}
"""Whom the beam of a Booster cycle is for, by the event that starts it."""

SUPERCYCLE_START = 0x00
"""Start of the supercycle."""

BOOSTER_TICK = 0x0C
"""15 Hz tick at the delayed minimum of the GMPS current: one for each Booster cycle."""

LINE_TICK = 0x0F
"""15 Hz tick in phase with the power line."""

NULL_CYCLE = 0x11
"""Booster null cycle: the reset of a tick on which no beam is accelerated."""

NOMINAL_TICK_HZ = 15.0
"""Ticks a second at a line frequency of exactly 60 Hz; the true rate is a quarter of the line's (hinsclk.htm)."""

TICK_EVENTS = (0x07, BOOSTER_TICK, LINE_TICK, 0x18)
"""Events that come on every tick of the Booster's clock, at 15 Hz (hinsclk.htm and a day of June 2019)."""

FIXED_RATES_HZ: dict[int, float] = {
    **dict.fromkeys(TICK_EVENTS, NOMINAL_TICK_HZ),
    0x8F: 1.0,
    0x02: 0.2,
}
"""Occurrences a second of the events that come by the clock itself, whatever the accelerator does (hinsclk.htm)."""

USUAL_RATES_HZ: dict[int, float] = dict.fromkeys(
    (0x10, 0x1A, 0x1B, 0x1E, 0x1F, 0x4C, 0x53, 0x72, 0x7E, 0x7F, 0xBA), 1.0
)
"""Events seen once a second all through a day of June 2019. They follow the operating plan, which may change their
rate or switch them off. $12 and $17 of that day are Booster resets, which the timeline plans."""

BOOSTER_RESETS = tuple(
    event.code
    for event in _DOCUMENTED
    if 0x11 <= event.code <= 0x1D and event.clock_class == "BSTR"
)
"""Events that start a Booster cycle, in order of code; the two of neutron therapy do not."""

_PLANNED_CLASSES = frozenset({"BSTR", "MI", "NUMI", "RR", "SWYD", "MUON"})
_WITH_RESETS = frozenset({0x0E, 0xF1})
_DESTINATIONS = frozenset({0xBE, 0xBF})

PLANNABLE = tuple(
    event.code
    for event in _DOCUMENTED
    if event.clock_class in _PLANNED_CLASSES
    and event.code not in _WITH_RESETS | _DESTINATIONS | {0xDE}
)
"""Events that a timeline can plan, in order of code: the resets of the machines that beam goes to.

Not those that only accompany a reset ($0E and $F1 after a prepulse, $BE, $BF and $DE with a transfer): they come
without an entry of their own (all_event_info of June 2019, fermilab-accelerator-ai/workflow)."""


def event_label(code: int) -> str:
    """An event as the control room writes it: ``$0C``.

    Raises:
        ValueError: if the code is not 0 to 255.
    """
    if code not in EVENTS:
        msg = f"TCLK events run from 0 to 255, got {code}"
        raise ValueError(msg)
    return f"${code:02X}"


def event_code(event: int | str) -> int:
    """The code of an event given as a number, or as the control room writes it: ``$0C``, also ``0c`` or ``0x0C``.

    Raises:
        ValueError: if it is none of 0 to 255, or no hexadecimal number.
    """
    if isinstance(event, str):
        digits = event.strip().removeprefix("$")
        try:
            event = int(digits, 16)
        except ValueError:
            msg = f"a TCLK event is written $00 to $FF, or is a number from 0 to 255, got {event!r}"
            raise ValueError(msg) from None
    return int(event_label(event)[1:], 16)


def event_meaning(code: int) -> str:
    """What an event marks; empty where that is not documented."""
    event = TCLK_EVENTS.get(code)
    return event.meaning if event else ""


_BEAM, _SPILL, _MUON = "while beam is on", "with slow spill", "with Muon operation"

_CADENCES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("15 Hz", TICK_EVENTS),
    ("15 Hz less the cycles with beam", (NULL_CYCLE,)),
    ("every 1 s exactly, by GPS", (0x8F,)),
    (
        "every 1 s, locked to the line",
        (0x10, 0x12, 0x17, 0x1A, 0x1B, 0x1E, 0x1F, 0x4C, 0x53, 0x72, 0x7E, 0x7F, 0xBA),
    ),
    ("every 1 s when in use", (0x0A, 0x52)),
    ("every 5 s", (0x02,)),
    (
        "about every 10 s",
        (0x22, 0x25, 0x26, 0x2A, 0x2F, 0x7B, 0x7D, 0xA1, 0xAC, 0xB2, 0xB4, 0xE3, 0xE6, 0xEF),
    ),
    (
        f"about every 10 s {_BEAM}",
        (0x05, 0x0E, 0x19, 0x58, 0x7C, 0xB5, 0xBE, 0xDA, 0xE0, 0xE4, 0xED, 0xF1, 0xF7),
    ),
    ("once a supercycle", (SUPERCYCLE_START, 0x3C, 0xA2)),
    (
        f"once a supercycle {_SPILL}",
        (0x13, 0x20, 0x2C, 0x30, 0x31, 0x32, 0x35, 0x36, 0x37, 0x3A, 0x3B, 0x3D, 0x3F, 0xDE, 0xE2),
    ),
    (
        f"once a supercycle {_MUON}",
        (0x0B, 0x1C, 0x82, 0x83, 0x84, 0x86, 0x8C, 0x90, 0x92, 0x9A, 0x9F, 0xBD, 0xE9),
    ),
    (
        "irregular, often twice 67 ms apart",
        (0x24, 0x27, 0x38, 0x7A, 0x87, 0x88, 0xB3, 0xE7, 0xE8, 0xFA),
    ),
    ("bursts, every 0.74 s within", (0x34,)),
)

_BY_CODE = {code: cadence for cadence, codes in _CADENCES for code in codes}


def event_cadence(code: int) -> str | None:
    """How often an event usually comes; None where nothing is known."""
    return _BY_CODE.get(code)
