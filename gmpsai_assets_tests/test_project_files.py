"""The files at the top level say the same as each other."""

import configparser
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_pyproject_has_no_block_that_would_win_over_the_workspace() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert not {"dagster", "dg"} & tools.keys()


def test_the_workspace_loads_the_one_definitions_module() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())
    (entry,) = workspace["load_from"]
    assert entry["python_module"] == {
        "module_name": "gmpsai_assets.definitions",
        "location_name": "gmpsai_assets",
    }


def test_the_lock_agrees_with_the_pins_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    locked = {line.split("==")[0].lower(): line for line in lock.splitlines()}
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    pins = setup["options"]["install_requires"] + setup["options.extras_require"]["test"]
    for pin in pins.split():
        assert locked[pin.split("==")[0].lower()] == pin


def test_the_license_that_is_named_lies_in_the_repository() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup["metadata"]["license"] == "BSD-3-Clause"
    text = (ROOT / setup["metadata"]["license_files"]).read_text()
    assert text.startswith("BSD 3-Clause License")
    assert "gmpsai_assets contributors" in text
