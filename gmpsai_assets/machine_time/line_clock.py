"""How many samples a day must have: the ticks of the clock that is locked to the power line."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.machine_time.offsets import Instants

LINE_FREQUENCY_HZ = 60.0
LINE_FREQUENCY_DEVICE = "B:LINFRQ"
"""Reads the offset of the power line from 60 Hz, in mHz."""

LARGEST_LINE_OFFSET_MHZ = 200.0
"""A reading further off is none of the line. An interconnection keeps within some 50 mHz of 60 Hz for years, and sheds
load long before 200 mHz; a single wild reading would otherwise set the pace of the whole day."""

_STEP = 60_000_000
"""The line wanders within some 25 minutes, so a mean for each minute (microseconds) follows it."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class LineClock:
    """A clock that goes as fast as the line: it counts a second for each 60 periods of it.

    Ticks of a line-locked device with a nominal rate come at that rate by this clock.

    Attributes:
        window: the span that is known.
        mean_offset_mhz: mean offset of the line from 60 Hz over the window.
        readings_left_out: readings beyond what a power line can do.
    """

    window: Window
    mean_offset_mhz: float
    readings_left_out: int
    _instants: Instants = field(repr=False)
    _readings: Numbers = field(repr=False)

    def reading(self, microseconds: Any) -> Numbers:
        """Line seconds since the start of the window at instants of it (microseconds since 1970 UTC)."""
        readings: Numbers = np.interp(microseconds, self._instants, self._readings)
        return readings

    def elapsed(self, earlier: Any, later: Any) -> Numbers:
        """Line seconds between instants given in microseconds since 1970 UTC."""
        return self.reading(later) - self.reading(earlier)


def line_clock(window: Window, rows: pa.Table | None = None) -> LineClock:
    """The clock of a window after the readings of B:LINFRQ in it.

    The 15 Hz clock is the line frequency divided by four, so its rate is off by the same part as
    the line (front-end timing rules, hardware_vogel/fe_rules). Minutes without a reading get the
    mean of the window; without any reading the line is nominal. Readings of more than
    ``LARGEST_LINE_OFFSET_MHZ`` are left out and counted.

    Args:
        window: the span, in true seconds.
        rows: samples of the device: ``time`` (timestamp[us, UTC]) and ``value`` (float64, mHz,
            null where there is no number).
    """
    start, end = window.start_microseconds, window.end_microseconds
    starts = np.arange(start, end, _STEP)
    instants = np.append(starts, end)
    times, values, left_out = _line_readings(rows)
    offsets, mean = _offsets(times, values, start, starts.size)
    rates = 1 + offsets / 1000 / LINE_FREQUENCY_HZ
    readings = np.concatenate([[0.0], np.cumsum(np.diff(instants) / 1e6 * rates)])
    return LineClock(window, mean, left_out, instants, readings)


def expected_ticks(clock: LineClock, rate_hz: float) -> int:
    """Ticks in the clock's window of what is locked to the line and has this nominal rate."""
    whole = clock.elapsed(clock.window.start_microseconds, clock.window.end_microseconds)
    return round(float(whole) * rate_hz)


def _line_readings(rows: pa.Table | None) -> tuple[Instants, Numbers, int]:
    """Times and offsets in mHz of the readings that can be of a power line, and how many cannot."""
    numbers = None if rows is None else rows.select(["time", "value"]).drop_null()
    if numbers is None or numbers.num_rows == 0:
        return np.empty(0, np.int64), np.empty(0), 0
    times = numbers["time"].cast("int64").to_numpy()
    values = numbers["value"].to_numpy()
    possible = np.abs(values) <= LARGEST_LINE_OFFSET_MHZ
    left_out = values.size - int(np.count_nonzero(possible))
    return (times[possible], values[possible], left_out) if left_out else (times, values, 0)


def _offsets(times: Instants, values: Numbers, start: int, count: int) -> tuple[Numbers, float]:
    """Mean offset in mHz in each of ``count`` minutes, and over all."""
    if not values.size:
        return np.zeros(count), 0.0
    minutes = np.clip((times - start) // _STEP, 0, count - 1)
    readings = np.bincount(minutes, minlength=count)
    sums = np.bincount(minutes, weights=values, minlength=count)
    mean = float(values.mean())
    offsets = np.where(readings > 0, sums / np.maximum(readings, 1), mean)
    return offsets, mean
