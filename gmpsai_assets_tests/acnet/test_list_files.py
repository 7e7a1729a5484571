"""Folders of parameter lists as people have them: what editors and other systems leave, and files that are no text."""

import logging
import os
from pathlib import Path

import pytest

from gmpsai_assets.acnet.list_files import ParameterListError, list_text
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets_tests.accounts import SECOND, as_account, group_folder

NO_LISTS = (
    "._List.txt",
    ".old.txt",
    ".List.txt.swp",
    ".nfs000000000000001.txt",
    "~$List.txt",
    "List.txt~",
    "#List.txt#",
    "List.txt.bak",
    "LIST.TXT",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "List.txt").write_text("B:VIMIN\n")
    return tmp_path


@pytest.mark.parametrize("name", NO_LISTS)
def test_what_editors_and_other_systems_leave_is_no_list_and_is_named_once(
    folder: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / name).write_bytes(b"\0\5\26\7")
    for _ in range(2):
        assert [each.name for each in read_parameter_lists(folder)] == ["List"]
    (said,) = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert said.startswith(f"{folder}: not read as parameter lists: {name}; ")


def test_the_lock_of_an_editor_is_no_list(folder: Path) -> None:
    (folder / ".#List.txt").symlink_to("operator@control.4711:1764000000")
    assert [each.name for each in read_parameter_lists(folder)] == ["List"]


def test_other_files_are_passed_over_without_a_word(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("Thumbs.db", ".DS_Store", "devices.json", "notes.md"):
        (folder / name).write_bytes(b"\0")
    (folder / "lost+found").mkdir()
    assert [each.name for each in read_parameter_lists(folder)] == ["List"]
    assert caplog.records == []


def _link_to_nowhere(path: Path) -> None:
    path.symlink_to("../elsewhere.txt")


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (Path.mkdir, "Other.txt is a folder, and a list is a text file; mend it, move it"),
        (os.mkfifo, "Other.txt is no ordinary file"),
        (_link_to_nowhere, "Other.txt is a link to ../elsewhere.txt, which is not there"),
        (_link_to_itself, "Other.txt is a link to Other.txt, which is not there"),
        (lambda path: path.write_text("B:VIMAX\n", "utf-16"), "Other.txt is written in UTF-16"),
        (lambda path: path.write_text("B:VIMAX\n", "utf-16-le"), "Other.txt is written in UTF-16"),
        (
            lambda path: path.write_bytes(b"# GMPS\n# pr\xe9sent\nB:VIMAX\n"),
            "Other.txt:2: the byte 0xe9 is no UTF-8; save the list as UTF-8",
        ),
    ],
    ids=["folder", "pipe", "dangling", "loop", "utf-16", "utf-16 without mark", "latin-1"],
)
def test_what_is_named_like_a_list_and_is_no_text_is_a_sentence(
    folder: Path, make: object, sentence: str
) -> None:
    assert callable(make)
    make(folder / "Other.txt")
    with pytest.raises(ParameterListError) as caught:
        read_parameter_lists(folder)
    assert f"{folder}/{sentence}" in str(caught.value)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "with a mark"])
def test_every_way_to_end_lines_is_read(folder: Path, mark: bytes, end: bytes) -> None:
    path = folder / "Other.txt"
    path.write_bytes(mark + end.join([b"# rate: 1 Hz", b"MLrn B:VIMAX", b""]))
    assert list_text(path) == "# rate: 1 Hz\nMLrn B:VIMAX\n"
    assert read_parameter_lists(folder)[1].nominal_rate_hz == 1


@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_may_not_be_read_is_a_sentence(which: str) -> None:
    with group_folder() as folder:
        path = folder / "List.txt"
        path.write_text("B:VIMIN\n")
        closed, what = (
            (path, f"{path} cannot be read")
            if which == "file"
            else (folder, f"{folder} cannot be listed")
        )
        closed.chmod(0)
        with pytest.raises(AssertionError, match=rf"{what} \(Permission denied\); let the account"):
            as_account(SECOND, lambda: read_parameter_lists(folder))
        closed.chmod(0o755)


def test_a_folder_that_is_none_is_a_sentence(folder: Path) -> None:
    with pytest.raises(ParameterListError, match="there is no such folder; check GMPSAI_PARAM"):
        read_parameter_lists(folder / "nowhere")
    with pytest.raises(ParameterListError, match=r"List\.txt is a file; GMPSAI_PARAMETER_LISTS"):
        read_parameter_lists(folder / "List.txt")
