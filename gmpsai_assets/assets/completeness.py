"""The asset completeness: for each device of a day what was expected, what came, and what is missing, why."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.assets.cells import clock_text, minute_text
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
from gmpsai_assets.quality.rules import not_evaluable, shortcoming
from gmpsai_assets.resources.stores import LakeResource

ADD_UP = ("expected", "received", "missing", "unexplained")
"""expected = received + missing + unexplained, of each device and of all."""
SUMMED = (*ADD_UP, "gap_count", "duplicates", "out_of_order", "numbers", "not_a_number")
# Of a wide table a window of 1,500 px shows about seven columns: the important ones stand first.
SHOWN = (
    "parameter",
    *ADD_UP,
    "state",
    "node",
    "gap_count",
    "longest_gap_seconds",
    "tier_seconds",
    "duplicates",
    "out_of_order",
    "not_a_number",
    "not_a_number_examples",
    "first_sample",
    "last_sample",
)
SHOWN_OF_LACKING = ("parameter", "obtainable_until", "lacks")
SHOWN_OF_A_GAP = (
    "parameter",
    "start",
    "seconds",
    "cause",
    "scope",
    "obtainable_until",
    "missing",
    "asked_again",
    "samples_inside",
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
    totals = _totals(ledger)
    ahead = deadlines(ledger, utc_now())
    return {
        **row_count(len(ledger)),
        **_lacking(ledger),
        **_gaps(context, ledger, window),
        **numbers(
            **{name: totals[name] for name in ADD_UP},
            completeness=totals["received"] / totals["expected"] if totals["expected"] else None,
            gap_count=totals["gap_count"],
            longest_gap_seconds=max((r["longest_gap_seconds"] or 0.0 for r in ledger), default=0.0),
            devices_of_unknown_rate=sum(row["expected"] is None for row in ledger),
            devices_not_evaluable=sum(not_evaluable(row) for row in ledger),
            devices_partial=sum(row["state"] == "partial" for row in ledger),
            devices_without_data=sum(row["received"] == 0 for row in ledger),
            devices_at_slower_tier=sum(_slower(row) for row in ledger),
            obtainable=ahead.obtainable,
            hours_left=ahead.hours_left,
            line_offset_mhz=ledger[0]["line_offset_mhz"] if ledger else None,
            line_readings_left_out=ledger[0]["line_readings_left_out"] if ledger else None,
        ),
        "devices": _device_table(ledger, totals),
    }


def _lacking(ledger: Sequence[Mapping[str, Any]]) -> dict[str, dg.MetadataValue]:
    """What the devices that lack something lack, in words, those that lack most first; nothing if none does."""
    rows = [
        {
            "parameter": row["parameter"],
            "obtainable_until": minute_text(row["obtainable_until"]),
            "lacks": lacks,
        }
        for row in sorted(ledger, key=lambda row: -(row["missing"] or 0))
        if (lacks := shortcoming(row))
    ]
    return {"lacking": table_value(rows, SHOWN_OF_LACKING)} if rows else {}


def _gaps(
    context: dg.AssetExecutionContext, ledger: Sequence[Mapping[str, Any]], window: Window
) -> dict[str, dg.MetadataValue]:
    """The gaps with their device, the longest first, and a picture of those that are more than a lost cycle."""
    gaps = [{"parameter": row["parameter"], **gap} for row in ledger for gap in row["gaps"]]
    if not gaps:
        return {}
    gaps.sort(key=lambda gap: -gap["seconds"])
    rows = [
        {
            **gap,
            "start": clock_text(gap["start"]),
            "obtainable_until": minute_text(gap["obtainable_until"]),
        }
        for gap in gaps[:SHOWN_GAPS]
    ]
    shown = {"gaps": table_value(rows, SHOWN_OF_A_GAP)}
    long = [gap for gap in gaps if gap["missing"] > 1]
    if long:
        day = context.partition_key
        title = f"{day}: where samples are missing"
        shown["timeline"] = picture(
            context, lambda: gap_picture(long, window, title), f"gaps of {day}"
        )
    return shown


def _device_table(
    ledger: Sequence[Mapping[str, Any]], totals: Mapping[str, int]
) -> dg.MetadataValue:
    """Devices that lack something first, those that lack most at the top, then the others; totals at the end."""
    rows = sorted(ledger, key=lambda row: (not shortcoming(row), -(row["missing"] or 0)))
    known = all(row["expected"] is not None for row in ledger)
    name = "all" if known else "all of known rate"
    return table_value([*rows, {"parameter": name, **totals}], SHOWN)


def _totals(ledger: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Sums over the devices whose rate is known: of the others it is not known what was expected."""
    known = [row for row in ledger if row["expected"] is not None]
    return {name: sum(row[name] for row in known) for name in SUMMED}


def _slower(row: Mapping[str, Any]) -> bool:
    return any(gap["cause"] == "slower tier" for gap in row["gaps"])
