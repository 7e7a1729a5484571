"""A lake as people ask it: days, devices, events and tables in the forms in which they write them."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gmpsai_assets.acnet.clock import Day, day_window
from gmpsai_assets.lake.asked_for import NoSuchTableError
from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets_tests.tables import publish_parameters, publish_ticks, sample_rows

DAY = "2026-03-10"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    rows = sample_rows(day_window(DAY), 3)
    lake = Lake(tmp_path / "data")
    publish_parameters(lake, DAY, {"B:VIMIN": rows, "B:VIMAX": rows, "B:NGMPS": rows.slice(0, 0)})
    publish_ticks(lake, DAY, 5)
    return lake


@pytest.mark.parametrize("given", ["data", "./data"])
def test_the_folder_may_be_a_text(
    lake: Lake, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(Lake(given).parameter("B:VIMIN", DAY)) == 3  # type: ignore[arg-type]


def test_the_folder_may_be_named_from_the_home_folder(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "HOME", str(lake.root.parent))
    assert Lake("~/data") == lake  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "day",
    [
        DAY,
        date(2026, 3, 10),
        datetime(2026, 3, 10),  # noqa: DTZ001 - as a notebook writes a day
        datetime(2026, 3, 11, 4, 59, tzinfo=UTC),
        pd.Timestamp(DAY),
        pd.Timestamp("2026-03-10 23:59", tz="America/Chicago"),
        np.datetime64(DAY),
        np.datetime64("2026-03-10T12:00"),
    ],
    ids=repr,
)
def test_a_day_may_be_a_date(lake: Lake, day: Day) -> None:
    assert len(lake.parameter("B:VIMIN", day)) == 3
    assert lake.events(0x0C, day).shape == (5, 2)
    assert lake.completeness("B:VIMIN", day) is None
    assert lake.read_day(PARAMETER_DATA, day).num_rows == 6


@pytest.mark.parametrize(
    "day", [pd.NaT, np.datetime64("NaT"), 20260310, None, "2026-3-10", "yesterday"]
)
def test_what_is_no_day_is_refused(lake: Lake, day: Day) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        lake.parameter("B:VIMIN", day)


@pytest.mark.parametrize("name", ["b:vimin", "B:Vimin", " B:VIMIN "])
def test_a_device_may_be_in_small_letters(lake: Lake, name: str) -> None:
    assert len(lake.parameter(name, DAY)) == 3
    assert lake.parameter_rows(name, DAY).num_rows == 3
    assert lake.completeness(name, DAY) is None


def test_a_device_that_is_misspelt_is_told_what_is_near(lake: Lake) -> None:
    near = "B:VIMINN is not recorded on 2026-03-10; near it are B:VIMIN"
    with pytest.raises(DayNotPublishedError, match=near):
        lake.parameter("b:viminn", date(2026, 3, 10))
    with pytest.raises(DayNotPublishedError, match=near):
        lake.completeness("b:viminn", DAY)
    with pytest.raises(DayNotPublishedError, match="Z:QQ is not recorded on 2026-03-10; the param"):
        lake.parameter("Z:QQ", DAY)
    with pytest.raises(DayNotPublishedError, match="B:NGMPS has no samples on 2026-03-10"):
        lake.parameter("b:ngmps", DAY)


def test_an_event_may_be_written_as_in_the_control_room(lake: Lake) -> None:
    assert len(lake.events("$0C", DAY)) == len(lake.events("0c", DAY)) == 5
    assert lake.event_rows("$0C", DAY).num_rows == 5
    assert lake.event_completeness("$0c", DAY) is None
    with pytest.raises(ValueError, match=r"\$00 to \$FF"):
        lake.events("tick", DAY)


def test_a_day_that_is_not_there_is_told_which_are(lake: Lake) -> None:
    only = (
        rf"parameter_data of 2026-03-11 is not published: published in {lake.root} is 2026-03-10;"
    )
    with pytest.raises(DayNotPublishedError, match=only):
        lake.parameter("B:VIMIN", "2026-03-11")
    for number in range(11, 18):
        publish_ticks(lake, f"2026-03-{number}", 1)
    many = "event_data of 2026-02-01 is not published: .* are 8 days from 2026-03-10 to 2026-03-17"
    with pytest.raises(DayNotPublishedError, match=many):
        lake.events(0, "2026-02-01")
    with pytest.raises(DayNotPublishedError, match="no day of it is published"):
        lake.read_day("completeness", DAY)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DayNotPublishedError, match=r"there is no folder .*/dta: name the data dir"):
        Lake(tmp_path / "dta").parameter("B:VIMIN", DAY)


def test_a_table_may_be_named(lake: Lake) -> None:
    assert lake.published_days("event_data") == [DAY]
    assert lake.read_day("event_data", DAY).num_rows == 5
    folder = lake.root / "cycles" / f"day={DAY}"
    folder.mkdir(parents=True)
    pd.DataFrame({"cycle": [1, 2]}).to_parquet(folder / "cycles.parquet")
    assert lake.read_day("cycles", date(2026, 3, 10)).num_rows == 2
    with pytest.raises(
        NoSuchTableError, match="no table 'cycle'; near it are cycles and supercycles"
    ):
        lake.read_day("cycle", DAY)
