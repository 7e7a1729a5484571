"""The asset parameter_data: a day of all listed devices, as delivered by the DataLogger."""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.outcomes import (
    PullConfig,
    findings_table,
    state_numbers,
    warn_of_unfinished,
)
from gmpsai_assets.assets.presentation import (
    numbers,
    publication_value,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.assets.sources import datalogger
from gmpsai_assets.fetch.device_database import DeviceDescriptions
from gmpsai_assets.fetch.parameters import ParameterPull, pull_parameters
from gmpsai_assets.lake.parquet import first_rows
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource

PREVIEWED_SAMPLES = 3
"""Samples of each device in the preview."""


@table_asset(
    PARAMETER_DATA,
    deps=[datalogger],
    kinds={"parquet"},
    pool="datalogger",
    description=(
        "Every sample of the day for each device of the parameter lists, as delivered: nothing filled in, "
        "nothing resampled. One file per logger node, one row group per parameter."
    ),
)
def parameter_data(
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
        lists = datalogger.lists()
        for duplicate in (each for one in lists for each in one.duplicates):
            context.log.warning(f"parameter list: {duplicate}; it is pulled once")
        pull = pull_parameters(
            source,
            store,
            day,
            lists,
            datalogger.options(
                allow_partial=config.allow_partial, replace_with_less=config.replace_with_less
            ),
        )
    for outcomes in pull.outcomes.values():
        warn_of_unfinished(context, outcomes)
    return dg.MaterializeResult(
        metadata=_metadata(pull, source.source, datalogger.descriptions(store))
    )


def _metadata(
    pull: ParameterPull, source: str, known: DeviceDescriptions
) -> dict[str, dg.MetadataValue]:
    outcomes = [each for node in pull.outcomes.values() for each in node]
    rows = [
        {
            **each.as_metadata(),
            "node": node,
            "megabytes": round(each.bytes_received / 1e6, 3),
            "seconds": round(each.seconds, 2),
            "requests": each.requests,
            "findings": len(each.findings),
        }
        for node, devices in pull.outcomes.items()
        for each in devices
    ]
    columns = ("subject", "node", "state", "rows", "tier_seconds", "findings", "not_a_number")
    effort = ("duplicates", "out_of_order", "megabytes", "seconds", "requests", "remark")
    return {
        **row_count(sum(each.rows for each in outcomes)),
        **numbers(
            parameters=len(outcomes),
            not_a_number=sum(each.not_a_number for each in outcomes),
            duplicates=sum(each.duplicates for each in outcomes),
            out_of_order=sum(each.out_of_order for each in outcomes),
            text_megabytes=sum(each.bytes_received for each in outcomes) / 1e6,
            file_megabytes=sum(file.stat().st_size for file in pull.files) / 1e6,
            hours=day_window(pull.day).hours,
        ),
        **state_numbers(outcomes),
        **findings_table(outcomes),
        "parameters by device": table_value(rows, (*columns, *effort)),
        **_preview(pull.files, known),
        **publication_value(pull.publication),
        "files": dg.MetadataValue.path(str(pull.files[0].parent)),
        "source": dg.MetadataValue.text(source),
    }


def _preview(files: Iterable[Path], known: DeviceDescriptions) -> dict[str, dg.MetadataValue]:
    """The first samples of each device; nothing on a day without any value, which is a fact and no failure."""
    rows = [
        {**row, "unit": known.fact(row["parameter"]).unit}
        for file in files
        for first in first_rows(file, PREVIEWED_SAMPLES)
        for row in first.to_pylist()
    ]
    return {"preview": table_value(rows, ("parameter", "time", "value", "unit"))} if rows else {}
