"""The tape path: write-once, read back, and what an archive of a day holds."""

import hashlib
import json
import zlib
from pathlib import Path

import pytest

from gmpsai_assets.lake.archive import archive_day
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.fingerprint import fingerprint
from gmpsai_assets.lake.tape import AlreadyArchivedError, DirectoryTapeStore, TapeError
from gmpsai_assets_tests.tables import publish_ticks

DAY = "2026-03-10"


def _local(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "local"
    path.write_bytes(content)
    return path


def test_the_fingerprint_agrees_with_the_standard_library(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    found = fingerprint(_local(tmp_path, content))
    assert found.size == len(content)
    assert int(found.adler32, 16) == zlib.adler32(content)
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_a_checksum_keeps_its_leading_zeros(tmp_path: Path) -> None:
    assert fingerprint(_local(tmp_path, b"a")).adler32 == "00620062"


def test_a_file_is_stored_once_and_putting_it_again_changes_nothing(tmp_path: Path) -> None:
    tape = DirectoryTapeStore(tmp_path / "tape")
    local = _local(tmp_path, b"bytes")
    first = tape.put(local, "a/b.parquet")
    before = (tmp_path / "tape/a/b.parquet").stat().st_mtime_ns
    second = tape.put(local, "a/b.parquet")
    assert (first.existed, second.existed) == (False, True)
    assert first.fingerprint == second.fingerprint == tape.stat("a/b.parquet")
    assert (tmp_path / "tape/a/b.parquet").stat().st_mtime_ns == before
    assert [p.name for p in (tmp_path / "tape/a").iterdir()] == ["b.parquet"]


def test_other_bytes_never_replace_an_archived_file(tmp_path: Path) -> None:
    tape = DirectoryTapeStore(tmp_path / "tape")
    tape.put(_local(tmp_path, b"first"), "x")
    with pytest.raises(AlreadyArchivedError, match="write-once"):
        tape.put(_local(tmp_path, b"second"), "x")
    assert (tmp_path / "tape/x").read_bytes() == b"first"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="empty"):
        DirectoryTapeStore(tmp_path / "tape").put(_local(tmp_path, b""), "x")


@pytest.mark.parametrize("name", ["/x", "../x", "a/../../x", ""])
def test_a_name_outside_the_tape_path_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TapeError, match="not a name inside"):
        DirectoryTapeStore(tmp_path / "tape").put(_local(tmp_path, b"x"), name)


def test_a_tape_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "tape").write_text("a file, not a folder")
    with pytest.raises(TapeError, match="could not be written"):
        DirectoryTapeStore(tmp_path / "tape").put(_local(tmp_path, b"x"), "a/b")


def test_an_archived_day_has_a_manifest_whose_checksums_are_those_of_the_files(
    tmp_path: Path,
) -> None:
    lake, tape = Lake(tmp_path / "data"), DirectoryTapeStore(tmp_path / "tape")
    publish_ticks(lake, DAY, 5)
    archived = archive_day(lake, tape, DAY)
    manifest = json.loads((tape.root / archived.manifest).read_text())
    assert manifest["day"] == DAY
    assert manifest["window"]["start"] == "2026-03-10T05:00:00+00:00"
    (entry,) = manifest["files"]
    found = fingerprint(tape.root / entry["name"])
    assert (entry["size"], entry["adler32"], entry["sha256"]) == (
        found.size,
        found.adler32,
        found.sha256,
    )


def test_archiving_an_unchanged_day_again_stores_nothing(tmp_path: Path) -> None:
    lake, tape = Lake(tmp_path / "data"), DirectoryTapeStore(tmp_path / "tape")
    publish_ticks(lake, DAY, 5)
    first = archive_day(lake, tape, DAY)
    files = sorted(tape.root.rglob("*"))
    second = archive_day(lake, tape, DAY)
    assert (first.new_files, second.new_files) == (1, 0)
    assert sorted(tape.root.rglob("*")) == files


def test_a_changed_day_is_archived_beside_the_old_one(tmp_path: Path) -> None:
    lake, tape = Lake(tmp_path / "data"), DirectoryTapeStore(tmp_path / "tape")
    publish_ticks(lake, DAY, 5)
    first = archive_day(lake, tape, DAY)
    publish_ticks(lake, DAY, 6)
    second = archive_day(lake, tape, DAY)
    assert second.files[0].name.endswith("event_data/events.r1.parquet")
    assert second.manifest.endswith("manifest.r1.json")
    assert tape.stat(first.files[0].name) == first.files[0].fingerprint
