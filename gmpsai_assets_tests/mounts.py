"""Disks of their own for tests: a tmpfs that is mounted for as long as a block runs.

A test that mounts is marked ``mounts``. An ordinary user may do so in a namespace of his own, in which such a test is
run once more (``run_in_namespace``); only there are its disks mounted.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def run_in_namespace(item: pytest.Function) -> bool | None:
    """Run a test that mounts as root of a namespace of its own; None where that is not needed."""
    if item.get_closest_marker("mounts") is None or os.geteuid() == 0:
        return None
    place = Path(str(item.funcargs["tmp_path"])) / "namespace"
    options = ["-q", "-p", "no:cacheprovider", f"--basetemp={place}"]
    test = f"{item.path}::{item.name}"
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", sys.executable, "-m", "pytest", *options, test],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, (
        "this test needs to mount a tmpfs: run it as root, or where users may make namespaces\n"
        f"{done.stdout}\n{done.stderr}"
    )
    return True


def _mount(*arguments: str) -> None:
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
    chosen = (word for each in options for word in ("-o", each))
    _mount("-t", "tmpfs", *chosen, "gmpsai-test", str(place))
    try:
        yield place
    finally:
        if os.path.ismount(place):
            subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=60)


@contextmanager
def mounted_for_test(place: Path, *options: str) -> Iterator[Path]:
    """The same for a fixture, which is also set up where its test is then run in a namespace."""
    if os.geteuid() != 0:
        yield place
        return
    with mounted(place, *options):
        yield place


@contextmanager
def bound(folder: Path, place: Path) -> Iterator[Path]:
    """A folder at another place as well, which has the device number of its disk and is a mount all the same."""
    _mount("--bind", str(folder), str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=60)


def remounted(place: Path, option: str) -> None:
    """From now on the file system at a folder is as an option says: ``ro``, or ``size=100m``."""
    _mount("-o", f"remount,{option}", str(place))
