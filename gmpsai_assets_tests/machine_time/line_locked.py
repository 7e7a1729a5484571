"""Days whose ticks are known exactly, for the tests of gaps and of the ledger."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.machine_time.offsets import Instants

START = 1_773_118_800_000_000
PERIOD = 1e6 / 15


def hour() -> Window:
    """An hour from the local midnight of 2026-03-10 on."""
    return Window(from_microseconds(START), from_microseconds(START + 3_600_000_000))


def ticks(
    window: Window,
    without: Collection[int] = (),
    *,
    jitter: int = 300,
    late: float = 0.5,
    period: float = PERIOD,
) -> Instants:
    """Stamps of a nominal line's ticks in a window, some of them left out.

    Args:
        window: the span.
        without: numbers of the ticks to leave out, from 0.
        jitter: largest distance of a stamp from its tick, microseconds.
        late: periods from the start of the window to the first tick.
        period: microseconds.
    """
    count = round(window.seconds * 1e6 / period)
    numbers = np.setdiff1d(np.arange(count), np.fromiter(without, np.int64, len(without)))
    stray = (numbers * 7_919) % (2 * jitter + 1) - jitter
    times: Instants = window.start_microseconds + np.rint((numbers + late) * period).astype("i8")
    return times + stray


@dataclass(frozen=True)
class Recorded:
    """A parameter of a day that lies in memory."""

    parameter: str
    stamps: Instants
    node: str = "MLrn"
    nominal_rate_hz: float | None = 15.0
    outcome: Mapping[str, Any] = field(default_factory=dict)
    values: Any = None
    kept_days: float = 10.0

    def times(self) -> Instants:
        """The stamps."""
        return self.stamps

    def read(self) -> pa.Table:
        """Stamps and values, which are zero where none were given."""
        values = np.zeros(self.stamps.size) if self.values is None else self.values
        return pa.table(
            {
                "time": pa.array(self.stamps).cast(TIME_TYPE),
                "value": pa.array(np.asarray(values, dtype="f8")),
            }
        )
