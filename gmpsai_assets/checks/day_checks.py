"""The checks of a day, each per partition: they give a result and never drop a sample."""

import dagster as dg

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.acnet.tclk import BOOSTER_TICK, NOMINAL_TICK_HZ
from gmpsai_assets.assets.completeness import completeness
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.presentation import numbers
from gmpsai_assets.lake.schemas import COMPLETENESS
from gmpsai_assets.machine_time.line_clock import expected_ticks, line_clock
from gmpsai_assets.partitions import DAILY
from gmpsai_assets.quality import rules
from gmpsai_assets.resources.stores import LakeResource


@dg.asset_check(
    asset=completeness,
    partitions_def=DAILY,
    description="Every device came in numbers, at its own rate, with at most 0.1 % missing and no gap of over 1 s; not "
    "evaluable where the rate of a device is not known.",
)
def day_is_complete(
    context: dg.AssetCheckExecutionContext, lake: LakeResource
) -> dg.AssetCheckResult:
    """Wire the rule of the same name to the day's ledger."""
    rows = lake.open().read_day(COMPLETENESS, context.partition_key)
    return _result(rules.day_is_complete(rows.to_pylist(), utc_now()))


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
    ticks = lake.open().event_rows(BOOSTER_TICK, day).num_rows
    expected = expected_ticks(line_clock(day_window(day)), NOMINAL_TICK_HZ)
    return _result(rules.ticks_match_the_window(ticks, expected))


def _result(found: rules.Result) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=found.passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=found.reason,
        metadata={"result": dg.MetadataValue.text(found.result), **numbers(**found.numbers)},
    )
