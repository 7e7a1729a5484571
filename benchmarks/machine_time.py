"""A day in machine time: cycles beside reading and writing as many numbers, and the reconciliation.

``python -m benchmarks.machine_time bare|cycles|reconciliation DATA DAY`` does one of them and prints its seconds;
with no arguments all of it is measured and judged.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow.parquet as pq

from benchmarks.measuring import measure
from benchmarks.pulls import Judged
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import parquet_writer, write_row_group
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.machine_time.day_of_cycles import CYCLES_ARE_MADE_OF, build_cycles
from gmpsai_assets.machine_time.inputs import open_inputs
from gmpsai_assets.machine_time.offsets import nearest_tick
from gmpsai_assets.machine_time.reconciled_day import (
    RECONCILIATION_IS_MADE_OF,
    build_reconciliation,
)
from gmpsai_assets.machine_time.tables import CYCLE_PARAMETERS, CYCLES, RECONCILED_CODES

DAY = "2026-03-10"
LATE = "B:GMPS4V=14,1"
_BIN = 66_000
_RUNS = 3
_THREADS = 2


def machine_time(folder: Path, day: str = DAY) -> list[Judged]:
    """Cycles and reconciliation of a whole simulated day, clean and with a late front end."""
    clean, late = folder / "clean", folder / "late"
    measure(["-m", "benchmarks.simulated_lake", str(clean), day], {})
    measure(["-m", "benchmarks.simulated_lake", str(late), day, LATE], {})
    # One after the other, so that what else the machine does meets both alike.
    runs = [(_timed("bare", clean, day)[0], _timed("cycles", clean, day)) for _ in range(_RUNS)]
    bare, cycles = min(run[0] for run in runs), min(run[1][0] for run in runs)
    megabytes = max(run[1][1] for run in runs)
    _timed("cycles", late, day)
    planned, seen = _timed("reconciliation", clean, day), _sums(clean, day)
    return [
        Judged(
            "cycles of a day / reading and writing its samples",
            cycles / bare,
            3,
            "x",
            f"{cycles:.1f} s against {bare:.1f} s for parameter, time and value read and written back; both in "
            f"two threads, best of {_RUNS} in turn",
        ),
        Judged("peak memory of that process", megabytes, 1500, "MB", "whole process"),
        *_kept("clean day", clean, day),
        *_kept(f"{LATE} ms", late, day),
        Judged("reconciliation of a day", planned[0], 10, "s", f"{seen['planned']:,} planned"),
        Judged(
            "planned or seen events without a partner",
            seen["missing"] + seen["unplanned"] + seen["seen_without_recipe"],
            0,
            "",
            f"{seen['matched']:,} matched",
        ),
    ]


def _kept(what: str, data: Path, day: str) -> list[Judged]:
    """Ticks that have no row, and cells that are empty, of the parameter with most of them."""
    lake = Lake(data)
    (cycles,) = lake.day_files(CYCLES, day)
    times, others, rows = _against_the_machine(cycles, day)
    ticks = Machine().events(0x0C, day_window(day))[0].size
    accounts = lake.read_day(CYCLE_PARAMETERS, day).to_pylist()
    empty = max(each["ticks_without_number"] for each in accounts)
    kept, mixed = _inner_join_of_bins(data, day, {e["parameter"]: e["offset_ms"] for e in accounts})
    return [
        Judged(
            f"{what}: ticks without a row, or rows without a tick", times, 0, "", f"{rows:,} rows"
        ),
        Judged(f"{what}: cells with the sample of another tick", others, 0, "", "all parameters"),
        Judged(
            f"{what}: empty cells of the worst parameter",
            100 * empty / rows,
            0.01,
            "%",
            f"66 ms bins and an inner join: {100 * (1 - kept / ticks):.1f} % of the ticks lost, "
            f"{100 * mixed / kept:.1f} % of the rest mix ticks",
        ),
    ]


def _against_the_machine(path: Path, day: str) -> tuple[int, int, int]:
    """Cycles beside the truth.

    Returns:
        How many ticks have no row of their own time or rows no tick, how many cells hold another value than the
        machine had on that tick, and the rows.
    """
    machine = Machine()
    true = machine.events(0x0C, day_window(day))[0]
    first = machine.clock.first_tick_from(int(true[0]) - 20_000)
    with pq.ParquetFile(path) as file:
        times = file.read(["time"])["time"].cast("int64").to_numpy()
        # The event log writes milliseconds.
        known, place, row = np.intersect1d(true // 1000 * 1000, times, return_indices=True)
        others = 0
        for name in file.schema_arrow.names[len(CYCLES.schema) :]:
            values = machine.signals.values(machine.device(name), first, true.size)[place]
            cells = file.read([name])[name].to_numpy()[row]
            others += int((np.isfinite(cells) & (cells.astype("f4") != values)).sum())
    return int(true.size + times.size - 2 * known.size), others, times.size


def _inner_join_of_bins(data: Path, day: str, offsets: Mapping[str, float]) -> tuple[int, int]:
    """What resampling to 66 ms and an inner join would make of the day.

    Returns:
        How many bins hold a sample of every parameter, and how many of these hold samples of different ticks.
    """
    window = day_window(day)
    bins = (window.end_microseconds - window.start_microseconds) // _BIN + 1
    counts, first, last = np.zeros((3, bins), np.int64)
    lake = Lake(data)
    (cycles,) = lake.day_files(CYCLES, day)
    with pq.ParquetFile(cycles) as file:
        grid = file.read(["time"])["time"].cast("int64").to_numpy()
    parameters = list(parameter_days(lake, day))
    first += grid.size
    for each in parameters:
        times = each.times()
        held, sample = np.unique((times - window.start_microseconds) // _BIN, return_index=True)
        tick = nearest_tick(grid, times[sample] - round(1000 * offsets[each.parameter]))
        counts[held] += 1
        first[held] = np.minimum(first[held], tick)
        last[held] = np.maximum(last[held], tick)
    kept = counts == len(parameters)
    return int(kept.sum()), int((kept & (first != last)).sum())


def _sums(data: Path, day: str) -> dict[str, int]:
    rows = Lake(data).read_day(RECONCILED_CODES, day).to_pylist()
    names = ("planned", "matched", "missing", "unplanned", "seen_without_recipe")
    return {name: sum(row[name] for row in rows) for name in names}


def _timed(what: str, data: Path, day: str) -> tuple[float, float]:
    """Seconds of one job without its imports, and the peak memory of its process in MB."""
    done = measure(["-m", "benchmarks.machine_time", what, str(data), day], {})
    return float(json.loads(done.output.splitlines()[-1])), done.peak_megabytes


def bare(data: Path, day: str) -> None:
    """Read each column of the samples and write it back, with no more than that, in as many threads as cycles."""
    files = Lake(data).day_files(PARAMETER_DATA, day)
    with TemporaryDirectory(dir=data) as scratch, ThreadPoolExecutor(_THREADS) as pool:
        paths = [Path(scratch) / f"bare{number}.parquet" for number in range(_THREADS)]
        list(pool.map(lambda number: _copy(files, paths[number], number), range(_THREADS)))


def _copy(files: Sequence[Path], path: Path, number: int) -> None:
    """Every n-th parameter, n being the number of threads."""
    with parquet_writer(path, PARAMETER_DATA) as writer:
        for file in files:
            with pq.ParquetFile(file) as source:
                for group in range(number, source.num_row_groups, _THREADS):
                    write_row_group(writer, source.read_row_group(group))


JOBS: dict[str, Callable[[Path, str], object]] = {
    "bare": bare,
    "cycles": lambda data, day: build_cycles(
        Lake(data), open_inputs(Lake(data), day, CYCLES_ARE_MADE_OF)
    ),
    "reconciliation": lambda data, day: build_reconciliation(
        Lake(data), open_inputs(Lake(data), day, RECONCILIATION_IS_MADE_OF)
    ),
}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        begun = time.perf_counter()
        JOBS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
        print(time.perf_counter() - begun)
    else:
        with TemporaryDirectory() as scratch:
            for line in machine_time(Path(scratch)):
                print("ok  " if line.good else "MISS", line)
