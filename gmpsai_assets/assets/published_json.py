"""The asset published_json: the history of all published days as plotly JSON, and the site that shows it."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from gmpsai_assets.assets.device_catalogue import device_catalogue
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.presentation import (
    ShownTable,
    numbers,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.fetch.device_database import DeviceDescriptions
from gmpsai_assets.lake.day_store import DayNotPublishedError
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource, SiteResource
from gmpsai_assets.site import daily_numbers
from gmpsai_assets.site.history import (
    TRACES,
    AllDays,
    HistoryError,
    check_statistics,
    history_payload,
    read_all_days,
)
from gmpsai_assets.site.publishing import only_publisher
from gmpsai_assets.site.release import HISTORY_FILE

COLUMNS = ("parameter", *daily_numbers.COLUMNS)
DATA = ShownTable("data", f"$GMPSAI_SITE_DIR/{HISTORY_FILE}", TRACES)
PREVIEWED = 20


@table_asset(
    DATA,
    deps=[file_statistics, device_catalogue],
    kinds={"json", "plotly"},
    pool="site",
    description=(
        "The plotly JSON of the plot site: for each parameter the daily maximum, mode ± one standard "
        "deviation, mode and minimum over all published days. The site and its JSON are built as a new release and "
        "swapped in at once; its page draws means, from a "
        "file of its own. A day whose statistics cannot be read is left out, with a warning. The file keeps its old "
        f"name, `{HISTORY_FILE}`, since other pages load it."
    ),
)
def published_json(
    context: dg.AssetExecutionContext,
    datalogger: DataLoggerResource,
    lake: LakeResource,
    site: SiteResource,
) -> dg.MaterializeResult:
    """Publish all days that have statistics, the day of this partition among them."""
    day = context.partition_key
    # Read while nobody else publishes: what was read before may be older than what is there by then.
    with explained(day), only_publisher(site.path()) as publisher:
        store = lake.open()
        found = read_all_days(
            store, FILE_STATISTICS, COLUMNS, check_statistics, daily_numbers.YOUNGER
        )
        _require(day, found)
        listed = _newest_order(found.rows)
        payload = history_payload(found.rows, listed)
        known = datalogger.descriptions(store)
        release = publisher.publish(
            payload,
            numbers=daily_numbers.daily_numbers(found.rows, listed),
            facts=known.facts(),
        )
    for left_out, reason in found.left_out.items():
        context.log.warning(f"{left_out} cannot be shown and was left out of the history: {reason}")
    return dg.MaterializeResult(
        metadata={
            **row_count(len(payload["data"])),
            **numbers(
                days=release.days,
                days_left_out=len(found.left_out),
                parameters=release.parameters,
                traces=len(payload["data"]),
                json_megabytes=release.history_bytes / 1e6,
            ),
            **_left_out(found),
            "preview": _preview(payload, known),
            "first day": dg.MetadataValue.text(release.first_day or ""),
            "last day": dg.MetadataValue.text(release.last_day or ""),
            "site": dg.MetadataValue.path(str(site.path())),
            "sha256": dg.MetadataValue.text(release.history_sha256),
        }
    )


def _require(day: str, found: AllDays) -> None:
    """Make sure that the day itself is shown: the others do not make this partition."""
    if day in found.left_out:
        msg = f"its statistics cannot be shown ({found.left_out[day]}); materialise file_statistics of {day} again"
        raise HistoryError(msg)
    if day not in found.rows["day"].to_pylist():
        msg = f"{FILE_STATISTICS.name} of {day} is not published; materialise that day first"
        raise DayNotPublishedError(msg)


def _newest_order(statistics: pa.Table) -> list[str]:
    """The newest day's list gives the order; parameters that only older days have follow."""
    newest = statistics["day"][-1].as_py()
    rows = statistics.select(["day", "parameter"]).to_pylist()
    return [row["parameter"] for row in rows if row["day"] == newest]


def _preview(payload: Mapping[str, Any], known: DeviceDescriptions) -> dg.MetadataValue:
    """The first traces, each with its newest number and the unit of its device."""
    rows = [
        {
            **trace,
            "line": trace["line"]["color"],
            "days": len(trace["x"]),
            "newest": trace["y"][-1],
            "unit": known.fact(trace["name"].partition(" ")[0]).unit,
        }
        for trace in payload["data"][:PREVIEWED]
    ]
    shown = ("name", "days", "newest", "unit", "xaxis", "yaxis", "type", "fill", "line")
    return table_value(rows, shown)


def _left_out(found: AllDays) -> dict[str, dg.MetadataValue]:
    rows = [{"day": day, "reason": reason} for day, reason in found.left_out.items()]
    return {"days left out": table_value(rows, ("day", "reason"))} if rows else {}
