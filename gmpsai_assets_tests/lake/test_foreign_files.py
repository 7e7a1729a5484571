"""What other systems, programs and people leave in the folders of the lake is never taken for data."""

import shutil
from pathlib import Path

import duckdb
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.assets.catalogue import make_catalogue
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets_tests.tables import publish_parameters, sample_rows

DAYS = ("2026-03-10", "2026-03-11")
LEFT_BEHIND = (
    "._MLrn.parquet",
    ".MLrn.parquet",
    ".nfs0000000000000001.parquet",
    ".DS_Store",
    "Thumbs.db",
    "lost+found",
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two days, and in the first all that may lie about."""
    lake = Lake(tmp_path)
    for day in DAYS:
        publish_parameters(lake, day, {"B:VIMIN": sample_rows(day_window(day), 3)})
    folder = lake.day_folder(PARAMETER_DATA, DAYS[0])
    for place in (folder, folder.parent, lake.root, lake.drafts):
        for name in LEFT_BEHIND:
            (place / name).write_bytes(b"\0\5\26\7")
    shutil.copytree(folder, folder.with_name(f"{folder.name}.bak"))
    shutil.copytree(folder, folder.with_name(f"Copy of {folder.name}"))
    folder.with_name("day=2026-03-12").write_text("a file")
    return lake


def test_only_days_are_listed_and_only_their_files(lake: Lake) -> None:
    assert lake.published_days(PARAMETER_DATA) == list(DAYS)
    assert [path.name for path in lake.day_files(PARAMETER_DATA, DAYS[0])] == ["MLrn.parquet"]
    assert lake.parameter_rows("B:VIMIN", DAYS[0]).num_rows == 3
    assert lake.read_day(PARAMETER_DATA, DAYS[0]).num_rows == 3


def test_a_day_with_nothing_but_hidden_files_is_not_published(lake: Lake) -> None:
    (lake.day_folder(PARAMETER_DATA, DAYS[0]) / "MLrn.parquet").unlink()
    assert lake.published_days(PARAMETER_DATA) == [DAYS[1]]


def test_the_day_is_published_again_and_no_hidden_file_becomes_a_revision(lake: Lake) -> None:
    rows = sample_rows(day_window(DAYS[0]), 5)
    with lake.publication(PARAMETER_DATA, DAYS[0], keep_revisions=True):
        pass
    publish_parameters(lake, DAYS[0], {"B:VIMIN": rows})
    assert lake.parameter_rows("B:VIMIN", DAYS[0]).num_rows == 5
    kept = lake.revisions_folder(PARAMETER_DATA, DAYS[0])
    assert sorted(path.name for path in kept.iterdir()) == ["MLrn.r1.json", "MLrn.r1.parquet"]


@pytest.mark.parametrize("damaged", [False, True], ids=["all whole", "another day damaged"])
def test_the_views_see_only_days(lake: Lake, damaged: bool) -> None:
    if damaged:
        (lake.day_folder(PARAMETER_DATA, DAYS[1]) / "MLrn.parquet").write_bytes(b"")
    path = make_catalogue(lake).path
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.sql("select day::varchar, count(*) from parameter_data group by 1")
        counts = sorted(found.fetchall())
    assert counts == [(day, 3) for day in (DAYS[:1] if damaged else DAYS)]
