"""Windows that can be asked for: on whole seconds, and never with a boundary in the hour that comes twice.

Here windows are cut and widened. Which ones are asked for is decided in ``split`` and ``refetch``.
"""

from datetime import datetime, timedelta

from gmpsai_assets.acnet.clock import Window, from_microseconds, is_repeated_local_time

_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)


def before_repeated_hour(instant: datetime) -> datetime:
    """The instant on a whole second, or, in the repeated hour, the last second before that hour."""
    instant = instant.replace(microsecond=0)
    while is_repeated_local_time(instant):
        instant = instant.replace(minute=0, second=0) - _SECOND
    return instant


def after_repeated_hour(instant: datetime) -> datetime:
    """The instant on the next whole second, or, in the repeated hour, the first one after that hour."""
    if instant.microsecond:
        instant = instant.replace(microsecond=0) + _SECOND
    while is_repeated_local_time(instant):
        instant = instant.replace(minute=0, second=0) + _HOUR
    return instant


def askable(start: int, end: int, within: Window) -> Window:
    """The smallest window that can be asked for around a span.

    Args:
        start: first instant, microseconds since 1970 UTC.
        end: first instant after.
        within: the window of the whole question; never left.
    """
    first = max(before_repeated_hour(from_microseconds(start)), within.start)
    last = min(after_repeated_hour(from_microseconds(end)), within.end)
    return Window(first, max(last, after_repeated_hour(first + _SECOND)))


def cut_at(window: Window, instant: datetime) -> tuple[Window, Window] | None:
    """The window in two at a boundary near the instant; None if no boundary lies inside."""
    for boundary in (before_repeated_hour(instant), after_repeated_hour(instant)):
        if window.start < boundary < window.end:
            return Window(window.start, boundary), Window(boundary, window.end)
    return None


def cut_before(window: Window, instant: datetime) -> tuple[Window, Window] | None:
    """The window in two at the last boundary up to the instant; None if none lies inside."""
    boundary = before_repeated_hour(instant)
    if not window.start < boundary < window.end:
        return None
    return Window(window.start, boundary), Window(boundary, window.end)


def halves(window: Window, smallest_seconds: float) -> tuple[Window, Window] | None:
    """The window in two parts of about the same length, or None if they would be too short.

    Args:
        window: what to cut.
        smallest_seconds: a window is cut only if it is at least twice as long.
    """
    if window.seconds < 2 * smallest_seconds:
        return None
    return cut_at(window, window.start + (window.end - window.start) / 2)


def first_piece(window: Window, seconds: float) -> tuple[Window, Window] | None:
    """A first part of so many seconds, and the rest; None if there would be no rest."""
    return cut_at(window, window.start + timedelta(seconds=seconds))


def last_piece(window: Window, seconds: float) -> tuple[Window, Window] | None:
    """All but the last part of so many seconds, and that part; None if there would be no rest."""
    return cut_at(window, window.end - timedelta(seconds=seconds))
