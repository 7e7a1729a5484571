"""The asset supercycle_timeline: the timelines that were captured for a day."""

import dagster as dg
import duckdb

from gmpsai_assets.acnet.tclk import event_label, event_meaning
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.presentation import (
    GROUP,
    OWNERS,
    described,
    numbers,
    row_count,
    static_metadata,
    table_value,
)
from gmpsai_assets.assets.sources import timeline_generator
from gmpsai_assets.lake.catalogue import refresh_catalogue
from gmpsai_assets.lake.schemas import RECIPES, SUPERCYCLES
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.pull.timeline import TimelineCapture, capture_timeline
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.lake import LakeResource


@dg.asset(
    partitions_def=DAILY,
    deps=[timeline_generator],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"parquet"},
    pool="datalogger",
    description=described(
        "The supercycle timelines captured for the day. The generator only knows the present timeline: each "
        "materialisation reads it once and adds it, so a day made afterwards holds a later timeline, and "
        "`captured_at` says when it was read.",
        SUPERCYCLES,
        RECIPES,
    ),
    metadata=static_metadata(SUPERCYCLES),
)
def supercycle_timeline(
    context: dg.AssetExecutionContext, datalogger: DataLoggerResource, lake: LakeResource
) -> dg.MaterializeResult:
    """Read the timeline that is loaded now and add it to the day."""
    day = context.partition_key
    with explained(day), datalogger.open() as source:
        store = lake.open()
        capture = capture_timeline(source, store, day)
        refresh_catalogue(store)
    return dg.MaterializeResult(metadata=_metadata(capture))


def _metadata(capture: TimelineCapture) -> dict[str, dg.MetadataValue]:
    lengths = capture.supercycles["length_seconds"].to_pylist()
    return {
        **row_count(capture.supercycles.num_rows),
        **numbers(
            supercycles=capture.supercycles.num_rows,
            captures_inside=capture.captures_inside,
            recipes=len(capture.recipes["recipe_id"].unique()),
            entries=capture.recipes.num_rows,
            length_seconds=lengths[-1],
        ),
        "planned events": table_value(
            _planned(capture),
            ("recipe", "event", "meaning", "machine", "entries", "first offset s"),
        ),
        "captured": table_value(capture.supercycles.to_pylist(), SUPERCYCLES.schema.names),
    }


def _planned(capture: TimelineCapture) -> list[dict[str, object]]:
    recipes = capture.recipes
    with duckdb.connect() as connection:
        connection.register("recipes", recipes)
        rows = connection.execute(
            "select recipe_id, event, any_value(machine), count(*), min(offset_seconds) from recipes "
            "group by recipe_id, event order by recipe_id, count(*) desc, event"
        ).fetchall()
    return [
        {
            "recipe": recipe,
            "event": event_label(event),
            "meaning": event_meaning(event),
            "machine": machine,
            "entries": entries,
            "first offset s": offset,
        }
        for recipe, event, machine, entries, offset in rows
    ]
