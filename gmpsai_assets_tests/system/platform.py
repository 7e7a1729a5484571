"""`gmpsai run` as a test starts and stops it: the real command, its own data directory, a few devices."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_READY = "Ctrl-C stops all of it."
_START_SECONDS = 240


@dataclass(frozen=True)
class RunningPlatform:
    """A platform that has printed its addresses."""

    process: subprocess.Popen[str]
    data: Path
    ui: str
    site: str
    output: str


@contextmanager
def running_platform(data: Path, lists: Path, day: str) -> Iterator[RunningPlatform]:
    """Start `gmpsai run` with ports that are free, wait until it is ready, and stop it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gmpsai_assets.cli", "run", "--day", day],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith(("GMPSAI_", "DAGSTER_"))},
            "GMPSAI_DATA_DIR": str(data),
            "GMPSAI_PARAMETER_LISTS": str(lists),
            "PYTHONUNBUFFERED": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output = _read_until_ready(process)
        yield RunningPlatform(
            process,
            data,
            ui=_address("Dagster UI", output),
            site=_address("plot site", output),
            output=output,
        )
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


def processes_using(data: Path) -> list[int]:
    """Processes that were given this data directory and still live."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if f"GMPSAI_DATA_DIR={data}\0".encode() in environment:
            found.append(int(entry.name))
    return found


def _read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    deadline = time.monotonic() + _START_SECONDS
    for line in process.stdout:
        lines.append(line)
        if _READY in line:
            return "".join(lines)
        if time.monotonic() > deadline:
            break
    pytest.fail(f"gmpsai run did not get ready; it printed:\n{''.join(lines)}")


def _address(name: str, output: str) -> str:
    found = re.search(rf"{name}\s+(http://\S+)", output)
    assert found, output
    return found.group(1)
