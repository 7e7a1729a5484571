"""What a table of the lake is: its columns with their sense and unit, and rows that fit them.

Which tables there are stands in ``schemas`` and, for machine time, in ``machine_time.tables``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class DayTable:
    """One daily table: its files lie under ``<name>/day=YYYY-MM-DD/``, and no others do.

    Attributes:
        name: the table's name: that of its view, and of its folder under the data directory.
        file_pattern: glob of its files inside a day's folder.
        schema: columns, types, descriptions and units.
        dictionary: columns stored with a dictionary.
        delta: integer-like columns stored as bit-packed differences.
        split: floating-point columns stored as streams of their first, second, ... bytes.
        per_parameter: type of the columns that follow those of the schema, one per parameter of the day and named as
            the device; None where there are none.
    """

    name: str
    file_pattern: str
    schema: pa.Schema
    dictionary: tuple[str, ...] = ()
    delta: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    per_parameter: pa.DataType | None = None


def column(name: str, kind: pa.DataType, description: str, unit: str = "") -> pa.Field:
    """A column with its sense and, where it has one, its unit."""
    return pa.field(name, kind, metadata={"description": description, "unit": unit})


def column_description(field: pa.Field) -> str:
    """The sentence that says what a column holds."""
    return str((field.metadata or {}).get(b"description", b"").decode())


def column_unit(field: pa.Field) -> str:
    """The unit of a column; empty where it has none."""
    return str((field.metadata or {}).get(b"unit", b"").decode())


def rows_table(schema: DayTable | pa.Schema, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as an Arrow table; every key of a row, and of the records inside it, must be a column, and no other may be.

    Args:
        schema: a table, or columns alone.
        rows: plain values by the name of the column; None where there is none.

    Raises:
        ValueError: a row lacks a column, or has a key that is none: Arrow alone would store null without a word.
    """
    columns = schema.schema if isinstance(schema, DayTable) else schema
    whole = pa.struct(list(columns))
    for number, row in enumerate(rows):
        _check(whole, row, f"row {number} of {getattr(schema, 'name', 'the table')}")
    return pa.Table.from_pylist(rows, schema=columns)


def _check(kind: pa.DataType, value: Any, where: str) -> None:
    if value is None:
        return
    if pa.types.is_struct(kind):
        names = {field.name for field in kind.fields}
        if missing := names - value.keys():
            raise ValueError(f"{where} lacks {_listed(missing)}")
        if unknown := value.keys() - names:
            raise ValueError(f"{where} has {_listed(unknown)}, which is no column of it")
        for field in kind.fields:
            if pa.types.is_nested(field.type):
                _check(field.type, value[field.name], f"{field.name} in {where}")
    elif pa.types.is_list(kind) and pa.types.is_nested(kind.value_type):
        for each in value:
            _check(kind.value_type, each, where)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
