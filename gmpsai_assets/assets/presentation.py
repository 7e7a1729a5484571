"""How assets look in the Dagster UI: descriptions, column schemas, tables, pictures, and numbers it can plot.

Everything that turns plain values into Dagster metadata is here, and nothing that computes them.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import pyarrow as pa

from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.tables import DayTable, column_description, column_unit

OWNERS = ["team:gmps-ai"]

GROUP = "gmps"
"""One group for all: the lineage page then shows the whole house at once, instead of closed boxes."""


@dataclass(frozen=True)
class ShownTable:
    """A table that is no daily table of the lake, as the UI shows it.

    Attributes:
        name: its name.
        place: where it lies.
        schema: columns, types, descriptions and units, as in ``lake.schemas``.
    """

    name: str
    place: str
    schema: pa.Schema


def described(purpose: str, *tables: DayTable | ShownTable) -> str:
    """An asset's description: what it is for, then its columns as a Markdown table."""
    parts = [purpose]
    for table in tables:
        rows = [
            f"| `{field.name}` | {_type_name(field.type)} | {column_unit(field)} | {column_description(field)} |"
            for field in table.schema
        ]
        head = f"**{table.name}** — `{_place(table)}`"
        parts.append(
            "\n".join([head, "", "| column | type | unit | meaning |", "|---|---|---|---|", *rows])
        )
    return "\n\n".join(parts)


def column_schema(table: DayTable | ShownTable, *further: DayTable | ShownTable) -> dg.TableSchema:
    """The columns for the UI, each with its unit as a tag; those of further tables are named ``table.column``."""
    columns = [_column(field, field.name) for field in table.schema]
    for other in further:
        columns += [_column(field, f"{other.name}.{field.name}") for field in other.schema]
    return dg.TableSchema(columns=columns)


def static_metadata(
    table: DayTable | ShownTable, *further: DayTable | ShownTable
) -> dict[str, Any]:
    """What is the same for every day: the columns, and the name of the (first) table."""
    schema = column_schema(table, *further)
    return {"dagster/column_schema": schema, "dagster/table_name": table.name}


def numbers(**values: float | None) -> dict[str, dg.MetadataValue]:
    """Plain numbers that the UI plots per partition. NumPy's own types would fail only after the work was done."""
    return {
        name: dg.MetadataValue.int(int(value))
        if float(value).is_integer() and not isinstance(value, float)
        else dg.MetadataValue.float(float(value))
        for name, value in values.items()
        if value is not None
    }


def row_count(rows: int) -> dict[str, dg.MetadataValue]:
    """The row count, under the key that the UI shows in an asset's header."""
    return {"dagster/row_count": dg.MetadataValue.int(int(rows))}


def table_value(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> dg.MetadataValue:
    """A table shown in the UI; cells become text, numbers or empty."""
    records = [
        dg.TableRecord({column: _cell(row.get(column)) for column in columns}) for row in rows
    ]
    schema = dg.TableSchema(columns=[dg.TableColumn(column) for column in columns])
    return dg.MetadataValue.table(records=records, schema=schema)


def publication_value(published: Iterable[Published]) -> dict[str, dg.MetadataValue]:
    """What became of each file of a day: published, unchanged, or replaced, and then with what difference."""
    rows = []
    for each in published:
        total = None if each.difference is None else each.difference.total
        rows.append(
            {
                "file": each.file.name,
                "what": each.what,
                "revision": each.revision,
                "added": None if total is None else total.added,
                "removed": None if total is None else total.removed,
                "changed": None if total is None else total.changed,
                "in words": str(each),
            }
        )
    columns = ("file", "what", "revision", "added", "removed", "changed", "in words")
    return {"publication": table_value(rows, columns)}


def picture(png: bytes, caption: str) -> dg.MetadataValue:
    """A picture inside Markdown, which the UI opens in a dialog."""
    return dg.MetadataValue.md(
        f"![{caption}](data:image/png;base64,{base64.b64encode(png).decode()})"
    )


def _place(table: DayTable | ShownTable) -> str:
    if isinstance(table, ShownTable):
        return table.place
    return f"{table.name}/day=…/{table.file_pattern}"


def _column(field: pa.Field, name: str) -> dg.TableColumn:
    unit = column_unit(field)
    return dg.TableColumn(
        name,
        _type_name(field.type),
        description=column_description(field),
        tags={"unit": _tag(unit)} if unit else {},
    )


def _cell(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _type_name(kind: pa.DataType) -> str:
    return str(kind.value_type) if pa.types.is_dictionary(kind) else str(kind)


def _tag(unit: str) -> str:
    # Tag values may hold letters, digits, '_', '-' and '.' only.
    return "".join(letter if letter.isalnum() or letter in "_-." else "_" for letter in unit)
