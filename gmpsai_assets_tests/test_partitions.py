"""A day that is no partition says why, in the words of the platform, wherever it is named."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from gmpsai_assets import settings
from gmpsai_assets.automation.newest_day import WHOLE_DAY
from gmpsai_assets.definitions import defs
from gmpsai_assets.launch.day import materialise
from gmpsai_assets.partitions import DAILY, NoSuchDayError

REASONS = [
    ("2025-12-31", "before the first day 2026-01-01; set GMPSAI_FIRST_DAY=2025-12-31"),
    ("2999-01-01", "not over yet at the laboratory; the newest complete day is 20"),
    ("2026-3-1", "a day is written YYYY-MM-DD"),
]


@pytest.mark.parametrize(("day", "reason"), REASONS)
def test_a_day_that_cannot_be_made_says_why_in_the_job(day: str, reason: str) -> None:
    with pytest.raises(NoSuchDayError, match=reason):
        defs.resolve_job_def(WHOLE_DAY).execute_in_process(partition_key=day)


@pytest.mark.parametrize(("day", "reason"), REASONS)
def test_so_does_the_process_that_makes_the_first_day(
    day: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert materialise(day) == 2
    assert reason in capsys.readouterr().out


def test_the_newest_day_is_the_last_one_that_is_over_in_chicago() -> None:
    evening = datetime(2026, 3, 11, 4, 59, tzinfo=UTC)
    settings.refuse_day_without_partition("2026-03-09", evening)
    with pytest.raises(ValueError, match="2026-03-10 is not over yet"):
        settings.refuse_day_without_partition("2026-03-10", evening)
    settings.refuse_day_without_partition("2026-03-10", datetime(2026, 3, 11, 5, tzinfo=UTC))


def test_the_partitions_stay_those_of_dagster() -> None:
    plain = dg.DailyPartitionsDefinition(start_date="2026-01-01", timezone="America/Chicago")
    at = datetime(2026, 3, 20, 18, tzinfo=UTC)
    with dg.partition_loading_context(effective_dt=at):
        assert DAILY.get_partition_keys() == plain.get_partition_keys()


@pytest.mark.system
def test_the_command_line_of_dagster_shows_the_reason_alone(tmp_path: Path) -> None:
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("GMPSAI_", "DAGSTER_"))}
    command = ["-m", "dagster", "asset", "materialize", "-m", "gmpsai_assets.definitions"]
    done = subprocess.run(
        [sys.executable, *command, "--select", "parameter_data", "--partition", "2025-12-31"],
        env=outside,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Error: 2025-12-31 is before the first day 2026-01-01" in done.stderr
    assert "Traceback" not in done.stderr
