"""How a daily table becomes a Parquet file and how one row group of it is read back.

Compression, encodings, row groups and file metadata belong here; which folder a file lies in does not.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmpsai_assets.lake.json_objects import json_object, member, objects
from gmpsai_assets.lake.tables import DayTable

METADATA_KEY = b"gmpsai"
"""Key of the file metadata: one JSON object with what is known of the file's origin."""

_LARGEST_ROW_GROUP = 1 << 24
_DICTIONARY_BYTES = (1 << 20) - (1 << 14)
"""A column with more distinct values than fit in here is stored plain from there on. The writer's hash table grows
fourfold when it is half full, at 131,072 values; this stays just below. 16 MiB would make a day's file 4 % smaller
and cost up to 120 MB of memory (measured, see docs/storage.md)."""


@contextmanager
def parquet_writer(path: Path, table: DayTable) -> Iterator[pq.ParquetWriter]:
    """Open a writer with the table's schema and encodings; each row group is written by ``write_row_group``."""
    with pq.ParquetWriter(
        path,
        table.schema,
        compression="zstd",
        use_dictionary=list(table.dictionary),
        dictionary_pagesize_limit=_DICTIONARY_BYTES,
        column_encoding={
            **dict.fromkeys(table.delta, "DELTA_BINARY_PACKED"),
            **dict.fromkeys(table.split, "BYTE_STREAM_SPLIT"),
        },
        store_schema=True,
        write_page_checksum=True,
        memory_pool=pa.system_memory_pool(),
    ) as writer:
        yield writer


def _give_back_memory() -> None:
    """Return freed memory to the system: allocators keep it otherwise, and the process grows with each row group."""
    pa.default_memory_pool().release_unused()
    pa.system_memory_pool().release_unused()


def describe(writer: pq.ParquetWriter, metadata: Mapping[str, Any]) -> None:
    """Store what is known of the file's origin as JSON, its keys in the order given."""
    writer.add_key_value_metadata({METADATA_KEY: json.dumps(metadata).encode()})


def write_row_group(writer: pq.ParquetWriter, rows: pa.Table) -> None:
    """Append rows as one row group; an empty table appends none."""
    if rows.num_rows:
        writer.write_table(rows, row_group_size=_LARGEST_ROW_GROUP)
        _give_back_memory()


def write_table(path: Path, table: DayTable, rows: pa.Table, metadata: Mapping[str, Any]) -> None:
    """Write a small table as one file; its columns must match the schema exactly."""
    with parquet_writer(path, table) as writer:
        write_row_group(writer, rows.cast(table.schema))
        describe(writer, metadata)


def open_parquet(
    file: Path | pa.NativeFile,
    *,
    memory_map: bool = False,
    footer: pq.FileMetaData | None = None,
) -> pq.ParquetFile:
    """Open a file for reading, as a context; a page whose checksum does not fit makes reading it an ``OSError``.

    Args:
        file: its path, or the file opened already, which then stays open.
        memory_map: read through a mapping of the file.
        footer: its footer, where that was read before.
    """
    return pq.ParquetFile(
        file, memory_map=memory_map, metadata=footer, page_checksum_verification=True
    )


def read_metadata(path: Path) -> dict[str, Any]:
    """What a file says of its origin; empty for a file of another program.

    Raises:
        ForeignContentError: if it is no JSON object.
    """
    return origin_of(pq.read_metadata(path))


def origin_of(footer: pq.FileMetaData) -> dict[str, Any]:
    """The same from a footer that was read already."""
    text = (footer.metadata or {}).get(METADATA_KEY)
    return json_object(text) if text else {}


def recorded_outcomes(origin: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a pulled file records of its subjects, in order: each has ``subject``, ``state`` and ``findings``.

    Raises:
        ForeignContentError: an entry is no outcome.
    """
    recorded = []
    for each in objects(origin, "outcomes"):
        member(each, "subject", str)
        member(each, "state", str)
        findings = objects(each, "findings")
        for finding in findings:
            member(finding, "kind", str)
        recorded.append({**each, "findings": findings})
    return recorded


def row_group_key(file: pq.ParquetFile, row_group: int) -> str | int | None:
    """The one value that the first column has throughout a row group; None if it has several."""
    statistics = file.metadata.row_group(row_group).column(0).statistics
    if statistics is None or not statistics.has_min_max or statistics.min != statistics.max:
        return None
    key = statistics.min
    return key if isinstance(key, int) else str(key)


def read_rows_of(path: Path, key: str | int, columns: list[str] | None = None) -> pa.Table:
    """The rows whose first column equals ``key``, reading only the row groups that can hold them."""
    with open_parquet(path, memory_map=True) as file:
        keys = [row_group_key(file, index) for index in range(file.num_row_groups)]
        return rows_with_key(file, keys, key, columns)


def first_rows(path: Path, count: int) -> Iterator[pa.Table]:
    """The first rows of each row group, up to ``count``, reading no more pages than they lie in."""
    with open_parquet(path, memory_map=True) as file:
        for index in range(file.num_row_groups):
            batches = file.iter_batches(batch_size=count, row_groups=[index])
            yield pa.Table.from_batches([next(batches)])


def rows_with_key(
    file: pq.ParquetFile,
    keys: Sequence[str | int | None],
    key: str | int,
    columns: list[str] | None = None,
) -> pa.Table:
    """The same from an open file whose ``row_group_key`` of each row group is known."""
    if None in keys:
        return _filtered(
            file, [i for i, each in enumerate(keys) if each in (key, None)], key, columns
        )
    groups = [index for index, each in enumerate(keys) if each == key]
    return file.read_row_groups(groups, columns=columns)


def _filtered(
    file: pq.ParquetFile, groups: list[int], key: str | int, columns: list[str] | None
) -> pa.Table:
    """The same from row groups of another program, which may hold several subjects."""
    first = file.schema_arrow.field(0).name
    read = columns if columns is None or first in columns else [first, *columns]
    rows = file.read_row_groups(groups, columns=read)
    rows = rows.filter(pc.equal(pc.cast(rows[first], _plain(rows[first].type)), key))
    return rows.select(columns) if columns else rows


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
