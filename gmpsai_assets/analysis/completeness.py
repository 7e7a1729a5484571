"""How many samples a day must have: the ticks of the clock that is locked to the power line.

Counting what came, and judging it, are separate: the rules that judge live in ``rules``.
"""

import pyarrow as pa
import pyarrow.compute as pc

from gmpsai_assets.acnet.clock import Window

NOMINAL_TICK_HZ = 15.0
"""Rate of the Booster clock: every fourth period of the line."""

LINE_FREQUENCY_HZ = 60.0
LINE_FREQUENCY_DEVICE = "B:LINFRQ"
"""Reads the offset of the power line from 60 Hz, in mHz."""


def expected_ticks(window: Window, rate_hz: float, line_offset_mhz: float = 0.0) -> int:
    """Ticks of a line-locked clock in a window.

    The 15 Hz clock is the line frequency divided by four, so its rate is off by the same part
    as the line (front-end timing rules, hardware_vogel/fe_rules).

    Args:
        window: the span, in true seconds.
        rate_hz: the nominal rate of the list.
        line_offset_mhz: mean of B:LINFRQ over the window; 0 where it is not known.
    """
    return round(window.seconds * rate_hz * (1 + line_offset_mhz / 1000 / LINE_FREQUENCY_HZ))


def line_offset_mhz(rows: pa.Table | None) -> float:
    """Mean of B:LINFRQ over a day in mHz; 0, the nominal line, where there is no number.

    Args:
        rows: the device's samples with a column ``value`` (float64), or None.
    """
    mean = None if rows is None else pc.mean(rows["value"]).as_py()
    return 0.0 if mean is None else float(mean)
