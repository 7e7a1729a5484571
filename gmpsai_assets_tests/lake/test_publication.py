"""A day of several files appears whole: whatever happens, the files a reader sees belong together."""

import errno
import random
import shutil
import time
from pathlib import Path
from unittest import mock

import pytest

from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.publication import DayNotStoredError, Publication
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.schemas import PARAMETER_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets_tests.processes import processes
from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

DAY = "2026-03-10"
NAMES = ("MLrn.parquet", "NuMI2.parquet")
KILLS = 20


def _publish(
    lake: Lake, text: str, names: tuple[str, ...] = NAMES, *, keep: bool = True
) -> list[str]:
    with lake.publication(PARAMETER_DATA, DAY, keep_revisions=keep) as publication:
        for name in names:
            publication.file(name).write_text(f"{name} {text}")
        return [f"{each.file.name} {each.what}" for each in publication.publish()]


def _read(lake: Lake) -> list[str]:
    """The texts of all files of the day as one publication left them: if the folder was exchanged, once more."""

    def folders(files: list[Path]) -> set[tuple[int, int]]:
        # A removed folder's number is given to the next one.
        told = [file.parent.stat() for file in files]
        return {(each.st_ino, each.st_mtime_ns) for each in told}

    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        try:
            files = lake.day_files(PARAMETER_DATA, DAY)
            before = folders(files)
            texts = [file.read_text().split()[1] for file in files]
            if before == folders(files):
                return texts
        except FileNotFoundError:
            continue
    pytest.fail("the day was never the same before and after it was read")


def not_offered(*_: Path) -> None:
    raise OSError(errno.EINVAL, "not offered")


@pytest.fixture(params=["in one step", "in two steps"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the exchange that the file system offers, and as on one that does not."""
    if request.param == "in two steps":
        monkeypatch.setattr(atomic, "exchange", not_offered)
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_a_day_is_replaced_as_a_whole_and_each_older_file_is_kept(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert _publish(lake, "1") == ["MLrn.parquet published", "NuMI2.parquet published"]
    assert _publish(lake, "2") == ["MLrn.parquet replaced", "NuMI2.parquet replaced"]
    assert _read(lake) == ["2", "2"]
    for name in NAMES:
        (revision,) = lake.revisions(PARAMETER_DATA, DAY, name)
        assert revision.file.read_text() == f"{name} 1"
    assert [path.name for path in (tmp_path / "parameter_data").iterdir()] == [f"day={DAY}"]
    assert [path for path in lake.drafts.rglob("*") if path.is_file()] == []
    assert lake.day_folder(PARAMETER_DATA, DAY).stat().st_mode & 0o777 == 0o755


@pytest.mark.usefixtures("way")
def test_what_cannot_be_prepared_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _publish(lake, "1")
    (lake.revisions_folder(PARAMETER_DATA, DAY) / "NuMI2.r1.json").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        _publish(lake, "2")
    assert _read(lake) == ["1", "1"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("keep", [True, False])
def test_a_file_that_is_no_part_of_the_day_any_more_leaves_it(tmp_path: Path, keep: bool) -> None:
    lake = Lake(tmp_path)
    _publish(lake, "1", ("MLrn.parquet", "fastest.parquet"))
    told = _publish(lake, "2", keep=keep)
    assert told == [
        "MLrn.parquet replaced",
        "NuMI2.parquet published",
        "fastest.parquet removed",
    ]
    assert [file.name for file in lake.day_files(PARAMETER_DATA, DAY)] == list(NAMES)
    kept = lake.revisions(PARAMETER_DATA, DAY, "fastest.parquet")
    assert [each.file.read_text() for each in kept] == ["fastest.parquet 1"] * keep


@pytest.mark.usefixtures("way")
def test_a_reader_with_an_open_file_reads_on(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _publish(lake, "1")
    with lake.day_files(PARAMETER_DATA, DAY)[0].open() as file:
        assert file.read(4) == "MLrn"
        _publish(lake, "2", ("NuMI2.parquet",))
        assert file.read() == ".parquet 1"


def test_a_run_killed_between_two_steps_leaves_the_newer_day_and_the_next_one_ends_it(
    tmp_path: Path,
) -> None:
    lake = Lake(tmp_path)
    _publish(lake, "1")
    folder = lake.day_folder(PARAMETER_DATA, DAY)
    shutil.copytree(folder, atomic.waiting(folder))
    for name in NAMES:
        (atomic.waiting(folder) / name).write_text(f"{name} 2")
    assert _read(lake) == ["1", "1"]
    atomic.leaving(folder).parent.mkdir()
    folder.rename(atomic.leaving(folder))
    assert _read(lake) == ["2", "2"]
    assert lake.published_days(PARAMETER_DATA) == [DAY]
    _publish(lake, "3")
    assert _read(lake) == ["3", "3"]
    (revision,) = lake.revisions(PARAMETER_DATA, DAY, "MLrn.parquet")
    assert revision.file.read_text() == "MLrn.parquet 2"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert not atomic.leaving(folder).exists()


def _publish_for_ever(root: Path, offered: bool, first: int) -> None:
    way = atomic.exchange if offered else not_offered
    with mock.patch.object(atomic, "exchange", way):
        for number in range(first, first + 100_000):
            _publish(Lake(root), str(number), keep=False)


@pytest.mark.parametrize("offered", [True, False])
def test_runs_killed_while_they_publish_never_mix_two_days(tmp_path: Path, offered: bool) -> None:
    context = processes()
    lake = Lake(tmp_path)
    _publish(lake, "0")
    chance = random.Random(7)
    seen: set[str] = set()
    for kill in range(KILLS):
        before = _read(lake)
        writer = context.Process(
            target=_publish_for_ever, args=(tmp_path, offered, 1 + kill * 100_000)
        )
        writer.start()
        deadline = None
        while deadline is None or time.monotonic() < deadline:
            texts = _read(lake)
            assert writer.is_alive()
            assert len(texts) == 2
            assert texts[0] == texts[1]
            seen.add(texts[0])
            if deadline is None and texts != before:  # it is publishing now
                deadline = time.monotonic() + chance.uniform(0, 0.02)
        writer.kill()
        wait_for_end(writer)
        texts = _read(lake)
        assert (len(texts), texts[0]) == (2, texts[1])
    assert len(seen) > KILLS
    _publish(lake, "last")
    assert _read(lake) == ["last", "last"]


def _publish_both(lake: Lake, text: str, *, fails: bool = False) -> None:
    with lake.publications((SUPERCYCLES, RECIPES), DAY) as publications:
        for publication, name in zip(publications, ("supercycles", "recipes"), strict=True):
            publication.file(f"{name}.parquet").write_text(text)
        if fails:
            raise ZeroDivisionError


def _read_both(lake: Lake) -> list[str]:
    return [
        file.read_text() for each in (SUPERCYCLES, RECIPES) for file in lake.day_files(each, DAY)
    ]


def test_tables_of_one_run_appear_together_or_not_at_all(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(ZeroDivisionError):
        _publish_both(lake, "0", fails=True)
    assert _read_both(lake) == []
    _publish_both(lake, "1")
    with pytest.raises(ZeroDivisionError):
        _publish_both(lake, "2", fails=True)
    assert _read_both(lake) == ["1", "1"]
    assert [path for path in lake.drafts.rglob("*") if path.is_file()] == []


def test_the_main_table_appears_last_and_the_next_run_mends_what_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path)
    _publish_both(lake, "1")

    def killed(self: Publication) -> tuple[Published, ...]:
        """As if the process ended before the main table was put in its place."""
        if self.names == ("supercycles.parquet",):
            raise KeyboardInterrupt
        return publish(self)

    publish = Publication.publish
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Publication, "publish", killed)
        _publish_both(lake, "2")
    assert _read_both(lake) == ["1", "2"]
    _publish_both(lake, "3")
    assert _read_both(lake) == ["3", "3"]


def test_the_second_table_that_cannot_be_put_in_place_leaves_both_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path)
    _publish_both(lake, "1")

    def full(_: Publication) -> tuple[Published, ...]:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patched, pytest.raises(DayNotStoredError, match="no space"):
        patched.setattr(Publication, "publish", full)
        _publish_both(lake, "2")
    assert _read_both(lake) == ["1", "1"]
