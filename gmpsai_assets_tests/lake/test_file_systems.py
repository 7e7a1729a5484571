"""Folders that lie on several disks, and file systems that lack something: a day is published, or says why before."""

import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import read_rows_of
from gmpsai_assets.lake.publication import DayNotStoredError
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets_tests.lake.test_publication import not_offered
from gmpsai_assets_tests.mounts import bound, mounted, mounted_for_test, remounted
from gmpsai_assets_tests.tables import sample_rows, write_node

DAY = "2026-03-10"
TABLE = PARAMETER_DATA.name


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    (tmp_path / "data").mkdir()
    return Lake(tmp_path / "data")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Another disk."""
    (tmp_path / "disk").mkdir()
    with mounted_for_test(tmp_path / "disk") as disk:
        yield disk


def _publish(lake: Lake, samples: int) -> None:
    with lake.publication(PARAMETER_DATA, DAY, keep_revisions=True) as publication:
        for node, count in (("MLrn", samples), ("NuMI2", 7)):  # of the second node always the same
            rows = sample_rows(day_window(DAY), count)
            write_node(publication.file(f"{node}.parquet"), node, {f"B:{node.upper()}": rows})


def _assert_replaced(lake: Lake) -> None:
    """A day is published, replaced with a revision, and left as it is where nothing is new; nothing is left over."""
    for samples in (1, 2, 2, 3):
        _publish(lake, samples)
        assert lake.parameter_rows("B:MLRN", DAY).num_rows == samples
        assert lake.parameter_rows("B:NuMI2", DAY).num_rows == 7
    kept = lake.revisions(PARAMETER_DATA, DAY, "MLrn.parquet")
    assert [read_rows_of(each.file, "B:MLRN", ["time"]).num_rows for each in kept] == [1, 2]
    assert lake.revisions(PARAMETER_DATA, DAY, "NuMI2.parquet") == []
    assert lake.published_days(PARAMETER_DATA) == [DAY]
    places = (*lake.building_places(PARAMETER_DATA), lake.root / TABLE)
    left = [path.name for place in places for path in place.glob("*") if path.name != "locks"]
    assert [name for name in left if "publication" in name] == []
    assert [path.name for path in (lake.root / TABLE).iterdir()] == [f"day={DAY}"]


@pytest.fixture(params=["in one step", "in two steps"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in two steps":
        monkeypatch.setattr(atomic, "exchange", not_offered)


@pytest.mark.mounts
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", ["drafts", TABLE, "revisions"])
def test_a_folder_that_is_a_link_to_another_disk_works(lake: Lake, disk: Path, name: str) -> None:
    (disk / name).mkdir()
    (lake.root / name).symlink_to(disk / name)
    _assert_replaced(lake)


@pytest.mark.mounts
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", ["drafts", "revisions"])
def test_a_folder_that_is_a_mount_works(lake: Lake, name: str) -> None:
    (lake.root / name).mkdir()
    with mounted(lake.root / name):
        _assert_replaced(lake)


@pytest.mark.mounts
def test_drafts_under_another_mount_of_the_same_disk_work(lake: Lake, tmp_path: Path) -> None:
    """Such a mount has the device number of its disk, and a rename out of it fails all the same."""
    (tmp_path / "elsewhere").mkdir()
    lake.drafts.mkdir()
    with bound(tmp_path / "elsewhere", lake.drafts):
        assert lake.drafts.stat().st_dev == lake.root.stat().st_dev
        _assert_replaced(lake)


def _told_before(lake: Lake, sentence: str) -> None:
    with (
        pytest.raises(DayNotStoredError, match=sentence),
        lake.publication(PARAMETER_DATA, DAY),
    ):
        pytest.fail("it was fetched")


@pytest.mark.mounts
def test_a_table_that_is_itself_a_mount_is_told_before_anything_is_fetched(lake: Lake) -> None:
    table = lake.root / TABLE
    table.mkdir()
    with mounted(table):
        _told_before(
            lake, rf"different file systems at {table} .*make the table's folder a symbolic link"
        )
        assert list(table.iterdir()) == []
    assert [path for path in lake.root.rglob("*publication*")] == []


@pytest.mark.mounts
def test_a_table_on_a_disk_that_cannot_be_written_is_told_before_anything_is_fetched(
    lake: Lake, disk: Path
) -> None:
    (disk / TABLE).mkdir()
    (lake.root / TABLE).symlink_to(disk / TABLE)
    remounted(disk, "ro")
    _told_before(lake, "cannot be written at .*Read-only file system")


def test_drafts_whose_disk_is_not_mounted_are_told_before_anything_is_fetched(lake: Lake) -> None:
    lake.drafts.symlink_to("../not/mounted")
    _told_before(lake, rf"something else is .* at {lake.drafts} .*Mount the disk that a link leads")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told_before_anything_is_fetched(
    lake: Lake, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with (
        pytest.raises(OSError, match=r"cannot be locked: its file system has no file locks"),
        lake.publication(PARAMETER_DATA, DAY),
    ):
        pytest.fail("it was fetched")


def test_what_a_killed_run_left_in_any_place_is_removed_by_the_next_one(lake: Lake) -> None:
    _publish(lake, 1)
    places = lake.building_places(PARAMETER_DATA)
    name = f"publication-{TABLE}-{DAY}-dead"
    for place in places:
        (place / name).mkdir(parents=True)
        (place / name / "MLrn.parquet").write_text("half")
    atomic.trial(lake.root / TABLE, name).mkdir()
    _publish(lake, 2)
    assert [path for path in lake.root.rglob("*publication*")] == []
    assert [path.name for path in (lake.root / TABLE).iterdir()] == [f"day={DAY}"]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_hard_links_works(
    lake: Lake, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", link)
    _assert_replaced(lake)


def test_a_copy_in_place_of_a_link_keeps_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", link)
    (tmp_path / "a").write_text("a")
    os.utime(tmp_path / "a", ns=(1, 2_000_000_001))
    atomic.link_or_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").stat().st_mtime_ns == 2_000_000_001


@pytest.mark.parametrize(
    ("number", "works"),
    [
        (errno.EINVAL, True),
        (errno.EOPNOTSUPP, True),
        (errno.EBADF, True),
        (errno.EIO, False),
    ],
)
def test_a_file_system_whose_directories_cannot_be_synced_works(
    lake: Lake, number: int, works: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").is_dir():
            raise OSError(number, os.strerror(number))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    if works:
        _assert_replaced(lake)
    else:
        with pytest.raises(DayNotStoredError, match="the disk reports an error"):
            _publish(lake, 1)
