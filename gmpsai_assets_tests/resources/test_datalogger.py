"""The DataLogger resource: what can be set, what is refused, and what a person reads of a false address."""

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
from gmpsai_assets.resources.stores import LakeResource

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
