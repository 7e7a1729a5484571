"""A replaced file is kept under a number, and a whole file always stands under the final name."""

from pathlib import Path

import pyarrow.dataset as ds

from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.publication import Publication
from gmpsai_assets.lake.revisions import Published, revisions_in
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets_tests.tables import publish_ticks

DAY = "2026-03-10"


def _version(tmp_path: Path, count: int) -> Path:
    lake = Lake(tmp_path / f"version{count}")
    publish_ticks(lake, DAY, count)
    return lake.day_files(EVENT_DATA, DAY)[0]


def _publish(tmp_path: Path, count: int, day: Path, revisions: Path) -> Published:
    file = _version(tmp_path, count)
    (published,) = _publication(file, day, revisions).publish()
    return published


def _publication(file: Path, day: Path, revisions: Path) -> Publication:
    publication = Publication(file.parent, day, revisions)
    publication.file(file.name)
    return publication


def _put(tmp_path: Path, count: int) -> tuple[str, int | None]:
    published = _publish(tmp_path, count, tmp_path / "day", tmp_path / "revisions")
    return published.what, published.revision


def test_each_older_file_has_its_number_and_its_difference(tmp_path: Path) -> None:
    assert _put(tmp_path, 5) == ("published", None)
    older = (tmp_path / "day" / "events.parquet").read_bytes()
    assert _put(tmp_path, 7) == ("replaced", 1)
    assert _put(tmp_path, 6) == ("replaced", 2)
    assert _put(tmp_path, 6) == ("unchanged", None)
    first, second = revisions_in(tmp_path / "revisions", "events.parquet")
    assert (first.number, second.number) == (1, 2)
    assert first.file.read_bytes() == older
    assert first.record["difference"]["added"] == 2
    assert second.record["difference"]["removed"] == 1


def test_more_than_nine_revisions_are_counted_as_numbers(tmp_path: Path) -> None:
    for count in range(1, 13):
        _put(tmp_path, count)
    numbers = [each.number for each in revisions_in(tmp_path / "revisions", "events.parquet")]
    assert numbers == list(range(1, 12))


def test_a_run_killed_between_keeping_and_replacing_leaves_one_revision(tmp_path: Path) -> None:
    _put(tmp_path, 5)
    published = tmp_path / "day" / "events.parquet"
    (tmp_path / "revisions").mkdir()
    (tmp_path / "revisions" / "events.r1.parquet").hardlink_to(published)
    assert _put(tmp_path, 7) == ("replaced", 1)
    (revision,) = revisions_in(tmp_path / "revisions", "events.parquet")
    assert revision.record["difference"]["added"] == 2


def test_programs_that_read_the_whole_table_do_not_meet_revisions(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish_ticks(lake, DAY, 5)
    day, revisions = lake.day_folder(EVENT_DATA, DAY), lake.revisions_folder(EVENT_DATA, DAY)
    _publish(tmp_path / "other", 7, day, revisions)
    assert ds.dataset(lake.root / EVENT_DATA.name, partitioning="hive").count_rows() == 7
    assert len(lake.revisions(EVENT_DATA, DAY, "events.parquet")) == 1
