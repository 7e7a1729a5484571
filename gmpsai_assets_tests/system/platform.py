"""`gmpsai run` as a test starts and stops it: the real command, its own data directory and ports, a few devices."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import pytest

_READY = "Ctrl-C stops all of it."
_START_SECONDS = 240
_ANY_PORTS = ["--ui-port", "0", "--site-port", "0", "--emulator-port", "0"]


class RunningPlatform:
    """A platform that has printed its addresses, and that can be stopped and started again.

    Attributes:
        data: its data directory.
        ui: address of the Dagster UI.
        site: address of the plot site.
        output: what it printed until it was ready.
    """

    def __init__(
        self, data: Path, lists: Path, day: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.data, self._lists, self._day = data, lists, day
        self._more = dict(environment or {})
        self.start()

    def start(self) -> None:
        """Start `gmpsai run` on free ports and wait until it is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gmpsai_assets.cli", "run", "--day", self._day, *_ANY_PORTS],
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            self.output = _read_until_ready(self._process)
            self.ui = _address("Dagster UI", self.output)
            self.site = _address("plot site", self.output)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> int:
        """Send SIGTERM unless it has ended; returns its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(timeout=30)
        if self._process.stdout:
            self._process.stdout.close()
        return code

    def _environment(self) -> dict[str, str]:
        outside = {k: v for k, v in os.environ.items() if not k.startswith(("GMPSAI_", "DAGSTER_"))}
        return {
            **outside,
            "GMPSAI_DATA_DIR": str(self.data),
            "GMPSAI_PARAMETER_LISTS": str(self._lists),
            "PYTHONUNBUFFERED": "1",
            **self._more,
        }


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
    """Its output up to the line that says that it is ready; a silent process fails after a while, too."""
    assert process.stdout is not None
    said: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_collect, args=(process.stdout, said), daemon=True).start()
    lines: list[str] = []
    deadline = time.monotonic() + _START_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        try:
            line = said.get(timeout=left)
        except queue.Empty:
            break
        if line is None:
            break
        lines.append(line)
        if _READY in line:
            return "".join(lines)
    pytest.fail(f"gmpsai run did not get ready; it printed:\n{''.join(lines)}")


def _collect(output: IO[str], said: "queue.Queue[str | None]") -> None:
    """Hand on lines until the one that is waited for; later ones stay in the pipe, as without a reader."""
    for line in output:
        said.put(line)
        if _READY in line:
            return
    said.put(None)


def _address(name: str, output: str) -> str:
    found = re.search(rf"{name}\s+(http://\S+)", output)
    assert found, output
    return found.group(1)
