"""What differs between two pulls: counted for any rows, and for files as a whole."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake import difference
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.difference import RowsDifference, file_difference, rows_difference
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA
from gmpsai_assets_tests.tables import publish_ticks, sample_rows

DAY = "2026-03-10"
Row = tuple[int, float | None]
rows_of_a_subject = st.lists(
    st.tuples(st.integers(0, 12), st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5]))),
    max_size=30,
)


def _table(rows: list[Row]) -> pa.Table:
    rows = sorted(rows, key=lambda row: row[0])
    times = pa.array([time for time, _ in rows], pa.int64()).cast(TIME_TYPE)
    return pa.table({"time": times, "value": pa.array([v for _, v in rows], pa.float64())})


def _counted(older: list[Row], newer: list[Row]) -> RowsDifference:
    """The same row by row, from the definition."""
    lost, gained = Counter(older) - Counter(newer), Counter(newer) - Counter(older)
    lost_at: Counter[int] = Counter(time for time, _ in lost.elements())
    gained_at: Counter[int] = Counter(time for time, _ in gained.elements())
    times = sorted({*lost_at, *gained_at})
    return RowsDifference(
        (gained_at - lost_at).total(),
        (lost_at - gained_at).total(),
        (gained_at & lost_at).total(),
        times[0] if times else None,
        times[-1] if times else None,
    )


@given(rows_of_a_subject, rows_of_a_subject)
def test_any_rows_are_compared_as_the_definition_says(older: list[Row], newer: list[Row]) -> None:
    assert rows_difference(_table(older), _table(newer)) == _counted(older, newer)


@given(rows_of_a_subject)
def test_rows_do_not_differ_from_themselves_however_they_are_chunked(rows: list[Row]) -> None:
    table = _table(rows)
    pieces = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    assert not rows_difference(table, pieces)


def test_rows_are_compared_across_the_slices_of_a_day() -> None:
    count = 3 * difference._SLICE_ROWS
    rows = sample_rows(day_window(DAY), count)
    values = rows["value"].to_numpy().copy()
    values[::1000] += 1
    changed = rows.set_column(1, "value", pa.array(values))
    found = rows_difference(rows, changed.slice(10, count - 30))
    assert (found.added, found.removed) == (0, 30)
    assert found.changed == np.arange(0, count, 1000).size - 1
    assert found.first == rows["time"].cast("int64")[0].as_py()


def _file(path: Path, parameters: dict[str, pa.Table], **metadata: object) -> Path:
    with parquet_writer(path, PARAMETER_DATA) as writer:
        for name, rows in parameters.items():
            names = pa.array([name] * rows.num_rows, pa.string()).dictionary_encode()
            write_row_group(writer, pa.table([names, *rows.columns], schema=PARAMETER_DATA.schema))
        outcomes = [{"subject": name, "state": "complete", "findings": []} for name in parameters]
        describe(writer, {"node": "MLrn", "outcomes": outcomes, **metadata})
    return path


ROWS = sample_rows(day_window(DAY), 500)


@pytest.mark.parametrize(
    "told",
    [{"pulled_at": "2026-03-12"}, {"package_version": "9"}, {"source": "http://elsewhere/acl.pl"}],
)
def test_when_and_from_where_a_file_was_pulled_is_no_content(
    tmp_path: Path, told: dict[str, object]
) -> None:
    older = _file(tmp_path / "a.parquet", {"B:A": ROWS})
    assert not file_difference(older, _file(tmp_path / "b.parquet", {"B:A": ROWS}, **told))


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"node": "NuMI2"}, "node"),
        ({"nominal_rates_hz": {"B:A": 1.0}}, "nominal_rates_hz"),
        ({"window": {"start": "x"}}, "window"),
    ],
)
def test_other_facts_about_the_same_rows_are_named(
    tmp_path: Path, told: dict[str, object], named: str
) -> None:
    older = _file(tmp_path / "a.parquet", {"B:A": ROWS})
    found = file_difference(older, _file(tmp_path / "b.parquet", {"B:A": ROWS}, **told))
    assert found.described == (named,)
    assert not found.subjects


def test_a_parameter_that_came_or_went_is_counted(tmp_path: Path) -> None:
    older = _file(tmp_path / "a.parquet", {"B:A": ROWS, "B:B": ROWS})
    newer = _file(tmp_path / "b.parquet", {"B:B": ROWS, "B:C": ROWS.slice(0, 7)})
    found = file_difference(older, newer)
    assert {name: (d.added, d.removed) for name, d in found.subjects.items()} == {
        "B:A": (0, 500),
        "B:C": (7, 0),
    }
    assert found.states == {"B:A": ("complete", None), "B:C": (None, "complete")}
    assert found.described == ("order of subjects", "findings")


def test_rows_stored_in_another_way_are_the_same_rows(tmp_path: Path) -> None:
    older = _file(tmp_path / "a.parquet", {"B:A": ROWS})
    halves = pa.concat_tables([ROWS.slice(0, 200), ROWS.slice(200)])
    newer = _file(tmp_path / "b.parquet", {"B:A": halves})
    assert not file_difference(older, newer)


def test_events_are_named_by_their_code(tmp_path: Path) -> None:
    files = []
    for name, count in (("a", 5), ("b", 8)):
        lake = Lake(tmp_path / name)
        publish_ticks(lake, DAY, count)
        files += lake.day_files(EVENT_DATA, DAY)
    assert file_difference(*files).as_json()["subjects"]["$0C"]["added"] == 3
