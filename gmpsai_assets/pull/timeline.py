"""The supercycle timeline as it is loaded now, added to what a day already holds.

The timeline generator has no memory: only the present timeline can be read, and what was captured once cannot be
captured again. So a day's captures are only ever added to.
"""

from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.supercycle import recipe_id, supercycle_start
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import RECIPES, SUPERCYCLES, DayTable

SAME_START = timedelta(seconds=1)
"""Two captures of one supercycle can differ by the time a request takes, never by a supercycle's shortest length."""


@dataclass(frozen=True)
class TimelineCapture:
    """A day's captured timelines.

    Attributes:
        day: the partition key.
        supercycles: rows of the table ``supercycles``.
        recipes: rows of the table ``recipes``.
        captures_inside: how many supercycles started within the day.
    """

    day: str
    supercycles: pa.Table
    recipes: pa.Table
    captures_inside: int


def capture_timeline(datalogger: DataLogger, lake: Lake, day: str) -> TimelineCapture:
    """Read the timeline that is loaded now and publish it with what the day already holds.

    Raises:
        AcnetError: the timeline could not be read; what was published before is intact.
    """
    supercycle, recipe = _read_now(datalogger)
    supercycles = _with_new_start(_published(lake, SUPERCYCLES, day), supercycle)
    known = _published(lake, RECIPES, day)
    new = pc.is_in(recipe["recipe_id"][0], known["recipe_id"].unique()).as_py()
    recipes = known if new else pa.concat_tables([known, recipe])
    metadata = {"day": day, "source": datalogger.source, "package_version": __version__}
    # Recipes first: a reader between the two renames then knows every recipe that is referred to.
    with lake.publication(RECIPES, day) as publication:
        write_table(publication.file(RECIPES.file_pattern), RECIPES, recipes, metadata)
        path = publication.file(SUPERCYCLES.file_pattern)
        write_table(path, SUPERCYCLES, supercycles, metadata)
    window = day_window(day)
    inside = pc.and_(
        pc.greater_equal(supercycles["start"], pa.scalar(window.start)),
        pc.less(supercycles["start"], pa.scalar(window.end)),
    )
    return TimelineCapture(day, supercycles, recipes, pc.sum(inside).as_py() or 0)


def _read_now(datalogger: DataLogger) -> tuple[pa.Table, pa.Table]:
    reading = datalogger.supercycle_time()
    timeline = datalogger.timeline()
    identity = recipe_id(timeline)
    row = {
        "start": supercycle_start(reading),
        "length_seconds": reading.length_seconds,
        "recipe_id": identity,
        "captured_at": reading.after,
    }
    recipe = timeline.add_column(
        0, "recipe_id", pa.repeat(pa.scalar(identity), timeline.num_rows)
    ).select(RECIPES.schema.names)
    return pa.Table.from_pylist([row], schema=SUPERCYCLES.schema), recipe.cast(RECIPES.schema)


def _published(lake: Lake, table: DayTable, day: str) -> pa.Table:
    if not lake.day_files(table, day):
        return table.schema.empty_table()
    return lake.read_day(table, day).cast(table.schema)


def _with_new_start(known: pa.Table, supercycle: pa.Table) -> pa.Table:
    distance = pc.abs(pc.subtract(known["start"], supercycle["start"][0]).cast(pa.int64()))
    again = pc.any(pc.less(distance, int(SAME_START / timedelta(microseconds=1)))).as_py()
    rows = known if again else pa.concat_tables([known, supercycle])
    return rows.sort_by("start")
