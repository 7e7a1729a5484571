"""Without a named service nothing is asked: each program says in a line what to set, and Dagster loads all the same."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from gmpsai_assets import settings
from gmpsai_assets.acnet.addresses import ServiceAddressError
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.outcomes import PullConfig
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.automation.newest_day import newest_complete_day_sensor
from gmpsai_assets.definitions import defs
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.heartbeat import read_heartbeat


@pytest.fixture(params=["", "  ", None])
def no_service(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GMPSAI_ACL_URL", raising=False)
    if request.param is not None:
        monkeypatch.setenv("GMPSAI_ACL_URL", request.param)


@pytest.mark.usefixtures("no_service")
def test_there_is_no_default_service() -> None:
    assert settings.named_acl_url() is None
    with pytest.raises(ServiceAddressError, match=r"set GMPSAI_ACL_URL .* `gmpsai run`"):
        settings.acl_url()


@pytest.mark.usefixtures("no_service")
@pytest.mark.parametrize("asset", [parameter_data, event_data])
def test_a_run_says_what_to_set(asset: dg.AssetsDefinition, tmp_path: Path) -> None:
    lake = LakeResource(data_dir=str(tmp_path))
    with (
        dg.build_asset_context(partition_key="2026-03-10") as context,
        pytest.raises(dg.Failure) as caught,
    ):
        asset(context, PullConfig(), DataLoggerResource(), lake)
    assert "set GMPSAI_ACL_URL" in str(caught.value.description)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_service")
def test_the_sensor_asks_for_nothing_and_says_why() -> None:
    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(
            instance=instance,
            repository_def=defs.get_repository_def(),
            resources={"datalogger": DataLoggerResource()},
        ) as context,
    ):
        result = newest_complete_day_sensor(context)
    assert isinstance(result, dg.SensorResult)
    assert not result.run_requests
    assert "set GMPSAI_ACL_URL" in str(result.skip_reason)


def test_the_timeline_logger_says_it_in_one_line_and_in_its_heartbeat(tmp_path: Path) -> None:
    outside = {k: v for k, v in os.environ.items() if not k.startswith("GMPSAI_")}
    done = subprocess.run(
        [sys.executable, "-m", "gmpsai_assets.cli", "timeline-logger"],
        env={**outside, "GMPSAI_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    (said,) = done.stderr.splitlines()
    assert "set GMPSAI_ACL_URL" in said
    beat = read_heartbeat(CaptureFiles(tmp_path).heartbeat)
    assert beat is not None
    assert "set GMPSAI_ACL_URL" in beat.reason
