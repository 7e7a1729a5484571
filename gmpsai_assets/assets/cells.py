"""How numbers and times look in the tables of the UI: as many digits as mean something, aligned, times with their zone.

The one place for this; the exact numbers are in the files. What is shown where belongs to the assets.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from numbers import Integral, Real
from typing import Any, TypeGuard

from gmpsai_assets.acnet.clock import local_minute, local_moment

DIGITS = 6
"""Significant digits of a number that is not whole. A reading of 16 bits changes in steps of 1.5e-5 of its range or
more: six digits show each of them, and a mean to a tenth of one."""

_SHARE_DIGITS = 3
"""Significant digits of what a share lacks to one: eight samples that lack of five million stay visible."""

_SMALLEST, _LARGEST = 1e-4, 1e9
"""Numbers that are not whole are written without an exponent between these; chosen, so that columns stay narrow."""

_FILL = "\N{NO-BREAK SPACE}"
"""Pads numbers, and keeps a time and its zone together: a page shows several plain spaces as one, and breaks at them. A
narrow column breaks between date and time, where the plain space is."""

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?(e[+-]\d+)?( %)?")


def plotted(value: float) -> float:
    """A number as the UI plots and shows it: ``DIGITS`` significant digits, a share near one with what it lacks."""
    if 0.9 < value < 1:
        return round(value, _decimals(1 - value, _SHARE_DIGITS))
    return float(f"{value:.{DIGITS}g}")


def number_text(value: float) -> str:
    """A number for people: ``1,295,744``, ``103.414``, ``3.2e-07``; a whole one is written in full."""
    if not math.isfinite(value):
        return str(value)
    if isinstance(value, int) or (value.is_integer() and abs(value) < _LARGEST):
        return f"{int(value):,}"
    if not _SMALLEST <= abs(value) < _LARGEST:
        return f"{value:.{DIGITS}g}"
    rounded = f"{value:,.{_decimals(value, DIGITS)}f}"
    return rounded.rstrip("0").rstrip(".") if "." in rounded else rounded


def percent_text(share: float | None) -> str:
    """A share in per cent; one that lacks anything to the whole is not written as 100 %."""
    if share is None:
        return ""
    if 0.9 < share < 1:
        return f"{100 * share:.{max(0, _decimals(1 - share, _SHARE_DIGITS) - 2)}f} %"
    return f"{number_text(100 * share)} %"


def clock_text(instant: datetime) -> str:
    """A time of the day that the page is about: ``01:30:00 CDT``."""
    return _kept_together(local_moment(instant).partition(" ")[2])


def minute_text(instant: datetime | None) -> str:
    """A deadline, to the minute: ``2026-03-20 00:09 CDT``."""
    return "" if instant is None else _kept_together(local_minute(instant))


def column_texts(values: Sequence[Any]) -> list[str | None]:
    """The cells of one column for people, aligned; None stays None, which the UI leaves empty.

    Args:
        values: aware times, which become local time with its zone, to the millisecond where any is not on a whole
            second; numbers; whether something is so; and anything else as its text.
    """
    times = [value for value in values if isinstance(value, datetime)]
    milliseconds = any(time.microsecond for time in times)
    texts = [None if value is None else _text(value, milliseconds=milliseconds) for value in values]
    return _aligned(texts)


def _text(value: Any, *, milliseconds: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Real):
        return number_text(int(value) if isinstance(value, Integral) else float(value))
    if isinstance(value, datetime):
        return _kept_together(local_moment(value, milliseconds=milliseconds))
    return str(value)


def _kept_together(moment: str) -> str:
    time, _, zone = moment.rpartition(" ")
    return f"{time}{_FILL}{zone}"


def _aligned(texts: Sequence[str | None]) -> list[str | None]:
    """Numbers with their decimal points below each other; texts as they are."""
    lengths = [len(re.split("[.e ]", text)[0]) if _is_number(text) else None for text in texts]
    width = max(filter(None, lengths), default=0)
    return [
        text
        if text is None or length is None
        else _FILL * (width - length) + text.replace(" ", _FILL)
        for text, length in zip(texts, lengths, strict=True)
    ]


def _is_number(text: str | None) -> TypeGuard[str]:
    return text is not None and _NUMBER.fullmatch(text) is not None


def _decimals(value: float, digits: int) -> int:
    """Places after the point that a number needs for so many significant digits."""
    return max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
