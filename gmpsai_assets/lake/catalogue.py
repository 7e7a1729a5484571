"""The DuckDB catalogue: one view for each daily table, over the Parquet files, and one for each list in them.

The catalogue holds no data, so losing it loses nothing. It is replaced whole; no reader ever waits for a lock.
"""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.columns import column_description
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.schemas import (
    DAY_TABLES,
    EVENT_DATA,
    PARAMETER_DATA,
    DayTable,
)
from gmpsai_assets.machine_time.tables import MACHINE_TIME_TABLES
from gmpsai_assets.machine_time.views import EVENT_MACROS, machine_time_views, name_columns


class CatalogueError(Exception):
    """The catalogue could not be made anew; the older one is in place, and the tables themselves are as they were."""


def refresh_catalogue(lake: Lake) -> Path:
    """Write the catalogue of all daily tables anew and put it in place of the old one.

    Each view has the table's columns, ``day`` (the local day, ``DATE``), and names for TCLK events. A table without a
    published day is an empty view with the right columns. A column that holds a list in each row is a
    view as well: ``day``, the table's first column, and the fields of the list, one row for each element.
    ``samples_with_completeness`` has beside each sample how complete its parameter's day is.

    Returns:
        The catalogue's path; open it with ``duckdb.connect(path, read_only=True)``.

    Raises:
        CatalogueError: DuckDB cannot read a published file, or cannot write.
    """
    # Imported here: a pull would carry the library, 12 MB, through its peak of memory.
    import duckdb  # noqa: PLC0415

    # Without the lock a run that listed the days before another one published the first of a table could put its
    # catalogue, with an empty view, in the place of the newer one.
    with exclusive(lake.drafts / "locks" / "catalogue.lock"):
        try:
            _replace(lake)
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            msg = (
                f"the views in {lake.catalogue} could not be renewed: {reason}. What was published stays published. If "
                "a file is named that cannot be read, move it away and materialise its day again; if there is no space "
                "left, make room; then materialise any asset, which renews them"
            )
            raise CatalogueError(msg) from error
    return lake.catalogue


def _replace(lake: Lake) -> None:
    import duckdb  # noqa: PLC0415

    draft = atomic.unused_name(lake.catalogue)
    try:
        with duckdb.connect(str(draft)) as connection:
            for statement in EVENT_MACROS:
                connection.execute(statement)
            for table in (*DAY_TABLES, *MACHINE_TIME_TABLES):
                connection.execute(_view(lake, table))
                connection.execute(_comments(table.name, table.schema))
                for field in filter(_is_list, table.schema):
                    connection.execute(_list_view(table, field))
                    connection.execute(_comments(field.name, field.type.value_type.fields))
            connection.execute(_samples_with_completeness(lake))
            for statement in machine_time_views(lake):
                connection.execute(statement)
        atomic.put_in_place(draft, lake.catalogue)
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(draft.name + ".wal").unlink(missing_ok=True)


def _view(lake: Lake, table: DayTable) -> str:
    names = ", ".join(table.schema.names)
    named = name_columns(table)
    if not lake.published_days(table):
        columns = ", ".join(f"null::{_sql_type(f.type)} as {f.name}" for f in table.schema)
        none = f"select {columns}, null::date as day where false"
        return f"create view {table.name} as select *{named} from ({none})"
    return f"create view {table.name} as select {names}, day{named} from {_files(lake, table)}"


def _files(lake: Lake, table: DayTable, options: str = "") -> str:
    if table not in (PARAMETER_DATA, EVENT_DATA):
        # Small tables gain columns over the years: days from before have null in them. The two large ones do not,
        # and to look into each of their files would make every query slower.
        options += ", union_by_name = true"
    pattern = _quoted(str(lake.root / table.name / "day=*" / table.file_pattern))
    return (
        f"read_parquet({pattern}, hive_partitioning = true, hive_types = {{'day': date}}{options})"
    )


def _samples_with_completeness(lake: Lake) -> str:
    """A device may be recorded from two nodes, so the file's name, which is the node, tells which row is meant."""
    named = "select *, null::varchar as node from parameter_data"
    if lake.published_days(PARAMETER_DATA):
        columns = ", ".join(PARAMETER_DATA.schema.names)
        files = _files(lake, PARAMETER_DATA, ", filename = true")
        named = f"select {columns}, day, parse_filename(filename, true) as node from {files}"
    return (
        f"create view samples_with_completeness as select s.day, s.node, s.parameter, s.time, s.value, c.state, "
        f"c.completeness, c.missing, c.longest_gap_seconds, c.obtainable_until "
        f"from ({named}) s left join completeness c using (day, node, parameter)"
    )


def _list_view(table: DayTable, field: pa.Field) -> str:
    first = table.schema.names[0]
    return (
        f"create view {field.name} as "
        f"select day, {first}, unnest({field.name}, recursive := true) from {table.name}"
    )


def _comments(view: str, fields: Iterable[pa.Field]) -> str:
    return "".join(
        f'comment on column {view}."{field.name}" is {_quoted(column_description(field))};'
        for field in fields
    )


def _is_list(field: pa.Field) -> bool:
    return bool(pa.types.is_list(field.type))


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _sql_type(kind.value_type)
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        fields = ", ".join(f'"{field.name}" {_sql_type(field.type)}' for field in kind.fields)
        return f"struct({fields})"
    names = {
        pa.string(): "varchar",
        pa.float64(): "double",
        pa.int64(): "bigint",
        pa.int32(): "integer",
        pa.uint8(): "utinyint",
        pa.bool_(): "boolean",
        pa.timestamp("us", tz="UTC"): "timestamptz",
    }
    return names[kind]
