"""Two answers made one: by the definition, row by row, and without losing a sample."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.fetch.checking.findings import Expectation
from gmpsai_assets.fetch.checking.rows import Rows, merged_rows, rows_of, table_of
from gmpsai_assets.fetch.known import ContradictionError, merge
from gmpsai_assets.fetch.outcome import Finding, Outcome, State, SubjectData

PERIOD = 1e6 / 15
DAY = day_window("2026-03-10")
WINDOW = Window(DAY.start, from_microseconds(DAY.start_microseconds + 600_000_000))
EXPECTED = Expectation(WINDOW, PERIOD)

Row = tuple[int, float]
answers = st.sets(
    st.tuples(st.integers(0, 12), st.sampled_from([0.0, 1.0, 2.5, float("nan")])), max_size=20
)


def _rows(found: set[Row]) -> Rows:
    distinct = sorted({(t, repr(v)): (t, v) for t, v in found}.values(), key=lambda row: row[0])
    return Rows(
        np.array([t for t, _ in distinct], np.int64), np.array([v for _, v in distinct], np.float64)
    )


def _by_time(rows: Rows) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for time, value in zip(rows.time.tolist(), rows.value.tolist(), strict=True):
        found[time].append(repr(value))
    return found


@given(answers, answers)
def test_every_time_of_both_answers_is_there_with_the_rows_of_one_of_them(
    one: set[Row], other: set[Row]
) -> None:
    older, newer = _rows(one), _rows(other)
    both, kept = merged_rows(older, newer)
    expected = {}
    olds, news = _by_time(older), _by_time(newer)
    for time in olds.keys() | news.keys():
        old, new = olds.get(time, []), news.get(time, [])
        weight = [(len(rows) - rows.count("nan"), len(rows)) for rows in (old, new)]
        expected[time] = old if weight[0] > weight[1] else new
    assert _by_time(both) == expected
    assert np.all(np.diff(both.time) >= 0)
    assert kept == sum(len(rows) for time, rows in expected.items() if rows is olds.get(time))


def _known(
    state: State, first: float, last: float, step: int = 1, shift: int = 0, *findings: Finding
) -> SubjectData:
    """Samples at 15 Hz of a part of ten minutes, given in seconds."""
    count = np.arange(9000)
    time = WINDOW.start_microseconds + (count * PERIOD).astype(np.int64)
    inside = (count >= first * 15) & (count < last * 15) & (count % step == 0)
    rows = Rows(time[inside] + shift, count[inside].astype(np.float64))
    return SubjectData(
        table_of(rows, "value"), Outcome("B:A", state, rows=len(rows), findings=findings)
    )


def _missing(first: int, last: int, kind: str = "request failed") -> Finding:
    start = WINDOW.start_microseconds
    return Finding(kind, start + first * 1_000_000, start + last * 1_000_000, "x")  # type: ignore[arg-type]


WHOLE = _known("complete", 0, 600)


def test_an_answer_that_has_all_is_taken_as_it_is() -> None:
    part = _known("partial", 0, 300, 1, 0, _missing(300, 600))
    assert merge(part, WHOLE, EXPECTED) is WHOLE


@pytest.mark.parametrize(
    "less",
    [
        _known("complete", 300, 600),
        _known("partial", 0, 600, 15),
        _known("no data", 0, 0),
        _known("refused", 0, 0),
        _known("partial", 0, 600, 1, 0, _missing(10, 11)),
    ],
)
def test_an_answer_with_less_leaves_what_is_known(less: SubjectData) -> None:
    both = merge(WHOLE, less, EXPECTED)
    assert both.table.equals(WHOLE.table)
    assert (both.outcome.state, both.outcome.findings) == ("complete", ())
    assert both.outcome.kept_rows == 9000 - less.table.num_rows


def test_what_two_pulls_lack_in_different_places_is_whole() -> None:
    part = _known("partial", 0, 400, 1, 0, _missing(400, 600))
    later = _known("complete", 300, 600, 1, 0, _missing(0, 300, "gap"))
    both = merge(part, later, EXPECTED)
    assert both.table.equals(WHOLE.table)
    assert (both.outcome.state, both.outcome.findings) == ("complete", ())
    assert (both.outcome.rows, both.outcome.kept_rows) == (9000, 4500)


def test_what_neither_has_is_still_named() -> None:
    part = _known("partial", 0, 200, 1, 0, _missing(200, 600))
    later = _known("complete", 300, 600, 1, 0, _missing(0, 300, "gap"))
    outcome = merge(part, later, EXPECTED).outcome
    (gap,) = outcome.findings
    assert (outcome.state, gap.kind) == ("complete", "gap")
    assert gap.start is not None
    assert gap.end is not None
    assert gap.end - gap.start == pytest.approx(100e6, rel=0.01)


def test_a_gap_that_the_logger_confirms_later_makes_a_partial_subject_complete() -> None:
    part = _known("partial", 0, 300, 1, 0, _missing(300, 600))
    later = _known("complete", 100, 300)
    outcome = merge(part, later, EXPECTED).outcome
    assert (outcome.state, outcome.rows, outcome.kept_rows) == ("complete", 4500, 1500)
    assert [each.kind for each in outcome.findings] == ["tail missing"]


FALL_BACK = day_window("2026-11-01")
FIRST_PASS = FALL_BACK.start_microseconds + 3_600_000_000


def _events(state: State, ambiguous: int, *offsets: int) -> SubjectData:
    """Events at so many seconds after the beginning of the hour that comes twice."""
    times = FIRST_PASS + np.array(offsets, np.int64) * 1_000_000
    table = table_of(Rows(times, np.ones(len(times))), "supercycle_seconds")
    outcome = Outcome("$24", state, rows=len(times), ambiguous_times=ambiguous)
    return SubjectData(table, outcome)


@pytest.mark.parametrize("doubtful_first", [True, False])
def test_an_event_that_only_one_answer_could_place_is_not_there_twice(doubtful_first: bool) -> None:
    placed = _events("complete", 0, -60, 3_700, 3_800, 9_000)
    by_order = _events("partial", 2, -60, 100, 200, 9_000, 9_060)
    pair = (by_order, placed) if doubtful_first else (placed, by_order)
    both = merge(*pair, Expectation(FALL_BACK, None))
    found = rows_of(both.table).time - FIRST_PASS
    assert found.tolist() == [n * 1_000_000 for n in (-60, 3_700, 3_800, 9_000, 9_060)]
    assert (both.outcome.state, both.outcome.ambiguous_times) == ("complete", 0)


def test_doubtful_times_stay_where_the_other_answer_has_nothing() -> None:
    by_order = _events("partial", 2, 100, 200, 9_000)
    both = merge(by_order, _events("complete", 0, 9_000), Expectation(FALL_BACK, None))
    assert both.table.num_rows == 3


def test_samples_of_two_clocks_are_not_mixed() -> None:
    shifted = _known("complete", 0, 600, 1, 20_000)
    with pytest.raises(ContradictionError, match="9000 samples known before"):
        merge(WHOLE, shifted, EXPECTED)


@pytest.mark.parametrize("turned", [False, True])
def test_numbers_beside_an_answer_in_another_notation_are_not_read(turned: bool) -> None:
    """An older answer with words in it may be of a version that did not look for another notation."""
    time = np.arange(4) * 1_000_000 + WINDOW.start_microseconds
    some = table_of(Rows(time, np.array([10.0, np.nan, 12.0, 13.0])), "value")
    none = table_of(Rows(time[2:] + 1, np.full(2, np.nan)), "value")
    finding = Finding("other notation", 0, 1, "values such as '00A3'")
    with_words = SubjectData(
        none,
        Outcome("B:X", "partial", 2, 2, findings=(finding,), not_a_number_examples=("00A3",)),
    )
    others = SubjectData(some, Outcome("B:X", "partial" if turned else "complete", 4, 1))
    both = merge(
        *((with_words, others) if turned else (others, with_words)), Expectation(WINDOW, None)
    )
    assert both.table["value"].to_pylist() == [None] * 6
    assert (both.outcome.state, both.outcome.not_a_number) == ("partial", 6)
    assert both.outcome.not_a_number_examples == ("00A3",)
    assert both.outcome.stands("other notation")
