"""A tape path is where its mark is: a mount that is missing archives nothing, and makes nothing on the local disk."""

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gmpsai_assets.archive import tape as tape_module
from gmpsai_assets.archive.archiving import archive_day
from gmpsai_assets.archive.tape import DirectoryTapeStore
from gmpsai_assets.archive.tape_mark import MARK_FILE, TapeError, mark_tape_path
from gmpsai_assets.cli import main
from gmpsai_assets.lake import mounts
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.resources.stores import TapeResource
from gmpsai_assets_tests.accounts import SECOND, as_account, group_folder
from gmpsai_assets_tests.mounts import mounted_for_test, remounted
from gmpsai_assets_tests.tables import publish_small_day

DAYS = ("2026-03-10", "2026-03-11")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "data")
    for day in DAYS:
        publish_small_day(lake, day, ticks=5)
    return lake


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tape path that is set, which is not there yet."""
    root = tmp_path / "pnfs" / "gmps"
    root.parent.mkdir()
    monkeypatch.setenv("GMPSAI_TAPE", str(root))
    monkeypatch.setenv("GMPSAI_DATA_DIR", str(tmp_path / "data"))
    return root


def _not_there(root: Path) -> None:
    """As where the mount holds the folder itself."""


def _parent_not_there(root: Path) -> None:
    root.parent.rmdir()


def _empty(root: Path) -> None:
    root.mkdir()


def _link_to_nothing(root: Path) -> None:
    root.symlink_to("../not/mounted")


def _file(root: Path) -> None:
    root.write_text("")


def _older(root: Path) -> None:
    (root / "2026" / "03" / "2026-03-09").mkdir(parents=True)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_not_there, "is not there; its mount may be missing"),
        (_parent_not_there, "is not there; its mount may be missing"),
        (_empty, "has no gmpsai-tape.json; its mount may be missing"),
        (_link_to_nothing, "is a link to ../not/mounted, which is not there; its mount may be"),
        (_file, "is a file; its mount may be missing"),
        (_older, "holds archived days and no gmpsai-tape.json, as one of an older version"),
    ],
)
def test_without_the_mark_nothing_is_archived_and_nothing_is_made(
    root: Path, lake: Lake, make: object, reason: str
) -> None:
    assert callable(make)
    make(root)
    before = sorted(root.parent.parent.rglob("*"))
    sentence = re.escape(f"the tape path {root} {reason}") + f".*`gmpsai tape init {root}`"
    with pytest.raises(TapeError, match=sentence):
        TapeResource().open()
    with pytest.raises(TapeError, match=sentence):
        archive_day(lake, DirectoryTapeStore(root), DAYS[0])
    assert sorted(root.parent.parent.rglob("*")) == before


def test_the_command_marks_it_once_and_then_days_are_archived(
    root: Path, lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tape", "init"]) == 0
    assert capsys.readouterr().out.startswith(f"{root} is a tape path from now on")
    mark = root / MARK_FILE
    before = mark.stat()
    made_at = json.loads(mark.read_text())["made_at"]
    assert main(["tape", "init", str(root)]) == 0
    assert capsys.readouterr().out == (
        f"{root} is marked as a tape path already since {made_at}; nothing was changed.\n"
    )
    assert (mark.stat().st_ino, mark.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert archive_day(lake, TapeResource().open(), DAYS[0]).new_files > 0


def test_the_command_says_what_to_set_for_another_place(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tape", "init", str(tmp_path / "other")]) == 0
    assert f"once GMPSAI_TAPE={tmp_path / 'other'} is set" in capsys.readouterr().out
    assert not root.exists()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_parent_not_there, "no folder above a tape path is made; its mount may be missing"),
        (_link_to_nothing, "is a link to ../not/mounted, which is not there; a tape path is a"),
        (_file, "is a file; a tape path is a directory"),
    ],
)
def test_the_command_makes_no_folder_above_and_refuses_what_is_none(
    root: Path, make: object, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(make)
    make(root)
    before = sorted(root.parent.parent.rglob("*"))
    assert main(["tape", "init"]) == 1
    assert reason in capsys.readouterr().err
    assert sorted(root.parent.parent.rglob("*")) == before


def test_the_command_marks_nothing_below_a_mount_that_is_missing(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root.parent.parent / "fstab").write_text(f"door:/pnfs {root.parent} nfs ro 0 0\n")
    monkeypatch.setattr(mounts, "_TO_BE_MOUNTED", root.parent.parent / "fstab")
    assert main(["tape", "init"]) == 1
    assert f"{root.parent} is not mounted, and {root} would be made" in capsys.readouterr().err
    assert list(root.parent.iterdir()) == []


def test_the_command_refuses_an_address_and_an_unknown_home(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["tape", "init", "davs://door.fnal.gov/pnfs"]) == 1
    assert "only a directory can be written" in capsys.readouterr().err
    assert main(["tape", "init", "~nobody-here/tape"]) == 1
    assert "knows no home of ~nobody-here" in capsys.readouterr().err


def test_a_tape_path_of_an_older_version_goes_on_after_it_was_marked(
    root: Path, lake: Lake
) -> None:
    mark_tape_path(root)
    first = archive_day(lake, DirectoryTapeStore(root), DAYS[0])
    (root / MARK_FILE).unlink()
    with pytest.raises(TapeError, match="of an older version"):
        archive_day(lake, DirectoryTapeStore(root), DAYS[0])
    mark_tape_path(root)
    assert archive_day(lake, DirectoryTapeStore(root), DAYS[0]).manifest == first.manifest


def test_a_tape_path_that_is_reached_by_a_link_is_one(root: Path, lake: Lake) -> None:
    (root.parent / "real").mkdir()
    root.symlink_to("real")
    mark_tape_path(root)
    archive_day(lake, TapeResource().open(), DAYS[0])
    assert (root.parent / "real" / "2026" / "03" / DAYS[0] / "manifest.json").is_file()


def test_the_default_is_made_by_itself_with_its_mark(
    lake: Lake, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GMPSAI_TAPE")
    (lake.root / "tape" / "2026" / "03" / "2026-03-09").mkdir(parents=True)  # of an older version
    archive_day(lake, TapeResource().open(), DAYS[0])
    assert (lake.root / "tape" / MARK_FILE).stat().st_size > 0
    # The same place, named: no other rules hold for it.
    monkeypatch.setenv("GMPSAI_TAPE", f"{lake.root}/tape/")
    (lake.root / "tape" / MARK_FILE).unlink()
    archive_day(lake, TapeResource().open(), DAYS[0])


def test_the_command_needs_no_data_directory_for_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GMPSAI_TAPE", raising=False)
    monkeypatch.setenv("GMPSAI_DATA_DIR", str(tmp_path / "data"))
    assert main(["tape", "init"]) == 0
    assert (
        f"{tmp_path / 'data' / 'tape'} is marked as a tape path already since"
        in capsys.readouterr().out
    )


def test_a_default_that_is_a_link_needs_the_mark_of_the_operator(
    lake: Lake, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GMPSAI_TAPE")
    root.mkdir()
    (lake.root / "tape").symlink_to(root)
    with pytest.raises(TapeError, match="has no gmpsai-tape"):
        TapeResource().open()
    assert list(root.iterdir()) == []


@pytest.fixture
def mount(root: Path) -> Iterator[Path]:
    root.mkdir()
    with mounted_for_test(root):
        mark_tape_path(root)
        yield root


@pytest.mark.mounts
@pytest.mark.usefixtures("mount")
def test_a_mount_that_is_lost_between_two_days_archives_no_further_one(
    root: Path, lake: Lake
) -> None:
    tape = TapeResource().open()
    archive_day(lake, tape, DAYS[0])
    subprocess.run(["umount", str(root)], check=True, timeout=60)
    with pytest.raises(TapeError, match="its mount may be missing"):
        archive_day(lake, tape, DAYS[1])
    assert list(root.iterdir()) == []


@pytest.mark.mounts
def test_a_mount_that_cannot_be_written_is_named_and_what_is_in_it_counts(
    mount: Path, lake: Lake
) -> None:
    tape = TapeResource().open()
    first = archive_day(lake, tape, DAYS[0])
    remounted(mount, "ro")
    assert archive_day(lake, tape, DAYS[0]).manifest == first.manifest
    with pytest.raises(TapeError, match=r"could not be written.*Read-only file system"):
        archive_day(lake, tape, DAYS[1])
    with pytest.raises(TapeError, match=r"could not be marked.*Read-only"):
        mark_tape_path(mount / "below")


def test_a_root_that_is_lost_while_a_file_is_stored_is_not_made_again(
    root: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_tape_path(root)
    monkeypatch.setattr(tape_module, "require_mark", lambda _: None)  # seen just before it went
    (root / MARK_FILE).unlink()
    root.rmdir()
    with pytest.raises(TapeError, match="could not be written"):
        DirectoryTapeStore(root).put(lake.day_files(EVENT_DATA, DAYS[0])[0], "2026/03/x")
    assert not root.exists()


def test_a_tape_path_that_may_not_be_entered_is_named() -> None:
    with group_folder() as folder:
        (folder / "tape").mkdir()
        mark_tape_path(folder / "tape")
        (folder / "tape").chmod(0)
        store = DirectoryTapeStore(folder / "tape")
        with pytest.raises(AssertionError, match="cannot be looked at: Permission denied"):
            as_account(SECOND, lambda: store.exists("2026/03/x"))


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_tape_path_without_hard_links_stores_once_and_never_over_another_file(
    root: Path, lake: Lake, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    mark_tape_path(root)
    monkeypatch.setattr(os, "link", link)
    tape = DirectoryTapeStore(root)
    first = archive_day(lake, tape, DAYS[0])
    assert archive_day(lake, tape, DAYS[0]).new_files == 0
    assert list(root.rglob(".*")) == []
    publish_small_day(lake, DAYS[0], ticks=6)
    second = archive_day(lake, tape, DAYS[0])
    assert (first.sequence, second.sequence) == (0, 1)
    for file in first.files:
        assert tape.stat(file.name) == file.fingerprint


def test_the_command_is_a_sub_command_of_gmpsai(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gmpsai_assets.cli", "tape", "init", str(tmp_path / "tape")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "is a tape path from now on" in done.stdout
