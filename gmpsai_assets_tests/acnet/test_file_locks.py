"""The kernel's lock on a file, and what is said where there is none."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from gmpsai_assets.acnet.file_locks import take_lock


def test_one_holds_it_and_the_next_gets_it_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "there.lock"
    first = take_lock(path, wait=False)
    assert first is not None
    assert take_lock(path, wait=False) is None
    first.release()
    second = take_lock(path, wait=False)
    assert second is not None
    second.release()


def test_what_the_file_holds_stays(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("4711")
    take_lock(path, wait=True).release()
    assert path.read_text() == "4711"


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def flock(_: int, __: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    path = tmp_path / "day.lock"
    with pytest.raises(OSError, match=r"day\.lock cannot be locked.*local disk") as error:
        take_lock(path, wait=True)
    assert error.value.errno == number
