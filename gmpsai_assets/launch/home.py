"""DAGSTER_HOME: where it is, its preparation, and the lock that lets one platform use it at a time.

What Dagster keeps there is its own affair.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from gmpsai_assets import settings
from gmpsai_assets.acnet.file_locks import take_lock

_READY = "prepared"


def dagster_home(data_directory: Path) -> Path:
    """``DAGSTER_HOME`` if it is set, or else a folder in the data directory."""
    written = os.environ.get("DAGSTER_HOME")
    return settings.path_of(written, "DAGSTER_HOME") if written else data_directory / "dagster_home"


def prepare_home(home: Path) -> None:
    """Make a DAGSTER_HOME with the package's settings and its databases; done once.

    Several processes that meet an empty home race in making its databases and can break it for good, so
    one process makes them first.

    Raises:
        RuntimeError: Dagster could not use the folder.
    """
    marker = home / _READY
    if marker.exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        with as_file(files("gmpsai_assets") / "deploy" / "dagster.yaml") as packaged:
            shutil.copyfile(packaged, home / "dagster.yaml")
    made = subprocess.run(
        [sys.executable, "-m", "dagster", "instance", "info"],
        env={**os.environ, "DAGSTER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        msg = f"Dagster cannot use {home}:\n{made.stderr.strip()[-2000:]}"
        raise RuntimeError(msg)
    marker.touch()


@contextmanager
def only_platform(home: Path) -> Iterator[None]:
    """Within the block no other ``gmpsai run`` can use the same DAGSTER_HOME: two daemons would do all work twice.

    Raises:
        RuntimeError: another one does. The lock ends with its process, however that ends.
    """
    lock = take_lock(home / "running", wait=False)
    if lock is None:
        msg = (
            f"another gmpsai run uses {home} already; stop it, or give this one a data directory "
            "of its own with GMPSAI_DATA_DIR"
        )
        raise RuntimeError(msg)
    try:
        yield
    finally:
        lock.release()
