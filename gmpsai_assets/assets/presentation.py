"""What all assets share: their decorator, the publication of a computed table, and how plain values look in the UI.

Nothing is computed here; tables, pictures and numbers that the UI can plot are made of what the assets were given.
"""

import base64
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import pyarrow as pa

from gmpsai_assets.assets.cells import column_texts, plotted
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.origin import derived_origin
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.stored_file import StoredFile
from gmpsai_assets.lake.tables import DayTable, column_description, column_unit
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.quality.pictures import NotDrawnError

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


def table_asset(
    *tables: DayTable | ShownTable,
    deps: Sequence[dg.AssetsDefinition | dg.AssetSpec],
    kinds: set[str],
    description: str,
    pool: str | None = None,
    partitions_def: dg.PartitionsDefinition | None = DAILY,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """The decorator of an asset that publishes tables, by default one partition for each local day.

    Args:
        tables: what it publishes, the main one first: the UI shows their columns, with types, units and meanings.
        deps: what it is made of.
        kinds: the marks that the UI puts on it.
        description: what it is for; the columns of the tables are added.
        pool: the concurrency pool that its runs share.
        partitions_def: None for what is not of a day.
    """
    return dg.asset(
        partitions_def=partitions_def,
        deps=deps,
        group_name=GROUP,
        owners=OWNERS,
        kinds=kinds,
        pool=pool,
        description="\n\n".join([description, *map(_column_list, tables)]),
        metadata={
            "dagster/column_schema": column_schema(*tables),
            "dagster/table_name": tables[0].name,
        },
    )


def publish_rows(
    lake: Lake, table: DayTable, day: str, rows: pa.Table, sources: Iterable[StoredFile]
) -> None:
    """Publish a table of a day that was computed from published files, with these files as its origin.

    Raises:
        DayNotStoredError: the disk is full or cannot be written; what was published before is intact.
    """
    with lake.publication(table, day) as publication:
        path = publication.file(table.file_pattern)
        write_table(path, table, rows, derived_origin(day, sources))


def column_schema(table: DayTable | ShownTable, *further: DayTable | ShownTable) -> dg.TableSchema:
    """The columns for the UI, each with its unit as a tag; those of further tables are named ``table.column``."""
    columns = [_column(field, field.name) for field in table.schema]
    for other in further:
        columns += [_column(field, f"{other.name}.{field.name}") for field in other.schema]
    return dg.TableSchema(columns=columns)


def numbers(**values: float | None) -> dict[str, dg.MetadataValue]:
    """Plain numbers that the UI plots per partition, with the digits that mean something.

    What is not finite is left out, for JSON has no word for it.

    NumPy's own types would fail only after the work was done.
    """
    return {
        name: dg.MetadataValue.int(int(value))
        if float(value).is_integer() and not isinstance(value, float)
        else dg.MetadataValue.float(plotted(float(value)))
        for name, value in values.items()
        if value is not None and math.isfinite(value)
    }


def row_count(rows: int) -> dict[str, dg.MetadataValue]:
    """The row count, under the key that the UI shows in an asset's header."""
    return {"dagster/row_count": dg.MetadataValue.int(int(rows))}


def table_value(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | Mapping[str, str]
) -> dg.MetadataValue:
    """A table shown in the UI, its cells as people read them (``cells``).

    Args:
        rows: values by name; what is not there stays empty.
        columns: the names to show, in order; or the headings by name, where they need a unit or other words.
    """
    listed = list(rows)
    heads = columns if isinstance(columns, Mapping) else {name: name for name in columns}
    shown = {head: column_texts([row.get(name) for row in listed]) for name, head in heads.items()}
    records = [
        dg.TableRecord(dict(zip(shown, cells, strict=True)))
        for cells in zip(*shown.values(), strict=True)
    ]
    schema = dg.TableSchema(columns=[dg.TableColumn(head) for head in shown])
    return dg.MetadataValue.table(records=records, schema=schema)


def headings(schema: pa.Schema, names: Iterable[str]) -> dict[str, str]:
    """Headings by name of columns: the name, with the unit that the schema has for it unless the name says it."""
    units = {field.name: column_unit(field) for field in schema}
    return {
        name: name if _says_its_unit(name, units.get(name, "")) else f"{name} ({units[name]})"
        for name in names
    }


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


def picture(
    context: dg.AssetExecutionContext, draw: Callable[[], bytes], caption: str
) -> dg.MetadataValue:
    """A picture inside Markdown, which the UI opens in a dialog; where it cannot be drawn, the reason in its place.

    Args:
        context: of the run; a picture that fails is a warning in its log, and fails no day.
        draw: gives the PNG, or raises NotDrawnError.
        caption: what is shown, and of which day.
    """
    try:
        png = draw()
    except NotDrawnError as error:
        reason = f"no picture of {caption}: {error}"
        context.log.warning(f"{reason}; the tables of the day are complete without it")
        return dg.MetadataValue.text(reason)
    return dg.MetadataValue.md(
        f"![{caption}](data:image/png;base64,{base64.b64encode(png).decode()})"
    )


def _column_list(table: DayTable | ShownTable) -> str:
    """The columns of a table in Markdown, under its name and place."""
    place = (
        table.place if isinstance(table, ShownTable) else f"{table.name}/day=…/{table.file_pattern}"
    )
    rows = [
        f"| `{field.name}` | {_type_name(field.type)} | {column_unit(field)} | {column_description(field)} |"
        for field in table.schema
    ]
    head = f"**{table.name}** — `{place}`"
    return "\n".join([head, "", "| column | type | unit | meaning |", "|---|---|---|---|", *rows])


def _column(field: pa.Field, name: str) -> dg.TableColumn:
    unit = column_unit(field)
    return dg.TableColumn(
        name,
        _type_name(field.type),
        description=column_description(field),
        tags={"unit": _tag(unit)} if unit else {},
    )


def _says_its_unit(name: str, unit: str) -> bool:
    # Times carry their zone, and values of a device have their unit in a column of its own.
    return unit in ("", "UTC", "of the device") or name.endswith(("_seconds", "_ms", "_hz", "_mhz"))


def _type_name(kind: pa.DataType) -> str:
    return str(kind.value_type) if pa.types.is_dictionary(kind) else str(kind)


def _tag(unit: str) -> str:
    # Tag values may hold letters, digits, '_', '-' and '.' only.
    return "".join(letter if letter.isalnum() or letter in "_-." else "_" for letter in unit)
