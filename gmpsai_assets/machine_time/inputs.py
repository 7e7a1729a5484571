"""What machine time is made of, as it lies in the lake: events, captured supercycles and their recipes.

Nothing is computed here. A day begins in the middle of a supercycle and of a tick, so the last second of events and
the timeline of the day before are read as well, where they are published; where they are not, this says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import day_window, parse_day
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import ParameterDay, parameter_days
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.lake.stored_file import StoredFile
from gmpsai_assets.lake.tables import TIME, DayTable

_AHEAD = timedelta(seconds=1)


@dataclass(frozen=True)
class DayEvents:
    """The events of a day, and of the second before it where that day is published.

    Attributes:
        lake: where they lie.
        day: the partition key.
        read_from: the first instant of which events are read, microseconds since 1970 UTC.
    """

    lake: Lake
    day: str
    read_from: int

    def __call__(self, code: int) -> pa.Table:
        """The occurrences of one event code, as ``Lake.event_rows`` gives them.

        Raises:
            DayNotPublishedError: if the events of the day have not been published.
        """
        rows = self.lake.event_rows(code, self.day)
        if self.read_from == day_window(self.day).start_microseconds:
            return rows
        before = self.lake.event_rows(code, day_before(self.day))
        late = before.filter(pc.greater_equal(before["time"], pa.scalar(self.read_from, TIME)))
        return pa.concat_tables([late, rows])


def day_events(lake: Lake, day: str) -> DayEvents:
    """The events of a day."""
    start = day_window(day).start_microseconds
    known = bool(lake.day_files(EVENT_DATA, day_before(day)))
    return DayEvents(lake, day, start - round(_AHEAD.total_seconds() * 1e6) * known)


def day_before(day: str) -> str:
    """The partition key of the day before."""
    return (parse_day(day) - timedelta(days=1)).isoformat()


def day_after(day: str) -> str:
    """The partition key of the next day."""
    return (parse_day(day) + timedelta(days=1)).isoformat()


def read_beside(lake: Lake, days: Mapping[str, Sequence[DayTable]]) -> dict[str, str]:
    """Which tables of neighbouring days a result stands on: for each day and table ``read`` or ``not published``.

    Args:
        lake: where they lie.
        days: the tables that are looked for, by partition key.
    """
    return {
        f"{table.name} of {day}": "read" if lake.day_files(table, day) else "not published"
        for day, tables in days.items()
        for table in tables
    }


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
    before = day_before(day)
    days = [before, day] if lake.day_files(table, before) else [day]
    return pa.concat_tables(
        [lake.read_day(table, each) for each in days], promote_options="default"
    )


_BESIDE = timedelta(seconds=1)


@dataclass(frozen=True)
class SurroundedParameter:
    """One parameter of a published day, and the second beside it at either end.

    Attributes:
        day: the parameter on that day.
        key: the partition key.
        before: the files of the day before; none where it is not published.
        after: the files of the next day; none where it is not published.
    """

    day: ParameterDay
    key: str
    before: Sequence[StoredFile]
    after: Sequence[StoredFile]

    @property
    def parameter(self) -> str:
        """The device name."""
        return self.day.parameter

    @property
    def nominal_rate_hz(self) -> float:
        """The rate it is logged at; 0 if that is not known."""
        return self.day.nominal_rate_hz or 0.0

    def read(self) -> pa.Table:
        """Columns ``time`` (timestamp[us, UTC]) and ``value`` (float64) of the day."""
        return self.day.read()

    def times(self) -> NDArray[np.int64]:
        """The time stamps of the day alone, microseconds since 1970 UTC, sorted."""
        return self.day.times()

    def last_before(self) -> pa.Table:
        """The same columns of the last second of the day before."""
        start = day_window(self.key).start
        rows = self._rows(self.before)
        return rows.filter(pc.greater_equal(rows["time"], pa.scalar(start - _BESIDE, TIME)))

    def first_after(self) -> pa.Table:
        """The same columns of the first second of the next day."""
        end = day_window(self.key).end
        rows = self._rows(self.after)
        return rows.filter(pc.less(rows["time"], pa.scalar(end + _BESIDE, TIME)))

    def _rows(self, files: Sequence[StoredFile]) -> pa.Table:
        none = pa.schema([pa.field("time", TIME), pa.field("value", pa.float64())]).empty_table()
        return pa.concat_tables(
            [none, *(file.rows_of(self.parameter, none.schema.names) for file in files)],
            promote_options="permissive",
        )


def surrounded_parameters(lake: Lake, day: str) -> Iterator[SurroundedParameter]:
    """All parameters of a day in list order, as ``parameter_days`` gives them.

    Raises:
        DayNotPublishedError: if the day has not been published.
    """
    before, after = (
        [StoredFile(path) for path in lake.day_files(PARAMETER_DATA, neighbour(day))]
        for neighbour in (day_before, day_after)
    )
    for each in parameter_days(lake, day):
        yield SurroundedParameter(each, day, before, after)
