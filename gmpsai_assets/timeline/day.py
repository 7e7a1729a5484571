"""A day of supercycles: out of what the timeline logger recorded, and out of $00 where it recorded nothing.

``compact`` is a pure function: the same records give the same tables, however often. ``compact_day`` reads and
publishes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.instants import as_microseconds
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry
from gmpsai_assets.acnet.tclk import SUPERCYCLE_START
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import EVENT_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.machine_time.starts import distinct as distinct_starts
from gmpsai_assets.machine_time.starts import match_captured
from gmpsai_assets.timeline.capture_files import CaptureFiles, RecipeLostError
from gmpsai_assets.timeline.gaps import TimelineGap, between, timeline_gaps, unknown_starts
from gmpsai_assets.timeline.records import Captured, Record
from gmpsai_assets.timeline.start_estimate import AGREEMENT


@dataclass(frozen=True)
class DayOfSupercycles:
    """What is known of the supercycles that began on a day.

    Attributes:
        supercycles: rows of ``SUPERCYCLES`` in order of start.
        captured: how many were captured.
        origins: how many of these each origin captured.
        from_tclk: how many are known by their $00 alone.
        expected: how many began, the missed ones included; None if nothing is known.
        gaps: spans without a captured one, in order.
        clock_offset_seconds: median of captured start less $00, the offset of the logger's clock; None without both.
    """

    supercycles: pa.Table
    captured: int
    origins: Mapping[str, int]
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
    captured = distinct(each for each in records if isinstance(each, Captured))
    seen = distinct_starts(np.empty(0, np.int64) if resets is None else np.sort(resets))
    claimed, offset = _match(captured, seen)
    first, last = window.start_microseconds, window.end_microseconds
    filled = between(np.delete(seen, claimed), first, last)
    inside = [each for each in captured if first <= each.start < last]
    unknown = unknown_starts(window, captured, filled)
    expected = len(inside) + filled.size + unknown.size
    return DayOfSupercycles(
        supercycles=_table(inside, filled),
        captured=len(inside),
        origins=Counter(each.origin for each in inside),
        from_tclk=int(filled.size),
        expected=expected or None,
        gaps=tuple(timeline_gaps(window, captured, filled, unknown, records)),
        clock_offset_seconds=offset,
    )


def distinct(captured: Iterable[Captured]) -> list[Captured]:
    """Supercycles in order of start, each once: of two captures of one, the more exact one."""
    kept: list[Captured] = []
    for each in sorted(captured, key=lambda one: (one.start, one.uncertainty_seconds)):
        if not kept or not _are_same(kept[-1], each):
            kept.append(each)
        elif each.uncertainty_seconds < kept[-1].uncertainty_seconds:
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


def _are_same(one: Captured, other: Captured) -> bool:
    reach = round((one.uncertainty_seconds + other.uncertainty_seconds) * 1e6) + AGREEMENT
    shorter = min(one.length_seconds, other.length_seconds)
    return other.start - one.start <= min(reach, shorter * 5e5)


def _match(captured: Sequence[Captured], seen: Instants) -> tuple[Instants, float | None]:
    """The places of $00 that were captured, and the offset of the logger's clock in seconds.

    Args:
        captured: in any order.
        seen: occurrences of $00, each a start, ascending.
    """
    starts = np.array([each.start for each in captured], dtype=np.int64)
    lengths = np.array([each.length_seconds * 1e6 for each in captured])
    places, offset = match_captured(starts, lengths, seen)
    return np.unique(places[places >= 0]), None if offset is None else offset / 1e6


def _table(inside: Sequence[Captured], filled: Instants) -> pa.Table:
    none: list[None] = [None] * filled.size
    columns = (
        [each.start for each in inside] + filled.tolist(),
        [each.length_seconds for each in inside] + none,
        [each.recipe_id for each in inside] + none,
        [each.captured_at for each in inside] + none,
        ["captured"] * len(inside) + ["tclk"] * filled.size,
        [each.origin for each in inside] + none,
        [each.uncertainty_seconds for each in inside] + none,
    )
    arrays = [
        pa.array(column, field.type)
        for column, field in zip(columns, SUPERCYCLES.schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SUPERCYCLES.schema).sort_by("start")


_AROUND = timedelta(days=1)
"""Records of so long before and after the day are read for the supercycles at its edges, and for loggers that ran."""

_PUBLISHED = (SUPERCYCLES, RECIPES)


@dataclass(frozen=True)
class CompactedDay:
    """A published day.

    Attributes:
        day: the partition key.
        found: the supercycles, coverage and gaps.
        recipes: rows of ``RECIPES``.
        lost_recipes: what the disk has lost of the recipes that supercycles refer to.
        files: those of the supercycles and of the recipes.
    """

    day: str
    found: DayOfSupercycles
    recipes: pa.Table
    lost_recipes: tuple[str, ...]
    files: tuple[Path, ...]


def compact_day(lake: Lake, day: str) -> CompactedDay:
    """Compact what was captured of a day, fill missed starts from its $00, and publish both tables.

    The same captures and events give byte for byte the same files. Others, as when captures were lost from the disk,
    leave what was published before as a revision: a timeline cannot be read again. A table whose rows are the same
    stays as it is.
    """
    window = day_window(day)
    captures = CaptureFiles(lake.root)
    records = captures.read(window.start - _AROUND, window.end + _AROUND)
    found = compact(window, records, _resets(lake, day))
    recipes, lost = _recipes(captures, found.supercycles)
    metadata = {
        "day": day,
        "window": [window.start.isoformat(), window.end.isoformat()],
        "source": "timeline_captures",
        "captured": found.captured,
        "origins": dict(sorted(found.origins.items())),
        "from_tclk": found.from_tclk,
        "expected": found.expected,
        "lost_recipes": lost,
        "package_version": __version__,
    }
    with lake.publications(_PUBLISHED, day, keep_revisions=True) as publications:
        rows = (found.supercycles, recipes)
        for publication, table, each in zip(publications, _PUBLISHED, rows, strict=True):
            write_table(publication.file(table.file_pattern), table, each, metadata)
    files = tuple(path for table in _PUBLISHED for path in lake.day_files(table, day))
    return CompactedDay(day, found, recipes, tuple(lost), files)


def _resets(lake: Lake, day: str) -> Instants | None:
    if not lake.day_files(EVENT_DATA, day):
        return None
    return as_microseconds(lake.event_rows(SUPERCYCLE_START, day)["time"])


def _recipes(captures: CaptureFiles, supercycles: pa.Table) -> tuple[pa.Table, list[str]]:
    found, lost = [], []
    for identity in supercycles["recipe_id"].drop_null().unique().sort().to_pylist():
        try:
            found.append((identity, captures.recipe(identity)))
        except RecipeLostError as error:
            lost.append(str(error))
    return recipe_rows(found), lost
