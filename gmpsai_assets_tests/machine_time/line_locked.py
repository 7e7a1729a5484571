"""Days whose ticks are known exactly, for the tests of gaps and of the ledger."""

from collections.abc import Collection, Mapping
from typing import Any, cast

import numpy as np
import pyarrow as pa

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.parameter_days import ParameterDay
from gmpsai_assets.lake.stored_file import StoredFile
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


class Recorded(ParameterDay):
    """A parameter of a day that lies in memory and in no file."""

    def __init__(
        self,
        parameter: str,
        stamps: Instants,
        node: str = "MLrn",
        nominal_rate_hz: float | None = 15.0,
        outcome: Mapping[str, Any] | None = None,
        values: Any = None,
        kept_days: float = 10.0,
        rate_from: str = "parameter list",
    ) -> None:
        no_file, found = cast(StoredFile, None), outcome or {}
        super().__init__(no_file, node, parameter, nominal_rate_hz, kept_days, found, rate_from)
        stored = np.zeros(stamps.size) if values is None else np.asarray(values, dtype="f8")
        rows = {"time": pa.array(stamps).cast(TIME_TYPE), "value": pa.array(stored)}
        object.__setattr__(self, "rows", pa.table(rows))  # the class above is frozen

    def times(self) -> Instants:
        """The stamps."""
        stamps: Instants = self.read()["time"].cast(pa.int64()).to_numpy()
        return stamps

    def read(self) -> pa.Table:
        """Stamps and values, which are zero where none were given."""
        return cast(pa.Table, vars(self)["rows"])
