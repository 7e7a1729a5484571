"""What a pull never does: ask for a change, follow to another host, read without limit, or show a password."""

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets_tests.acnet.services import redirects, says, service

DAY = "2026-03-10"
USER, PASSWORD = "operator", "s3cret-Pass"
QUICK = RetryPolicy(attempts=2, first_delay=0.001, longest_delay=0.001)

Lists = Callable[..., tuple[ParameterList, ...]]


def _with_login(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{USER}:{PASSWORD}@{parts.netloc}").geturl()


def _pull_error(url: str, lake: Lake, lists: tuple[ParameterList, ...], **client: Any) -> str:
    with AclClient(url, retry=QUICK, **client) as opened, pytest.raises(PullFailedError) as failed:
        pull_parameters(DataLogger(opened), lake, DAY, lists, FetchOptions(connections=2))
    assert lake.published_days(PARAMETER_DATA) == []
    return str(failed.value)


def test_a_redirect_to_another_host_is_refused_and_nobody_there_is_asked(
    lake: Lake, lists: Lists
) -> None:
    with service(says(b"1773118800.0 1\n")) as other, service(redirects(other.url)) as first:
        other_name = other.url.replace("127.0.0.1", "localhost")
        first.answers[:] = [redirects(other_name)]
        message = _pull_error(first.url, lake, lists("B:VIMIN"))
        assert "B:VIMIN (refused)" in message
        assert other.targets == []
        assert len(first.targets) == 1


def test_a_reply_without_end_is_abandoned_and_its_device_named(
    laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    message = _pull_error(laboratory.url, lake, lists("B:VIMIN"), max_reply_bytes=100_000)
    assert "B:VIMIN (refused)" in message
    assert "longer than 100000 bytes" in message


def test_a_password_is_neither_in_errors_nor_in_logs(
    laboratory: EmulatorService, lake: Lake, lists: Lists, caplog: pytest.LogCaptureFixture
) -> None:
    laboratory.set_faults("http-503,device=B:VIMIN", "http-403,device=B:VIMAX")
    with caplog.at_level(logging.DEBUG):
        message = _pull_error(_with_login(laboratory.url), lake, lists("B:VIMIN,B:VIMAX"))
    assert "B:VIMIN (failed)" in message
    assert "B:VIMAX (refused)" in message
    assert "attempt 1 of 2 failed" in caplog.text
    for text in (message, caplog.text):
        assert PASSWORD not in text
        assert f"{USER}:" not in text


def test_a_password_is_neither_in_files_nor_in_drafts(
    laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("http-403,device=B:VIMAX")
    two = lists("# rate: 1/60 Hz,NuMI2 E:DURL01", "MLrn B:VIMAX")
    _pull_error(_with_login(laboratory.url), lake, two)
    drafts = [path for path in lake.drafts.rglob("*") if path.is_file()]
    assert drafts
    laboratory.set_faults()
    with AclClient(_with_login(laboratory.url), retry=QUICK) as client:
        pull = pull_parameters(DataLogger(client), lake, DAY, two, FetchOptions(connections=1))
    for file in pull.files:
        assert read_metadata(file)["source"] == laboratory.url
        assert PASSWORD not in json.dumps(read_metadata(file))
    everything = [path for path in lake.drafts.parent.rglob("*") if path.is_file()]
    for path in [*drafts, *everything]:
        assert not path.exists() or PASSWORD.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    "device", ["B:VIMIN;set+B_VIMIN+9", "B:VIMIN B:VIMAX", "B:VIMIN/setting=1", "B:VIMIN\n", ""]
)
def test_nothing_but_a_device_name_reaches_the_service(
    laboratory: EmulatorService, datalogger: DataLogger, lake: Lake, device: str
) -> None:
    before = len(laboratory.requests)
    foreign = ParameterList("List", (Parameter("MLrn", device),), (), "0", 15.0)
    with pytest.raises(ValueError, match="device name"):
        pull_parameters(datalogger, lake, DAY, (foreign,), FetchOptions(connections=1))
    assert len(laboratory.requests) == before


def test_a_pull_asks_for_samples_and_nothing_else(
    laboratory: EmulatorService, datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("http-502,first=3", "gap,skip=3,first=1")
    before = len(laboratory.requests)
    pull_parameters(
        datalogger, lake, DAY, lists("# rate: 1/60 Hz,NuMI2 E:DURL01"), FetchOptions(connections=1)
    )
    asked = laboratory.requests[before:]
    assert len(asked) > 3
    assert {record.verb for record in asked} == {"logger_get"}
    assert not any(record.refused for record in asked)
