"""Which files the catalogue's views read: each is looked at once, and again only when it has changed.

What was found is remembered beside the catalogue, so that a day costs the same however many lie before it. The views
themselves belong to ``catalogue``.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.json_objects import ForeignContentError
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named
from gmpsai_assets.lake.tables import DayTable, column

_MEMORY = "catalogue_files.parquet"
_COLUMNS = pa.schema(
    [
        column("path", pa.string(), "file that can be read, below the data directory"),
        column("size", pa.int64(), "its size when it was looked at", "B"),
        column("modified", pa.int64(), "when it was written, nanoseconds since 1970 UTC", "ns"),
        column("further", pa.string(), "its columns that the schema does not have, with spaces"),
    ]
)
_TABLES_KEY = b"tables"


_Facts = tuple[int, int, str]
"""Of a file that could be read: the columns after its path."""


@dataclass(frozen=True)
class TableFiles:
    """The files of one table.

    Attributes:
        table: the table.
        readable: paths below the data directory, in order of day and name.
        unreadable: what is wrong with each of the others, by path.
        further: in order of first appearance, the columns that the schema does not have.
    """

    table: DayTable
    readable: tuple[str, ...]
    unreadable: Mapping[str, str]
    further: tuple[str, ...]


@dataclass(frozen=True)
class CatalogueFiles:
    """The files of all tables.

    Attributes:
        tables: in the order asked for.
        looked_at: how many files were opened, because they were new, had changed or could not be read before.
    """

    tables: tuple[TableFiles, ...]
    looked_at: int

    @property
    def unreadable(self) -> dict[str, str]:
        """What is wrong with each file that cannot be read, by path below the data directory."""
        return {path: why for each in self.tables for path, why in each.unreadable.items()}


def catalogue_files(lake: Lake, tables: Iterable[DayTable]) -> CatalogueFiles:
    """Find the files of all tables and look at those that are new; what was found is remembered for the next time.

    Raises:
        OSError: the data directory cannot be read or written.
    """
    tables = tuple(tables)
    memory, mark = lake.root / _MEMORY, _mark(tables)
    known = _recall(memory, mark)
    remembered: dict[str, _Facts] = {}
    found = []
    looked_at = 0
    for table in tables:
        readable: dict[str, _Facts] = {}
        unreadable: dict[str, str] = {}
        for path, size, modified in lake.stored_files(table):
            facts = known.get(path)
            if facts is None or facts[:2] != (size, modified):
                looked_at += 1
                try:
                    facts = size, modified, " ".join(_further(lake.root / path, table))
                except FileNotFoundError:
                    continue  # replaced at this moment
                except (OSError, DamagedFileError) as error:
                    unreadable[path] = str(error)
                    continue
            readable[path] = facts
        further = dict.fromkeys(name for *_, names in readable.values() for name in names.split())
        found.append(TableFiles(table, tuple(readable), unreadable, tuple(further)))
        remembered |= readable
    if remembered != known:
        _remember(memory, mark, remembered)
    return CatalogueFiles(tuple(found), looked_at)


def _further(path: Path, table: DayTable) -> tuple[str, ...]:
    """The columns of a file beyond those of its table.

    Raises:
        DamagedFileError: its footer cannot be read, or is not that of a file of this table.
    """
    if path.name.startswith("."):
        msg = "a hidden file, such as another system leaves behind when it copies; remove it"
        raise DamagedFileError(msg)
    with damage_named(path):
        columns = pq.read_metadata(path).schema.to_arrow_schema()
        if table.schema.names[0] not in columns.names:
            msg = f"no column {table.schema.names[0]}, so it is no file of {table.name}"
            raise ForeignContentError(msg)
        further = []
        for field in columns:
            if field.name in table.schema.names:
                _agree(field, table.schema.field(field.name).type)
            elif table.per_parameter is not None:
                _agree(field, table.per_parameter)
                further.append(field.name)
    return tuple(further)


def _agree(field: pa.Field, wanted: pa.DataType) -> None:
    kinds = [
        each.value_type if pa.types.is_dictionary(each) else each for each in (field.type, wanted)
    ]
    are_numbers = all(pa.types.is_integer(each) or pa.types.is_floating(each) for each in kinds)
    if not are_numbers and kinds[0].id != kinds[1].id:
        msg = f"column {field.name} is {field.type} and should be {wanted}"
        raise ForeignContentError(msg)


def _mark(tables: Sequence[DayTable]) -> bytes:
    """Another mark means other tables: what was found readable by other ones is looked at again."""
    text = repr([(each.name, str(each.schema), str(each.per_parameter)) for each in tables])
    return hashlib.sha256(text.encode()).hexdigest().encode()


def _recall(memory: Path, mark: bytes) -> dict[str, _Facts]:
    """What is remembered, by path; nothing if that file is lost, damaged or of other tables: all is looked at anew."""
    try:
        with damage_named(memory):
            rows = pq.ParquetFile(memory).read()
            if (rows.schema.metadata or {}).get(_TABLES_KEY) != mark:
                return {}
            if rows.schema.names != _COLUMNS.names:
                return {}
            paths, *facts = (rows[name].to_pylist() for name in _COLUMNS.names)
            return dict(zip(paths, zip(*facts, strict=True), strict=True))
    except (OSError, DamagedFileError):
        return {}


def _remember(memory: Path, mark: bytes, files: Mapping[str, _Facts]) -> None:
    facts = zip(*files.values(), strict=True) if files else ((), (), ())
    rows = pa.table([list(files), *map(list, facts)], schema=_COLUMNS)
    memory.parent.mkdir(parents=True, exist_ok=True)
    draft = atomic.unused_name(memory)
    try:
        pq.write_table(rows.replace_schema_metadata({_TABLES_KEY: mark}), draft)
        atomic.put_in_place(draft, memory)
    finally:
        draft.unlink(missing_ok=True)
