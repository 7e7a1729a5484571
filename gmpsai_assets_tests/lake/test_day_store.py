"""The day store: publishing whole or not at all, and reading back."""

from pathlib import Path

import pyarrow.dataset as ds
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets_tests.tables import publish_parameters, publish_ticks, sample_rows

DAY = "2026-03-10"


def test_a_published_parameter_is_read_back_exactly(tmp_path: Path) -> None:
    rows = sample_rows(day_window(DAY), 1000)
    publish_parameters(Lake(tmp_path), DAY, {"B:VIMIN": rows, "B|GMPSSC": rows.slice(0, 10)})
    assert Lake(tmp_path).parameter_rows("B:VIMIN", DAY).equals(rows)
    frame = Lake(tmp_path).parameter("B|GMPSSC", DAY)
    assert list(frame.columns) == ["time", "value"]
    assert str(frame["time"].dtype) == "datetime64[us, UTC]"
    assert len(frame) == 10


def test_a_block_that_raises_publishes_nothing_and_leaves_no_draft(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(RuntimeError, match="stop"), lake.publication(PARAMETER_DATA, DAY) as draft:
        draft.file("MLrn.parquet").write_bytes(b"half")
        raise RuntimeError("stop")
    assert lake.published_days(PARAMETER_DATA) == []
    assert list(lake.drafts.glob("**/*.*")) == []


def test_a_failed_second_publication_leaves_the_first_intact(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish_ticks(lake, DAY, 5)
    with pytest.raises(RuntimeError), lake.publication(EVENT_DATA, DAY) as draft:
        draft.file("events.parquet").write_bytes(b"rubbish")
        raise RuntimeError
    assert lake.event_rows(0x0C, DAY).num_rows == 5


def test_publishing_again_replaces_the_files_of_the_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish_ticks(lake, DAY, 5)
    publish_ticks(lake, DAY, 7)
    assert len(lake.events(0x0C, DAY)) == 7
    assert [file.name for file in lake.day_files(EVENT_DATA, DAY)] == ["events.parquet"]


def test_a_file_that_was_announced_but_not_written_publishes_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(FileNotFoundError), lake.publication(SUPERCYCLES, DAY) as draft:
        draft.file("recipes.parquet").write_bytes(b"r")
        draft.file("supercycles.parquet")
    assert lake.day_files(RECIPES, DAY) == []


def test_missing_days_and_parameters_are_named(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(DayNotPublishedError, match=r"parameter_data of 2026-03-10"):
        lake.parameter("B:VIMIN", DAY)
    with pytest.raises(DayNotPublishedError, match=r"event_data of 2026-03-10"):
        lake.events(0x0C, DAY)
    publish_parameters(lake, DAY, {"B:VIMIN": sample_rows(day_window(DAY), 3)})
    with pytest.raises(DayNotPublishedError, match="B:VIMAX is not recorded on 2026-03-10; near"):
        lake.parameter("B:VIMAX", DAY)


@pytest.mark.parametrize("day", ["2026-3-10", "../elsewhere", "20260310", ""])
def test_a_day_that_is_no_partition_key_is_refused(tmp_path: Path, day: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        Lake(tmp_path).day_folder(PARAMETER_DATA, day)


def test_other_programs_read_the_day_folders(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish_ticks(lake, DAY, 5)
    publish_ticks(lake, "2026-03-11", 6)
    dataset = ds.dataset(tmp_path / "event_data", partitioning="hive")
    assert dataset.count_rows() == 11
    assert lake.published_days(EVENT_DATA) == [DAY, "2026-03-11"]
