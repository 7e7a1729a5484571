"""The archive of a day: what is stored, what the manifests say, and which of them is in force."""

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gmpsai_assets.archive import archiving
from gmpsai_assets.archive.archiving import archive_day, newest_manifest
from gmpsai_assets.archive.tape import (
    DirectoryTapeStore,
    Fingerprint,
    Stored,
    fingerprint,
)
from gmpsai_assets.archive.tape_mark import MARK_FILE, TapeError, mark_tape_path
from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.schemas import DAY_TABLES, EVENT_DATA
from gmpsai_assets_tests.tables import publish_small_day, publish_ticks

DAY = "2026-03-10"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with one small day, whole."""
    lake = Lake(tmp_path / "data")
    publish_small_day(lake, DAY, ticks=5)
    return lake


@pytest.fixture
def tape(tmp_path: Path) -> DirectoryTapeStore:
    mark_tape_path(tmp_path / "tape")
    return DirectoryTapeStore(tmp_path / "tape")


def _events(archived: archiving.ArchivedDay) -> str:
    (name,) = [file.name for file in archived.files if "/event_data/" in file.name]
    return name


def test_an_archived_day_has_a_manifest_whose_checksums_are_those_of_the_files(
    lake: Lake, tape: DirectoryTapeStore
) -> None:
    begun = datetime.now(UTC)
    archived = archive_day(lake, tape, DAY)
    manifest = json.loads((tape.root / archived.manifest).read_text())
    assert manifest["day"] == DAY
    assert manifest["window"]["start"] == "2026-03-10T05:00:00+00:00"
    assert begun <= datetime.fromisoformat(manifest["archived_at"]) <= datetime.now(UTC)
    assert len(manifest["files"]) == len(DAY_TABLES) == archived.new_files
    for entry in manifest["files"]:
        found = fingerprint(tape.root / entry["name"])
        assert (entry["size"], entry["adler32"], entry["sha256"]) == (
            found.size,
            found.adler32,
            found.sha256,
        )


def test_archiving_an_unchanged_day_again_stores_nothing(
    lake: Lake, tape: DirectoryTapeStore
) -> None:
    first = archive_day(lake, tape, DAY)
    files = sorted(tape.root.rglob("*"))
    second = archive_day(lake, tape, DAY)
    assert (first.new_files, second.new_files) == (len(DAY_TABLES), 0)
    assert (first.manifest, first.archived_at) == (second.manifest, second.archived_at)
    assert sorted(tape.root.rglob("*")) == files


def test_a_changed_day_is_archived_beside_the_old_one(lake: Lake, tape: DirectoryTapeStore) -> None:
    first = archive_day(lake, tape, DAY)
    publish_ticks(lake, DAY, 6)
    second = archive_day(lake, tape, DAY)
    assert _events(second).endswith("event_data/events.r1.parquet")
    assert second.manifest.endswith("manifest.r1.json")
    assert tape.stat(first.files[0].name) == first.files[0].fingerprint


def test_a_day_that_changes_back_has_a_newest_manifest_that_lists_the_first_file(
    lake: Lake, tape: DirectoryTapeStore
) -> None:
    archived = []
    for ticks in (5, 6, 5):
        publish_ticks(lake, DAY, ticks)
        archived.append(archive_day(lake, tape, DAY))
    assert [each.sequence for each in archived] == [0, 1, 2]
    assert sorted(each.archived_at for each in archived) == [each.archived_at for each in archived]
    found = newest_manifest(tape, DAY)
    assert found is not None
    name, manifest = found
    assert (name, manifest.sequence) == (archived[2].manifest, 2)
    assert name.endswith("manifest.r2.json")
    assert _events(archived[2]) == _events(archived[0]) != _events(archived[1])
    (listed,) = [file for file in manifest.files if file.name == _events(archived[0])]
    (local,) = lake.day_files(EVENT_DATA, DAY)
    assert listed.fingerprint == fingerprint(local)


@pytest.mark.parametrize("missing", DAY_TABLES, ids=lambda table: table.name)
def test_a_day_that_lacks_a_table_is_not_archived_at_all(
    lake: Lake, tape: DirectoryTapeStore, missing: object
) -> None:
    for table in DAY_TABLES:
        if table is missing:
            for file in lake.day_files(table, DAY):
                file.unlink()
    name = getattr(missing, "name", "")
    with pytest.raises(DayNotPublishedError, match=rf"{name} of {DAY} not published; materialise"):
        archive_day(lake, tape, DAY)
    assert [path.name for path in tape.root.iterdir()] == [MARK_FILE]


def test_an_empty_lake_names_every_table(tmp_path: Path, tape: DirectoryTapeStore) -> None:
    with pytest.raises(DayNotPublishedError) as caught:
        archive_day(Lake(tmp_path / "nothing"), tape, DAY)
    assert all(table.name in str(caught.value) for table in DAY_TABLES)
    assert newest_manifest(tape, DAY) is None


def test_a_day_that_is_rewritten_for_ever_is_an_error_that_can_be_read(
    lake: Lake, tape: DirectoryTapeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archiving, "_MOST_REVISIONS", 2)
    for ticks in (5, 6):
        publish_ticks(lake, DAY, ticks)
        archive_day(lake, tape, DAY)
    publish_ticks(lake, DAY, 7)
    with pytest.raises(TapeError, match="something rewrites that day"):
        archive_day(lake, tape, DAY)
    publish_ticks(lake, DAY, 5)
    with pytest.raises(TapeError, match=r"manifest\.json has 2 revisions"):
        archive_day(lake, tape, DAY)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"sequence": 5}'])
def test_a_manifest_that_cannot_be_read_is_named(
    lake: Lake, tape: DirectoryTapeStore, content: bytes
) -> None:
    archived = archive_day(lake, tape, DAY)
    (tape.root / archived.manifest).write_bytes(content)
    with pytest.raises(TapeError, match=r"manifest\.json in the tape path cannot be read"):
        archive_day(lake, tape, DAY)


@dataclass(frozen=True)
class MeetingStore(DirectoryTapeStore):
    """A store in which each archiver's first look at a name happens before any of them writes."""

    meeting: threading.Barrier

    def stat(self, name: str) -> Fingerprint | None:
        found = super().stat(name)
        if found is None and name.endswith("events.parquet"):
            self.meeting.wait(timeout=30)
        return found

    def put(self, local: Path, name: str) -> Stored:
        if name.endswith("manifest.json"):
            self.meeting.wait(timeout=30)
        return super().put(local, name)


def test_two_archivers_of_different_bytes_both_end_well(lake: Lake, tmp_path: Path) -> None:
    other = Lake(tmp_path / "other")
    publish_small_day(other, DAY, ticks=6)
    mark_tape_path(tmp_path / "tape")
    tape = MeetingStore(tmp_path / "tape", threading.Barrier(2, timeout=60))
    archived: list[archiving.ArchivedDay] = []
    workers = [
        threading.Thread(
            target=lambda lake=lake: archived.append(archive_day(lake, tape, DAY)), daemon=True
        )
        for lake in (lake, other)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert sorted(each.sequence for each in archived) == [0, 1]
    assert len({_events(each) for each in archived}) == 2
    by_ticks = {tape.stat(_events(each)) for each in archived}
    assert by_ticks == {
        fingerprint(file) for source in (lake, other) for file in source.day_files(EVENT_DATA, DAY)
    }
    found = newest_manifest(tape, DAY)
    assert found is not None
    assert found[1].sequence == 1
