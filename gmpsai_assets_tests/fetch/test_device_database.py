"""Descriptions and units are read once from the device database and kept; built-in ones are the fallback."""

import json
from pathlib import Path

import pytest

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.device_facts import Certainty, DeviceGroup, device_fact
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.device_database import (
    complete_descriptions,
    descriptions_file,
    read_descriptions,
)
from gmpsai_assets_tests.fetch.conftest import NOW

LISTED = ("B:VIMIN", "B_VIMIN", "B:LINFRQ", "I:MXIB")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lists" / "devices.json"


def _complete(
    datalogger: DataLogger, file: Path, *devices: str
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    known = read_descriptions(file)
    found, failed = complete_descriptions(datalogger, known, devices, connections=2, now=NOW)
    return {name: dict(each) for name, each in found.kept.items()}, failed


def test_each_reading_is_asked_for_once_and_kept(
    datalogger: DataLogger, laboratory: EmulatorService, file: Path
) -> None:
    before = len(laboratory.requests)
    kept, failed = _complete(datalogger, file, *LISTED)
    assert failed == {}
    assert sorted(kept) == ["B:LINFRQ", "B:VIMIN", "I:MXIB"]
    assert [each.verb for each in laboratory.requests[before:]] == ["show"] * 3
    assert _complete(datalogger, file, *LISTED) == (kept, {})
    assert len(laboratory.requests) == before + 3
    fact = read_descriptions(file).fact("B_VIMIN")
    assert fact.certainty is Certainty.DATABASE
    assert (fact.description, fact.unit) == (
        kept["B:VIMIN"]["description"],
        kept["B:VIMIN"]["unit"],
    )
    assert fact.group is DeviceGroup.EXTREMES


def test_a_device_that_is_added_to_a_list_is_described_without_code(
    datalogger: DataLogger, file: Path
) -> None:
    assert device_fact("E:DURL01").certainty is Certainty.UNKNOWN
    _complete(datalogger, file, "B:VIMIN")
    _complete(datalogger, file, "B:VIMIN", "E:DURL01")
    known = read_descriptions(file)
    assert known.fact("E:DURL01").certainty is Certainty.DATABASE
    assert known.fact("E:DURL01").description
    assert "E:DURL01" in known.facts()


def test_what_a_person_corrects_in_the_file_stays(datalogger: DataLogger, file: Path) -> None:
    _complete(datalogger, file, "B:VIMIN")
    document = json.loads(file.read_text())
    document["devices"]["B:VIMIN"]["unit"] = "kA"
    file.write_text(json.dumps(document))
    _complete(datalogger, file, *LISTED)
    assert read_descriptions(file).fact("B:VIMIN").unit == "kA"


def test_a_device_that_the_database_does_not_know_keeps_its_built_in_description(
    datalogger: DataLogger, laboratory: EmulatorService, file: Path
) -> None:
    laboratory.set_faults("error-dio-no-such,device=B:VIMIN")
    kept, failed = _complete(datalogger, file, *LISTED)
    assert sorted(kept) == ["B:LINFRQ", "I:MXIB"]
    assert list(failed) == ["B:VIMIN"]
    assert read_descriptions(file).fact("B:VIMIN") == device_fact("B:VIMIN")
    laboratory.set_faults()
    assert _complete(datalogger, file, *LISTED)[1] == {}


def test_a_service_that_is_silent_is_not_asked_for_each_device(
    datalogger: DataLogger, laboratory: EmulatorService, file: Path
) -> None:
    laboratory.set_faults("http-502")
    before = len(laboratory.requests)
    devices = [f"B:VIM{number:03}" for number in range(40)]
    known = read_descriptions(file)
    _, failed = complete_descriptions(datalogger, known, devices, connections=1, now=NOW)
    assert set(failed) == set(devices)
    assert len(laboratory.requests) - before == 3  # the attempts for the first one
    assert not file.exists()


def test_a_service_that_refuses_everything_is_not_asked_for_each_device(
    datalogger: DataLogger, laboratory: EmulatorService, file: Path
) -> None:
    laboratory.set_faults("http-403")
    before = len(laboratory.requests)
    devices = [f"B:TEST{number}" for number in range(20)]
    kept, failed = _complete(datalogger, file, *devices)
    assert kept == {}
    assert sorted(failed) == sorted(devices)
    assert len(laboratory.requests) <= before + 3


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"devices": {"B:VIMIN": {"unit": "A"}}}', '{"devices": {"B:VIMIN": 7}}'],
)
def test_a_damaged_file_is_named_and_the_built_in_descriptions_are_used(
    datalogger: DataLogger, file: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.mkdir()
    file.write_text(text)
    known = read_descriptions(file)
    assert known.kept == {}
    assert known.fact("B:VIMIN") == device_fact("B:VIMIN")
    assert str(file) in caplog.text
    _complete(datalogger, file, "B:VIMIN")
    assert read_descriptions(file).fact("B:VIMIN").certainty is Certainty.DATABASE
    assert file.with_name("devices.json.damaged").read_text() == text


def test_a_folder_that_cannot_be_written_costs_no_description(
    datalogger: DataLogger, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.write_text("a file where the folder should be")
    kept, failed = _complete(datalogger, file, "B:VIMIN")
    assert (list(kept), failed) == (["B:VIMIN"], {})
    assert f"{file} cannot be written" in caplog.text


def test_they_lie_beside_own_lists_and_never_in_the_package(tmp_path: Path) -> None:
    lists, lake = tmp_path / "lists", tmp_path / "data"
    assert descriptions_file(lists, lake, packaged=False) == lists / "devices.json"
    assert descriptions_file(lists, lake, packaged=True) == lake / "devices.json"
