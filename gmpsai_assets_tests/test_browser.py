"""Starting Chromium, and saying what to do when there is none."""

from pathlib import Path

import pytest

from gmpsai_assets_tests.browser import BrowserMissingError, install_browser, open_browser


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no program is found."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("empty_path")
def test_without_chromium_the_error_says_what_to_install() -> None:
    with pytest.raises(BrowserMissingError, match="apt-get install chromium"), open_browser():
        pass


@pytest.mark.usefixtures("empty_path")
def test_without_an_installer_the_exit_status_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert install_browser() == 1
    assert "apt-get install chromium" in capsys.readouterr().err


def test_an_installed_chromium_is_left_alone() -> None:
    assert install_browser() == 0
