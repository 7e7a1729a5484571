"""When each TCLK event fires in the simulated laboratory: the table of cadences.

Only facts are here; ``tclk_events`` turns them into times. The cadences and the groups are those of
27-JUN-2019 (fermilab-accelerator-ai/models) and the delays after $0F are those of that day or of
fe_rules (www-ad.fnal.gov controls hardware_vogel). Offsets in the supercycle and rates that are
not published are drawn from the seed. An event that the timeline plans follows the timeline, also
where that day had it once a second ($12, $17).
"""

from dataclasses import dataclass

from gmpsai_assets.acnet.tclk import BOOSTER_TICK, LINE_TICK, SUPERCYCLE_START

GPS_SECOND = 0x8F
BURST = 0x34

BOOSTER_RESET_DELAY = 16_500
SLOW_BOOSTER_RESET_DELAY = 17_700
"""Microseconds from $0F to a Booster reset. First ticks were seen 50.2 and 49.0 ms before $00."""
SLOW_BOOSTER_RESETS = frozenset({0x13, 0x14, 0x16, 0x17, 0x19})

PREPULSE = 0x12
RESET_FOR_PREPULSE, RESET_FOR_PREPULSE_DELAY = 0x08, 3_000
FIRST_BEAM, FIRST_BEAM_DELAY = 0x0E, 16_600
CLEAR_HOLD_OFF, CLEAR_HOLD_OFF_DELAY = 0xF1, 16_650
"""Events that go with the resets of a recipe: $08 on prepulse ticks, $0E and $F1 after them."""


@dataclass(frozen=True)
class LineEvent:
    """An event that is locked to line ticks.

    Attributes:
        every_ticks: ticks between two of them.
        delay: microseconds after $0F; drawn from the seed if None.
        group: runs only in supercycles whose recipe has this group; always if None.
        chance: the part of the time in which it is switched on.
    """

    every_ticks: int
    delay: int | None = None
    group: str | None = None
    chance: float = 1.0


@dataclass(frozen=True)
class TimerEvent:
    """An event a fixed time after the start of each supercycle, by a timer.

    Attributes:
        delay: microseconds after the supercycle's first $0F; drawn from the seed if None.
        group: runs only in supercycles whose recipe has this group; always if None.
    """

    delay: int | None = None
    group: str | None = None


@dataclass(frozen=True)
class IrregularEvent:
    """An event without a cadence, often seen twice, one tick apart.

    Attributes:
        per_supercycle: mean number in a supercycle while it is switched on.
        pairs: the part that is followed by a second one on the next tick.
        chance: the part of the time in which it is switched on.
    """

    per_supercycle: float
    pairs: float
    chance: float


LINE_EVENTS: dict[int, LineEvent] = {
    0x07: LineEvent(1, 0),
    LINE_TICK: LineEvent(1, 0),
    BOOSTER_TICK: LineEvent(1, BOOSTER_RESET_DELAY),
    0x18: LineEvent(1, BOOSTER_RESET_DELAY + 3_000),
    **dict.fromkeys(
        (0x10, 0x1A, 0x1B, 0x1E, 0x1F, 0x4C, 0x53, 0x72, 0x7E, 0x7F, 0xBA), LineEvent(15)
    ),
    **dict.fromkeys((0x0A, 0x52), LineEvent(15, chance=0.6)),
    0x02: LineEvent(75),
    **dict.fromkeys(
        (0x22, 0x25, 0x26, 0x2F, 0x7B, 0x7D, 0xA1, 0xAC, 0xB2, 0xB4, 0xE6, 0xEF), LineEvent(150)
    ),
    **dict.fromkeys(
        (0x05, 0x58, 0x7C, 0xB5, 0xBE, 0xBF, 0xDA, 0xE4, 0xED, 0xF7), LineEvent(150, group="beam")
    ),
}

TIMER_EVENTS: dict[int, TimerEvent] = {
    SUPERCYCLE_START: TimerEvent(-1),
    0x3C: TimerEvent(40_000_004),
    0xA2: TimerEvent(),
    **dict.fromkeys(
        (0x2C, 0x31, 0x35, 0x36, 0x37, 0x3A, 0x3B, 0x3D, 0x3F, 0xDE), TimerEvent(group="slow spill")
    ),
    **dict.fromkeys(
        (0x0B, 0x82, 0x83, 0x84, 0x86, 0x8C, 0x92, 0x9A, 0x9F, 0xBD), TimerEvent(group="muon")
    ),
    **dict.fromkeys((0x04, 0xEA), TimerEvent(group="studies")),
}

IRREGULAR_EVENTS: dict[int, IrregularEvent] = {
    **dict.fromkeys((0x24, 0x27, 0x38, 0x87, 0x88), IrregularEvent(0.4, 0.7, 0.6)),
    **dict.fromkeys((0xE7, 0xE8, 0x7A, 0xB3, 0xFA), IrregularEvent(0.1, 0.5, 0.8)),
    BURST: IrregularEvent(0.3, 1.0, 0.4),
}

BURST_EVENTS = 24
BURST_SPACING = 740_000
"""$34 came in bursts of one every 0.74 s."""

PLANNED_DELAYS: dict[int, int] = {0x32: 1}
"""Microseconds from $0F to a planned event other than a Booster reset, where it is known."""
