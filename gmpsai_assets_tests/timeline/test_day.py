"""Captures become the published day, again and again the same."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window, from_microseconds
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import read_metadata, write_table
from gmpsai_assets.lake.schemas import EVENT_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.day import compact_day
from gmpsai_assets.timeline.records import Captured
from gmpsai_assets_tests.catalogues import refreshed_catalogue
from gmpsai_assets_tests.timeline.simulated import recipe

DAY = "2026-03-10"
WINDOW = day_window(DAY)
STARTS = np.arange(
    WINDOW.start_microseconds - 30_000_000, WINDOW.end_microseconds + 600_000_000, 60_000_000
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with a day of captures, 100 of them missed, in three files of UTC days."""
    files = CaptureFiles(tmp_path)
    for number in (1, 2):
        files.keep_recipe(recipe(number).recipe_id, recipe(number).entries)
    records = [
        Captured(start, 0.001, 60.0, recipe(1 + n % 2).recipe_id, start + 400_000, 5)
        for n, start in enumerate(STARTS.tolist())
        if not 300 <= n < 400
    ]
    days = {from_microseconds(each.captured_at).date() for each in records}
    for day in sorted(days):
        of_day = [each for each in records if from_microseconds(each.captured_at).date() == day]
        files.append(of_day, of_day[0].captured_at)
    return Lake(tmp_path)


def publish_resets(lake: Lake, times: np.ndarray) -> None:
    """Publish a day of event_data that holds these $00."""
    rows = pa.table(
        [
            pa.array(np.zeros(times.size, "u1")),
            pa.array(times).cast(TIME_TYPE),
            pa.array(np.zeros(times.size)),
        ],
        schema=EVENT_DATA.schema,
    )
    with lake.publication(EVENT_DATA, DAY) as publication:
        write_table(publication.file("events.parquet"), EVENT_DATA, rows, {"day": DAY})


def test_the_day_is_published_with_both_tables(lake: Lake) -> None:
    compacted = compact_day(lake, DAY)
    assert compacted.found.captured == 1340
    assert compacted.found.expected == 1440
    supercycles = lake.read_day(SUPERCYCLES, DAY)
    assert supercycles.num_rows == 1340
    assert supercycles.schema.names == SUPERCYCLES.schema.names
    identities = set(lake.read_day(RECIPES, DAY)["recipe_id"].to_pylist())
    assert identities == set(supercycles["recipe_id"].to_pylist())
    metadata = read_metadata(compacted.files[0])
    assert (metadata["captured"], metadata["expected"]) == (1340, 1440)
    refreshed_catalogue(lake)


def test_compacted_again_the_files_are_the_same_byte_for_byte(lake: Lake) -> None:
    first = [path.read_bytes() for path in compact_day(lake, DAY).files]
    assert [path.read_bytes() for path in compact_day(lake, DAY).files] == first


def test_what_was_published_stays_as_a_revision_when_captures_are_lost(lake: Lake) -> None:
    before = compact_day(lake, DAY).files[0].read_bytes()
    for path in (lake.root / "timeline_captures").glob("*.jsonl"):
        path.unlink()
    assert compact_day(lake, DAY).found.captured == 0
    (kept,) = lake.revisions(SUPERCYCLES, DAY, "supercycles.parquet")
    assert kept.file.read_bytes() == before


def test_the_events_of_the_day_fill_what_was_missed(lake: Lake) -> None:
    publish_resets(lake, STARTS[1:1441] + 500)
    compacted = compact_day(lake, DAY)
    assert (compacted.found.captured, compacted.found.from_tclk) == (1340, 100)
    assert compacted.found.clock_offset_seconds == pytest.approx(-0.0005)
    rows = lake.read_day(SUPERCYCLES, DAY)
    assert rows.num_rows == 1440
    assert rows["recipe_id"].null_count == 100


def test_a_day_without_captures_has_its_starts_from_the_events_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish_resets(lake, STARTS[1:1441])
    compacted = compact_day(lake, DAY)
    assert (compacted.found.captured, compacted.found.from_tclk) == (0, 1440)
    assert lake.read_day(RECIPES, DAY).num_rows == 0


def test_a_lost_recipe_is_named_and_the_rest_is_published(lake: Lake) -> None:
    (lake.root / "timeline_captures" / "recipes" / f"{recipe(1).recipe_id}.json").unlink()
    compacted = compact_day(lake, DAY)
    (lost,) = compacted.lost_recipes
    assert recipe(1).recipe_id in lost
    assert lake.read_day(SUPERCYCLES, DAY).num_rows == 1340
    assert set(lake.read_day(RECIPES, DAY)["recipe_id"].to_pylist()) == {recipe(2).recipe_id}
