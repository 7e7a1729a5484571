"""How long a logger keeps what it recorded, and so until when something can be asked of it."""

from datetime import datetime, timedelta

from gmpsai_assets.acnet.clock import local_minute

KEPT_DAYS = 10.0
"""The fast loggers are circular and hold ten days ("accessible history (10 days)", memos of
fermilab-accelerator-ai/models). A parameter list can name another number of days. Nothing is
published of the log of TCLK events; it is taken to be kept as long."""

_DAY_MICROSECONDS = 86_400_000_000


def obtainable_until(first_missing: int, kept_days: float = KEPT_DAYS) -> int:
    """When a logger begins to forget a span that has not been fetched, microseconds since 1970 UTC.

    The start of the span counts and not its end: from this moment on its first samples are gone, and what can
    still be had shrinks until nothing is left, the length of the span later.

    Args:
        first_missing: start of the span, microseconds since 1970 UTC.
        kept_days: how long the logger keeps a sample, days of 24 hours.
    """
    return first_missing + round(kept_days * _DAY_MICROSECONDS)


def deadline_text(until: datetime, now: datetime) -> str:
    """The deadline in words, to follow the name of what is missing.

    Args:
        until: when the logger begins to forget it, aware.
        now: the present moment, aware.

    Returns:
        ``can be fetched until 2026-03-20 00:00 CDT (31 h left)``, or ``the logger forgot that time on ...``.
    """
    left = (until - now) / timedelta(hours=1)
    if left > 0:
        hours = f"{left:,.0f}" if left >= 10 else f"{left:.1f}"
        return f"can be fetched until {local_minute(until)} ({hours} h left)"
    return f"the logger forgot that time on {local_minute(until)}"
