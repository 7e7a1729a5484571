"""The explicit Arrow schema of every table that is not of machine time, with a description and a unit per column.

The one place for column names, types, units and their sense: Parquet files, the DuckDB catalogue, Dagster's column
schema, the docs and the tests read them here. What a table is belongs to ``tables``; how one is stored, to
``day_store`` and ``parquet``.
"""

import pyarrow as pa

from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.tables import DayTable, column

PARAMETER_DATA = DayTable(
    name="parameter_data",
    file_pattern="*.parquet",
    schema=pa.schema(
        [
            column(
                "parameter",
                pa.dictionary(pa.int32(), pa.string()),
                "ACNET device name as it stands in the parameter list",
            ),
            column("time", TIME_TYPE, "time stamp of the sample, UTC", "UTC"),
            column(
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
    file_pattern="*.parquet",
    schema=pa.schema(
        [
            column("event", pa.uint8(), "TCLK event code, $00 to $FF"),
            column("time", TIME_TYPE, "time of the occurrence, UTC", "UTC"),
            column(
                "supercycle_seconds",
                pa.float64(),
                "time since the last $00; the first Booster resets of a supercycle come before it and are negative",
                "s",
            ),
        ]
    ),
    dictionary=("event",),
    delta=("time",),
    # Microseconds into a supercycle hardly repeat, but neighbours share their high bytes (docs/storage.md).
    split=("supercycle_seconds",),
)

SUPERCYCLES = DayTable(
    name="supercycles",
    file_pattern="supercycles.parquet",
    schema=pa.schema(
        [
            column("start", TIME_TYPE, "start of the supercycle ($00), UTC", "UTC"),
            column(
                "length_seconds",
                pa.float64(),
                "planned length of the supercycle; null where it was not captured",
                "s",
            ),
            column(
                "recipe_id",
                pa.string(),
                "content hash of the timeline that was loaded; null where it was not captured",
            ),
            column(
                "captured_at",
                TIME_TYPE,
                "when the timeline was read, UTC; null where it was not captured",
                "UTC",
            ),
            column(
                "source",
                pa.string(),
                "captured: its timeline was read while it played; tclk: only its $00 in the event log is known",
            ),
            column(
                "origin",
                pa.string(),
                "who captured it, in the words of the capture; null where it was not captured",
            ),
            column(
                "start_uncertainty_seconds",
                pa.float64(),
                "the start is within plus and minus this, by the clock of the logger's machine; null for tclk",
                "s",
            ),
        ]
    ),
)

RECIPES = DayTable(
    name="recipes",
    file_pattern="recipes.parquet",
    schema=pa.schema(
        [
            column("recipe_id", pa.string(), "content hash of the timeline"),
            column("entry_index", pa.int32(), "place of the entry in the timeline, from 1"),
            column("event", pa.uint8(), "TCLK event code that is planned, $00 to $FF"),
            column("state_id", pa.int32(), "state that the timeline generator gives to the event"),
            column(
                "offset_seconds",
                pa.float64(),
                "planned time from the start of the supercycle, about four digits",
                "s",
            ),
            column("machine", pa.string(), "machine that the event belongs to"),
        ]
    ),
    dictionary=("recipe_id", "machine"),
)


def _distribution(prefix: str, what: str, unit: str) -> list[pa.Field]:
    """Columns that describe the distribution of one quantity; see ``quality.statistics``."""
    wording = {
        "mean": f"arithmetic mean of {what}",
        "std": f"standard deviation of {what}, n - 1 in the denominator; null for fewer than two, or "
        "where it is larger than a double can be",
        "min": f"smallest of {what}",
        "max": f"largest of {what}",
        "mode": f"most frequent of {what}; the smallest of them on a tie",
        "q01": f"1 % quantile of {what}",
        "q25": f"25 % quantile of {what}",
        "median": f"median of {what}",
        "q75": f"75 % quantile of {what}",
        "q99": f"99 % quantile of {what}",
    }
    counts = {
        "mode_samples": f"how many of {what} are the most frequent one",
        "distinct": f"how many different ones there are among {what}",
    }
    return [
        *(column(f"{prefix}_{key}", pa.float64(), text, unit) for key, text in wording.items()),
        *(column(f"{prefix}_{key}", pa.int64(), text) for key, text in counts.items()),
    ]


FILE_STATISTICS = DayTable(
    name="file_statistics",
    file_pattern="statistics.parquet",
    schema=pa.schema(
        [
            column("parameter", pa.string(), "ACNET device name"),
            column("node", pa.string(), "logger node that delivered it"),
            column("samples", pa.int64(), "rows of the day"),
            column("numbers", pa.int64(), "rows that hold a number"),
            *_distribution("value", "the values", "of the device"),
            *_distribution("interval", "the intervals between samples", "s"),
            column(
                "expected_samples",
                pa.int64(),
                "ticks of the line-locked clock in the day; null where the rate is not known",
            ),
            column("completeness", pa.float64(), "samples over expected samples"),
        ]
    ),
)

_GAP = pa.struct(
    [
        column(
            "start", TIME_TYPE, "the last sample before the gap, or the start of the day", "UTC"
        ),
        column(
            "seconds", pa.float64(), "from there to the next sample, or the end of the day", "s"
        ),
        column("missing", pa.int64(), "ticks of the line-locked clock without a sample"),
        column(
            "samples_inside",
            pa.int64(),
            "samples within; 0, but for a thin stretch whose many gaps are counted as one",
        ),
        column(
            "cause",
            pa.string(),
            "source: the logger has nothing there, by two answers if asked_again, and else by one that "
            "lacks one or two samples; request: an answer failed, so it may be there; "
            "slower tier: the logger answered with fewer samples",
        ),
        column(
            "asked_again",
            pa.bool_(),
            "whether a second request for it brought nothing either; gaps of one or two samples are not asked about",
        ),
        column(
            "scope",
            pa.string(),
            "device: of this one alone; node: of all devices of the node; common: of all devices of all nodes",
        ),
        column(
            "obtainable_until",
            TIME_TYPE,
            "when the logger begins to forget it: its start and the days that the logger keeps data; "
            "null where the cause is source, as pulling again brings nothing",
            "UTC",
        ),
    ]
)

_FINDING = pa.struct(
    [
        column("kind", pa.string(), "what was unusual about the answers"),
        column("start", TIME_TYPE, "first instant concerned; null where it is no span", "UTC"),
        column("end", TIME_TYPE, "first instant after it", "UTC"),
        column("detail", pa.string(), "the same in a sentence"),
        column("repaired", pa.bool_(), "whether asking again brought what the first answer lacked"),
    ]
)

RATE_NOT_KNOWN = "unknown"
"""Where a rate is known from if it is not; a rate that is none, as of a device on event lists, is known."""

COMPLETENESS = DayTable(
    name="completeness",
    file_pattern="completeness.parquet",
    schema=pa.schema(
        [
            column("parameter", pa.string(), "ACNET device name"),
            column("node", pa.string(), "logger node that delivered it"),
            column(
                "state",
                pa.string(),
                "outcome of the pull: complete, partial, no data, refused or failed",
            ),
            column(
                "nominal_rate_hz",
                pa.float64(),
                "rate that its parameter list says, or the service where the list does not; null if neither does",
                "Hz",
            ),
            column(
                "rate_from",
                pa.string(),
                "where that is known from: parameter list, logger lists, event lists (it is kept when something "
                "happens, so there is no rate), published day YYYY-MM-DD (the service did not say it), or unknown; "
                "null in days of older versions",
            ),
            column(
                "line_offset_mhz",
                pa.float64(),
                "mean offset of the line from 60 Hz by B:LINFRQ; 0 where that is not recorded",
                "mHz",
            ),
            column(
                "line_readings_left_out",
                pa.int64(),
                "readings of B:LINFRQ that no power line can have, beyond plus and minus 200 mHz; the same for all",
            ),
            column(
                "expected",
                pa.int64(),
                "ticks of the line-locked clock in the day; null where the rate is not known, and so is what "
                "would follow from it",
            ),
            column("received", pa.int64(), "samples of the day"),
            column("numbers", pa.int64(), "samples that hold a number; received less not_a_number"),
            column("missing", pa.int64(), "ticks without a sample: the sum over the gaps"),
            column(
                "unexplained",
                pa.int64(),
                "expected less received less missing; some ticks a day, as B:LINFRQ is itself measured",
            ),
            column(
                "obtainable_until",
                TIME_TYPE,
                "the first such moment of its gaps: until then all that may still be there can be fetched by pulling "
                "the day again; null where there is nothing to fetch",
                "UTC",
            ),
            column("completeness", pa.float64(), "received over expected"),
            column("duplicates", pa.int64(), "exact repetitions within an answer; dropped"),
            column("out_of_order", pa.int64(), "rows that came before an earlier one; sorted"),
            column("not_a_number", pa.int64(), "rows whose value is no number; kept as null"),
            column(
                "not_a_number_examples",
                pa.string(),
                "the first few distinct texts that came in place of a number, a blank between them",
            ),
            column("outside_window", pa.int64(), "rows outside the day; dropped"),
            column(
                "ambiguous_times",
                pa.int64(),
                "rows in the hour that comes twice that their order does not assign to either",
            ),
            column("first_sample", TIME_TYPE, "time stamp of the first sample, UTC", "UTC"),
            column("last_sample", TIME_TYPE, "time stamp of the last sample, UTC", "UTC"),
            column(
                "tier_seconds",
                pa.float64(),
                "most frequent interval, to 0.1 ms: the tier that answered",
                "s",
            ),
            column("gap_count", pa.int64(), "gaps, each of a thin stretch counted"),
            column("longest_gap_seconds", pa.float64(), "longest gap; 0 without any", "s"),
            column("gaps", pa.list_(_GAP), "the gaps in order of time, at most 100; also a view"),
            column("findings", pa.list_(_FINDING), "what was unusual in the pull; also a view"),
            column(
                "bytes_received", pa.int64(), "size of all answers; null where not recorded", "B"
            ),
            column("seconds_spent", pa.float64(), "time spent on it, retries included", "s"),
            column("requests", pa.int64(), "requests it took"),
        ]
    ),
)

DAY_TABLES = (PARAMETER_DATA, EVENT_DATA, SUPERCYCLES, RECIPES, FILE_STATISTICS, COMPLETENESS)
