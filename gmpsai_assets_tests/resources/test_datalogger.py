"""The DataLogger resource: what can be set, what is refused, and what a person reads of a false address."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pydantic import ValidationError

from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.outcomes import PullConfig
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.fetch.options import FetchOptions, RequestLimits
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.secrets import ShownLoginError
from gmpsai_assets.resources.stores import LakeResource, TapeResource

DAY = "2026-03-10"


def test_every_setting_says_what_it_is() -> None:
    for name, field in DataLoggerResource.model_fields.items():
        assert field.description, name


def test_the_options_of_a_pull_are_the_usual_ones_and_those_that_are_set() -> None:
    assert DataLoggerResource().options() == FetchOptions(4)
    limits = RequestLimits(smallest_span_seconds=60, longest_seconds=5)
    resource = DataLoggerResource(max_connections=2, smallest_span_seconds=60, longest_seconds=5)
    options = resource.options(allow_partial=True)
    assert options == FetchOptions(2, limits, allow_partial=True)


@pytest.mark.parametrize(
    "setting",
    [
        {"longest_seconds": 0},
        {"max_connections": 0},
        {"smallest_span_seconds": 0.5},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        DataLoggerResource(**setting)


@pytest.mark.parametrize("asset", [parameter_data, event_data])
def test_a_false_address_is_explained_in_a_sentence(
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


@pytest.mark.parametrize(
    "setting",
    [
        lambda: DataLoggerResource(url="http://reader:sesame@acl.test/acl.pl"),
        lambda: DataLoggerResource(url="http://acl.test/acl.pl?token=sesame"),
        lambda: TapeResource(path="https://reader:sesame@door.test/pnfs"),
    ],
)
def test_a_login_is_refused_where_it_would_be_shown(
    setting: Callable[[], dg.ConfigurableResource],
) -> None:
    with pytest.raises(ShownLoginError, match="put it into GMPSAI_") as caught:
        setting()
    assert "sesame" not in repr(caught.value)
    assert "test/" in str(caught.value)


def test_an_address_without_a_login_is_taken_as_it_is() -> None:
    for url in ("", "http://acl.test/acl.pl", "http://acl.test/acl.pl?acl="):
        assert DataLoggerResource(url=url).url == url
    assert TapeResource(path="/pnfs/a@b?c").path == "/pnfs/a@b?c"


def test_a_login_in_the_config_of_a_run_ends_it_without_repeating_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = dg.materialize(
        [parameter_data],
        resources={
            "datalogger": DataLoggerResource.configure_at_launch(),
            "lake": LakeResource(data_dir=str(tmp_path)),
        },
        run_config={
            "resources": {"datalogger": {"config": {"url": "http://u:sesame@acl.test/acl.pl"}}}
        },
        partition_key=DAY,
        raise_on_error=False,
    )
    assert not done.success
    said = "".join(capfd.readouterr()) + repr(
        [each.event_specific_data for each in done.all_events]
    )
    assert "leave the setting empty" in said
    assert "sesame" not in said
