"""The asset published_json: the history of all published days as plotly JSON, and the site that shows it."""

import dagster as dg

from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.presentation import GROUP, OWNERS, numbers
from gmpsai_assets.lake.catalogue import read_all_days
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.resources.lake import LakeResource, SiteResource
from gmpsai_assets.site.history import STATISTICS, history_payload
from gmpsai_assets.site.release import HISTORY_FILE, publish_site

COLUMNS = ("parameter", *STATISTICS)


@dg.asset(
    partitions_def=DAILY,
    deps=[file_statistics],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"json", "plotly"},
    pool="site",
    description="The plotly JSON of the plot site: for each parameter the daily maximum, mode ± one standard "
    "deviation, mode and minimum over all published days. The site and its JSON are built as a new release and "
    "swapped in at once. The file keeps its old name, "
    f"`{HISTORY_FILE}`, since other pages load it.",
)
def published_json(
    context: dg.AssetExecutionContext, lake: LakeResource, site: SiteResource
) -> dg.MaterializeResult:
    """Publish all days that have statistics, the day of this partition among them."""
    day = context.partition_key
    with explained(day):
        statistics = read_all_days(lake.open(), FILE_STATISTICS, COLUMNS)
        # The newest day's list gives the order; parameters that only older days have follow.
        newest = statistics["day"][-1].as_py() if statistics.num_rows else day
        order = [
            row["parameter"]
            for row in statistics.select(["day", "parameter"]).to_pylist()
            if row["day"] == newest
        ]
        payload = history_payload(statistics, order)
        release = publish_site(site.path(), payload)
    return dg.MaterializeResult(
        metadata={
            **numbers(
                days=release.days,
                parameters=release.parameters,
                traces=len(payload["data"]),
                json_megabytes=release.history_bytes / 1e6,
            ),
            "first day": dg.MetadataValue.text(release.first_day or ""),
            "last day": dg.MetadataValue.text(release.last_day or ""),
            "site": dg.MetadataValue.path(str(site.path())),
            "sha256": dg.MetadataValue.text(release.history_sha256),
        }
    )
