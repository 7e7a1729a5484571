"""The sensor that asks for the newest complete day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from gmpsai_assets.automation.newest_day import (
    LAST_ASSETS,
    newest_complete_day_sensor,
    request_newest_day,
)
from gmpsai_assets.definitions import defs

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
DAY = "2026-03-10"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def _report(instance: dg.DagsterInstance, key: dg.AssetKey) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=DAY))


def test_a_missing_day_is_asked_for(instance: dg.DagsterInstance) -> None:
    (request,) = request_newest_day(instance, NOW).run_requests or ()
    assert request.partition_key == DAY


def test_a_day_with_both_ends_of_the_lineage_is_left_alone(instance: dg.DagsterInstance) -> None:
    _report(instance, LAST_ASSETS[0])
    assert request_newest_day(instance, NOW).run_requests
    _report(instance, LAST_ASSETS[1])
    result = request_newest_day(instance, NOW)
    assert not result.run_requests
    assert "materialised" in str(result.skip_reason)


def test_a_day_that_is_being_made_is_not_asked_for_again(instance: dg.DagsterInstance) -> None:
    instance.add_run(
        dg.DagsterRun(
            "whole_day",
            status=dg.DagsterRunStatus.STARTED,
            tags={"dagster/partition": DAY},
        )
    )
    assert "under way" in str(request_newest_day(instance, NOW).skip_reason)


def test_a_day_that_fails_is_asked_for_once_an_hour(instance: dg.DagsterInstance) -> None:
    keys = {
        request.run_key
        for minutes in range(180)
        for request in request_newest_day(instance, NOW + timedelta(minutes=minutes)).run_requests
        or ()
    }
    assert len(keys) == 3


def test_the_last_minutes_of_a_day_have_time_to_arrive(instance: dg.DagsterInstance) -> None:
    midnight = datetime(2026, 3, 11, 5, 0, tzinfo=UTC)
    (early,) = request_newest_day(instance, midnight + timedelta(minutes=5)).run_requests or ()
    (later,) = request_newest_day(instance, midnight + timedelta(minutes=20)).run_requests or ()
    assert (early.partition_key, later.partition_key) == ("2026-03-09", DAY)


def test_before_the_first_day_nothing_is_asked_for(instance: dg.DagsterInstance) -> None:
    result = request_newest_day(instance, datetime(2025, 6, 1, 12, tzinfo=UTC))
    assert "GMPSAI_FIRST_DAY" in str(result.skip_reason)


def test_the_sensor_is_on_by_default_and_ticks_in_the_code_location() -> None:
    assert newest_complete_day_sensor.default_status is dg.DefaultSensorStatus.RUNNING
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, definitions=defs)
        data = newest_complete_day_sensor.evaluate_tick(context)
    (request,) = data.run_requests or ()
    assert request.tags["dagster/partition"] == request.partition_key
