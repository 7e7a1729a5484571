"""Rows of several answers put together: nothing lost, nothing twice, nothing invented."""

import math

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.replies.sample_reply import no_samples
from gmpsai_assets.fetch.checking.rows import (
    Rows,
    conflicts,
    crowded,
    joined,
    replaced,
    rows_of,
    table_of,
    union,
)

TICK = 66_667
_SAMPLES = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from([0.0, 1.5, -2.0, float("nan")])), max_size=60
)


def _rows(samples: list[tuple[int, float]]) -> Rows:
    """Sorted by time; each time with each number once, and without a number only where it has none."""
    ordered = sorted(set(samples), key=lambda sample: (sample[0], str(sample[1])))
    with_number = {time for time, value in ordered if not math.isnan(value)}
    kept = {
        (time, str(value)): (time, value)
        for time, value in ordered
        if not math.isnan(value) or time not in with_number
    }
    pairs = sorted(kept.values(), key=lambda pair: (pair[0], pair[1]))
    return Rows(
        np.array([time for time, _ in pairs], np.int64),
        np.array([value for _, value in pairs], np.float64),
    )


def _same(one: Rows, other: Rows) -> bool:
    return np.array_equal(one.time, other.time) and np.array_equal(
        one.value, other.value, equal_nan=True
    )


@given(_SAMPLES, st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=6))
def test_overlapping_parts_of_an_answer_make_the_whole_again(
    samples: list[tuple[int, float]], cuts: list[tuple[int, int]]
) -> None:
    whole = _rows(samples)
    together = whole.between(0, 150)
    for start, end in [*cuts, (100, 301)]:
        together = union(together, whole.between(min(start, end), max(start, end)))
    assert _same(together, whole)


@given(_SAMPLES, _SAMPLES)
def test_a_union_holds_each_row_of_both_once(
    first: list[tuple[int, float]], second: list[tuple[int, float]]
) -> None:
    older, newer = _rows(first), _rows(second)
    assert _same(union(older, newer), _rows(first + second))


@given(_SAMPLES, _SAMPLES, st.integers(0, 300), st.integers(0, 300))
def test_replacing_a_span_leaves_the_rest_alone(
    first: list[tuple[int, float]], second: list[tuple[int, float]], one: int, other: int
) -> None:
    older, newer, start, end = _rows(first), _rows(second), min(one, other), max(one, other)
    result = replaced(older, newer, start, end)
    assert _same(result.between(start, end), newer.between(start, end))
    assert _same(result.between(0, start), older.between(0, start))
    assert _same(result.between(end, 301), older.between(end, 301))


@given(_SAMPLES)
def test_rows_come_back_from_a_table(samples: list[tuple[int, float]]) -> None:
    rows = _rows(samples)
    table = table_of(rows, "value")
    assert table.schema == no_samples().schema
    assert table["value"].null_count == rows.without_number
    assert _same(rows_of(table), rows)


def test_chunks_of_a_table_are_one() -> None:
    rows = _rows([(1, 1.0), (2, 2.0)])
    table = table_of(rows, "value")
    assert _same(rows_of(pa.concat_tables([table.slice(0, 1), table.slice(1)])), rows)


def test_only_values_that_each_answer_lacks_are_a_conflict() -> None:
    older = _rows([(1, 1.0), (2, 2.0), (3, 3.0), (3, 4.0), (5, float("nan")), (6, 6.0)])
    newer = _rows([(1, 1.0), (2, 2.5), (3, 3.0), (5, 5.0), (6, float("nan")), (7, 7.0)])
    assert conflicts(older, newer).tolist() == [2]
    assert conflicts(newer, older).tolist() == [2]
    assert len(conflicts(older, older)) == 0
    assert union(older, newer).between(2, 3).value.tolist() == [2.0, 2.5]


def test_a_number_takes_the_place_of_a_missing_one() -> None:
    nothing, number = _rows([(5, float("nan"))]), _rows([(5, 1.5)])
    assert _same(union(nothing, number), number)
    assert _same(union(number, nothing), number)


def test_only_many_short_intervals_are_mixed_clocks() -> None:
    ticks = np.arange(100, dtype=np.int64) * TICK
    regular = Rows(ticks, np.zeros(100))
    jittered = Rows(np.sort(np.append(ticks, ticks[50] + 10)), np.zeros(101))
    mixed = joined([regular, Rows(ticks[-1:] + np.arange(1, 9) * 1000, np.zeros(8))])
    assert [crowded(rows, TICK) for rows in (regular, jittered, mixed)] == [False, False, True]
