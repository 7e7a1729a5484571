"""The asset catalogue: the DuckDB file of views over all published days, made anew at the end of each day."""

import dagster as dg
import pyarrow as pa

from gmpsai_assets.assets.completeness import completeness
from gmpsai_assets.assets.cycles import cycles
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.assets.presentation import (
    GROUP,
    OWNERS,
    ShownTable,
    described,
    numbers,
    row_count,
    static_metadata,
    table_value,
)
from gmpsai_assets.assets.supercycle_timeline import supercycle_timeline
from gmpsai_assets.assets.tclk_catalogue import tclk_catalogue
from gmpsai_assets.assets.timeline_reconciliation import timeline_reconciliation
from gmpsai_assets.lake.catalogue import Catalogue, write_catalogue
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.lake.tables import column
from gmpsai_assets.machine_time.tables import MACHINE_TIME_TABLES
from gmpsai_assets.machine_time.views import EVENT_MACROS, machine_time_views, name_columns
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.resources.stores import LakeResource

VIEWS = ShownTable(
    "views",
    "gmpsai.duckdb",
    pa.schema(
        [
            column("view", pa.string(), "view of a daily table"),
            column("days", pa.int64(), "days that it shows"),
            column("files", pa.int64(), "files that it reads"),
            column("left_out", pa.int64(), "files that cannot be read"),
            column("parameters", pa.int64(), "columns that are parameters, of all days together"),
        ]
    ),
)


@dg.asset(
    partitions_def=DAILY,
    deps=[
        parameter_data,
        event_data,
        supercycle_timeline,
        file_statistics,
        completeness,
        timeline_reconciliation,
        cycles,
        tclk_catalogue,
    ],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"duckdb"},
    description=described(
        "`gmpsai.duckdb`: a view for each table over all its published days, with the local day and the names of "
        "TCLK events, and the views in machine time. It holds no data and is replaced whole, so no reader waits. A "
        "file that cannot be read is left out and named in `unreadable files`, here and as the view "
        "`unreadable_files`; all others stay readable. Days that were looked at before are not opened again.",
        VIEWS,
    ),
    metadata=static_metadata(VIEWS),
)
def catalogue(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Make the views anew."""
    with explained(context.partition_key):
        made = make_catalogue(lake.open())
    unreadable = made.files.unreadable
    for path, why in unreadable.items():
        context.log.warning(
            "%s is left out of the catalogue: %s. Move it away and materialise its day again",
            path,
            why,
        )
    views = [
        {
            "view": each.table.name,
            "days": len({path.split("/")[1] for path in each.readable}),
            "files": len(each.readable),
            "left_out": len(each.unreadable),
            "parameters": len(each.further),
        }
        for each in made.files.tables
    ]
    files = [{"file": path, "reason": why} for path, why in unreadable.items()]
    readable = sum(len(each.readable) for each in made.files.tables)
    return dg.MaterializeResult(
        metadata={
            **row_count(len(views)),
            **numbers(
                files=readable,
                files_looked_at=made.files.looked_at,
                files_left_out=len(unreadable),
                megabytes=made.path.stat().st_size / 1e6,
            ),
            "preview": table_value(views, VIEWS.schema.names),
            "unreadable files": table_value(files, ("file", "reason")),
            "catalogue": dg.MetadataValue.path(str(made.path)),
        }
    )


def make_catalogue(lake: Lake) -> Catalogue:
    """Write the catalogue of all tables and views of this package; see ``write_catalogue``."""
    return write_catalogue(
        lake,
        (*DAY_TABLES, *MACHINE_TIME_TABLES),
        statements_before=EVENT_MACROS,
        named_columns=name_columns,
        statements_after=machine_time_views(),
    )
