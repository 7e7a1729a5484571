"""The completeness ledger and the checks of a published day against the pull of that day."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measuring import measure
from benchmarks.pulls import Judged
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.acnet.tclk import BOOSTER_TICK, NOMINAL_TICK_HZ
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import COMPLETENESS, EVENT_DATA
from gmpsai_assets.lake.tables import rows_table
from gmpsai_assets.machine_time.line_clock import expected_ticks, line_clock
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import day_is_complete, ticks_match_the_window


def ledger_and_checks(
    day: str, folder: Path, environment: Mapping[str, str], pull_seconds: float
) -> list[Judged]:
    """Time and memory of both, in a process of their own over the day that the pull published.

    Args:
        day: the partition key.
        folder: holds ``data`` with the published day; the ledger is written beside it.
        environment: of the process.
        pull_seconds: what the pull of parameter_data took, less Dagster.
    """
    arguments = ["-m", "benchmarks.ledger", str(folder / "data"), day, str(folder / "ledger")]
    ran = measure(arguments, environment)
    seconds = float(ran.output.split()[-1])
    return [
        Judged(
            "ledger and checks of a day / its pull",
            seconds / pull_seconds,
            0.15,
            "x",
            f"{seconds:.2f} s against {pull_seconds:.1f} s",
        ),
        Judged("peak memory of that process", ran.peak_megabytes, 450, "MB", "two threads"),
    ]


def seconds_to_judge(data: Path, day: str, scratch: Path) -> float:
    """Count all devices, write the ledger, read it back and judge it; the events too where they are there."""
    begun = time.perf_counter()
    lake, window = Lake(data), day_window(day)
    ledger = day_ledger(list(parameter_days(lake, day)), window)
    scratch.mkdir(parents=True, exist_ok=True)
    rows = rows_table(COMPLETENESS, ledger)
    write_table(scratch / COMPLETENESS.file_pattern, COMPLETENESS, rows, {"day": day})
    verdicts = [day_is_complete(rows.to_pylist(), utc_now())]
    if lake.day_files(EVENT_DATA, day):
        expected = expected_ticks(line_clock(window), NOMINAL_TICK_HZ)
        ticks = lake.event_rows(BOOSTER_TICK, day).num_rows
        verdicts.append(ticks_match_the_window(ticks, expected))
    seconds = time.perf_counter() - begun
    assert all(verdict.passed for verdict in verdicts), verdicts
    return seconds


if __name__ == "__main__":
    print(seconds_to_judge(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
