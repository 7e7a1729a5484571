"""The asset device_catalogue: devices are described from the device database, and seen so in the UI and on the site."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gmpsai_assets.assets.device_catalogue import device_catalogue
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.assets.published_json import published_json
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource, SiteResource

DAY = "2026-03-10"


@pytest.fixture(scope="module")
def laboratory() -> Iterator[EmulatorService]:
    with running_emulator(EmulatorOptions(now=datetime(2026, 11, 20, 18, tzinfo=UTC))) as service:
        yield service


@pytest.fixture
def resources(laboratory: EmulatorService, tmp_path: Path) -> Iterator[dict[str, Any]]:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "Slow.txt").write_text("# rate: 1/60 Hz\nNuMI2 E:DURL01\n")
    yield {
        "datalogger": DataLoggerResource(url=laboratory.url, parameter_lists=str(lists)),
        "lake": LakeResource(data_dir=str(tmp_path / "data")),
        "site": SiteResource(directory=str(tmp_path / "site")),
    }
    laboratory.set_faults()


def _materialised(asset: dg.AssetsDefinition, resources: dict[str, Any]) -> dict[str, Any]:
    key = None if asset is device_catalogue else DAY
    used = {name: resources[name] for name in asset.required_resource_keys if name in resources}
    run = dg.materialize([asset], resources=used, partition_key=key)
    (event,) = run.asset_materializations_for_node(asset.key.to_user_string())
    return {name: value.value for name, value in event.metadata.items()}


def _unit(metadata: dict[str, Any]) -> Any:
    return metadata["preview"].records[0].data["unit"]


def test_a_new_device_has_its_unit_in_the_ui_and_on_the_site_without_code(
    resources: dict[str, Any], tmp_path: Path
) -> None:
    assert _unit(_materialised(parameter_data, resources)) is None
    shown = _materialised(device_catalogue, resources)
    assert (shown["devices"], shown["read"], shown["not_read"]) == (1, 1, 0)
    (row,) = shown["preview"].records
    unit = row.data["unit"]
    assert row.data["certainty"] == "device database"
    assert row.data["description"]
    assert Path(shown["file"]) == tmp_path / "lists" / "devices.json"
    assert _unit(_materialised(parameter_data, resources)) == unit
    assert _unit(_materialised(file_statistics, resources)) == unit
    _materialised(published_json, resources)
    published = json.loads((tmp_path / "site" / "devices.json").read_text())["devices"]
    assert published["E:DURL01"]["unit"] == unit
    assert published["E:DURL01"]["certainty"] == "device database"
    assert published["B:VIMIN"]["certainty"] == "inferred"


def test_a_device_that_cannot_be_read_is_named_and_fails_nothing(
    resources: dict[str, Any], laboratory: EmulatorService
) -> None:
    laboratory.set_faults("error-dio-no-such")
    shown = _materialised(device_catalogue, resources)
    assert (shown["read"], shown["not_read"]) == (0, 1)
    (row,) = shown["preview"].records
    assert row.data["certainty"] == "unknown"
    assert "DIO_NO_SUCH" in str(row.data["not read because"])
