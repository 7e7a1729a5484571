"""One holder at a time; a lock file neither stays behind nor outlives a killed holder."""

import threading
from pathlib import Path

import pytest

from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets_tests.tables import publish_ticks

DAY = "2026-03-10"


def test_many_holders_come_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "day.lock"
    inside, most, turns = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, turns
        for _ in range(20):
            with exclusive(path):
                inside += 1
                most = max(most, inside)
                turns += 1
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, turns) == (1, 120)
    assert not path.exists()


def test_the_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "day.lock"
    with pytest.raises(RuntimeError), exclusive(path):
        raise RuntimeError
    with exclusive(path):
        assert path.exists()


def test_a_file_left_by_a_killed_holder_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "day.lock").touch()
    with exclusive(tmp_path / "day.lock"):
        assert (tmp_path / "day.lock").exists()


def test_what_a_killed_publication_left_is_removed_by_the_next_one_of_that_day(
    tmp_path: Path,
) -> None:
    lake = Lake(tmp_path)
    ours = lake.drafts / f"publication-event_data-{DAY}-abc"
    of_another_day = lake.drafts / "publication-event_data-2026-03-11-abc"
    for folder in (ours, of_another_day):
        folder.mkdir(parents=True)
        (folder / "events.parquet").write_bytes(b"half")
    publish_ticks(lake, DAY, 5)
    assert not ours.exists()
    assert of_another_day.exists()
    assert lake.event_rows(0x0C, DAY).num_rows == 5
    assert lake.day_files(EVENT_DATA, "2026-03-11") == []
