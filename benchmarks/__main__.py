"""``python -m benchmarks``: a whole day, every job beside its bare limit; exit code 1 if a limit is not kept."""

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bare import fetch
from benchmarks.ledger import ledger_and_checks
from benchmarks.loading import seconds_to_load
from benchmarks.machine_time import machine_time
from benchmarks.measuring import measure, service
from benchmarks.pulls import Judged, PullBench, pulls
from benchmarks.timeline_logger import timeline_logger
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.commands import EventLog, LoggerGet, render_url
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets.settings import parameter_lists_directory

DAY = "2026-03-10"
LATENCY = 0.3
"""Seconds added to every request where the patience of the pull is measured."""


def main() -> int:
    """Run all benchmarks and print their table."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with _emulator(folder) as url, _emulator(folder, "--latency", str(LATENCY)) as slow_url:
            judged = _run(url, slow_url, folder)
    for line in judged:
        mark = "ok  " if line.good else "MISS"
        print(
            f"{mark} {line.what:<62} {line.value:8.2f} {line.unit:<3}"
            f" (limit {line.limit:g})  {line.remark}"
        )
    return 0 if all(line.good for line in judged) else 1


def _emulator(folder: Path, *options: str) -> AbstractContextManager[str]:
    """An emulator; all of them share the rendered replies."""
    cache = ("--cache", str(folder / "cache"))
    return service("gmpsai_assets.emulator", "--port", "0", *cache, *options)


def _run(url: str, slow_url: str, folder: Path) -> list[Judged]:
    _render(url)
    home = folder / "dagster_home"
    home.mkdir()
    environment = {
        "GMPSAI_ACL_URL": url,
        "GMPSAI_DATA_DIR": str(folder / "data"),
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    measure(["-m", "dagster", "instance", "info"], environment)
    judged, pull_seconds = pulls(PullBench(DAY, url, slow_url, LATENCY, folder, environment))
    seconds = seconds_to_load(folder / "data", DAY, "B:VIMIN")
    judged.append(Judged("one device-day as a DataFrame", seconds, 0.3, "s", "best of five"))
    judged += ledger_and_checks(DAY, folder, environment, pull_seconds)
    judged += machine_time(folder / "machine_time")
    return judged + timeline_logger(folder / "timeline_logger")


def _render(url: str) -> None:
    """Have all replies of the day rendered, so that only their serving is measured."""
    window = day_window(DAY)
    lists = read_parameter_lists(parameter_lists_directory())
    for parameter in (each for one in lists for each in one.parameters):
        fetch(render_url(url, LoggerGet(parameter.device, window, parameter.node)))
    for code in range(256):
        fetch(render_url(url, EventLog(code, window)))


if __name__ == "__main__":
    sys.exit(main())
