"""The rules for trim, order and duplicates."""

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.acnet.replies.reader import ParsedRows
from gmpsai_assets.acnet.replies.rows import Form, ValueCounts
from gmpsai_assets.acnet.replies.sample_reply import (
    SampleReply,
    no_samples,
    settle_samples,
)
from gmpsai_assets.acnet.replies.samples import ParsedSamples

WINDOW = Window(from_microseconds(100), from_microseconds(200))
Rows = list[tuple[int, float]]
NAN = math.nan


def parsed(rows: Rows) -> ParsedSamples:
    time = np.array([row[0] for row in rows], np.int64)
    value = np.array([row[1] for row in rows], np.float64)
    return ParsedSamples(
        time, value, ParsedRows(Form.EPOCH, time, value, ValueCounts(), 0, 0, (), True)
    )


def settled(rows: Rows) -> SampleReply:
    return settle_samples(parsed(rows), WINDOW)


def rows_of(reply: SampleReply) -> list[tuple[int, float | None]]:
    times = reply.table["time"].cast(pa.int64()).to_pylist()
    return list(zip(times, reply.table["value"].to_pylist(), strict=True))


def test_the_table_has_utc_times_and_nulls() -> None:
    reply = settled([(100, 1.0), (199, NAN)])
    assert reply.table.schema == pa.schema([("time", TIME_TYPE), ("value", pa.float64())])
    assert rows_of(reply) == [(100, 1.0), (199, None)]
    assert no_samples().schema == reply.table.schema
    assert settle_samples(
        parsed([(100, 1.0)]), WINDOW, "supercycle_seconds"
    ).table.column_names == [
        "time",
        "supercycle_seconds",
    ]


def test_the_spans_of_irregular_lines_reach_from_row_to_row() -> None:
    minute = 60_000_000
    window = Window(from_microseconds(0), from_microseconds(100 * minute))
    samples = parsed([(k * 10_000_000, 1.0) for k in range(1, 500)])
    for places, spans in (
        ([0], [(0, 10_000_000)]),
        ([3, 3, 5], [(30_000_000, 60_000_000)]),
        ([3, 300], [(30_000_000, 40_000_000), (3_000_000_000, 3_010_000_000)]),
        ([499], [(4_990_000_000, 100 * minute)]),
    ):
        rows = replace(samples.rows, irregular_places=np.array(places))
        reply = settle_samples(replace(samples, rows=rows), window)
        assert list(reply.irregular_spans) == spans


def test_rows_outside_the_half_open_window_are_counted() -> None:
    reply = settled([(99, 1.0), (100, 1.0), (199, 1.0), (200, 1.0)])
    assert [time for time, _ in rows_of(reply)] == [100, 199]
    assert reply.counts.outside_window == 2
    assert reply.counts.delivered == 4
    assert reply.counts.kept == 2


def test_disorder_is_sorted_stably_and_counted() -> None:
    reply = settled([(110, 1.0), (130, 2.0), (120, 3.0), (125, 4.0), (130, 5.0)])
    assert rows_of(reply) == [(110, 1.0), (120, 3.0), (125, 4.0), (130, 2.0), (130, 5.0)]
    assert reply.counts.out_of_order == 2
    assert reply.counts.repeated_times == 1
    assert reply.counts.exact_duplicates == 0


def test_exact_duplicates_are_kept_once_even_apart_and_null() -> None:
    rows = [(110, 1.0), (110, 2.0), (110, 1.0), (120, NAN), (120, NAN), (130, 0.0), (130, -0.0)]
    reply = settled(rows)
    assert rows_of(reply) == [(110, 1.0), (110, 2.0), (120, None), (130, 0.0)]
    assert reply.counts.exact_duplicates == 3
    assert reply.counts.repeated_times == 1


def test_nothing_inside_the_window_is_an_empty_table() -> None:
    reply = settled([(1, 1.0)])
    assert reply.table.num_rows == 0
    assert reply.counts.outside_window == 1


few = st.lists(
    st.tuples(st.integers(95, 205), st.sampled_from([0.0, -0.0, 1.0, NAN, 2.5])), max_size=60
)


@given(few)
def test_nothing_is_lost_and_nothing_invented(rows: Rows) -> None:
    reply = settled(rows)
    inside = [row for row in rows if 100 <= row[0] < 200]
    expected: dict[tuple[int, float | None], float] = {}
    for time, value in sorted(inside, key=lambda row: row[0]):
        expected.setdefault((time, None if math.isnan(value) else value + 0.0), value)
    assert [(t, v if v is None else v + 0.0) for t, v in rows_of(reply)] == list(expected)
    counts = reply.counts
    assert counts.kept + counts.exact_duplicates + counts.outside_window == counts.delivered
