"""A day of parameters with the few samples of its neighbouring days that belong to its first and last ticks.

A sample is stamped some milliseconds off its tick, so that one of a tick beside midnight can lie in the file of the
day before or of the next one. They are read only when asked for, and where that day is published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.machine_time_sources import day_after, day_before
from gmpsai_assets.lake.parameter_days import ParameterDay, parameter_days
from gmpsai_assets.lake.schemas import PARAMETER_DATA, TIME
from gmpsai_assets.lake.stored_file import StoredFile

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
