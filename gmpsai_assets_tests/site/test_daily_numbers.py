"""What the page draws: the number that stands for a day, and documents without a number that JSON does not know."""

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.site.daily_numbers import COLUMNS, daily_numbers

DAY, NEXT = "2026-03-10", "2026-03-11"
CONTINUOUS: dict[str, Any] = {
    "value_mean": -11.4,
    "value_median": -11.5,
    "value_mode": -36.0,
    "value_std": 16.0,
    "value_min": -60.0,
    "value_max": 41.0,
    "numbers": 1_296_000,
    "value_mode_samples": 40,
    "value_distinct": 50_000,
}
FLAG: dict[str, Any] = {
    **CONTINUOUS,
    "value_min": 0.0,
    "value_max": 1.0,
    "value_mode": 1.0,
    "value_mode_samples": 1_244_160,
    "value_distinct": 2,
}
NOTHING = dict.fromkeys(COLUMNS) | {"numbers": 0}


def table(*rows: tuple[str, str, dict[str, Any]]) -> pa.Table:
    columns = [("day", pa.string()), ("parameter", pa.string())]
    columns += [(name, pa.float64()) for name in COLUMNS]
    records = [{"day": day, "parameter": name, **numbers} for day, name, numbers in rows]
    return pa.Table.from_pylist(records, schema=pa.schema(columns))


def middle(*days: dict[str, Any], name: str = "B:LINFRQ") -> str:
    """Which number stands for the days of a parameter."""
    labels = (DAY, NEXT)
    rows = [(label, name, day) for label, day in zip(labels, days, strict=False)]
    (found,) = daily_numbers(table(*rows), [])["parameters"]
    return str(found["middle"])


def test_the_mean_stands_for_a_day_and_the_mode_where_there_are_few_values() -> None:
    assert middle(CONTINUOUS) == "mean"
    assert middle(FLAG) == "mode"
    assert middle({**FLAG, "value_distinct": 65}) == "mean"
    assert middle({**FLAG, "value_distinct": 64}) == "mode"


def test_what_is_not_most_of_the_day_is_no_mode_to_show() -> None:
    half = FLAG["numbers"] // 2
    assert middle({**FLAG, "value_mode_samples": half - 1}) == "mean"
    assert middle({**FLAG, "value_mode_samples": half}) == "mode"


def test_one_line_is_of_one_kind_on_all_days() -> None:
    assert middle(FLAG, CONTINUOUS) == middle(CONTINUOUS, FLAG) == "mean"
    assert middle(FLAG, NOTHING) == "mode"
    assert middle(NOTHING, NOTHING) == "mean"


def test_few_samples_do_not_make_a_value_frequent() -> None:
    few = {**FLAG, "numbers": 5, "value_mode_samples": 2, "value_distinct": 4}
    assert middle(few) == "mean"


def test_a_status_word_has_no_mean() -> None:
    assert middle(CONTINUOUS, name="B|GMPSSC") == "mode"


def test_of_older_statistics_only_a_constant_is_known_to_have_few_values() -> None:
    older = {"value_distinct": None, "value_mode_samples": None}
    assert middle({**FLAG, **older}) == "mean"
    assert middle({**FLAG, **older, "value_min": 1.0}, FLAG) == "mode"


def test_each_number_stands_at_its_day() -> None:
    statistics = table((NEXT, "B:VIMIN", CONTINUOUS), (DAY, "B:VINHBT", FLAG))
    found = daily_numbers(statistics, ["B:VINHBT", "B:VIMIN"])
    assert found["days"] == [DAY, NEXT]
    flag, continuous = found["parameters"]
    assert (flag["name"], flag["mode"], flag["mode_share"]) == (
        "B:VINHBT",
        [1.0, None],
        [0.96, None],
    )
    assert (continuous["name"], continuous["mean"]) == ("B:VIMIN", [None, -11.4])
    assert (continuous["std"], continuous["median"]) == ([None, 16.0], [None, -11.5])


numbers = st.none() | st.floats(width=64)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, numbers)), min_size=1, max_size=2))
def test_any_statistics_make_a_document(days: list[dict[str, Any]]) -> None:
    rows = [(label, "B:VIMIN", day) for label, day in zip((DAY, NEXT), days, strict=False)]
    found = daily_numbers(table(*rows), [])
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize("name", ["", "B", "|"])
def test_a_name_without_a_kind_is_no_status(name: str) -> None:
    assert middle(CONTINUOUS, name=name) == "mean"
