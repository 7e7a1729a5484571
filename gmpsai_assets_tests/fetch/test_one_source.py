"""A lake has one source: another service is not even asked, whatever is pulled."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.assets.device_catalogue import device_catalogue
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.events import pull_events
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.source import (
    AnotherSourceError,
    accept_source,
    known_source,
    source_file,
)
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets_tests.acnet.services import free_port, says, service

DAY = "2026-03-10"
REPEATED_HOUR = "2026-11-01"
OPTIONS = FetchOptions(connections=2)
SLOW = "NuMI2 E:DURL01"
"""Without a rate in its list, so that the service is asked for that first."""

Lists = Callable[..., tuple[ParameterList, ...]]


def _files(lake: Lake) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in lake.root.rglob("*") if path.is_file()}


def test_another_service_is_refused_before_it_is_asked_and_nothing_changes(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    pull_parameters(datalogger, lake, DAY, lists(SLOW), OPTIONS)
    known, before = known_source(lake.root), _files(lake)
    assert known is not None
    assert known.url == datalogger.source
    with service(says(b"1773118800.0 1\n")) as other, AclClient(other.url) as client:
        for day in (DAY, REPEATED_HOUR):
            with pytest.raises(AnotherSourceError, match=datalogger.source):
                pull_parameters(DataLogger(client), lake, day, lists(SLOW), OPTIONS)
            with pytest.raises(AnotherSourceError, match=other.url):
                pull_events(DataLogger(client), lake, day, OPTIONS)
        assert other.targets == []
    assert _files(lake) == before


def test_a_service_that_answered_nothing_is_not_remembered(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    once = RetryPolicy(attempts=1)
    partial = FetchOptions(connections=1, allow_partial=True)
    with AclClient(f"http://127.0.0.1:{free_port()}/acl.pl", retry=once) as client:
        for options in (OPTIONS, partial):
            with pytest.raises(PullFailedError):
                pull_parameters(DataLogger(client), lake, DAY, lists(SLOW), options)
    assert not source_file(lake.root).exists()
    pull_parameters(datalogger, lake, DAY, lists(SLOW), OPTIONS)
    assert source_file(lake.root).exists()


def test_a_source_that_another_pull_has_set_meanwhile_ends_this_one(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    def answer(handler: object) -> None:
        accept_source(lake.root, datalogger.source)
        says(b"1773118800.0 1\n")(handler)  # type: ignore[arg-type]

    with (
        service(answer) as other,
        AclClient(other.url) as client,
        pytest.raises(AnotherSourceError, match="nothing of"),
    ):
        pull_parameters(DataLogger(client), lake, DAY, lists("# rate: 1/60 Hz," + SLOW), OPTIONS)
    assert list(lake.drafts.glob("*/*.arrow")) == []


def test_a_service_that_has_moved_goes_on_once_a_person_says_so(
    laboratory: EmulatorService, datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    accept_source(lake.root, "http://before.test/acl.pl")
    with pytest.raises(AnotherSourceError, match="gmpsai source --accept"):
        pull_parameters(datalogger, lake, DAY, lists(SLOW), OPTIONS)
    accept_source(lake.root, laboratory.url)
    pull_parameters(datalogger, lake, DAY, lists(SLOW), OPTIONS)


def test_the_device_database_of_another_service_is_not_asked_either(tmp_path: Path) -> None:
    accept_source(tmp_path / "data", "http://before.test/acl.pl")
    with service(says(b"DIO_NO_SUCH")) as other:
        run = dg.materialize(
            [device_catalogue],
            resources={
                "datalogger": DataLoggerResource(url=other.url),
                "lake": LakeResource(data_dir=str(tmp_path / "data")),
            },
            raise_on_error=False,
        )
        assert other.targets == []
    (failed,) = [each for each in run.all_events if each.is_step_failure]
    data = failed.step_failure_data.user_failure_data
    assert data is not None
    assert "http://before.test/acl.pl" in str(data.description)
    assert other.url in str(data.description)
