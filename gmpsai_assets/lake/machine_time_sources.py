"""What machine time is made of, as it lies in the lake: events, captured supercycles and their recipes.

Nothing is computed here. The supercycle that runs at midnight was captured on the day before, so that day's table is
read as well where it is published.
"""

from collections.abc import Callable
from datetime import timedelta

import pyarrow as pa

from gmpsai_assets.acnet.clock import parse_day
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import RECIPES, SUPERCYCLES, DayTable


def event_reader(lake: Lake, day: str) -> Callable[[int], pa.Table]:
    """A function that gives the occurrences of one event code in the day, as ``Lake.event_rows`` does."""
    return lambda code: lake.event_rows(code, day)


def captured_supercycles(lake: Lake, day: str) -> pa.Table:
    """Start, length and recipe of the supercycles of a day and the one before.

    Raises:
        DayNotPublishedError: if the timeline of the day has not been published.
    """
    return _with_day_before(lake, SUPERCYCLES, day).select(["start", "length_seconds", "recipe_id"])


def captured_recipes(lake: Lake, day: str) -> pa.Table:
    """The entries of the recipes of a day and the one before, each once.

    Raises:
        DayNotPublishedError: if the timeline of the day has not been published.
    """
    rows = _with_day_before(lake, RECIPES, day).cast(RECIPES.schema)
    return rows.group_by(RECIPES.schema.names, use_threads=False).aggregate([])


def _with_day_before(lake: Lake, table: DayTable, day: str) -> pa.Table:
    before = (parse_day(day) - timedelta(days=1)).isoformat()
    days = [before, day] if lake.day_files(table, before) else [day]
    return pa.concat_tables(
        [lake.read_day(table, each) for each in days], promote_options="default"
    )
