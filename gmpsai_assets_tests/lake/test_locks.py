"""One holder at a time; a lock file neither stays behind nor outlives a killed holder."""

import os
import threading
from pathlib import Path

import pytest

from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets_tests.processes import processes
from gmpsai_assets_tests.tables import publish_ticks
from gmpsai_assets_tests.waiting import somebody_waits, wait_for_end

DAY = "2026-03-10"


TURNS = 20


def _count_up(path: Path, counter: Path) -> None:
    """Read, let others run, write: without a lock between processes, some turns are lost."""
    for _ in range(TURNS):
        with exclusive(path):
            count = int(counter.read_text())
            os.sched_yield()
            counter.write_text(str(count + 1))


def test_many_holders_come_one_after_another(tmp_path: Path) -> None:
    path, counter = tmp_path / "locks" / "day.lock", tmp_path / "counter"
    counter.write_text("0")
    context = processes()
    workers = [context.Process(target=_count_up, args=(path, counter)) for _ in range(6)]
    for worker in workers:
        worker.start()
    wait_for_end(*workers)
    assert [worker.exitcode for worker in workers] == [0] * 6
    assert int(counter.read_text()) == 6 * TURNS
    assert not path.exists()


def test_a_second_holder_does_not_enter_before_the_first_has_left(tmp_path: Path) -> None:
    path, order = tmp_path / "day.lock", list[str]()

    def second() -> None:
        with exclusive(path):
            order.append("second")

    other = threading.Thread(target=second, daemon=True)
    with somebody_waits() as waits, exclusive(path):
        other.start()
        assert waits.wait(timeout=20)
        order.append("first")
    wait_for_end(other)
    assert order == ["first", "second"]


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
