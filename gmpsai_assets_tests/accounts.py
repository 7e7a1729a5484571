"""Two accounts of one group who share a folder, as far as the account that runs the tests may take others."""

import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FIRST, SECOND, GROUP = 61_001, 61_002, 61_000
"""Numbers that no account of a usual system has."""


def _may_change() -> bool:
    """Whether this process may take other accounts: as root, but not as that of a namespace with one account."""
    rows = (line.split() for line in Path("/proc/self/uid_map").read_text().splitlines())
    return os.geteuid() == 0 and any(int(row[0]) + int(row[2]) > SECOND for row in rows)


IS_ROOT = _may_change()
"""Without it, the tests see the modes alone."""


@contextmanager
def group_folder() -> Iterator[Path]:
    """A folder of the group, with setgid; not below the folder of pytest, which only its user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="gmpsai-group-"))
    if IS_ROOT:
        os.chown(folder, FIRST, GROUP)
    folder.chmod(0o2775)
    try:
        yield folder
    finally:
        folder.chmod(0o700)  # a test may have closed it, or what is in it
        for path in [each for each in folder.rglob("*") if each.is_dir()]:
            path.chmod(0o700)
        shutil.rmtree(folder)


def as_account(number: int, call: Callable[[], object], *, umask: int = 0o002) -> None:
    """Call something in a process of an account of the group; of this one, where the tests are not run by root.

    What is called must not need modules that are not imported yet: that account may not read them.

    Raises:
        AssertionError: it raised; the message is the end of its traceback.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reader)
            os.umask(umask)
            if IS_ROOT:
                os.setgroups([GROUP])
                os.setgid(GROUP)
                os.setuid(number)
            call()
            code = 0
        except BaseException:
            os.write(writer, traceback.format_exc()[-60_000:].encode())
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        text = said.read().decode()
    _, status = os.waitpid(child, 0)
    assert status == 0, text


def assert_shared(folder: Path) -> None:
    """Every file and folder below one may be written by the group, and folders hand the group on."""
    for path in (each for each in folder.rglob("*") if not each.is_symlink()):
        mode = path.stat().st_mode
        wanted = 0o2070 if path.is_dir() else 0o060
        assert mode & wanted == wanted, f"{path} is {mode:o}"
