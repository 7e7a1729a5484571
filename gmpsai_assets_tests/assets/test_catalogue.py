"""The asset catalogue in the UI: what it read and what it left out."""

from pathlib import Path

import dagster as dg

from gmpsai_assets.assets.catalogue import catalogue
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets_tests.tables import publish_ticks

DAY = "2026-03-10"


def test_a_damaged_file_is_named_and_the_run_succeeds(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for day in (DAY, "2026-03-11"):
        publish_ticks(lake, day, 3)
    (file,) = lake.day_files(EVENT_DATA, DAY)
    file.write_bytes(b"damaged")
    result = dg.materialize(
        [catalogue], partition_key=DAY, resources={"lake": LakeResource(data_dir=str(tmp_path))}
    )
    (made,) = result.asset_materializations_for_node("catalogue")
    assert made.metadata["files"].value == 1
    assert made.metadata["files_left_out"].value == 1
    shown = made.metadata["unreadable files"]
    assert isinstance(shown, dg.TableMetadataValue)
    assert [each.data["file"] for each in shown.records] == [f"event_data/day={DAY}/events.parquet"]
