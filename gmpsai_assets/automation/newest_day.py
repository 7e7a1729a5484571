"""The job of a whole day, and the sensor that asks for the newest complete day when something of it is missing.

Both only look at the instance's records: a sensor that touched the network or the tape would delay all others.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from gmpsai_assets import settings
from gmpsai_assets.acnet.addresses import ServiceAddressError
from gmpsai_assets.acnet.clock import newest_complete_day
from gmpsai_assets.resources.datalogger import DataLoggerResource

WHOLE_DAY = "whole_day"

SETTLING_TIME = timedelta(minutes=15)
"""The loggers write with a delay, so the last minutes of a day are not asked for at once. Chosen: the delay itself is
not documented, and nothing is lost by waiting."""

LONGEST_RUN = timedelta(hours=12)
"""A run that began longer ago was killed without a trace: Dagster goes on to call it started, and a day would wait for
it until the loggers have forgotten. Chosen: far longer than any day takes, far shorter than the loggers remember."""

_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

whole_day = dg.define_asset_job(
    WHOLE_DAY,
    selection=dg.AssetSelection.all(),
    description="One day from end to end: pulled, described, archived and published, with its checks.",
)


@dg.sensor(
    job=whole_day,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for what the newest complete day lacks; for the same assets at most once an hour.",
)
def newest_complete_day_sensor(
    context: dg.SensorEvaluationContext, datalogger: DataLoggerResource
) -> dg.SensorResult:
    """Ask for what yesterday lacks unless it is under way; for nothing as long as no service is named."""
    if context.repository_def is None:
        msg = "the sensor was evaluated outside its code location"
        raise ValueError(msg)
    try:
        datalogger.address()
    except ServiceAddressError as error:
        return dg.SensorResult(skip_reason=str(error))
    return request_newest_day(context.repository_def, context.instance, datetime.now(UTC))


def request_newest_day(
    repository: dg.RepositoryDefinition, instance: dg.DagsterInstance, now: datetime
) -> dg.SensorResult:
    """Decide whether to ask for a day, and for which of its assets.

    Args:
        repository: the assets that a day should have.
        instance: its records say what is materialised and what runs.
        now: the present, aware.
    """
    day = newest_complete_day(now - SETTLING_TIME)
    if day < settings.first_day():
        return dg.SensorResult(skip_reason=f"{day} is before the first day; see GMPSAI_FIRST_DAY")
    missing = missing_assets(repository, instance, day)
    if not missing:
        return dg.SensorResult(skip_reason=f"{day} is materialised")
    if _under_way(instance, day, now):
        return dg.SensorResult(skip_reason=f"{day} is under way")
    # A key is asked for once. The hour in it bounds the tries of what fails for good; the names let what is still
    # missing after a try that got further be asked for at once, and there can be no more of those than assets.
    names = " ".join(key.to_user_string() for key in missing)
    run_key = f"{day} at {now:%Y-%m-%dT%H} lacks {names}"
    request = dg.RunRequest(run_key=run_key, partition_key=day, asset_selection=missing)
    return dg.SensorResult(run_requests=[request])


def missing_assets(
    repository: dg.RepositoryDefinition, instance: dg.DagsterInstance, day: str
) -> list[dg.AssetKey]:
    """The assets that a day lacks: those of a day without this one, and those of no day that were never made.

    Args:
        repository: the assets there are.
        instance: its records say what is materialised; nothing else is looked at.
        day: the partition key.

    Returns:
        Their keys in order of their names.
    """
    return sorted(
        key
        for key, definition in repository.assets_defs_by_key.items()
        if definition.is_materializable
        and not _is_there(instance, key, day if definition.partitions_def else None)
    )


def _is_there(instance: dg.DagsterInstance, key: dg.AssetKey, day: str | None) -> bool:
    if day is None:
        return instance.get_latest_materialization_event(key) is not None
    return day in instance.get_materialized_partitions(key)


def _under_way(instance: dg.DagsterInstance, day: str, now: datetime) -> bool:
    wanted = dg.RunsFilter(
        statuses=_UNDER_WAY,
        tags={"dagster/partition": day},
        created_after=now - LONGEST_RUN,
    )
    return bool(instance.get_run_records(wanted, limit=1))
