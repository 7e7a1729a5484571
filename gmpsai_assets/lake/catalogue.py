"""The DuckDB catalogue: one view for each daily table, over the Parquet files, and one for each list in them.

The catalogue holds no data, so losing it loses nothing. It is replaced whole; no reader ever waits for a lock. Which
files it reads is found out in ``catalogue_files``; views beyond the tables are the caller's.

A view opens no file before it is asked: its columns are declared, from the schemas here. It finds its files beside the
catalogue that was opened, wherever that lies, by the one setting that holds this place (``_ROOT``).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import pyarrow as pa

from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.catalogue_files import CatalogueFiles, TableFiles, catalogue_files
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.lake.tables import DayTable, column_description


class CatalogueError(Exception):
    """The catalogue could not be made anew; the older one is in place, and the tables themselves are as they were."""


@dataclass(frozen=True)
class Catalogue:
    """A catalogue that was made.

    Attributes:
        path: open it with ``duckdb.connect(path, read_only=True)``.
        files: the published files that its views read, and those that they leave out.
    """

    path: Path
    files: CatalogueFiles


def write_catalogue(
    lake: Lake,
    tables: Iterable[DayTable],
    *,
    statements_before: Iterable[str] = (),
    named_columns: Callable[[DayTable], str] = lambda _: "",
    statements_after: Iterable[str] = (),
) -> Catalogue:
    """Write the catalogue anew and put it in place of the old one.

    Each view has the table's columns and ``day`` (the local day, ``DATE``). A table without a published day is an
    empty view with the right columns. A column that holds a list in each row is a view as well: ``day``, the table's
    first column, and the fields of the list, one row for each element. ``samples_with_completeness`` has beside each
    sample how complete its parameter's day is. ``unreadable_files`` names what the views leave out.

    A day that is published later shows in the views at once, but for columns of new parameters and for the first day
    of a table. A file that is damaged later makes queries that touch it fail until the catalogue is made again.

    Args:
        lake: the tables.
        tables: those that become views; ``parameter_data`` and ``completeness`` must be among them.
        statements_before: SQL that is executed first, such as macros that ``named_columns`` use.
        named_columns: what a view selects after the table's columns, each with a comma before.
        statements_after: SQL for further views upon those of the tables.

    Raises:
        CatalogueError: DuckDB cannot write it.
        OSError: the data directory cannot be read or written.
    """
    # Imported here: a pull would carry the library, 12 MB, through its peak of memory.
    import duckdb  # noqa: PLC0415

    # Without the lock a run that listed the days before another one published the first of a table could put its
    # catalogue, with an empty view, in the place of the newer one.
    with exclusive(lake.drafts / "locks" / "catalogue.lock"):
        files = catalogue_files(lake, tables)
        draft = atomic.unused_name(lake.catalogue)
        try:
            with duckdb.connect(str(draft)) as connection:
                for statement in (
                    "begin",  # else each statement would wait for the disk
                    *statements_before,
                    *(s for each in files.tables for s in _table_views(lake, each, named_columns)),
                    *_samples_with_completeness(lake, files),
                    _unreadable_files(files),
                    *statements_after,
                    "commit",
                ):
                    connection.execute(statement)
            # Left by a program that had opened the older catalogue for writing and died; DuckDB would take it for
            # what is to be added to the new one.
            for left_over in lake.root.glob(f"{lake.catalogue.name}.wal*"):
                left_over.unlink(missing_ok=True)
            atomic.put_in_place(draft, lake.catalogue)
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            msg = (
                f"the views in {lake.catalogue} could not be renewed: {reason}. What was published stays published, "
                "and the older views still see it. If there is no space left, make room; then materialise the asset "
                "catalogue of any day"
            )
            raise CatalogueError(msg) from error
        finally:
            for path in lake.root.glob(f"{draft.name}*"):
                path.unlink()
    return Catalogue(lake.catalogue, files)


def _table_views(
    lake: Lake, files: TableFiles, named_columns: Callable[[DayTable], str]
) -> Iterable[str]:
    table = files.table
    further = [pa.field(name, table.per_parameter) for name in files.further]
    columns = [*table.schema, *further]
    names = ", ".join(_name(field.name) for field in columns)
    source = _source(lake, files, columns)
    yield f"create view {table.name} as select {names}, day{named_columns(table)} from {source}"
    yield _comments(table.name, table.schema)
    for field in filter(lambda field: pa.types.is_list(field.type), table.schema):
        first = table.schema.names[0]
        yield (
            f"create view {field.name} as "
            f"select day, {first}, unnest({field.name}, recursive := true) from {table.name}"
        )
        yield _comments(field.name, field.type.value_type.fields)


def _samples_with_completeness(lake: Lake, files: CatalogueFiles) -> Iterable[str]:
    """A device may be recorded from two nodes; the file's name is the node's, and says which row is meant."""
    samples = next(each for each in files.tables if each.table == PARAMETER_DATA)
    yield (
        "create view samples_with_completeness as select s.day, s.node, s.parameter, s.time, s.value, c.state, "
        "c.completeness, c.missing, c.longest_gap_seconds, c.obtainable_until "
        "from (select *, parse_filename(file, true) as node "
        f"from {_source(lake, samples, samples.table.schema)}) s "
        "left join completeness c using (day, node, parameter)"
    )


def _unreadable_files(files: CatalogueFiles) -> str:
    rows = [f"({_text(path)}, {_text(why)})" for path, why in files.unreadable.items()]
    some = f"select * from (values {', '.join(rows)}) as files(file, reason)"
    none = "select null::varchar as file, null::varchar as reason where false"
    return f"create view unreadable_files as {some if rows else none}"


def _source(lake: Lake, files: TableFiles, columns: Iterable[pa.Field]) -> str:
    """The rows of all readable files in brackets: the columns, ``day`` and ``file``."""
    types = {field.name: _sql_type(field.type) for field in columns}
    if not files.readable:
        nulls = ", ".join(f"null::{kind} as {_name(name)}" for name, kind in types.items())
        return f"(select {nulls}, null::date as day, null::varchar as file where false)"
    # Columns that are declared so are null in a file from before there were such.
    declared = ", ".join(
        f"{_text(name)}: {{name: {_text(name)}, type: {_text(kind)}, default_value: null}}"
        for name, kind in types.items()
    )
    return (
        f"(select * exclude (filename), {_DAY} as day, filename as file "
        f"from read_parquet({_paths(lake, files)}, schema = map {{{declared}}}, filename = true))"
    )


_DAY = r"regexp_extract(filename, 'day=([-0-9]{10})/[^/]*$', 1)::date"
"""Not by DuckDB's own reading of such paths: it would meet a second ``day=`` where the data directory lies below one.
Files of other days are left alone all the same."""


_ANY_DAY = "day=????-??-??"
"""A folder of a day; a copy of one under another name is none."""


def _paths(lake: Lake, files: TableFiles) -> str:
    """What ``read_parquet`` reads: all days by one pattern, or by several that leave out what cannot be read."""
    pattern = files.table.file_pattern
    pattern = f"[!.]{pattern}" if pattern.startswith("*") else pattern
    days = {path.split("/")[1] for path in files.unreadable if not Path(path).name.startswith(".")}
    if not days:
        return f"{_root(lake)} || {_text(f'{files.table.name}/{_ANY_DAY}/{pattern}')}"
    others = [f"{files.table.name}/{other}/{pattern}" for other in _other_names(days)]
    beside = [escape(path) for path in files.readable if path.split("/")[1] in days]
    listed = ", ".join(map(_text, [*others, *beside]))
    # A pattern that nothing matches would be an error.
    return f"list_transform([{listed}], lambda path: {_root(lake)} || path), allow_empty = true"


def _other_names(names: Iterable[str]) -> list[str]:
    """Patterns that match, together, all names of the same length but these.

    One for each beginning that a name has: after it comes a letter that none of the names has there.
    """
    names = sorted(names)
    after: dict[str, set[str]] = {}
    for name in names:
        for place, letter in enumerate(name):
            after.setdefault(name[:place], set()).add(letter)
    return [
        f"{beginning}[!{''.join(sorted(letters))}]{'?' * (len(_ANY_DAY) - len(beginning) - 1)}"
        for beginning, letters in after.items()
        if beginning.startswith("day=")
    ]


def _root(lake: Lake) -> str:
    """The folder of the opened catalogue and a slash, as an expression that a view holds and a pattern begins with.

    DuckDB takes a relative path from the process's own folder. But one setting holds the place of the opened file:
    where it would swap memory out, ``<path>.tmp``. Where it is no such path, because the catalogue was attached to
    another database or the setting was changed, the views read the folder that they were made for.
    """
    opened = f"^(.*/){re.escape(lake.catalogue.name)}[.]tmp$"
    place = f"nullif(regexp_extract(current_setting('temp_directory'), {_text(opened)}, 1), '')"
    made_for = _text(f"{lake.root.absolute()}/")
    return f"regexp_replace(coalesce({place}, {made_for}), '([][*?])', '[\\1]', 'g')"


def _comments(view: str, fields: Iterable[pa.Field]) -> str:
    return "".join(
        f"comment on column {view}.{_name(field.name)} is {_text(column_description(field))};"
        for field in fields
    )


def _name(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def _text(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


_SQL_TYPES = {
    pa.string(): "varchar",
    pa.float64(): "double",
    pa.int64(): "bigint",
    pa.int32(): "integer",
    pa.uint8(): "utinyint",
    pa.bool_(): "boolean",
    TIME_TYPE: "timestamptz",
}


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _sql_type(kind.value_type)
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        fields = ", ".join(f"{_name(field.name)} {_sql_type(field.type)}" for field in kind.fields)
        return f"struct({fields})"
    return _SQL_TYPES[kind]
