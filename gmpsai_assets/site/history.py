"""The published plotly JSON: the daily statistics of every parameter as traces and a layout.

It is made from the statistics of all published days, which are read here too. Pages of others load it; what the
site's own page draws is in ``daily_numbers``.

Structure, trace names, trace order and colour are those that readers of ``StatsHistoryBoringHolyMoly.json``
know (fermilab-accelerator-ai/workflow, DB_to_JSON.py). What is different was wrong there: dates are dates
instead of seconds, anchors are ``y2`` and not ``yaxis2``, every published day is present, a missing number is
null, and the first axes are called ``xaxis`` and ``yaxis``, the only names that plotly documents for them.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmpsai_assets.acnet.clock import parse_day
from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named
from gmpsai_assets.lake.tables import DayTable

STATISTICS = ("value_mode", "value_std", "value_min", "value_max")
LINE_COLOUR = "rgba(0,100,50,0.2)"
ROW_HEIGHT = 200
FILLED = frozenset({"mode", "-1sigma"})
"""The traces that are filled up to the trace before them."""


def _column(name: str, kind: pa.DataType, description: str, unit: str = "") -> pa.Field:
    return pa.field(name, kind, metadata={"description": description, "unit": unit})


TRACES = pa.schema(
    [
        _column("x", pa.list_(pa.string()), "the published local days, the same in each trace"),
        _column(
            "y",
            pa.list_(pa.float64()),
            "the day's number, as long as x; null where there is none",
            "of the device",
        ),
        _column(
            "xaxis", pa.string(), "its axis of days: x, x2, x3 and so on, one for each parameter"
        ),
        _column("yaxis", pa.string(), "its axis of values, named likewise"),
        _column("type", pa.string(), "always scatter"),
        _column("fill", pa.string(), "tonexty on mode and -1sigma; absent on the others"),
        _column("line", pa.struct([("color", pa.string())]), "its colour"),
        _column("name", pa.string(), "parameter and line: max, +1sigma, mode, -1sigma or min"),
    ]
)
"""The keys of a trace, in order."""

Grid = npt.NDArray[np.float64]
"""Numbers by parameter and day, or of one parameter by day; NaN where there is none."""


class HistoryError(ValueError):
    """The statistics do not make a history: a column, a day or a name is missing, or a row comes twice."""


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
    optional: Collection[str] = (),
) -> AllDays:
    """Some columns of all published days; meant for small tables.

    Args:
        lake: where they lie.
        table: which table.
        columns: which of its columns.
        check: is given each day's rows and raises a HistoryError for those that must not be used.
        optional: those of the columns that are null where a day does not have them, as it is older than they are.
    """
    selected = pa.schema(
        [pa.field("day", pa.string()), *(table.schema.field(name) for name in columns)]
    )
    days: list[pa.Table] = []
    left_out: dict[str, str] = {}
    for day in lake.published_days(table):
        try:
            folder = lake.day_folder(table, _checked_day(day))
            with damage_named(folder):
                of_the_day = _rows_of_day(lake, table, day, selected, optional)
            if check is not None:
                check(of_the_day)
        except (OSError, DamagedFileError, DayNotPublishedError, HistoryError) as error:
            left_out[day] = f"{type(error).__name__}: {error}"
        else:
            days.append(of_the_day)
    return AllDays(pa.concat_tables(days) if days else selected.empty_table(), left_out)


def _rows_of_day(
    lake: Lake, table: DayTable, day: str, wanted: pa.Schema, optional: Collection[str]
) -> pa.Table:
    """The wanted columns of one day, ``day`` before the others.

    Raises:
        HistoryError: a column that is not optional is missing.
        DayNotPublishedError: it is published no more.
    """
    rows = lake.read_day(table, day)
    for name in set(optional).difference(rows.column_names):
        rows = rows.append_column(name, pa.nulls(rows.num_rows))
    missing = [name for name in wanted.names[1:] if rows.column_names.count(name) != 1]
    if missing:
        msg = f"no column {', '.join(missing)}; there are {rows.column_names}"
        raise HistoryError(msg)
    label = pa.repeat(pa.scalar(day), rows.num_rows)
    columns = rows.select(wanted.names[1:]).columns
    return pa.table([label, *columns], names=wanted.names).cast(wanted)


def history_payload(statistics: pa.Table, parameters: Sequence[str]) -> dict[str, Any]:
    """The history of every parameter over all published days.

    Args:
        statistics: one row per day and parameter, any order: ``day`` (``YYYY-MM-DD``, the local
            day), ``parameter``, and ``value_mode``, ``value_std``, ``value_min``, ``value_max``
            (float64, in the device's unit; null or not finite where there is none).
        parameters: the parameters in list order. Those that only the days know come after them,
            by name.

    Returns:
        ``data``: five scatter traces a parameter, ``max``, ``+1sigma``, ``mode``, ``-1sigma``,
        ``min``, where sigma is mode plus and minus the standard deviation. All ``x`` are the same
        sorted days and all ``y`` are as long; None where there is no number. ``layout``: one row
        of the grid for each parameter.

    Raises:
        HistoryError: if a column is missing, a day is not a date, a name is null, or a day holds
            a parameter twice.
    """
    grids = day_grids(statistics, parameters)
    lines = _lines({name: grids.of(name) for name in STATISTICS})
    return {
        "data": [
            trace
            for row, parameter in enumerate(grids.names)
            for trace in _traces(
                parameter, row + 1, grids.days, {n: g[row] for n, g in lines.items()}
            )
        ],
        "layout": _layout(grids.names),
    }


@dataclass(frozen=True)
class DayGrids:
    """Statistics as grids: a row for each parameter, a column for each day.

    Attributes:
        days: the published local days, sorted.
        names: the parameters: those of the list in its order, then those that only the days know, by name.
        cells: where each row of the statistics lies in a grid, counted along the rows.
        statistics: one row per day and parameter.
    """

    days: list[str]
    names: list[str]
    cells: npt.NDArray[np.int64]
    statistics: pa.Table

    def of(self, column: str) -> Grid:
        """One column; NaN where there is no number."""
        grid = np.full(len(self.names) * len(self.days), np.nan)
        grid[self.cells] = pc.cast(self.statistics[column], pa.float64()).to_numpy()
        return grid.reshape(len(self.names), len(self.days))


def day_grids(statistics: pa.Table, parameters: Sequence[str]) -> DayGrids:
    """Sort statistics by day and parameter; arguments and errors as those of ``history_payload``."""
    day_of_row, parameter_of_row = _keys(statistics)
    days = sorted(_checked_day(day) for day in pc.unique(day_of_row).to_pylist())
    found = pc.unique(parameter_of_row).to_pylist()
    listed: list[str] = list(dict.fromkeys(parameters))
    names = listed + sorted(set(found).difference(listed))
    return DayGrids(days, names, _cells(day_of_row, parameter_of_row, days, names), statistics)


def check_statistics(statistics: pa.Table) -> None:
    """Make sure that statistics, of one day or of several, can become a history; see ``history_payload``.

    Raises:
        HistoryError: what is wrong with them.
    """
    day_of_row, parameter_of_row = _keys(statistics)
    days = sorted(_checked_day(day) for day in pc.unique(day_of_row).to_pylist())
    _cells(day_of_row, parameter_of_row, days, pc.unique(parameter_of_row).to_pylist())


def _checked_day(day: str | None) -> str:
    try:
        return parse_day(day or "").isoformat()
    except ValueError as error:
        msg = f"the statistics hold a row of no day: {error}"
        raise HistoryError(msg) from None


def _keys(statistics: pa.Table) -> tuple[pa.Array, pa.Array]:
    missing = [n for n in ("day", "parameter", *STATISTICS) if n not in statistics.column_names]
    if missing:
        msg = f"the statistics have no column {', '.join(missing)}; there are {statistics.column_names}"
        raise HistoryError(msg)
    day = pc.cast(statistics["day"].combine_chunks(), pa.string())
    parameter = pc.cast(statistics["parameter"].combine_chunks(), pa.string())
    if parameter.null_count:
        msg = f"{parameter.null_count} rows of the statistics name no parameter"
        raise HistoryError(msg)
    return day, parameter


def _cells(
    day_of_row: pa.Array, parameter_of_row: pa.Array, days: list[str], names: list[str]
) -> npt.NDArray[np.int64]:
    """Where each row lies in a grid of parameters by days, counted along the rows."""
    column = pc.index_in(day_of_row, pa.array(days, pa.string())).to_numpy(zero_copy_only=False)
    row = pc.index_in(parameter_of_row, pa.array(names, pa.string())).to_numpy(zero_copy_only=False)
    cells: npt.NDArray[np.int64] = row.astype(np.int64) * len(days) + column
    if np.unique(cells).size != cells.size:
        ordered = np.sort(cells)
        twice = int(ordered[1:][ordered[1:] == ordered[:-1]][0])
        msg = f"day {days[twice % len(days)]} holds {names[twice // len(days)]} more than once"
        raise HistoryError(msg)
    return cells


def _lines(grids: dict[str, Grid]) -> dict[str, Grid]:
    """The five lines of every parameter, in the order in which they are drawn."""
    mode, deviation = grids["value_mode"], grids["value_std"]
    with np.errstate(over="ignore", invalid="ignore"):
        upper, lower = mode + deviation, mode - deviation
    return {
        "max": grids["value_max"],
        "+1sigma": upper,
        "mode": mode,
        "-1sigma": lower,
        "min": grids["value_min"],
    }


def _traces(
    parameter: str, number: int, days: list[str], lines: dict[str, Grid]
) -> Iterator[dict[str, Any]]:
    for name, numbers in lines.items():
        yield {
            "x": days,
            "y": finite_or_none(numbers),
            "xaxis": _axis("x", number),
            "yaxis": _axis("y", number),
            "type": "scatter",
            **({"fill": "tonexty"} if name in FILLED else {}),
            "line": {"color": LINE_COLOUR},
            "name": f"{parameter} {name}",
        }


def finite_or_none(numbers: Grid) -> list[float | None]:
    """JSON knows no NaN and no infinity: they become None."""
    column = numbers.astype(object)
    column[~np.isfinite(numbers)] = None
    values: list[float | None] = column.tolist()
    return values


def _axis(letter: str, number: int) -> str:
    """The first axis carries no number: ``x``, ``x2``, ``x3``."""
    return letter if number == 1 else f"{letter}{number}"


def _layout(names: list[str]) -> dict[str, Any]:
    rows = max(len(names), 1)
    layout: dict[str, Any] = {
        "grid": {"rows": rows, "columns": 1, "pattern": "independent"},
        "height": ROW_HEIGHT * rows,
        "showlegend": False,
    }
    for number, parameter in enumerate(names, start=1):
        layout[_axis("xaxis", number)] = {"type": "date", "anchor": _axis("y", number)}
        layout[_axis("yaxis", number)] = {
            "anchor": _axis("x", number),
            "title": {"text": parameter},
        }
    return layout
