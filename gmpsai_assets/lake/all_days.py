"""One small table over all published days, read day by day, so that a day that cannot be read spoils no other.

What the rows are for belongs to the callers; one day is read by ``day_store``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import DayTable

_UNREADABLE = (OSError, ValueError, LookupError, TypeError, pa.ArrowException)
"""What reading a damaged, foreign or vanished file raises."""


@dataclass(frozen=True)
class AllDays:
    """The days of a table.

    Attributes:
        rows: ``day`` (string ``YYYY-MM-DD``), then the columns that were asked for; in order of day, within a day
            as stored; no rows if nothing is published.
        left_out: days that could not be used, each with the reason.
    """

    rows: pa.Table
    left_out: dict[str, str]


def read_all_days(
    lake: Lake,
    table: DayTable,
    columns: Sequence[str],
    check: Callable[[pa.Table], None] | None = None,
) -> AllDays:
    """Some columns of all published days; meant for small tables.

    Args:
        lake: where they lie.
        table: which table.
        columns: which of its columns.
        check: is given each day's rows and raises a ValueError for those that must not be used.
    """
    selected = pa.schema(
        [pa.field("day", pa.string()), *(table.schema.field(name) for name in columns)]
    )
    days: list[pa.Table] = []
    left_out: dict[str, str] = {}
    for day in lake.published_days(table):
        try:
            rows = lake.read_day(table, day).select(list(columns))
            label = pa.repeat(pa.scalar(day), rows.num_rows)
            of_the_day = pa.table([label, *rows.columns], names=selected.names).cast(selected)
            if check is not None:
                check(of_the_day)
        except _UNREADABLE as error:
            left_out[day] = f"{type(error).__name__}: {error}"
        else:
            days.append(of_the_day)
    return AllDays(pa.concat_tables(days) if days else selected.empty_table(), left_out)
