"""The asset tclk_catalogue: what each TCLK event stands for, as a table."""

import dagster as dg

from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.presentation import (
    ShownTable,
    numbers,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.assets.sources import tclk
from gmpsai_assets.machine_time.tclk_catalogue import SCHEMA, publish_tclk_catalogue
from gmpsai_assets.machine_time.tclk_catalogue import tclk_catalogue as catalogue_of_events
from gmpsai_assets.resources.stores import LakeResource

TCLK_EVENTS = ShownTable("tclk_events", "tclk_events/tclk_events.parquet", SCHEMA)


@table_asset(
    TCLK_EVENTS,
    partitions_def=None,
    deps=[tclk],
    kinds={"parquet"},
    description=(
        "The TCLK events: code, class, meaning and usual cadence of all 256, documented or not, also as the "
        "DuckDB view `tclk_events`. Not of a day: meanings change with the plans of the laboratory, not overnight."
    ),
)
def tclk_catalogue(lake: LakeResource) -> dg.MaterializeResult:
    """Write the catalogue into the lake."""
    with explained("tclk_catalogue"):
        path = publish_tclk_catalogue(lake.open())
    rows = catalogue_of_events().to_pylist()
    documented = [row for row in rows if row["clock_class"]]
    known = [row for row in rows if row["clock_class"] or row["cadence"]]
    return dg.MaterializeResult(
        metadata={
            **row_count(len(rows)),
            **numbers(events=len(rows), documented=len(documented), known=len(known)),
            "preview": table_value(known, SCHEMA.names),
            "file": dg.MetadataValue.path(str(path)),
        }
    )
