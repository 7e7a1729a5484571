"""DAGSTER_HOME: the package's settings come into it, are renewed, and those of an operator stay."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from gmpsai_assets.launch.home import renew_settings

PACKAGED = (files("gmpsai_assets") / "deploy" / "dagster.yaml").read_bytes()
BEFORE_LOGGERS = re.sub(
    rb"(?m)^# What the package.*?(?=^run_monitoring:)",
    b"",
    PACKAGED.replace(
        b"`gmpsai run` copies this file into $DAGSTER_HOME, and renews a copy that nobody\n# changed; in production",
        b"`gmpsai run` copies this file into $DAGSTER_HOME once; in production",
    ),
    flags=re.DOTALL,
)
"""The settings as they were before: a home of that time has them, and no note of what was copied."""


def test_a_new_home_has_the_settings(tmp_path: Path) -> None:
    renew_settings(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == PACKAGED
    assert yaml.safe_load(PACKAGED)["python_logs"]["managed_python_loggers"] == ["gmpsai_assets"]


def test_the_settings_of_an_older_home_are_renewed(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_bytes(BEFORE_LOGGERS)
    renew_settings(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == PACKAGED


def test_settings_of_a_version_to_come_take_the_place_of_an_untouched_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew_settings(tmp_path)
    package = tmp_path / "package"
    (package / "deploy").mkdir(parents=True)
    (package / "deploy" / "dagster.yaml").write_bytes(PACKAGED + b"# newer\n")
    monkeypatch.setattr("gmpsai_assets.launch.home.files", lambda _: package)
    renew_settings(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == PACKAGED + b"# newer\n"


@pytest.mark.parametrize("first", [b"", BEFORE_LOGGERS, PACKAGED])
def test_the_settings_of_an_operator_stay(tmp_path: Path, first: bytes) -> None:
    if first:
        (tmp_path / "dagster.yaml").write_bytes(first)
        renew_settings(tmp_path)
    own = first + b"# mine\n"
    (tmp_path / "dagster.yaml").write_bytes(own)
    renew_settings(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == own
