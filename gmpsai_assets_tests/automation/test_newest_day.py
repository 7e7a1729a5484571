"""The sensor that asks for the newest complete day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from gmpsai_assets.automation.newest_day import missing_assets, request_newest_day
from gmpsai_assets.definitions import defs
from gmpsai_assets.launch.day import materialise

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
DAY = "2026-03-10"
REPOSITORY = defs.get_repository_def()
ASSETS = sorted(defs.resolve_asset_graph().materializable_asset_keys)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def _report(instance: dg.DagsterInstance, key: dg.AssetKey) -> None:
    of_a_day = REPOSITORY.assets_defs_by_key[key].partitions_def is not None
    event = dg.AssetMaterialization(key, partition=DAY if of_a_day else None)
    instance.report_runless_asset_event(event)


def test_a_missing_day_is_asked_for(instance: dg.DagsterInstance) -> None:
    (request,) = request_newest_day(REPOSITORY, instance, NOW).run_requests or ()
    assert request.partition_key == DAY


def test_a_day_that_has_everything_is_left_alone(instance: dg.DagsterInstance) -> None:
    for key in ASSETS:
        _report(instance, key)
    result = request_newest_day(REPOSITORY, instance, NOW)
    assert not result.run_requests
    assert "materialised" in str(result.skip_reason)


@pytest.mark.parametrize("failed", ASSETS, ids=lambda key: key.to_user_string())
def test_whichever_asset_is_missing_is_asked_for_and_no_other(
    failed: dg.AssetKey, instance: dg.DagsterInstance
) -> None:
    for key in ASSETS:
        if key != failed:
            _report(instance, key)
    assert missing_assets(REPOSITORY, instance, DAY) == [failed]
    (request,) = request_newest_day(REPOSITORY, instance, NOW).run_requests or ()
    assert request.asset_selection == [failed]


def test_what_is_missing_after_a_try_that_got_further_is_asked_for_at_once(
    instance: dg.DagsterInstance,
) -> None:
    keys = set()
    for key in ASSETS:
        for request in request_newest_day(REPOSITORY, instance, NOW).run_requests or ():
            keys.add(request.run_key)
        _report(instance, key)
    assert len(keys) == len(ASSETS)
    assert not request_newest_day(REPOSITORY, instance, NOW).run_requests


def test_the_first_day_of_gmpsai_run_is_there_when_the_sensor_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as instance:
        for key in ASSETS:
            _report(instance, key)
    assert materialise(DAY) == 0
    assert "is there already" in capsys.readouterr().out


@pytest.mark.parametrize(("minutes", "newest"), [(14, "2026-03-09"), (16, "2026-03-10")])
def test_a_day_is_asked_for_a_quarter_of_an_hour_after_its_end(
    instance: dg.DagsterInstance, minutes: int, newest: str
) -> None:
    midnight = datetime(2026, 3, 11, 5, 0, tzinfo=UTC)  # at the laboratory, CDT
    now = midnight + timedelta(minutes=minutes)
    (request,) = request_newest_day(REPOSITORY, instance, now).run_requests or ()
    assert request.partition_key == newest


@pytest.mark.parametrize(("hours", "asked"), [(0, 0), (11, 0), (13, 1)])
def test_a_day_that_is_being_made_is_not_asked_for_again_until_its_run_must_be_dead(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, hours: int, asked: int
) -> None:
    # The record of a run carries the real time of its beginning, so the day is one that was over by then.
    begun = datetime.now(UTC)
    monkeypatch.setattr("gmpsai_assets.automation.newest_day.newest_complete_day", lambda _: DAY)
    running = dg.DagsterRun(
        "whole_day", status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": DAY}
    )
    instance.add_run(running)
    result = request_newest_day(REPOSITORY, instance, begun + timedelta(hours=hours))
    assert len(result.run_requests or ()) == asked
    assert ("under way" in str(result.skip_reason)) == (not asked)
