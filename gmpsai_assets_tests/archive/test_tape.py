"""The tape path: write-once, and read back."""

import hashlib
import shutil
import zlib
from pathlib import Path
from typing import BinaryIO

import pytest

from gmpsai_assets.archive.tape import (
    AlreadyArchivedError,
    DirectoryTapeStore,
    fingerprint,
)
from gmpsai_assets.archive.tape_mark import TapeError, mark_tape_path
from gmpsai_assets.resources.stores import TapeResource


def _marked(root: Path) -> DirectoryTapeStore:
    mark_tape_path(root)
    return DirectoryTapeStore(root)


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
    tape = _marked(tmp_path / "tape")
    local = _local(tmp_path, b"bytes")
    first = tape.put(local, "a/b.parquet")
    before = (tmp_path / "tape/a/b.parquet").stat().st_mtime_ns
    second = tape.put(local, "a/b.parquet")
    assert (first.existed, second.existed) == (False, True)
    assert first.fingerprint == second.fingerprint == tape.stat("a/b.parquet")
    assert (tmp_path / "tape/a/b.parquet").stat().st_mtime_ns == before
    assert [p.name for p in (tmp_path / "tape/a").iterdir()] == ["b.parquet"]


def test_other_bytes_never_replace_an_archived_file(tmp_path: Path) -> None:
    tape = _marked(tmp_path / "tape")
    tape.put(_local(tmp_path, b"first"), "x")
    with pytest.raises(AlreadyArchivedError, match="write-once"):
        tape.put(_local(tmp_path, b"second"), "x")
    assert (tmp_path / "tape/x").read_bytes() == b"first"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="empty"):
        _marked(tmp_path / "tape").put(_local(tmp_path, b""), "x")


@pytest.mark.parametrize("name", ["/x", "../x", "a/../../x", ""])
def test_a_name_outside_the_tape_path_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TapeError, match="not a name inside"):
        _marked(tmp_path / "tape").put(_local(tmp_path, b"x"), name)


def test_a_tape_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tape = _marked(tmp_path / "tape")
    (tmp_path / "tape" / "a").write_text("a file, not a folder")
    with pytest.raises(TapeError, match="could not be written"):
        tape.put(_local(tmp_path, b"x"), "a/b")


@pytest.mark.parametrize(
    "text",
    [
        "davs://door.fnal.gov:2880/pnfs/ldrd",
        "https://door.fnal.gov/pnfs",
        "root://door.fnal.gov//pnfs",
    ],
)
def test_an_address_is_refused_and_makes_no_folder_of_that_name(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GMPSAI_TAPE", text)
    for resource in (TapeResource(), TapeResource(path=text)):
        with pytest.raises(TapeError, match="only a directory can be written"):
            resource.open()
    assert list(tmp_path.iterdir()) == []


def test_the_login_of_an_address_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMPSAI_TAPE", "https://reader:sesame@door.fnal.gov/pnfs?token=sesame")
    with pytest.raises(TapeError, match=r"path https://door\.fnal\.gov/pnfs is") as caught:
        TapeResource().open()
    assert "sesame" not in str(caught.value)


def test_a_directory_is_taken_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GMPSAI_TAPE", "pnfs/ldrd")
    (tmp_path / "pnfs").mkdir()
    mark_tape_path(tmp_path / "pnfs" / "ldrd")
    assert str(TapeResource().open()) == str(tmp_path / "pnfs" / "ldrd")


def test_a_small_file_is_read_back_and_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    tape = _marked(tmp_path / "tape")
    tape.put(_local(tmp_path, b"bytes"), "a/b")
    assert (tape.exists("a/b"), tape.read("a/b")) == (True, b"bytes")
    assert not tape.exists("a/c")
    with pytest.raises(TapeError, match="a/c could not be read"):
        tape.read("a/c")


@pytest.mark.parametrize("stored", [b"bytez", b"byte", b"bytes!"], ids=["byte", "less", "more"])
def test_a_copy_that_reads_back_otherwise_is_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: bytes
) -> None:
    def copy(_: BinaryIO, target: BinaryIO, __: int) -> None:
        target.write(stored)

    tape = _marked(tmp_path / "tape")
    monkeypatch.setattr(shutil, "copyfileobj", copy)
    with pytest.raises(TapeError, match="differs from the original"):
        tape.put(_local(tmp_path, b"bytes"), "a/b.parquet")
    assert list((tmp_path / "tape/a").iterdir()) == []
    monkeypatch.undo()
    assert not tape.put(_local(tmp_path, b"bytes"), "a/b.parquet").existed
    assert (tmp_path / "tape/a/b.parquet").read_bytes() == b"bytes"


def test_the_same_size_is_not_the_same_file(tmp_path: Path) -> None:
    tape = _marked(tmp_path / "tape")
    tape.put(_local(tmp_path, b"bytes"), "x")
    (tmp_path / "tape/x").write_bytes(b"bytez")
    with pytest.raises(AlreadyArchivedError, match="holds other bytes"):
        tape.put(_local(tmp_path, b"bytes"), "x")
