"""What machine time is made of, opened once: the events, captured supercycles, recipes and samples of a day.

Nothing is computed here. A day begins in the middle of a supercycle and of a tick, so the days beside it are opened as
well where they are published; where they are not, this says so. All rows come from the files as they were when they
were opened, whatever is published meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window, day_window, parse_day
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.origin import derived_origin
from gmpsai_assets.lake.parameter_days import ParameterDay, parameters_of
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.lake.stored_file import StoredFile
from gmpsai_assets.lake.tables import DayTable

_BESIDE = timedelta(seconds=1)
"""So much of the days beside is read. An event or a sample is at most two ticks, 0.13 s, from the one it belongs to."""


@dataclass(frozen=True)
class SurroundedParameter:
    """One parameter of a published day, and the second beside it at either end.

    Attributes:
        day: the parameter on that day.
        window: the day.
        before: the files of the day before; none where it is not published.
        after: the files of the next day; none where it is not published.
    """

    day: ParameterDay
    window: Window
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
        rows = self._rows(self.before)
        return rows.filter(
            pc.greater_equal(rows["time"], pa.scalar(self.window.start - _BESIDE, TIME_TYPE))
        )

    def first_after(self) -> pa.Table:
        """The same columns of the first second of the next day."""
        rows = self._rows(self.after)
        return rows.filter(pc.less(rows["time"], pa.scalar(self.window.end + _BESIDE, TIME_TYPE)))

    def _rows(self, files: Sequence[StoredFile]) -> pa.Table:
        none = pa.schema(
            [pa.field("time", TIME_TYPE), pa.field("value", pa.float64())]
        ).empty_table()
        return pa.concat_tables(
            [none, *(file.rows_of(self.parameter, none.schema.names) for file in files)],
            promote_options="permissive",
        )


@dataclass(frozen=True)
class _OpenFiles:
    """The files of one table: of the day before, the day, and the next day; none where that is not published."""

    before: tuple[StoredFile, ...]
    today: tuple[StoredFile, ...]
    after: tuple[StoredFile, ...]


@dataclass(frozen=True)
class MachineTimeInputs:
    """The open files of a day; ``open_inputs`` makes it.

    Attributes:
        day: the local day.
        window: its span.
        read_from: the first instant of which events are read, microseconds since 1970 UTC: a second before the day
            where the events of the day before are published, else its start.
        origin: file metadata of what is made of them: digests of these very files, and of those of the days beside.
        neighbours: which tables of the days beside it are read: ``read`` or ``not published`` for each.
    """

    day: date
    window: Window
    read_from: int
    origin: Mapping[str, Any]
    neighbours: Mapping[str, str]
    _files: Mapping[str, _OpenFiles]

    def events(self, code: int) -> pa.Table:
        """``time`` and ``supercycle_seconds`` of one event since ``read_from``, in order of time."""
        files = self._files[EVENT_DATA.name]
        parts = [
            file.rows_of(code, ["time", "supercycle_seconds"])
            for file in (*files.before[:1], *files.today[:1])
        ]
        if len(parts) > 1:
            first = pa.scalar(self.read_from, TIME_TYPE)
            parts[0] = parts[0].filter(pc.greater_equal(parts[0]["time"], first))
        return pa.concat_tables(parts)

    def supercycles(self) -> pa.Table:
        """Start, length and recipe of the captured supercycles of the day and the one before."""
        return self._with_day_before(SUPERCYCLES).select(["start", "length_seconds", "recipe_id"])

    def recipes(self) -> pa.Table:
        """The entries of the recipes of the day and the one before, each once."""
        rows = self._with_day_before(RECIPES).cast(RECIPES.schema)
        return rows.group_by(RECIPES.schema.names, use_threads=False).aggregate([])

    def parameters(self) -> list[SurroundedParameter]:
        """All parameters of the day in list order, those without samples included."""
        files = self._files[PARAMETER_DATA.name]
        return [
            SurroundedParameter(each, self.window, files.before, files.after)
            for file in files.today
            for each in parameters_of(file)
        ]

    def _with_day_before(self, table: DayTable) -> pa.Table:
        files = self._files[table.name]
        return pa.concat_tables(
            [file.rows() for file in (*files.before, *files.today)], promote_options="default"
        )


def open_inputs(lake: Lake, day: str, tables: Sequence[DayTable]) -> MachineTimeInputs:
    """Open what a table in machine time is made of.

    Args:
        lake: where it lies.
        day: the partition key.
        tables: out of ``parameter_data``, ``event_data``, ``supercycles`` and ``recipes``; no others can be read.

    Raises:
        DayNotPublishedError: one of them has no such day.
    """
    date_of = parse_day(day)
    before, after = (str(date_of + timedelta(days=n)) for n in (-1, 1))
    window = day_window(date_of)
    files = {
        table.name: _OpenFiles(
            before=_opened(lake, table, before),
            today=tuple(lake.open_files(table, day)),
            # Ticks of a day have their events in it, or on the day before; their samples can come after it.
            after=_opened(lake, table, after) if table is PARAMETER_DATA else (),
        )
        for table in tables
    }
    beside = {f"{name} of {before}": each.before for name, each in files.items()}
    if PARAMETER_DATA.name in files:
        beside[f"{PARAMETER_DATA.name} of {after}"] = files[PARAMETER_DATA.name].after
    ahead = _BESIDE if files[EVENT_DATA.name].before else timedelta()
    digests = {
        name: {file.path.name: file.digest for file in found} for name, found in beside.items()
    }
    return MachineTimeInputs(
        day=date_of,
        window=window,
        read_from=window.start_microseconds - round(ahead.total_seconds() * 1e6),
        origin={
            **derived_origin(day, [file for each in files.values() for file in each.today]),
            "neighbouring_days": {name: each or "not published" for name, each in digests.items()},
        },
        neighbours={name: "read" if each else "not published" for name, each in beside.items()},
        _files=files,
    )


def _opened(lake: Lake, table: DayTable, day: str) -> tuple[StoredFile, ...]:
    return tuple(StoredFile(path) for path in lake.day_files(table, day))
