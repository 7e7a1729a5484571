"""The day of supercycles in the lake: records and $00 are read, compacted and published."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.instants import as_microseconds
from gmpsai_assets.acnet.tclk import SUPERCYCLE_START
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import EVENT_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.timeline.capture_files import CaptureFiles, RecipeLostError
from gmpsai_assets.timeline.compaction import DayOfSupercycles, compact, recipe_rows

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
