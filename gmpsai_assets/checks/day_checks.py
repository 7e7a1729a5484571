"""The checks of a day, each per partition: they give a verdict and never drop a sample."""

import dagster as dg

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.analysis.completeness import NOMINAL_TICK_HZ, expected_ticks
from gmpsai_assets.analysis.rules import (
    Verdict,
    samples_match_the_clock,
    ticks_match_the_window,
)
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.presentation import numbers
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.resources.lake import LakeResource

TICK_EVENT = 0x0C


@dg.asset_check(
    asset=file_statistics,
    partitions_def=DAILY,
    description="Each parameter has as many samples as the line-locked clock had ticks, within 0.1 %.",
)
def samples_match_clock(
    context: dg.AssetCheckExecutionContext, lake: LakeResource
) -> dg.AssetCheckResult:
    """Wire ``samples_match_the_clock`` to the day's statistics."""
    rows = lake.open().read_day(FILE_STATISTICS, context.partition_key)
    columns = rows.select(["parameter", "completeness"])
    return _result(samples_match_the_clock(columns.to_pylist()))


@dg.asset_check(
    asset=event_data,
    partitions_def=DAILY,
    description="The 15 Hz event $0C came as often as the clock says, within 0.1 %.",
)
def ticks_match_clock(
    context: dg.AssetCheckExecutionContext, lake: LakeResource
) -> dg.AssetCheckResult:
    """Wire ``ticks_match_the_window`` to the day's $0C events."""
    day = context.partition_key
    ticks = lake.open().event_rows(TICK_EVENT, day).num_rows
    expected = expected_ticks(day_window(day), NOMINAL_TICK_HZ)
    return _result(ticks_match_the_window(ticks, expected))


def _result(verdict: Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=verdict.reason,
        metadata=numbers(**verdict.numbers),
    )
