"""The published plotly JSON: its traces, its numbers and its axes."""

import json
import math
import time
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.site.history import STATISTICS, HistoryError, history_payload
from gmpsai_assets_tests.site.sample_statistics import (
    days_from,
    listed_parameters,
    sample_statistics,
)

NAMES = ("max", "+1sigma", "mode", "-1sigma", "min")

Row = tuple[str, str, float | None, float | None, float | None, float | None]


def table(rows: list[Row]) -> pa.Table:
    columns = ("day", "parameter", *STATISTICS)
    types = [pa.string(), pa.string(), *[pa.float64()] * 4]
    values = list(zip(*rows, strict=True)) if rows else [()] * 6
    return pa.table(
        [pa.array(v, t) for v, t in zip(values, types, strict=True)], names=list(columns)
    )


def lines(payload: dict[str, Any], parameter: str) -> dict[str, list[float | None]]:
    traces = {trace["name"]: trace for trace in payload["data"]}
    return {name: traces[f"{parameter} {name}"]["y"] for name in NAMES}


def test_keys_traces_and_names_stand_in_the_known_order() -> None:
    payload = history_payload(sample_statistics(days_from("2026-03-01", 3)), listed_parameters())
    assert list(payload) == ["data", "layout"]
    assert [trace["name"] for trace in payload["data"]] == [
        f"{parameter} {name}" for parameter in listed_parameters() for name in NAMES
    ]


def test_a_trace_has_the_known_keys_and_colour() -> None:
    payload = history_payload(table([("2026-03-10", "B:VIMIN", 1.0, 0.5, 0.0, 2.0)]), ["B:VIMIN"])
    assert payload["data"][2] == {
        "x": ["2026-03-10"],
        "y": [1.0],
        "xaxis": "x",
        "yaxis": "y",
        "type": "scatter",
        "fill": "tonexty",
        "line": {"color": "rgba(0,100,50,0.2)"},
        "name": "B:VIMIN mode",
    }


def test_only_mode_and_lower_sigma_are_filled() -> None:
    payload = history_payload(table([]), ["B:VIMIN"])
    assert [trace.get("fill") for trace in payload["data"]] == [
        None,
        None,
        "tonexty",
        "tonexty",
        None,
    ]


def test_sigma_is_mode_plus_and_minus_the_standard_deviation() -> None:
    payload = history_payload(table([("2026-03-10", "B:VIMIN", 10.0, 0.25, 9.0, 12.0)]), [])
    assert lines(payload, "B:VIMIN") == {
        "max": [12.0],
        "+1sigma": [10.25],
        "mode": [10.0],
        "-1sigma": [9.75],
        "min": [9.0],
    }


def test_a_missing_deviation_leaves_the_mode() -> None:
    payload = history_payload(table([("2026-03-10", "B:VIMIN", 10.0, None, 10.0, 10.0)]), [])
    found = lines(payload, "B:VIMIN")
    assert found["mode"] == [10.0]
    assert found["+1sigma"] == found["-1sigma"] == [None]


def test_a_day_without_the_parameter_is_null_in_every_line() -> None:
    rows: list[Row] = [
        ("2026-03-12", "B:VIMIN", 3.0, 0.1, 2.0, 4.0),
        ("2026-03-10", "B:VIMIN", 1.0, 0.1, 0.0, 2.0),
        ("2026-03-11", "I:IB", 5.0, 0.1, 5.0, 5.0),
    ]
    payload = history_payload(table(rows), ["B:VIMIN", "I:IB"])
    assert payload["data"][0]["x"] == ["2026-03-10", "2026-03-11", "2026-03-12"]
    assert lines(payload, "B:VIMIN")["mode"] == [1.0, None, 3.0]


def test_parameters_that_only_older_days_have_come_last() -> None:
    rows: list[Row] = [
        ("2026-03-10", name, 1.0, 0.0, 1.0, 1.0) for name in ("B:PS2VGP", "B:PS1VGP", "B:VIMAX")
    ]
    payload = history_payload(table(rows), ["B:VIMIN", "B:VIMAX"])
    titles = [trace["name"].split()[0] for trace in payload["data"][::5]]
    assert titles == ["B:VIMIN", "B:VIMAX", "B:PS1VGP", "B:PS2VGP"]


def test_axes_are_anchored_to_each_other() -> None:
    layout = history_payload(table([]), ["B:VIMIN", "B_VIMIN"])["layout"]
    assert layout == {
        "grid": {"rows": 2, "columns": 1, "pattern": "independent"},
        "height": 400,
        "showlegend": False,
        "xaxis": {"type": "date", "anchor": "y"},
        "yaxis": {"anchor": "x", "title": {"text": "B:VIMIN"}},
        "xaxis2": {"type": "date", "anchor": "y2"},
        "yaxis2": {"anchor": "x2", "title": {"text": "B_VIMIN"}},
    }


@pytest.mark.parametrize("count", [0, 1, 40])
def test_plotly_accepts_the_document(count: int) -> None:
    payload = history_payload(
        sample_statistics(days_from("2026-02-01", count)), listed_parameters()
    )
    figure = go.Figure(json.loads(json.dumps(payload, allow_nan=False)))
    assert len(figure.data) == 5 * 47
    assert figure.layout.yaxis47.anchor == "x47"
    assert figure.layout.xaxis.type == "date"


def test_a_history_of_nothing_is_still_a_figure() -> None:
    assert go.Figure(history_payload(table([]), [])).layout.height == 200


numbers = st.none() | st.floats(width=64)
rows_of_days = st.dictionaries(
    st.tuples(st.dates().map(str), st.sampled_from(["B:VIMIN", "B_VIMIN", "B|GMPSSC", "I:IB"])),
    st.tuples(numbers, numbers, numbers, numbers),
    max_size=30,
)


@given(rows_of_days, st.randoms())
def test_any_statistics_make_equal_sorted_and_finite_lines(
    cells: dict[tuple[str, str], tuple[float | None, ...]], order: Any
) -> None:
    rows: list[Any] = [(*key, *values) for key, values in cells.items()]
    order.shuffle(rows)
    payload = history_payload(table(rows), ["I:IB", "B:VIMIN"])
    days = sorted({day for day, _ in cells})
    for trace in payload["data"]:
        assert trace["x"] == days
        assert len(trace["y"]) == len(days)
        assert all(y is None or math.isfinite(y) for y in trace["y"])
    for (day, parameter), (mode, _, low, _) in cells.items():
        found = lines(payload, parameter)
        for value, line in ((mode, "mode"), (low, "min")):
            expected = value if value is not None and math.isfinite(value) else None
            assert found[line][days.index(day)] == expected


def test_a_parameter_twice_in_a_day_is_named() -> None:
    rows: list[Row] = [("2026-03-10", "B:VIMIN", 1.0, 0.0, 1.0, 1.0)] * 2
    with pytest.raises(HistoryError, match="2026-03-10 holds B:VIMIN more than once"):
        history_payload(table(rows), [])


@pytest.mark.parametrize("day", ["2026-3-10", "1583816400", "", None])
def test_a_row_of_no_day_is_refused(day: Any) -> None:
    with pytest.raises(HistoryError, match="a row of no day"):
        history_payload(table([(day, "B:VIMIN", 1.0, 0.0, 1.0, 1.0)]), [])


def test_a_row_of_no_parameter_is_refused() -> None:
    rows: list[Any] = [("2026-03-10", None, 1.0, 0.0, 1.0, 1.0)]
    with pytest.raises(HistoryError, match="1 rows of the statistics name no parameter"):
        history_payload(table(rows), [])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(HistoryError, match="no column value_std"):
        history_payload(table([]).drop_columns(["value_std"]), [])


def test_days_and_names_may_be_dates_and_dictionaries() -> None:
    plain = table([("2026-03-10", "B:VIMIN", 1.0, 0.0, 1.0, 1.0)])
    typed = plain.set_column(0, "day", plain["day"].cast(pa.date32())).set_column(
        1, "parameter", plain["parameter"].dictionary_encode()
    )
    assert history_payload(typed, []) == history_payload(plain, [])


def test_three_years_take_less_than_a_second() -> None:
    statistics = sample_statistics(days_from("2023-01-01", 1000))
    started = time.perf_counter()
    payload = history_payload(statistics, listed_parameters())
    assert time.perf_counter() - started < 1
    assert len(payload["data"][0]["x"]) == 1000
