"""The Arrow schemas of the tables in machine time: cycles, their sample offsets, and planned against seen."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.tables import DayTable, column

_WORD = pa.dictionary(pa.int32(), pa.string())

CYCLES = DayTable(
    name="cycles",
    file_pattern="cycles.parquet",
    schema=pa.schema(
        [
            column(
                "cycle",
                pa.int64(),
                "permanent number: ordinal of the local day times 2,000,000 plus line ticks since its first one",
            ),
            column("time", TIME_TYPE, "time of the tick ($0C), UTC", "UTC"),
            column(
                "tick_source",
                _WORD,
                "what the tick was taken from: $0C; where that is missing $0F, resets or samples",
            ),
            column(
                "supercycle_start", TIME_TYPE, "$00 of its supercycle, UTC; null if unknown", "UTC"
            ),
            column(
                "supercycle_tick",
                pa.int32(),
                "line tick in the supercycle; that of tick 0 comes some 50 ms before $00",
            ),
            column(
                "recipe_id", _WORD, "timeline of the supercycle; null where it was not captured"
            ),
            column(
                "booster_reset",
                pa.uint8(),
                "Booster reset on the tick, $11 to $1D; null where none was seen",
            ),
        ]
    ),
    dictionary=("tick_source", "recipe_id", "booster_reset"),
    delta=("cycle", "time", "supercycle_start", "supercycle_tick"),
    per_parameter=pa.float64(),
)
"""Columns of every day; one more per parameter follows, see ``cycles_table``."""

CYCLE_OFFSETS = DayTable(
    name="cycle_offsets",
    file_pattern="cycle_offsets.parquet",
    schema=pa.schema([column("cycle", pa.int64(), "the cycle; rows as in cycles")]),
    delta=("cycle",),
    per_parameter=pa.int32(),
)
"""The column of every day; one more per parameter follows, see ``cycle_offsets_table``."""

CYCLE_PARAMETERS = DayTable(
    name="cycle_parameters",
    file_pattern="cycle_parameters.parquet",
    schema=pa.schema(
        [
            column("parameter", pa.string(), "ACNET device name"),
            column(
                "locked",
                pa.bool_(),
                "whether its samples follow the ticks; if not, the nearest tick has them",
            ),
            column(
                "offset_ms",
                pa.float64(),
                "median of sample time less tick; known only up to whole ticks, given within half a period",
                "ms",
            ),
            column("jitter_ms", pa.float64(), "standard deviation of the same", "ms"),
            column("samples", pa.int64(), "samples of the day"),
            column("on_ticks", pa.int64(), "samples that have a row in cycles"),
            column("surplus", pa.int64(), "samples whose tick has a nearer one"),
            column(
                "off_tick",
                pa.int64(),
                "samples not within half a period of any tick of the day; one can be of the neighbouring day",
            ),
            column(
                "borrowed",
                pa.int64(),
                "rows whose sample is stamped on a neighbouring day; not part of samples",
            ),
            column("ticks", pa.int64(), "rows of cycles"),
            column(
                "ticks_without_sample",
                pa.int64(),
                "rows without one: those in ticks_beyond_midnight, the others with their reason in completeness",
            ),
            column(
                "ticks_beyond_midnight",
                pa.int64(),
                "rows without a sample because it is stamped on a neighbouring day that is not published, or lacks it",
            ),
            column("ticks_without_number", pa.int64(), "rows that are null, for either reason"),
        ]
    ),
)

RECONCILED_EVENTS = DayTable(
    name="reconciled_events",
    file_pattern="reconciled_events.parquet",
    schema=pa.schema(
        [
            column("event", pa.uint8(), "TCLK event code, $00 to $FF"),
            column(
                "supercycle_start", TIME_TYPE, "$00 of its supercycle, UTC; null if unknown", "UTC"
            ),
            column("supercycle_tick", pa.int32(), "line tick that it is planned for, or goes with"),
            column(
                "status",
                _WORD,
                "matched, missing (planned, not seen), unplanned (seen, not planned), "
                "or no recipe (seen while no plan is known)",
            ),
            column(
                "planned",
                TIME_TYPE,
                "when it was expected: its line tick and its usual delay, UTC; null if not planned",
                "UTC",
            ),
            column("seen", TIME_TYPE, "when it came, UTC; null if missing", "UTC"),
            column("residual_ms", pa.float64(), "seen less planned; null if not matched", "ms"),
        ]
    ),
    dictionary=("event", "status", "residual_ms"),
    delta=("supercycle_start", "supercycle_tick", "planned", "seen"),
)

_SUMS = (
    column("planned", pa.int64(), "events planned = matched + missing"),
    column("seen", pa.int64(), "events seen = matched + unplanned"),
    column("matched", pa.int64(), "planned and seen"),
    column("missing", pa.int64(), "planned and not seen"),
    column("unplanned", pa.int64(), "seen and not planned"),
    column("seen_without_recipe", pa.int64(), "seen while no recipe is known; not part of seen"),
)

RECONCILED_CODES = DayTable(
    name="reconciled_codes",
    file_pattern="reconciled_codes.parquet",
    schema=pa.schema(
        [
            column("event", pa.uint8(), "TCLK event code, $00 to $FF"),
            *_SUMS,
            column(
                "read_before",
                pa.int64(),
                "of seen and seen_without_recipe: stamped on the day before, in the quarter second whose line ticks "
                "this day is responsible for; none where that day is not published",
            ),
            column(
                "left_to_next",
                pa.int64(),
                "stamped on this day in its last quarter second: counted by the next day, and in no other column here",
            ),
            column(
                "delay_ms",
                pa.float64(),
                "usual time from the planned line tick, $00 being tick 0; Booster resets come before it",
                "ms",
            ),
            column("residual_median_ms", pa.float64(), "median of seen less planned", "ms"),
            column("residual_p95_ms", pa.float64(), "95 % quantile of the distance from it", "ms"),
            column("residual_max_ms", pa.float64(), "largest distance from it", "ms"),
        ]
    ),
)

RECONCILED_SUPERCYCLES = DayTable(
    name="reconciled_supercycles",
    file_pattern="reconciled_supercycles.parquet",
    schema=pa.schema(
        [
            column("start", TIME_TYPE, "$00 of the supercycle, UTC", "UTC"),
            column(
                "began_on_day",
                pa.bool_(),
                "false for the one that runs at the first midnight; its other part stands on the day before",
            ),
            column(
                "start_source",
                pa.string(),
                "what the start is known from: $00; ticks, by the time into the supercycle that the log gives beside "
                "each, where $00 is missing or contradicts them; or the capture, where the event log has neither",
            ),
            column("recipe_id", pa.string(), "timeline that was captured; null if none was"),
            column(
                "fitting_recipe_id",
                pa.string(),
                "recipe of the day whose Booster resets were seen on nine ticks of ten; null if none",
            ),
            column(
                "result",
                pa.string(),
                "as planned, deviates, another recipe (another one of the day fits), not seen, or no recipe",
            ),
            *_SUMS,
            column("residual_max_ms", pa.float64(), "largest distance of seen from planned", "ms"),
        ]
    ),
)

MACHINE_TIME_TABLES = (
    CYCLES,
    CYCLE_OFFSETS,
    CYCLE_PARAMETERS,
    RECONCILED_EVENTS,
    RECONCILED_CODES,
    RECONCILED_SUPERCYCLES,
)


def cycles_table(parameters: Sequence[str]) -> DayTable:
    """``CYCLES`` with one column per parameter, named as the device.

    Values stay float64: they arrived as decimal text, and of a simulated day six in ten would not survive a cast to
    float32. With a dictionary, in row groups of four hours, that day takes 75 MB; plain it takes 78, as
    byte-stream-split 86.
    """
    columns = [
        column(name, pa.float64(), "sample of the tick, as delivered", "of the device")
        for name in parameters
    ]
    return replace(
        CYCLES,
        schema=pa.schema([*CYCLES.schema, *columns]),
        dictionary=(*CYCLES.dictionary, *parameters),
    )


def cycle_offsets_table(parameters: Sequence[str]) -> DayTable:
    """``CYCLE_OFFSETS`` with one column per parameter, named as the device.

    The file is as small as the stamps are round: a simulated day with stamps in milliseconds takes 8 MB, one in
    microseconds with 0.3 ms of jitter in each device 88 MB. The jitter alone is 9.2 bits for each of 61 million
    samples, 70 MB; without the rounding of $0C, which the columns of a row share, it would be 77 MB.
    """
    columns = [
        column(
            name,
            pa.int32(),
            "sample time less time of the tick, which is known up to whole ticks only, as is the device's delay",
            "us",
        )
        for name in parameters
    ]
    return replace(
        CYCLE_OFFSETS,
        schema=pa.schema([*CYCLE_OFFSETS.schema, *columns]),
        delta=(*CYCLE_OFFSETS.delta, *parameters),
    )
