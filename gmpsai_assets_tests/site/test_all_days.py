"""A table over all its days, and the days that have to stay out of it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.site.history import HistoryError, read_all_days
from gmpsai_assets_tests.tables import publish_ticks

DAYS = ["2026-03-09", "2026-03-10", "2026-03-11"]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three days of one, two and three ticks."""
    lake = Lake(tmp_path)
    for count, day in reversed(list(enumerate(DAYS, start=1))):
        publish_ticks(lake, day, count)
    return lake


def test_all_days_of_a_table_come_with_their_day(lake: Lake, tmp_path: Path) -> None:
    assert read_all_days(Lake(tmp_path / "none"), EVENT_DATA, ["event"]).rows.num_rows == 0
    found = read_all_days(lake, EVENT_DATA, ["event"])
    assert found.rows["day"].to_pylist() == [d for n, d in enumerate(DAYS) for _ in range(n + 1)]
    assert found.rows["event"].to_pylist() == [12] * 6
    assert found.left_out == {}


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def _of_another_program(file: Path) -> None:
    pq.write_table(pa.table({"x": [1, 2]}), file)


def _of_other_types(file: Path) -> None:
    pq.write_table(pa.table({"event": ["$0C"]}), file)


@pytest.mark.parametrize("damage", [_cut, _of_another_program, _of_other_types])
def test_a_day_that_cannot_be_read_is_named_and_spoils_no_other(lake: Lake, damage: object) -> None:
    (file,) = lake.day_files(EVENT_DATA, DAYS[1])
    assert callable(damage)
    damage(file)
    found = read_all_days(lake, EVENT_DATA, ["event"])
    assert sorted(set(found.rows["day"].to_pylist())) == [DAYS[0], DAYS[2]]
    assert list(found.left_out) == [DAYS[1]]
    assert found.left_out[DAYS[1]]


def test_a_folder_that_is_no_day_is_named(lake: Lake) -> None:
    (file,) = lake.day_files(EVENT_DATA, DAYS[0])
    odd = file.parent.with_name("day=2026-02-30")
    odd.mkdir()
    (odd / file.name).write_bytes(file.read_bytes())
    assert "YYYY-MM-DD" in read_all_days(lake, EVENT_DATA, ["event"]).left_out["2026-02-30"]


def test_a_day_that_the_caller_refuses_is_left_out(lake: Lake) -> None:
    def check(rows: pa.Table) -> None:
        if rows.num_rows == 2:
            msg = "two are too many"
            raise HistoryError(msg)

    found = read_all_days(lake, EVENT_DATA, ["event"], check)
    assert found.left_out == {DAYS[1]: "HistoryError: two are too many"}
    assert found.rows.num_rows == 4
