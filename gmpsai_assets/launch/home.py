"""DAGSTER_HOME: where it is, its preparation, and the lock that lets one platform use it at a time.

What Dagster keeps there is its own affair.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from gmpsai_assets import settings
from gmpsai_assets.acnet.file_locks import take_lock
from gmpsai_assets.lake.atomic import write_bytes

_READY = "prepared"
_COPIED = "settings_copied"
"""Holds the digest of the settings that were copied: a file of that digest was not changed by anybody."""

_EARLIER = {
    "9ea6a1d313106b27023adce64decf8e9a3d3650a024cef1b31a35bdd58ea358b",
    "b14d74648517e6ecbbb872323b20daf942232bc2dcefdb530d2a1e519cc53b15",
}
"""Digests of the package's settings before such notes were made."""


def dagster_home(data_directory: Path) -> Path:
    """``DAGSTER_HOME`` if it is set, or else a folder in the data directory."""
    written = os.environ.get("DAGSTER_HOME")
    return settings.path_of(written, "DAGSTER_HOME") if written else data_directory / "dagster_home"


def prepare_home(home: Path) -> None:
    """Make a DAGSTER_HOME with the package's settings and its databases; the databases are made once.

    Several processes that meet an empty home race in making its databases and can break it for good, so
    one process makes them first.

    Raises:
        RuntimeError: Dagster could not use the folder.
    """
    home.mkdir(parents=True, exist_ok=True)
    renew_settings(home)
    marker = home / _READY
    if marker.exists():
        return
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


def renew_settings(home: Path) -> None:
    """Copy the package's settings unless somebody wrote others: those of an operator stay as they are."""
    packaged = (files("gmpsai_assets") / "deploy" / "dagster.yaml").read_bytes()
    file, note = home / "dagster.yaml", home / _COPIED
    if file.exists():
        copied = {note.read_text().strip()} if note.exists() else _EARLIER
        if hashlib.sha256(file.read_bytes()).hexdigest() not in copied:
            return
    write_bytes(file, packaged)
    write_bytes(note, hashlib.sha256(packaged).hexdigest().encode() + b"\n")


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
