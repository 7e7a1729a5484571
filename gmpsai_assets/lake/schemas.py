"""The explicit Arrow schema of every table, with a description and a unit for each column.

The one place for column names, types, units and their sense: Parquet files, the DuckDB catalogue, Dagster's column
schema, the docs and the tests read them here. How a table is stored belongs to ``day_store`` and ``parquet``.
"""

from dataclasses import dataclass

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")


def _column(name: str, kind: pa.DataType, description: str, unit: str = "") -> pa.Field:
    return pa.field(name, kind, metadata={"description": description, "unit": unit})


@dataclass(frozen=True)
class DayTable:
    """One daily table: its files lie under ``<name>/day=YYYY-MM-DD/``.

    Attributes:
        name: the table's name, also that of the view and (for the first file) of the asset.
        folder: the folder under the data directory.
        file_pattern: glob of its files inside a day's folder.
        schema: columns, types, descriptions and units.
        dictionary: columns stored with a dictionary.
        delta: integer-like columns stored as bit-packed differences.
    """

    name: str
    folder: str
    file_pattern: str
    schema: pa.Schema
    dictionary: tuple[str, ...] = ()
    delta: tuple[str, ...] = ()


def column_description(field: pa.Field) -> str:
    """The sentence that says what a column holds."""
    return str((field.metadata or {}).get(b"description", b"").decode())


def column_unit(field: pa.Field) -> str:
    """The unit of a column; empty where it has none."""
    return str((field.metadata or {}).get(b"unit", b"").decode())


PARAMETER_DATA = DayTable(
    name="parameter_data",
    folder="parameter_data",
    file_pattern="*.parquet",
    schema=pa.schema(
        [
            _column(
                "parameter",
                pa.dictionary(pa.int32(), pa.string()),
                "ACNET device name as it stands in the parameter list",
            ),
            _column("time", TIME, "time stamp of the sample, UTC", "UTC"),
            _column(
                "value",
                pa.float64(),
                "value as delivered; null where the reply had no number",
                "of the device",
            ),
        ]
    ),
    # Values arrive as short decimal text, so a day has few distinct ones, while their binary forms look random:
    # a dictionary halves what byte-stream-split needs (measured, see docs/storage.md).
    dictionary=("parameter", "value"),
    delta=("time",),
)

EVENT_DATA = DayTable(
    name="event_data",
    folder="event_data",
    file_pattern="*.parquet",
    schema=pa.schema(
        [
            _column("event", pa.uint8(), "TCLK event code, $00 to $FF"),
            _column("time", TIME, "time of the occurrence, UTC", "UTC"),
            _column(
                "supercycle_seconds",
                pa.float64(),
                "time since the last $00; the first Booster resets of a supercycle come before it and are negative",
                "s",
            ),
        ]
    ),
    dictionary=("event",),
    delta=("time",),
)

SUPERCYCLES = DayTable(
    name="supercycles",
    folder="supercycle_timeline",
    file_pattern="supercycles.parquet",
    schema=pa.schema(
        [
            _column("start", TIME, "start of the supercycle ($00), UTC", "UTC"),
            _column("length_seconds", pa.float64(), "planned length of the supercycle", "s"),
            _column("recipe_id", pa.string(), "content hash of the timeline that was loaded"),
            _column("captured_at", TIME, "when the timeline was read, UTC", "UTC"),
        ]
    ),
)

RECIPES = DayTable(
    name="recipes",
    folder="supercycle_timeline",
    file_pattern="recipes.parquet",
    schema=pa.schema(
        [
            _column("recipe_id", pa.string(), "content hash of the timeline"),
            _column("entry_index", pa.int32(), "place of the entry in the timeline, from 1"),
            _column("event", pa.uint8(), "TCLK event code that is planned, $00 to $FF"),
            _column("state_id", pa.int32(), "state that the timeline generator gives to the event"),
            _column(
                "offset_seconds",
                pa.float64(),
                "planned time from the start of the supercycle, about four digits",
                "s",
            ),
            _column("machine", pa.string(), "machine that the event belongs to"),
        ]
    ),
    dictionary=("recipe_id", "machine"),
)


def _distribution(prefix: str, what: str, unit: str) -> list[pa.Field]:
    """Columns that describe the distribution of one quantity; see ``analysis.statistics``."""
    wording = {
        "mean": f"arithmetic mean of {what}",
        "std": f"standard deviation of {what}, n - 1 in the denominator",
        "min": f"smallest of {what}",
        "max": f"largest of {what}",
        "mode": f"most frequent of {what}; the smallest of them on a tie",
        "q01": f"1 % quantile of {what}",
        "q25": f"25 % quantile of {what}",
        "median": f"median of {what}",
        "q75": f"75 % quantile of {what}",
        "q99": f"99 % quantile of {what}",
    }
    return [_column(f"{prefix}_{key}", pa.float64(), text, unit) for key, text in wording.items()]


FILE_STATISTICS = DayTable(
    name="file_statistics",
    folder="file_statistics",
    file_pattern="statistics.parquet",
    schema=pa.schema(
        [
            _column("parameter", pa.string(), "ACNET device name"),
            _column("node", pa.string(), "logger node that delivered it"),
            _column("samples", pa.int64(), "rows of the day"),
            _column("numbers", pa.int64(), "rows that hold a number"),
            *_distribution("value", "the values", "of the device"),
            *_distribution("interval", "the intervals between samples", "s"),
            _column("expected_samples", pa.int64(), "ticks of the line-locked clock in the day"),
            _column("completeness", pa.float64(), "samples over expected samples"),
        ]
    ),
)

DAY_TABLES = (PARAMETER_DATA, EVENT_DATA, SUPERCYCLES, RECIPES, FILE_STATISTICS)
