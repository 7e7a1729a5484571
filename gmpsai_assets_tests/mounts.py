"""Disks of their own for tests: a tmpfs that is mounted for as long as a block runs, by root alone."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _mount(*arguments: str) -> None:
    assert os.geteuid() == 0, (
        "this test mounts a disk: run it as root, or as root of a namespace (unshare -rm)"
    )
    done = subprocess.run(
        ["mount", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, f"a tmpfs cannot be mounted: {done.stderr.strip()}"


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[Path]:
    """A new file system at a folder.

    Args:
        place: an empty folder.
        options: of ``mount`` for a tmpfs, such as ``size=28m``.
    """
    _mount(
        "-t",
        "tmpfs",
        *(word for each in options for word in ("-o", each)),
        "gmpsai-test",
        str(place),
    )
    try:
        yield place
    finally:
        if os.path.ismount(place):
            subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=60)


@contextmanager
def bound(folder: Path, place: Path) -> Iterator[Path]:
    """A folder at another place as well, which has the device number of its disk and is a mount all the same."""
    _mount("--bind", str(folder), str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=60)


def remounted_read_only(place: Path) -> None:
    """From now on the file system at a folder cannot be written."""
    _mount("-o", "remount,ro", str(place))
