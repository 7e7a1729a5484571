"""A data directory of the older layout is refused, and every other one is not."""

from pathlib import Path

import pytest

from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.layout import OlderLayoutError, refuse_older_layout
from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.machine_time.tables import MACHINE_TIME_TABLES
from gmpsai_assets.resources.stores import LakeResource

DAY = "2026-03-10"


@pytest.mark.parametrize(
    "file",
    [
        "cycles/day=2026-03-10/offsets.parquet",
        "cycles/day=2026-03-10/parameters.parquet",
        "supercycle_timeline/day=2026-03-10/recipes.parquet",
        "timeline_reconciliation/day=2026-03-10/reconciliation.parquet",
    ],
)
def test_the_older_layout_is_refused_with_the_folder_and_the_way_out(
    tmp_path: Path, file: str
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.touch()
    folder = file.partition("/")[0]
    with pytest.raises(OlderLayoutError, match=f"its folder {folder}.*GMPSAI_DATA_DIR") as error:
        LakeResource(data_dir=str(tmp_path)).open()
    assert path.name in str(error.value)
    assert path.exists()


def test_a_new_directory_and_one_of_the_present_layout_are_not(tmp_path: Path) -> None:
    refuse_older_layout(tmp_path / "none")
    refuse_older_layout(tmp_path)
    lake = Lake(tmp_path)
    for table in (*DAY_TABLES, *MACHINE_TIME_TABLES):
        path = lake.day_folder(table, DAY) / table.file_pattern.replace("*", "MLrn")
        path.parent.mkdir(parents=True)
        path.touch()
    refuse_older_layout(tmp_path)
    assert LakeResource(data_dir=str(tmp_path)).open() == lake
