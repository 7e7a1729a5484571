"""The sensor that asks for the newest complete day when it is missing.

It only looks at the instance's records: a sensor that touched the network or the tape would delay all others.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from gmpsai_assets import settings
from gmpsai_assets.acnet.clock import newest_complete_day
from gmpsai_assets.assets.published_json import published_json
from gmpsai_assets.assets.tape_archive import tape_archive
from gmpsai_assets.automation.jobs import whole_day

LAST_ASSETS = (published_json.key, tape_archive.key)
"""The ends of the lineage: a day that has these has everything."""

SETTLING_TIME = timedelta(minutes=15)
"""The loggers write with a delay, so the day's last minutes are not asked for at once."""

_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.sensor(
    job=whole_day,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for the newest complete day while it is missing, at most once an hour.",
)
def newest_complete_day_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Ask for yesterday unless it is there or under way."""
    return request_newest_day(context.instance, datetime.now(UTC))


def request_newest_day(instance: dg.DagsterInstance, now: datetime) -> dg.SensorResult:
    """Decide whether to ask for a day.

    Args:
        instance: its records say what is materialised and what runs.
        now: the present, aware.
    """
    day = newest_complete_day(now - SETTLING_TIME)
    if day < settings.first_day():
        return dg.SensorResult(skip_reason=f"{day} is before the first day; see GMPSAI_FIRST_DAY")
    if _materialised(instance, day, LAST_ASSETS):
        return dg.SensorResult(skip_reason=f"{day} is materialised")
    if _under_way(instance, day):
        return dg.SensorResult(skip_reason=f"{day} is under way")
    # The hour in the key bounds the tries: a day that fails is asked for again, but never in a tight loop.
    request = dg.RunRequest(run_key=f"{day} at {now:%Y-%m-%dT%H}", partition_key=day)
    return dg.SensorResult(run_requests=[request])


def _materialised(instance: dg.DagsterInstance, day: str, keys: Sequence[dg.AssetKey]) -> bool:
    return all(day in instance.get_materialized_partitions(key) for key in keys)


def _under_way(instance: dg.DagsterInstance, day: str) -> bool:
    wanted = dg.RunsFilter(statuses=_UNDER_WAY, tags={"dagster/partition": day})
    return bool(instance.get_run_records(wanted, limit=1))
