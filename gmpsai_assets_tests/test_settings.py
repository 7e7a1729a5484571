"""Paths as people write them become the paths that they mean, or a sentence."""

import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from gmpsai_assets import settings
from gmpsai_assets.launch.home import dagster_home
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource, SiteResource, TapeResource
from gmpsai_assets.settings import PathSettingError

VARIABLES: dict[str, Callable[[], Path]] = {
    "GMPSAI_DATA_DIR": settings.data_directory,
    "GMPSAI_TAPE": lambda: Path(settings.tape_path()),
    "GMPSAI_SITE_DIR": settings.site_directory,
    "GMPSAI_PARAMETER_LISTS": settings.parameter_lists_directory,
    "DAGSTER_HOME": lambda: dagster_home(Path("/elsewhere")),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of this user, in which the process stands."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home of all"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return home


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("~/x", "x"),
        ("~/x/", "x"),
        ("x", "x"),
        ("./x", "x"),
        ("y/../x", "x"),
        (" ~/x ", "x"),
        ("~/with blanks/x", "with blanks/x"),
    ],
)
def test_a_variable_is_the_path_that_is_meant(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, written: str, meant: str
) -> None:
    monkeypatch.setenv(name, written)
    assert VARIABLES[name]() == home / meant
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", VARIABLES)
def test_the_home_of_another_user_is_known(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    user = pwd.getpwuid(0)
    monkeypatch.setenv(name, f"~{user.pw_name}/x")
    assert VARIABLES[name]() == Path(user.pw_dir) / "x"


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("~nobody-here/x", "knows no home of ~nobody-here; write the path out"),
        ("$HOME/x", "variables are not expanded here"),
        ("${HOME}", "variables are not expanded here"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, written: str, reason: str
) -> None:
    monkeypatch.setenv(name, written)
    with pytest.raises(PathSettingError) as caught:
        VARIABLES[name]()
    assert str(caught.value).startswith(f"{name} is {written}: ")
    assert reason in str(caught.value)


def test_fields_of_resources_are_read_as_variables_are(home: Path) -> None:
    assert LakeResource(data_dir="~/x").open().root == home / "x"
    assert SiteResource(directory="~/x").path() == home / "x"
    (home / "lists").mkdir()
    (home / "lists" / "List.txt").write_text("B:VIMIN\n")
    assert [each.name for each in DataLoggerResource(parameter_lists="~/lists").lists()] == ["List"]
    assert str(TapeResource().open()) == str(home / "data" / "tape")
    assert str(TapeResource(path="~/data/tape/").open()) == str(home / "data" / "tape")


def test_an_address_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMPSAI_TAPE", "davs://door.fnal.gov/pnfs/~gmps/../x")
    assert settings.tape_path() == "davs://door.fnal.gov/pnfs/~gmps/../x"


@pytest.mark.parametrize("written", ["file", "file/below", "link", "link/below"])
def test_a_data_directory_that_can_be_none_is_a_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    (home / "file").write_text("")
    (home / "link").symlink_to("not/mounted")
    monkeypatch.setenv("GMPSAI_DATA_DIR", written)
    first = written.partition("/")[0]
    reason = {
        "file": "a file and no folder; move it away, or name another folder",
        "link": "a link to not/mounted, which is not there; is its disk mounted?",
    }[first]
    with pytest.raises(PathSettingError) as caught:
        settings.data_directory()
    assert str(caught.value) == f"GMPSAI_DATA_DIR is {written}, and {home / first} is {reason}"
    with pytest.raises(PathSettingError, match=f"^data_dir is {written}, and"):
        LakeResource(data_dir=written).open()
