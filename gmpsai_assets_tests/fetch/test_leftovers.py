"""What killed pulls leave is removed by the next one, and nothing of a pull that is under way."""

from datetime import UTC, datetime
from pathlib import Path

from gmpsai_assets.fetch.drafts import Drafts, remove_leftovers
from gmpsai_assets.fetch.progress import ProgressFile
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
KILLED, UNDER_WAY, YOUNG, OLD = "2026-03-10", "2026-03-11", "2026-02-20", "2026-01-20"


def _leave(lake: Lake, day: str) -> set[Path]:
    for name in ("parameter_data", "event_data"):
        (lake.drafts / f"publication-{name}-{day}-x1y2z3").mkdir(parents=True)
        ProgressFile(lake.drafts, name, day, 3)
        Drafts(lake.drafts, name, day, {}).begin()
    return {path for path in _left(lake) if day in path.name}


def _left(lake: Lake) -> set[Path]:
    return {path for path in lake.drafts.rglob("*-20*")}


def test_what_dead_pulls_of_the_table_left_is_removed_and_the_rest_stays(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    under_way = _leave(lake, UNDER_WAY)
    for day in (KILLED, YOUNG, OLD):
        _leave(lake, day)
    with exclusive(lake.lock_file(PARAMETER_DATA, UNDER_WAY)):
        remove_leftovers(lake, PARAMETER_DATA, 10, NOW)
        left = _left(lake) - {lake.lock_file(PARAMETER_DATA, UNDER_WAY)}
    mine = {path for path in left if "parameter_data" in path.name}
    drafts = {path.name[:25] for path in mine - under_way}
    assert drafts == {f"parameter_data-{KILLED}", f"parameter_data-{YOUNG}"}
    assert {path for path in under_way if "parameter_data" in path.name} <= mine
    assert len(left - mine) == 4 * 3


def test_events_have_their_own(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _leave(lake, OLD)
    remove_leftovers(lake, EVENT_DATA, 10, NOW)
    assert {path.name.count("parameter_data") for path in _left(lake)} == {1}
