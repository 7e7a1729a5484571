"""`gmpsai run` refuses days it cannot make, and shows how far it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import newest_complete_day
from gmpsai_assets.cli import main
from gmpsai_assets.launch.display import ProgressDisplay, progress_line
from gmpsai_assets.launch.home import only_platform
from gmpsai_assets.pull.progress import Progress, ProgressFile


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2999-01-01", "not over yet"),
        ("2026-3-1", "YYYY-MM-DD"),
        ("2025-12-31", "GMPSAI_FIRST_DAY=2025-12-31"),
    ],
)
def test_a_day_that_cannot_be_made_is_refused_at_once(
    day: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--day", day]) == 1
    assert reason in capsys.readouterr().err


def test_the_newest_complete_day_is_yesterday_at_the_laboratory() -> None:
    # 04:30 UTC on 11 March is still the evening of the 10th in Chicago.
    assert newest_complete_day(datetime(2026, 3, 11, 4, 30, tzinfo=UTC)) == "2026-03-09"
    assert newest_complete_day(datetime(2026, 3, 11, 5, 0, tzinfo=UTC)) == "2026-03-10"


def test_progress_tells_devices_samples_speed_and_time_left() -> None:
    progress = Progress("parameter_data", "2026-03-10", 10, 47, 12_957_000, 300_000_000, 20.0)
    line = progress_line(progress)
    assert "10 of 47 devices" in line
    assert "13.0 M samples" in line
    assert "15 MB/s" in line
    assert "about 74 s left" in line


def test_the_display_follows_the_progress_of_a_pull(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    display = ProgressDisplay(tmp_path, "2026-03-10")
    with ProgressFile(tmp_path, "event_data", "2026-03-10", 1) as progress:
        progress.finished(5, 100)
        display.update()
    assert "1 of 1 events" in capsys.readouterr().out


def test_two_platforms_never_share_a_home(tmp_path: Path) -> None:
    with (
        only_platform(tmp_path),
        pytest.raises(RuntimeError, match="another gmpsai run"),
        only_platform(tmp_path),
    ):
        pytest.fail("the second one was let in")
    with only_platform(tmp_path):
        assert (tmp_path / "running").exists()
