"""The DataLogger resource: what can be set, what is refused, and what a person is told of a false address."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pydantic import ValidationError

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.outcomes import PullConfig
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.fetch.asking.limits import Asking
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets_tests.acnet.services import says, service

DAY = "2026-03-10"
DEVICE = Parameter("MLrn", "B:VIMIN")


def test_every_setting_says_what_it_is() -> None:
    for name, field in DataLoggerResource.model_fields.items():
        assert field.description, name


def test_the_defaults_of_patience_are_those_of_the_pull() -> None:
    assert DataLoggerResource().asking() == Asking()
    changed = DataLoggerResource(most_requests=7, most_repeats=0).asking()
    assert (changed.most_requests, changed.most_repeats) == (7, 0)


@pytest.mark.parametrize(
    "setting",
    [
        {"max_reply_bytes": 1_000},
        {"attempts": 0},
        {"most_requests": 0},
        {"most_repeats": -1},
        {"max_connections": 0},
        {"smallest_span_seconds": 0.5},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        DataLoggerResource(**setting)


def test_a_reply_above_the_limit_is_abandoned(tmp_path: Path) -> None:
    line = b"1773118800.0 1\n"
    with service(says(line * (1 + (1 << 20) // len(line)))) as running:
        resource = DataLoggerResource(url=running.url, max_reply_bytes=1 << 20)
        with resource.open(Lake(tmp_path)) as source, pytest.raises(errors.ReplyTooLarge):
            source.samples(DEVICE, day_window(DAY))


def test_a_passing_fault_is_asked_about_as_often_as_is_said(tmp_path: Path) -> None:
    with service(says(b"", 503)) as running:
        resource = DataLoggerResource(url=running.url, attempts=1)
        with resource.open(Lake(tmp_path)) as source, pytest.raises(errors.HttpUnavailable):
            source.samples(DEVICE, day_window(DAY))
        assert len(running.targets) == 1


@pytest.mark.parametrize("asset", [parameter_data, event_data])
def test_a_false_address_is_told_in_a_sentence(
    asset: dg.AssetsDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GMPSAI_ACL_URL", "www-ad.fnal.gov/cgi-bin/acl.pl")
    with (
        dg.build_asset_context(partition_key=DAY) as context,
        pytest.raises(dg.Failure, match="GMPSAI_ACL_URL") as caught,
    ):
        asset(
            context,
            PullConfig(),
            DataLoggerResource(),
            LakeResource(data_dir=str(tmp_path)),
        )
    assert "http://host/cgi-bin/acl.pl" in str(caught.value.description)
