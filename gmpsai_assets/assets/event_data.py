"""The asset event_data: a day of all 256 TCLK events."""

import dagster as dg

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.tclk import event_label, event_meaning
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.outcomes import (
    PullConfig,
    findings_table,
    state_numbers,
    warn_of_unfinished,
)
from gmpsai_assets.assets.presentation import (
    numbers,
    picture,
    publication_value,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.assets.sources import tclk
from gmpsai_assets.fetch.events import EVENT_CODES, EventPull, pull_events
from gmpsai_assets.fetch.outcome import FINISHED
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.quality.pictures import event_picture
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource


@table_asset(
    EVENT_DATA,
    deps=[tclk],
    kinds={"parquet"},
    pool="datalogger",
    description=(
        "Every occurrence of every TCLK event of the day. The log writes local time without a zone; which of the two "
        "hours a time belongs to that comes twice in November, follows from the order of the rows."
    ),
)
def event_data(
    context: dg.AssetExecutionContext,
    config: PullConfig,
    datalogger: DataLoggerResource,
    lake: LakeResource,
) -> dg.MaterializeResult:
    """Pull the day and publish it whole, or, if that is allowed, as far as it came."""
    day = context.partition_key
    with explained(day):
        store = lake.open()
    with explained(day), datalogger.open(store) as source:
        pull = pull_events(
            source,
            store,
            day,
            datalogger.options(
                allow_partial=config.allow_partial, replace_with_less=config.replace_with_less
            ),
        )
    warn_of_unfinished(context, pull.outcomes)
    return dg.MaterializeResult(metadata=_metadata(context, store, pull))


def _metadata(
    context: dg.AssetExecutionContext, store: Lake, pull: EventPull
) -> dict[str, dg.MetadataValue]:
    seen = [
        {**outcome.as_metadata(), "meaning": event_meaning(code)}
        for code, outcome in zip(EVENT_CODES, pull.outcomes, strict=True)
        if outcome.rows or outcome.state not in FINISHED
    ]
    seen.sort(key=lambda row: -row["rows"])
    counts = {outcome.subject: outcome.rows for outcome in pull.outcomes}
    return {
        **row_count(sum(counts.values())),
        **numbers(
            distinct_events=sum(rows > 0 for rows in counts.values()),
            ticks_0C=counts["$0C"],
            supercycles_00=counts["$00"],
            duplicates=sum(outcome.duplicates for outcome in pull.outcomes),
            out_of_order=sum(outcome.out_of_order for outcome in pull.outcomes),
            file_megabytes=pull.file.stat().st_size / 1e6,
        ),
        **state_numbers(pull.outcomes),
        **findings_table(pull.outcomes),
        "events": table_value(
            seen, ("subject", "rows", "state", "duplicates", "out_of_order", "meaning", "remark")
        ),
        **_preview(context, store, {name: rows for name, rows in counts.items() if rows}),
        **publication_value([pull.publication]),
        "file": dg.MetadataValue.path(str(pull.file)),
    }


def _preview(
    context: dg.AssetExecutionContext, store: Lake, counts: dict[str, int]
) -> dict[str, dg.MetadataValue]:
    """A picture of the events that came, the most frequent first; nothing on a day without any."""
    if not counts:
        return {}
    codes = {event_label(code): code for code in EVENT_CODES}
    day = context.partition_key

    def draw() -> bytes:
        return event_picture(
            sorted(counts, key=lambda name: (-counts[name], name)),
            lambda name: store.event_rows(codes[name], day)["time"],
            day_window(day),
            f"{day}: occurrences of each event",
        )

    return {"preview": picture(context, draw, f"event_data of {day}")}
