"""Events in the hour that comes twice in November, told apart by their time in the supercycle.

The log's wall time has no zone, and the order of rows does not help where an event was seen in one pass only.
But each row also holds its time since the last $00, and the two passes lie at different places of the supercycle.
Telling apart by order alone is in ``samples``.
"""

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window, from_microseconds, is_repeated_local_time
from gmpsai_assets.acnet.instants import as_microseconds, as_times
from gmpsai_assets.acnet.replies.sample_reply import SampleReply

HOUR_MICROSECONDS = 3_600_000_000
AGREEMENT_SECONDS = 0.1
"""A row agrees with a pass if its time in the supercycle is this close; jitter and rounding are some ms."""

Times = NDArray[np.int64]
Seconds = NDArray[np.float64]


def repeated_hours(window: Window) -> tuple[int, int] | None:
    """Start of the first and of the second pass of the repeated hour in a window.

    Returns:
        Microseconds since 1970 UTC, or None where the clock is not put back in the window.
    """
    first_hour = -(-window.start_microseconds // HOUR_MICROSECONDS) * HOUR_MICROSECONDS
    hours = range(first_hour, window.end_microseconds, HOUR_MICROSECONDS)
    repeated = [hour for hour in hours if is_repeated_local_time(from_microseconds(hour))]
    return (repeated[0], repeated[1]) if len(repeated) == 2 else None


def span_of_starts(window: Window) -> Window:
    """The part of a window whose $00 tell the passes apart, with the supercycles that reach into it.

    Half an hour before the first pass and after the second, as far as the window goes: no boundary of a request may lie
    between, and the longest supercycle is far shorter.
    """
    passes = repeated_hours(window)
    if passes is None:
        return window
    start = max(window.start_microseconds, passes[0] - HOUR_MICROSECONDS // 2)
    end = min(window.end_microseconds, passes[1] + HOUR_MICROSECONDS * 3 // 2)
    return Window(from_microseconds(start), from_microseconds(end))


def told_apart_by_order(reply: SampleReply) -> SampleReply:
    """The same reply, which says how many of its rows $00 would have decided, had it come."""
    counts = replace(reply.counts, without_supercycle=reply.counts.ambiguous_times)
    return replace(reply, counts=counts)


def tell_passes_apart(reply: SampleReply, starts: Times, window: Window) -> SampleReply:
    """Move rows of the repeated hour to the pass that their time in the supercycle belongs to.

    A row that agrees with both passes or with none stays where its order put it.

    Args:
        reply: columns ``time`` and ``supercycle_seconds``, in order of time.
        starts: times of $00 in the window, microseconds since 1970 UTC, sorted.
        window: what was asked for; neither end lies in the repeated hour.

    Returns:
        The reply in order of time; ``ambiguous_times`` counts what is still undecided.
    """
    passes = repeated_hours(window)
    if passes is None or len(starts) < 2 or not reply.table.num_rows:
        return reply
    times = as_microseconds(reply.table["time"]).copy()
    seconds = reply.table["supercycle_seconds"].to_numpy()
    rows = np.flatnonzero((times >= passes[0]) & (times < passes[1] + HOUR_MICROSECONDS))
    first = np.where(times[rows] < passes[1], times[rows], times[rows] - HOUR_MICROSECONDS)
    in_first = _disagreement(first, seconds[rows], starts) < AGREEMENT_SECONDS
    in_second = _disagreement(first + HOUR_MICROSECONDS, seconds[rows], starts) < AGREEMENT_SECONDS
    decided = in_first != in_second
    placed = first[decided] + HOUR_MICROSECONDS * in_second[decided]
    moved = int(np.count_nonzero(times[rows[decided]] != placed))
    times[rows[decided]] = placed
    undecided = int(np.count_nonzero(~decided)) if reply.counts.ambiguous_times else 0
    table = reply.table.set_column(0, "time", as_times(times))
    order = pc.sort_indices(table["time"])
    # A row of the second pass that was taken for one of the first had seemed to come late.
    out_of_order = max(0, reply.counts.out_of_order - moved)
    counts = replace(reply.counts, ambiguous_times=undecided, out_of_order=out_of_order)
    return replace(reply, table=table.take(order).combine_chunks(), counts=counts)


def _disagreement(times: Times, seconds: Seconds, starts: Times) -> Seconds:
    """How far the time since the last $00, or before the next one, is from the number in the row, in s."""
    last = np.searchsorted(starts, times, side="right") - 1
    since_last = (times - starts[np.maximum(last, 0)]) / 1e6
    # The first resets of a supercycle come before its $00 and have a negative time.
    since_next = (times - starts[np.minimum(last + 1, len(starts) - 1)]) / 1e6
    distances: Seconds = np.minimum(np.abs(since_last - seconds), np.abs(since_next - seconds))
    return np.where(np.isnan(distances), np.inf, distances)
