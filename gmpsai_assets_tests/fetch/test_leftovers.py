"""What killed pulls leave is removed by the next one; drafts stay as long as was said, however old their day is."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.drafts import Drafts, remove_leftovers, stay_until
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.fetch.progress import ProgressFile
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA
from gmpsai_assets_tests.fetch.test_rates import Lists
from gmpsai_assets_tests.tables import sample_rows

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KILLED, UNDER_WAY, LONG_AGO = "2026-11-10", "2026-11-11", "2020-01-20"
KEPT = 10.0
ROWS = sample_rows(day_window(LONG_AGO), 10)


def _leave(lake: Lake, day: str, days_ago: float = 0.0, kept_days: float = KEPT) -> set[Path]:
    """What a killed pull leaves behind, changed so many days before now."""
    for name in ("parameter_data", "event_data"):
        (lake.drafts / f"publication-{name}-{day}-x1y2z3").mkdir(parents=True)
        ProgressFile(lake.drafts, name, day, 3)
        drafts = Drafts(lake.drafts, name, day, {})
        drafts.begin(lambda: NOW, kept_days)
        drafts.store(ROWS, Outcome("B:VIMIN", "complete", rows=10))
    found = {path for path in _left(lake) if day in path.name}
    changed = (NOW - timedelta(days=days_ago)).timestamp()
    for path in found:
        for each in (*path.glob("*"), path):
            os.utime(each, (changed, changed))
    return found


def _left(lake: Lake) -> set[Path]:
    return {path for path in lake.drafts.rglob("*-20*")}


def _days_of_drafts(lake: Lake) -> set[str]:
    return {path.parent.name[15:25] for path in lake.drafts.glob("parameter_data-*/pull.json")}


def test_what_dead_pulls_of_the_table_left_is_removed_and_the_rest_stays(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    under_way = _leave(lake, UNDER_WAY, days_ago=100)
    for day in (KILLED, LONG_AGO):
        _leave(lake, day)
    with exclusive(lake.lock_file(PARAMETER_DATA, UNDER_WAY)):
        remove_leftovers(lake, PARAMETER_DATA, KEPT, NOW)
        left = _left(lake) - {lake.lock_file(PARAMETER_DATA, UNDER_WAY)}
    mine = {path for path in left if "parameter_data" in path.name}
    drafts = {path.name[:25] for path in mine - under_way}
    assert drafts == {f"parameter_data-{KILLED}", f"parameter_data-{LONG_AGO}"}
    assert {path for path in under_way if "parameter_data" in path.name} <= mine
    assert len(left - mine) == 3 * 3


@pytest.mark.parametrize(("days_ago", "stays"), [(0, True), (39.9, True), (40.1, False)])
def test_the_age_of_a_draft_counts_and_not_that_of_its_day(
    tmp_path: Path, days_ago: float, stays: bool
) -> None:
    lake = Lake(tmp_path)
    _leave(lake, LONG_AGO, days_ago)
    remove_leftovers(lake, PARAMETER_DATA, KEPT, NOW)
    assert _days_of_drafts(lake) == ({LONG_AGO} if stays else set())


def test_drafts_that_were_promised_a_longer_time_keep_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _leave(lake, LONG_AGO, days_ago=100, kept_days=365)
    _leave(lake, KILLED, days_ago=100)
    remove_leftovers(lake, PARAMETER_DATA, KEPT, NOW)
    assert _days_of_drafts(lake) == {LONG_AGO}


def test_a_pull_that_works_with_drafts_makes_them_young(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _leave(lake, LONG_AGO, days_ago=1_000)
    drafts = Drafts(lake.drafts, "parameter_data", LONG_AGO, {})
    assert drafts.begin(lambda: NOW + timedelta(days=1)) == NOW
    remove_leftovers(lake, PARAMETER_DATA, KEPT, NOW)
    assert _days_of_drafts(lake) == {LONG_AGO}
    assert drafts.load("B:VIMIN") is not None


def test_events_have_their_own(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _leave(lake, LONG_AGO, days_ago=100)
    remove_leftovers(lake, EVENT_DATA, KEPT, NOW)
    assert {path.name.count("parameter_data") for path in _left(lake)} == {1}


def test_drafts_of_an_older_form_are_ignored_and_go_when_they_are_old(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    older = lake.drafts / f"parameter_data-{LONG_AGO}-0123456789ab"
    older.mkdir(parents=True)
    (older / "pull.json").write_text('{"begun": "2026-01-21T01:00:00+00:00", "checksum": 1}')
    (older / f"{b'B:VIMIN'.hex()}.arrow").write_bytes(b"gmpsai draft of some other form")
    drafts = Drafts(lake.drafts, "parameter_data", LONG_AGO, {})
    assert drafts.begin(lambda: NOW) == NOW
    assert drafts.load("B:VIMIN") is None
    remove_leftovers(lake, PARAMETER_DATA, KEPT, datetime.now(UTC))
    assert older.exists()
    remove_leftovers(lake, PARAMETER_DATA, KEPT, stay_until(datetime.now(UTC), KEPT + 1))
    assert not older.exists()


def test_the_message_names_until_when_drafts_stay_and_the_pull_of_another_day_keeps_them(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("http-503,device=B:VIMAX")
    two = lists("# kept: 20 days,MLrn B:VIMIN,MLrn B:VIMAX")
    now = datetime.now(UTC)
    options = FetchOptions(connections=1, now=lambda: now)
    with pytest.raises(PullFailedError) as error:
        pull_parameters(datalogger, lake, "2026-03-20", two, options)
    found = re.search(
        r"They stay until 2026-03-20 is published, or until (\S+ \S+) C[DS]T", str(error.value)
    )
    assert found
    named = datetime.fromisoformat(found[1]).replace(tzinfo=ACCELERATOR_ZONE)
    assert timedelta(days=49.9) < named - now < timedelta(days=50.1)

    (kept,) = lake.drafts.glob("parameter_data-2026-03-20-*/*.arrow")
    remove_leftovers(lake, PARAMETER_DATA, KEPT, named - timedelta(minutes=1))
    assert kept.exists()
    laboratory.set_faults()
    pull_parameters(datalogger, lake, "2026-03-21", two, options)
    before = len(laboratory.requests)
    pull_parameters(datalogger, lake, "2026-03-20", two, options)
    assert [each.device for each in laboratory.requests[before:]] == ["B:VIMAX"]
