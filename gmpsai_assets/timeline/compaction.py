"""A day of supercycles out of what the timeline logger recorded, and out of $00 where it recorded nothing.

Pure functions: the same records give the same tables, however often. Nothing is read or written here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry
from gmpsai_assets.lake.schemas import RECIPES, SUPERCYCLES
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.machine_time.starts import distinct as distinct_starts
from gmpsai_assets.machine_time.starts import match_captured
from gmpsai_assets.timeline.gaps import LoggerLife, missed_between, starts_and_lengths
from gmpsai_assets.timeline.records import EMULATOR, LOGGER, Captured, Record
from gmpsai_assets.timeline.start_estimate import AGREEMENT


def match(captured: Sequence[Captured], seen: Instants) -> tuple[Instants, float | None]:
    """The places of $00 that were captured, and the offset of the logger's clock in seconds.

    Args:
        captured: in any order.
        seen: occurrences of $00, each a start, ascending.
    """
    starts = np.array([each.start for each in captured], dtype=np.int64)
    lengths = np.array([each.length_seconds * 1e6 for each in captured])
    places, offset = match_captured(starts, lengths, seen)
    return np.unique(places[places >= 0]), None if offset is None else offset / 1e6


_SOURCES = {LOGGER: "captured", EMULATOR: "emulated"}


@dataclass(frozen=True)
class TimelineGap:
    """A span of a day whose supercycles were not captured.

    Attributes:
        start: when the first of them should have begun, or the start of the day; microseconds since 1970 UTC.
        end: when the next captured one began, or the end of the day.
        missed: how many supercycles began within; counted by $00, estimated from the lengths where $00 is not known.
        known_starts: how many of these $00 tells the start of.
        reason: why, as far as the logger could tell.
    """

    start: int
    end: int
    missed: int
    known_starts: int
    reason: str


@dataclass(frozen=True)
class DayOfSupercycles:
    """What is known of the supercycles that began on a day.

    Attributes:
        supercycles: rows of ``SUPERCYCLES`` in order of start.
        captured: how many were captured.
        emulated: how many of these by the emulator, in the place of a timeline logger.
        from_tclk: how many are known by their $00 alone.
        expected: how many began, the missed ones included; None if nothing tells.
        gaps: spans without a captured one, in order.
        clock_offset_seconds: median of captured start less $00, the offset of the logger's clock; None without both.
    """

    supercycles: pa.Table
    captured: int
    emulated: int
    from_tclk: int
    expected: int | None
    gaps: tuple[TimelineGap, ...]
    clock_offset_seconds: float | None

    @property
    def coverage(self) -> float | None:
        """Captured over expected."""
        return self.captured / self.expected if self.expected else None


def compact(
    window: Window, records: Iterable[Record], resets: Instants | None = None
) -> DayOfSupercycles:
    """The supercycles that began within a day.

    Args:
        window: the day; a supercycle that runs over midnight belongs to the day it began in.
        records: what the logger recorded in the day, and around it for the supercycles at its edges.
        resets: times of $00 in the day, if the event log of the day is there.
    """
    records = list(records)
    life = LoggerLife(records)
    captured = distinct(_counting([each for each in records if isinstance(each, Captured)], life))
    seen = distinct_starts(np.empty(0, np.int64) if resets is None else np.sort(resets))
    claimed, offset = match(captured, seen)
    filled = _inside(np.delete(seen, claimed), window)
    first, last = window.start_microseconds, window.end_microseconds
    inside = [each for each in captured if first <= each.start < last]
    unknown = _unknown(window, captured, filled)
    expected = len(inside) + filled.size + unknown.size
    return DayOfSupercycles(
        supercycles=_table(inside, filled),
        captured=len(inside),
        emulated=sum(each.origin == EMULATOR for each in inside),
        from_tclk=int(filled.size),
        expected=expected or None,
        gaps=tuple(_gaps(window, captured, filled, unknown, life)),
        clock_offset_seconds=offset,
    )


def _counting(captured: Sequence[Captured], life: LoggerLife) -> list[Captured]:
    """Without those of the emulator from while a logger ran: what that one missed is a gap."""
    ran = life.ran_at(np.array([each.start for each in captured], dtype=np.int64)).tolist()
    return [
        each
        for each, ran_then in zip(captured, ran, strict=True)
        if each.origin == LOGGER or not ran_then
    ]


def distinct(captured: Iterable[Captured]) -> list[Captured]:
    """Supercycles in order of start, each once: of two captures of one, that of a logger, or the more exact one."""
    kept: list[Captured] = []
    for each in sorted(captured, key=lambda one: (one.start, one.uncertainty_seconds)):
        if not kept or not _are_same(kept[-1], each):
            kept.append(each)
        elif _trust(each) < _trust(kept[-1]):
            kept[-1] = each
    return kept


def recipe_rows(recipes: Iterable[tuple[str, Sequence[RecipeEntry]]]) -> pa.Table:
    """Recipes as rows of ``RECIPES``, in order of identity and entry."""
    rows = [(identity, *entry) for identity, entries in sorted(recipes) for entry in entries]
    columns = list(zip(*rows, strict=True)) or [()] * len(RECIPES.schema)
    arrays = [
        pa.array(column, field.type) for column, field in zip(columns, RECIPES.schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=RECIPES.schema)


def _trust(captured: Captured) -> tuple[bool, float]:
    """The less, the better."""
    return captured.origin == EMULATOR, captured.uncertainty_seconds


def _are_same(one: Captured, other: Captured) -> bool:
    reach = round((one.uncertainty_seconds + other.uncertainty_seconds) * 1e6) + AGREEMENT
    shorter = min(one.length_seconds, other.length_seconds)
    return other.start - one.start <= min(reach, shorter * 5e5)


def _unknown(window: Window, captured: Sequence[Captured], filled: Instants) -> Instants:
    """Where supercycles must have begun that neither the logger nor $00 tells of: estimated, evenly spaced."""
    known, durations = starts_and_lengths(captured, filled)
    starts, lengths = known.tolist(), durations.tolist()
    if not starts:
        return known
    found: list[float] = []
    for start, length, following, next_length in zip(
        starts, lengths, starts[1:], lengths[1:], strict=False
    ):
        planned_end = start + round(length * 1e6)
        missed = missed_between(planned_end, following, length, next_length)
        found += [start + (following - start) * n / (missed + 1) for n in range(1, missed + 1)]
    found += np.arange(
        starts[0] - lengths[0] * 1e6, window.start_microseconds, -lengths[0] * 1e6
    ).tolist()
    next_start = starts[-1] + lengths[-1] * 1e6
    if window.end_microseconds - next_start >= lengths[-1] * 5e5:
        found += np.arange(next_start, window.end_microseconds, lengths[-1] * 1e6).tolist()
    return _inside(np.sort(np.array(found)).astype(np.int64), window)


def _gaps(
    window: Window,
    captured: Sequence[Captured],
    filled: Instants,
    unknown: Instants,
    life: LoggerLife,
) -> Iterator[TimelineGap]:
    """The spans between captured supercycles in which others began."""
    for before, after in pairwise([None, *captured, None]):
        low = window.start_microseconds if before is None else before.start + 1
        high = window.end_microseconds if after is None else after.start
        known, missing = _between(filled, low, high), _between(unknown, low, high)
        missed = known.size + missing.size
        if not missed and captured:
            continue
        planned = low if before is None else before.planned_end
        first = min([planned, *known.tolist(), *missing.tolist()])
        start, end = max(first, window.start_microseconds), min(high, window.end_microseconds)
        yield TimelineGap(start, end, missed, known.size, life.reason(start, end))


def _table(inside: Sequence[Captured], filled: Instants) -> pa.Table:
    none: list[None] = [None] * filled.size
    columns = (
        [each.start for each in inside] + filled.tolist(),
        [each.length_seconds for each in inside] + none,
        [each.recipe_id for each in inside] + none,
        [each.captured_at for each in inside] + none,
        [_SOURCES[each.origin] for each in inside] + ["tclk"] * filled.size,
        [each.uncertainty_seconds for each in inside] + none,
    )
    arrays = [
        pa.array(column, field.type)
        for column, field in zip(columns, SUPERCYCLES.schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SUPERCYCLES.schema).sort_by("start")


def _between(times: Instants, low: int, high: int) -> Instants:
    chosen: Instants = times[(times >= low) & (times < high)]
    return chosen


def _inside(times: Instants, window: Window) -> Instants:
    return _between(times, window.start_microseconds, window.end_microseconds)
