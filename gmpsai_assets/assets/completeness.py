"""The asset completeness: for each device of a day what was expected, what came, and what is missing, why."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.assets.presentation import (
    numbers,
    picture,
    publish_rows,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.fetch.publishing import read_pull_log
from gmpsai_assets.lake.parameter_days import files_of, parameter_days
from gmpsai_assets.lake.schemas import COMPLETENESS, PARAMETER_DATA
from gmpsai_assets.lake.tables import rows_table
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.deadlines import deadlines
from gmpsai_assets.quality.pictures import gap_picture
from gmpsai_assets.quality.rules import shortcoming
from gmpsai_assets.resources.stores import LakeResource

SUMMED = (
    "expected",
    "received",
    "missing",
    "gap_count",
    "duplicates",
    "out_of_order",
    "not_a_number",
)
SHOWN = (
    "parameter",
    "node",
    "state",
    "lacks",
    *SUMMED,
    "longest_gap_seconds",
    "obtainable_until",
    "tier_seconds",
    "first_sample",
    "last_sample",
)
SHOWN_GAPS = 200
"""The longest gaps shown in the UI; the table holds all."""


@table_asset(
    COMPLETENESS,
    deps=[parameter_data],
    kinds={"arrow", "parquet"},
    description=(
        "The completeness ledger: one row per device with the ticks of the line-locked clock, the samples that came, "
        "and each gap with its cause and scope. What is missing is recorded here and filled in nowhere."
    ),
)
def completeness(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Count the published day."""
    day = context.partition_key
    window = day_window(day)
    with explained(day):
        store = lake.open()
        effort = read_pull_log(store.pull_log_file(PARAMETER_DATA, day))
        parameters = list(parameter_days(store, day))
        ledger = day_ledger(parameters, window, effort)
        rows = rows_table(COMPLETENESS, ledger)
        publish_rows(store, COMPLETENESS, day, rows, files_of(parameters))
    return dg.MaterializeResult(metadata=_metadata(context, rows.to_pylist(), window))


def _metadata(
    context: dg.AssetExecutionContext, ledger: Sequence[Mapping[str, Any]], window: Window
) -> dict[str, dg.MetadataValue]:
    expected = _sum(ledger, "expected")
    received = sum(row["received"] for row in ledger if row["expected"] is not None)
    gaps = _gaps(ledger)
    ahead = deadlines(ledger, utc_now())
    long = [gap for gap in gaps if gap["missing"] > 1]
    shown = {"gaps": table_value(gaps[:SHOWN_GAPS], tuple(gaps[0]))} if gaps else {}
    if long:
        day = context.partition_key
        title = f"{day}: where samples are missing"
        shown["timeline"] = picture(
            context, lambda: gap_picture(long, window, title), f"gaps of {day}"
        )
    return {
        **row_count(len(ledger)),
        **numbers(
            expected=expected,
            received=received,
            missing=_sum(ledger, "missing"),
            completeness=received / expected if expected else None,
            gaps=_sum(ledger, "gap_count"),
            longest_gap_seconds=max((r["longest_gap_seconds"] or 0.0 for r in ledger), default=0.0),
            devices_of_unknown_rate=sum(row["expected"] is None for row in ledger),
            devices_partial=sum(row["state"] == "partial" for row in ledger),
            devices_without_data=sum(row["received"] == 0 for row in ledger),
            devices_at_a_slower_tier=sum(_slower(row) for row in ledger),
            obtainable=ahead.obtainable,
            hours_left=ahead.hours_left,
            line_offset_mhz=ledger[0]["line_offset_mhz"] if ledger else None,
            line_readings_left_out=ledger[0]["line_readings_left_out"] if ledger else None,
        ),
        "devices": _device_table(ledger),
        **shown,
    }


def _device_table(ledger: Sequence[Mapping[str, Any]]) -> dg.MetadataValue:
    """Devices that lack something first, those that lack most at the top, then the others; totals at the end."""
    rows = [{**row, "lacks": shortcoming(row)} for row in ledger]
    rows.sort(key=lambda row: (not row["lacks"], -(row["missing"] or 0)))
    total = {name: _sum(ledger, name) for name in SUMMED}
    return table_value([*rows, {"parameter": "all", **total}], SHOWN)


def _gaps(ledger: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All gaps with their device, the longest first."""
    gaps = [{"parameter": row["parameter"], **gap} for row in ledger for gap in row["gaps"]]
    return sorted(gaps, key=lambda gap: -gap["seconds"])


def _sum(ledger: Sequence[Mapping[str, Any]], column: str) -> int:
    """Over the devices for which it is known."""
    return sum(row[column] or 0 for row in ledger)


def _slower(row: Mapping[str, Any]) -> bool:
    return any(gap["cause"] == "slower tier" for gap in row["gaps"])
