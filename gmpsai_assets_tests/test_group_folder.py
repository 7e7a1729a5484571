"""A data directory that two accounts of a group share: what the one makes, the other can replace and complete."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import duckdb
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.slots import ServiceSlots
from gmpsai_assets.archive.tape import DirectoryTapeStore
from gmpsai_assets.assets.catalogue import make_catalogue
from gmpsai_assets.emulator.captures import DayCaptures
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.streams import BlockCache, contents
from gmpsai_assets.fetch.device_database import descriptions_file
from gmpsai_assets.fetch.drafts import Drafts, remove_drafts
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.progress import ProgressFile
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.publication import DayNotStoredError
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets_tests.accounts import (
    FIRST,
    IS_ROOT,
    SECOND,
    as_account,
    assert_shared,
    group_folder,
)
from gmpsai_assets_tests.lake.test_publication import not_offered
from gmpsai_assets_tests.site.published_site import publish_site
from gmpsai_assets_tests.site.test_release import SMALL, read_release
from gmpsai_assets_tests.tables import publish_ticks, sample_rows
from gmpsai_assets_tests.timeline.simulated import BEGIN, recipe
from gmpsai_assets_tests.timeline.test_capture_files import THREE

DAY = "2026-03-10"
ROWS = sample_rows(day_window(DAY), 5)


@pytest.fixture
def folder() -> Iterator[Path]:
    with group_folder() as made:
        yield made


def _publish(lake: Lake, text: str, name: str = "MLrn.parquet") -> None:
    with lake.publication(PARAMETER_DATA, DAY, keep_revisions=True) as publication:
        publication.file(name).write_text(text)


@pytest.mark.parametrize("offered", [True, False], ids=["in one step", "in two steps"])
def test_the_second_account_replaces_a_day_and_the_first_one_does_so_again(
    folder: Path, offered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not offered:
        monkeypatch.setattr(atomic, "exchange", not_offered)
    lake = Lake(folder / "data")
    for account, text in ((FIRST, "1"), (SECOND, "2"), (FIRST, "3")):
        as_account(account, partial(_publish, lake, text))
        assert_shared(folder)
        assert [path.read_text() for path in lake.day_files(PARAMETER_DATA, DAY)] == [text]
    kept = lake.revisions(PARAMETER_DATA, DAY, "MLrn.parquet")
    assert [each.file.read_text() for each in kept] == ["1", "2"]


def test_a_day_that_the_group_may_not_replace_is_told_before_it_is_fetched(folder: Path) -> None:
    lake = Lake(folder / "data")
    as_account(FIRST, lambda: _publish(lake, "1"))
    day_folder = lake.day_folder(PARAMETER_DATA, DAY)
    day_folder.chmod(0o555)

    def fetch() -> None:
        with (
            pytest.raises(
                DayNotStoredError, match=rf"at {day_folder} \(another acc.*chmod -R g\+w"
            ),
            lake.publication(PARAMETER_DATA, DAY),
        ):
            pytest.fail("it was fetched")

    as_account(SECOND, fetch)
    assert list(lake.drafts.glob("publication-*")) == []


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o755), (0o002, 0o775), (0o077, 0o700)])
def test_a_day_is_as_open_as_the_umask_says(folder: Path, umask: int, mode: int) -> None:
    lake = Lake(folder / "data")
    as_account(FIRST, lambda: _publish(lake, "1"), umask=umask)
    as_account(FIRST, lambda: _publish(lake, "2"), umask=umask)
    day_folder = lake.day_folder(PARAMETER_DATA, DAY)
    assert day_folder.stat().st_mode & 0o777 == mode
    assert (day_folder / "MLrn.parquet").stat().st_mode & 0o777 == mode & 0o666


def _lock(lake: Lake) -> None:
    with exclusive(lake.lock_file(PARAMETER_DATA, DAY)):
        assert_shared(lake.root)
    with ServiceSlots(lake.service_slots, "http://127.0.0.1/acl.pl", 2).taken():
        assert_shared(lake.root)
    with CaptureFiles(lake.root).only_writer():
        assert_shared(lake.root)


def _begin_drafts(lake: Lake) -> None:
    drafts = Drafts(lake.drafts, "parameter_data", DAY, {})
    drafts.begin()
    drafts.store(ROWS, Outcome("B:VIMIN", "complete", rows=ROWS.num_rows))
    with ProgressFile(lake.drafts, "parameter_data", DAY, 1):
        assert_shared(lake.root)


def _complete_drafts(lake: Lake) -> None:
    drafts = Drafts(lake.drafts, "parameter_data", DAY, {})
    drafts.begin()
    found = drafts.load("B:VIMIN")
    assert found is not None
    assert found.table.equals(ROWS)
    drafts.store(ROWS, Outcome("B:VIMIN", "partial", rows=ROWS.num_rows))
    drafts.store(ROWS, Outcome("B:VIMAX", "complete", rows=ROWS.num_rows))
    with ProgressFile(lake.drafts, "parameter_data", DAY, 1):
        assert_shared(lake.root)
    remove_drafts(lake.drafts, "parameter_data", DAY)
    assert list(lake.drafts.glob("parameter_data-*")) == []


def _capture(lake: Lake, number: int) -> None:
    files = CaptureFiles(lake.root)
    files.append([THREE[number]], BEGIN)
    files.keep_recipe(recipe(number).recipe_id, recipe(number).entries)
    DayCaptures(Machine(1), files.folder).write_day(DAY)


def _catalogue(lake: Lake) -> None:
    publish_ticks(lake, DAY, 5)
    path = make_catalogue(lake).path
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.sql("select count(*) from event_data").fetchall() == [(5,)]


def _archive(lake: Lake, name: str) -> None:
    local = lake.root / f"{name}.json"
    local.parent.mkdir(exist_ok=True)
    local.write_text(name)
    DirectoryTapeStore(lake.root / "tape", is_default=True).put(local, f"2026/03/{name}")


def _describe(lake: Lake, text: str) -> None:
    atomic.write_bytes(descriptions_file(lake.root, lake.root, packaged=True), text.encode())


def _cache(lake: Lake, text: bytes) -> None:
    cache = BlockCache(lake.root / "emulator_cache", 1 << 20, "version")
    cache.get("key", lambda: text)
    assert contents(cache.get("key", lambda: b"not kept")) == b"first"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_lock, _lock),
        (_begin_drafts, _complete_drafts),
        (lambda lake: _capture(lake, 0), lambda lake: _capture(lake, 1)),
        (_catalogue, _catalogue),
        (lambda lake: _archive(lake, "a"), lambda lake: _archive(lake, "b")),
        (lambda lake: _describe(lake, "a"), lambda lake: _describe(lake, "b")),
        (lambda lake: _cache(lake, b"first"), lambda lake: _cache(lake, b"second")),
        (
            lambda lake: publish_site(lake.root / "site", SMALL),
            lambda lake: publish_site(lake.root / "site", SMALL),
        ),
    ],
    ids=["locks", "drafts", "captures", "catalogue", "tape", "descriptions", "emulator", "site"],
)
def test_the_second_account_goes_on_with_what_the_first_one_made(
    folder: Path, first: Callable[[Lake], object], second: Callable[[Lake], object]
) -> None:
    lake = Lake(folder / "data")
    as_account(FIRST, lambda: first(lake))
    assert_shared(folder)
    as_account(SECOND, lambda: second(lake))
    assert_shared(folder)
    assert not IS_ROOT or lake.root.stat().st_uid == FIRST


def test_the_site_is_that_of_the_account_that_published_last(folder: Path) -> None:
    site = folder / "site"
    as_account(FIRST, lambda: publish_site(site, SMALL))
    before = read_release(site).id
    as_account(SECOND, lambda: publish_site(site, SMALL))
    assert read_release(site).id > before
