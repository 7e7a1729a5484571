"""The asset supercycle_timeline: the supercycles of a day and the timelines that they played."""

from typing import Any

import dagster as dg
import pyarrow as pa

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.tclk import event_label, event_meaning
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.presentation import (
    numbers,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.assets.sources import timeline_generator
from gmpsai_assets.lake.schemas import RECIPES, SUPERCYCLES
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets.timeline.day import CompactedDay, DayOfSupercycles, compact_day
from gmpsai_assets.timeline.gaps import TimelineGap

_SHOWN_GAPS = 200
_PREVIEWED = 20


@table_asset(
    SUPERCYCLES,
    RECIPES,
    deps=[timeline_generator, event_data],
    kinds={"parquet"},
    description=(
        "The supercycles that began on the day, and the timelines that they played. The generator knows only the "
        "present timeline, so `gmpsai timeline-logger` captures each one while it plays; this asset compacts its "
        "captures. Supercycles that it missed are known by their $00 alone: their `source` is `tclk`, and they have "
        "no recipe. One that runs over midnight belongs to the day it began in."
    ),
)
def supercycle_timeline(
    context: dg.AssetExecutionContext, lake: LakeResource
) -> dg.MaterializeResult:
    """Compact the captures of the day; again and again with the same result."""
    day = context.partition_key
    with explained(day):
        store = lake.open()
        compacted = compact_day(store, day)
    for lost in compacted.lost_recipes:
        context.log.warning(lost)
    return dg.MaterializeResult(metadata=_metadata(compacted))


def _metadata(compacted: CompactedDay) -> dict[str, dg.MetadataValue]:
    found = compacted.found
    return {
        **row_count(found.supercycles.num_rows),
        **numbers(
            captured=found.captured,
            from_tclk=found.from_tclk,
            expected_supercycles=found.expected,
            coverage=found.coverage,
            gaps=len(found.gaps),
            missed_supercycles=sum(gap.missed for gap in found.gaps),
            recipes=len(compacted.recipes["recipe_id"].unique()),
            entries=compacted.recipes.num_rows,
            lost_recipes=len(compacted.lost_recipes),
            clock_offset_ms=None
            if found.clock_offset_seconds is None
            else found.clock_offset_seconds * 1e3,
            **_supercycle_numbers(compacted),
        ),
        "captures": dg.MetadataValue.text(_origins(found)),
        "preview": table_value(
            found.supercycles.slice(0, _PREVIEWED).to_pylist(), SUPERCYCLES.schema.names
        ),
        "gaps in the captures": table_value(
            map(_gap, found.gaps[:_SHOWN_GAPS]),
            ("start", "end", "missed", "starts known by $00", "reason"),
        ),
        "recipes played": table_value(
            _played(compacted), ("recipe", "supercycles", "length (s)", "first start", "last start")
        ),
        "planned events": table_value(
            _planned(compacted),
            ("recipe", "event", "entries", "first offset (s)", "machine", "meaning"),
        ),
    }


def _origins(found: DayOfSupercycles) -> str:
    """Who captured how many supercycles of the day."""
    counts = sorted(found.origins.items(), key=lambda each: -each[1])
    return ", ".join(f"{count:,} by {origin}" for origin, count in counts) or "none"


def _supercycle_numbers(compacted: CompactedDay) -> dict[str, float | None]:
    (row,) = _asked(
        "select median(length_seconds), median(start_uncertainty_seconds) * 1e3, "
        "max(start_uncertainty_seconds) * 1e3 from supercycles",
        supercycles=compacted.found.supercycles,
    )
    names = ("length_seconds", "start_uncertainty_ms", "largest_start_uncertainty_ms")
    return dict(zip(names, row, strict=True))


def _asked(question: str, **tables: pa.Table) -> list[tuple[Any, ...]]:
    """The rows that answer a question in SQL about some tables."""
    # Imported here: a pull loads this module too, and would carry the library through its peak of memory.
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(question).fetchall()


def _gap(gap: TimelineGap) -> dict[str, object]:
    return {
        "start": from_microseconds(gap.start),
        "end": from_microseconds(gap.end),
        "missed": gap.missed,
        "starts known by $00": gap.known_starts,
        "reason": gap.reason,
    }


def _played(compacted: CompactedDay) -> list[dict[str, object]]:
    rows = _asked(
        "select recipe_id, count(*), length_seconds, "
        "epoch_us(min(start)), epoch_us(max(start)) from supercycles where recipe_id is not null "
        "group by recipe_id, length_seconds order by min(start)",
        supercycles=compacted.found.supercycles,
    )
    return [
        {
            "recipe": recipe,
            "supercycles": count,
            "length (s)": length,
            "first start": from_microseconds(first),
            "last start": from_microseconds(last),
        }
        for recipe, count, length, first, last in rows
    ]


def _planned(compacted: CompactedDay) -> list[dict[str, object]]:
    rows = _asked(
        "select recipe_id, event, any_value(machine), count(*), min(offset_seconds) from recipes "
        "group by recipe_id, event order by recipe_id, count(*) desc, event",
        recipes=compacted.recipes,
    )
    return [
        {
            "recipe": recipe,
            "event": event_label(event),
            "meaning": event_meaning(event),
            "machine": machine,
            "entries": entries,
            "first offset (s)": offset,
        }
        for recipe, event, machine, entries, offset in rows
    ]
