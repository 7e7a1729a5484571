"""A data folder that is full or cannot be written: a clear error, and the last good day stays."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList, read_parameter_lists
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.publication import DayNotStoredError
from gmpsai_assets_tests.mounts import mounted_for_test, remounted

DAY = "2026-03-10"
ONE_DEVICE_AND_ITS_FILE = "size=28m"
"""Room for the draft of one device (21 MB) and its file, and for no second draft."""
Lists = Callable[..., tuple[ParameterList, ...]]
pytestmark = pytest.mark.mounts


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, too small for the day of two devices."""
    place = tmp_path / "disk"
    place.mkdir()
    with mounted_for_test(place, ONE_DEVICE_AND_ITS_FILE):
        yield place


def _two(tmp_path: Path) -> tuple[ParameterList, ...]:
    (tmp_path / "lists" / "List0.txt").write_text("B:VIMIN\nB:VIMAX\n")
    return read_parameter_lists(tmp_path / "lists")


def test_a_full_disk_is_named_and_the_last_good_day_stays(
    datalogger: DataLogger, small_disk: Path, lists: Lists, tmp_path: Path
) -> None:
    lake = Lake(small_disk / "data")
    (file,) = pull_parameters(
        datalogger, lake, DAY, lists("B:VIMIN"), FetchOptions(connections=1)
    ).files
    good = file.read_bytes()
    with pytest.raises(DayNotStoredError, match=r"parameter_data of 2026-03-10.*no space") as full:
        pull_parameters(datalogger, lake, DAY, _two(tmp_path), FetchOptions(connections=2))
    for words in (str(lake.root), "is intact", "Make room", "materialise the day again"):
        assert words in str(full.value)
    assert file.read_bytes() == good
    assert list(lake.drafts.glob("publication-*")) == []
    assert list(lake.drafts.rglob(".*")) == []


def test_after_room_was_made_the_pull_goes_on_with_what_it_has(
    datalogger: DataLogger, small_disk: Path, lists: Lists, tmp_path: Path
) -> None:
    lake = Lake(small_disk / "data")
    lists("B:VIMIN")
    with pytest.raises(DayNotStoredError):
        pull_parameters(datalogger, lake, DAY, _two(tmp_path), FetchOptions(connections=1))
    assert len(list(lake.drafts.rglob("*.arrow"))) == 1
    remounted(small_disk, "size=100m")
    pull = pull_parameters(datalogger, lake, DAY, _two(tmp_path), FetchOptions(connections=1))
    assert [outcome.rows > 1_290_000 for outcome in pull.outcomes["MLrn"]] == [True, True]
    assert [each.what for each in pull.publication] == ["published"]


def test_a_folder_that_cannot_be_written_is_named_and_the_last_good_day_stays(
    datalogger: DataLogger, small_disk: Path, lists: Lists
) -> None:
    lake = Lake(small_disk / "data")
    one = lists("B:VIMIN")
    (file,) = pull_parameters(datalogger, lake, DAY, one, FetchOptions(connections=1)).files
    good = file.read_bytes()
    remounted(small_disk, "ro")
    with pytest.raises(DayNotStoredError, match=r"cannot be written.*Make the folder writable"):
        pull_parameters(datalogger, lake, DAY, one, FetchOptions(connections=1))
    assert file.read_bytes() == good
    assert lake.parameter_rows("B:VIMIN", DAY).num_rows > 1_290_000
