"""The asset catalogue: the DuckDB file of views over all published days, made anew at the end of each day."""

import dagster as dg

from gmpsai_assets.assets.completeness import completeness
from gmpsai_assets.assets.cycles import cycles
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.assets.presentation import GROUP, OWNERS, numbers, row_count, table_value
from gmpsai_assets.assets.supercycle_timeline import supercycle_timeline
from gmpsai_assets.assets.tclk_catalogue import tclk_catalogue
from gmpsai_assets.assets.timeline_reconciliation import timeline_reconciliation
from gmpsai_assets.lake.catalogue import Catalogue, write_catalogue
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.machine_time.tables import MACHINE_TIME_TABLES
from gmpsai_assets.machine_time.views import EVENT_MACROS, machine_time_views, name_columns
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.resources.stores import LakeResource


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
    description=(
        "`gmpsai.duckdb`: a view for each table over all its published days, with the local day and the names of "
        "TCLK events, and the views in machine time. It holds no data and is replaced whole, so no reader waits. A "
        "file that cannot be read is left out and named in `unreadable files`, here and as the view "
        "`unreadable_files`; all others stay readable. Days that were looked at before are not opened again."
    ),
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
    files = [{"file": path, "reason": why} for path, why in unreadable.items()]
    readable = sum(len(each.readable) for each in made.files.tables)
    return dg.MaterializeResult(
        metadata={
            **row_count(readable),
            **numbers(
                files=readable,
                files_looked_at=made.files.looked_at,
                files_left_out=len(unreadable),
                megabytes=made.path.stat().st_size / 1e6,
            ),
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
