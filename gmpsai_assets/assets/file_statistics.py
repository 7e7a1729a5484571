"""The asset file_statistics: what the values and the intervals of each parameter's day look like in numbers."""

import dagster as dg
import pyarrow as pa

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.assets.cells import percent_text
from gmpsai_assets.assets.device_catalogue import device_catalogue
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.assets.presentation import (
    headings,
    numbers,
    picture,
    publish_rows,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.fetch.device_database import DeviceDescriptions
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import files_of, parameter_days
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.quality.pictures import day_picture
from gmpsai_assets.quality.statistics import day_statistics
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource

PICTURED = ("B:VIMIN", "B:VIMAX", "B:IMINER", "B:LINFRQ", "B:VIPHAS", "I:MXIB")
"""Parameters in the picture: the regulated extremes, their error, the line, the phase and the Main Injector."""

PREVIEWED = (
    "parameter",
    "unit",
    "value_mean",
    "value_std",
    "value_min",
    "value_max",
    "value_mode",
    "completeness",
    "samples",
    "interval_mean",
    "interval_max",
)
"""Columns of the preview; the first ones are those that are seen without scrolling."""


@table_asset(
    FILE_STATISTICS,
    deps=[parameter_data, device_catalogue],
    kinds={"arrow", "parquet"},
    description=(
        "One row per parameter: count, mean, standard deviation, extremes, mode and quantiles of the values and "
        "of the intervals between samples, and how complete the day is against the line-locked clock."
    ),
)
def file_statistics(
    context: dg.AssetExecutionContext, datalogger: DataLoggerResource, lake: LakeResource
) -> dg.MaterializeResult:
    """Compute the statistics of the published day."""
    day = context.partition_key
    with explained(day):
        store = lake.open()
        parameters = list(parameter_days(store, day))
        rows = day_statistics(parameters, day_window(day))
        publish_rows(store, FILE_STATISTICS, day, rows, files_of(parameters))
    known = datalogger.descriptions(store)
    return dg.MaterializeResult(
        metadata={**_metadata(rows, known), **_picture(context, store, rows)}
    )


def _metadata(rows: pa.Table, known: DeviceDescriptions) -> dict[str, dg.MetadataValue]:
    records = rows.to_pylist()
    completeness = [row["completeness"] for row in records if row["completeness"] is not None]
    constant = sum(row["value_min"] == row["value_max"] for row in records if row["numbers"])
    previewed = [
        {
            **row,
            "unit": known.fact(row["parameter"]).unit,
            "completeness": percent_text(row["completeness"]),
        }
        for row in records
    ]
    return {
        **row_count(len(records)),
        **numbers(
            samples=sum(row["samples"] for row in records),
            constant_parameters=constant,
            lowest_completeness=min(completeness, default=None),
            mean_completeness=sum(completeness) / len(completeness) if completeness else None,
            **{
                f"mean {row['parameter']}": row["value_mean"]
                for row in records
                if row["parameter"] in ("B:VIMIN", "B:VIMAX", "B:LINFRQ")
            },
        ),
        "preview": table_value(previewed, headings(FILE_STATISTICS.schema, PREVIEWED)),
    }


def _picture(
    context: dg.AssetExecutionContext, store: Lake, rows: pa.Table
) -> dict[str, dg.MetadataValue]:
    """The day of some parameters, drawn; nothing on a day without any value, which is a fact and no failure."""
    present = [row["parameter"] for row in rows.to_pylist() if row["samples"]]
    if not present:
        return {}
    shown = [name for name in PICTURED if name in present] or present[: len(PICTURED)]
    day = context.partition_key

    def draw() -> bytes:
        return day_picture(
            shown,
            lambda name: store.parameter_rows(name, day),
            day_window(day),
            f"{day}: smallest and largest values",
        )

    return {"picture": picture(context, draw, f"parameter_data of {day}")}
