"""What can be chosen when the emulator is started; nothing is parsed or computed here."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from gmpsai_assets.emulator.supercycle import USUAL_LENGTH_TICKS


@dataclass(frozen=True)
class EmulatorOptions:
    """Choices for one emulator.

    Attributes:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        seed: seed of the simulated machine.
        now: aware instant at which the laboratory's clock starts; the real clock if None.
        speed: simulated seconds per real second.
        cache: folder for rendered blocks, kept after the end; a temporary one if None.
        cache_bytes: largest size of that folder; 0 keeps nothing.
        retention: what becomes of fast data older than 10 days: ``off`` keeps it, ``gone`` forgets
            it, ``slow`` gives one sample a second.
        faults: faults on demand, in the grammar of ``faults``.
        event_log_style: ``2026`` has five lines and a title before the rows, ``2019`` has not.
        supercycle_ticks: line ticks of a supercycle.
        late_front_ends: late front ends as ``DEVICE=MILLISECONDS`` or ``DEVICE=MILLISECONDS,JITTER``.
        latency: seconds added to every request.
        stamp_decimals: decimals of ``utc_seconds`` stamps, 3 or 6.
        inclusive_end: whether a sample exactly at the end of a window is in the reply.
        repeated_hour: how a request for 01:xx in November is understood.
        verbose: one line per request on stderr.
        log: file that gets the same lines.
        captures_into: folder of capture files, for the days whose $00 is asked for; see ``captures``.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    now: datetime | None = None
    speed: float = 1.0
    cache: Path | None = None
    cache_bytes: int = 4_000_000_000
    retention: Literal["off", "gone", "slow"] = "off"
    faults: tuple[str, ...] = ()
    event_log_style: Literal["2019", "2026"] = "2026"
    supercycle_ticks: int = USUAL_LENGTH_TICKS
    late_front_ends: tuple[str, ...] = ()
    latency: float = 0.0
    stamp_decimals: Literal[3, 6] = 6
    inclusive_end: bool = True
    repeated_hour: Literal["first", "second"] = "first"
    verbose: bool = False
    log: Path | None = None
    captures_into: Path | None = None
