"""``python -m benchmarks.encodings [WORD]``: a simulated day in each way of storing it; the numbers of docs/storage.md.

With a word only the ways whose name begins with it are tried: ``time``, ``value``, ``both``, ``event``.

Each way is tried in a process of its own on the same samples, so that its memory can be told.
"""

import json
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measuring import measure
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.settings import parameter_lists_directory

DAY = "2026-03-10"

Way = Mapping[str, Any]

_DELTA = {"time": "DELTA_BINARY_PACKED"}
_SPLIT = {"value": "BYTE_STREAM_SPLIT"}
_SECONDS = "supercycle_seconds"
_EVENTS = ("time", _SECONDS)


def _dictionary(kibibytes: int) -> Way:
    return {
        "use_dictionary": ["value"],
        "column_encoding": _DELTA,
        "dictionary_pagesize_limit": kibibytes << 10,
    }


WAYS: Mapping[str, tuple[tuple[str, ...], Way]] = {
    "time: plain": (("time",), {"use_dictionary": False}),
    "time: byte stream split": (
        ("time",),
        {"use_dictionary": False, "column_encoding": {"time": "BYTE_STREAM_SPLIT"}},
    ),
    "time: delta (chosen)": (("time",), {"use_dictionary": False, "column_encoding": _DELTA}),
    "value: plain": (("value",), {"use_dictionary": False}),
    "value: byte stream split": (("value",), {"use_dictionary": False, "column_encoding": _SPLIT}),
    "value: dictionary of 16 MiB": (("value",), _dictionary(16 << 10)),
    "value: dictionary of 2 MiB": (("value",), _dictionary(2 << 10)),
    "value: dictionary of 1008 KiB (chosen)": (("value",), _dictionary(1008)),
    "value: dictionary of 256 KiB": (("value",), _dictionary(256)),
    "both, zstd level 1 (in use)": (("time", "value"), _dictionary(1008)),
    "both, zstd level 3": (
        ("time", "value"),
        {**_dictionary(1008), "compression_level": 3},
    ),
    "both, zstd level 9": (("time", "value"), {**_dictionary(1008), "compression_level": 9}),
    "event time: plain": (("time",), {"use_dictionary": False}),
    "event time: byte stream split": (
        ("time",),
        {"use_dictionary": False, "column_encoding": {"time": "BYTE_STREAM_SPLIT"}},
    ),
    "event time: delta (chosen)": (("time",), {"use_dictionary": False, "column_encoding": _DELTA}),
    "event seconds: plain": ((_SECONDS,), {"use_dictionary": False}),
    "event seconds: dictionary of 1008 KiB": (
        (_SECONDS,),
        {"use_dictionary": [_SECONDS], "dictionary_pagesize_limit": 1008 << 10},
    ),
    "event seconds: byte stream split (chosen)": (
        (_SECONDS,),
        {"use_dictionary": False, "column_encoding": {_SECONDS: "BYTE_STREAM_SPLIT"}},
    ),
    "event, both, plain seconds": (_EVENTS, {"use_dictionary": False, "column_encoding": _DELTA}),
    "event, both (in use)": (
        _EVENTS,
        {
            "use_dictionary": False,
            "column_encoding": {**_DELTA, _SECONDS: "BYTE_STREAM_SPLIT"},
        },
    ),
}
"""Name: columns, and options of ``pyarrow.parquet.ParquetWriter``; all with zstd, level 1 if none is named."""


def main(word: str = "") -> int:
    """Store the day of all listed devices, or of all events, in each way and print the table."""
    print(
        "| way | bytes a row | MB a day | write, processor s | read, processor s | Arrow memory at most, MB |"
    )
    print("|---|---|---|---|---|---|")
    with TemporaryDirectory() as scratch:

        @cache
        def folders(events: bool) -> Path:
            folder = Path(scratch) / ("events" if events else "samples")
            folder.mkdir()
            return _simulated_events(folder) if events else _simulated_day(folder)

        for name in [each for each in WAYS if each.startswith(word)]:
            samples = folders(_is_of_events(name))
            output = measure(["-m", "benchmarks.encodings", name, str(samples)], {}).output
            told = json.loads(output)
            size, rows = told["bytes"], told["rows"]
            print(
                f"| {name} | {size / rows:.2f} | {size / 1e6:.1f} | {told['write']:.2f} | {told['read']:.2f} "
                f"| {told['memory'] / 1e6:.0f} |",
                flush=True,
            )
    return 0


def _simulated_day(folder: Path) -> Path:
    """The samples of each device in an Arrow file of its own, the values as they come out of the service's text."""
    machine, window = Machine(), day_window(DAY)
    listed = read_parameter_lists(parameter_lists_directory())
    for number, parameter in enumerate(p for each in listed for p in each.parameters):
        times, values = machine.samples(parameter.device, window)
        # The service writes the shortest decimal text of a single-precision number.
        as_read = pa.array(values, pa.float32()).cast(pa.string()).cast(pa.float64())
        rows = pa.table({"time": pa.array(times).cast(TIME_TYPE), "value": as_read})
        with pa.ipc.new_file(str(folder / f"{number:02}.arrow"), rows.schema) as writer:
            writer.write_table(rows)
    return folder


def _simulated_events(folder: Path) -> Path:
    """The occurrences of each event in a file of its own: milliseconds, and microseconds into the supercycle."""
    machine, window = Machine(), day_window(DAY)
    for code in machine.tclk.codes:
        times, seconds = machine.events(code, window)
        logged = pa.array(times // 1000 * 1000).cast(TIME_TYPE)
        rows = pa.table({"time": logged, _SECONDS: pa.array(seconds.round(6))})
        with pa.ipc.new_file(str(folder / f"{code:03}.arrow"), rows.schema) as writer:
            writer.write_table(rows)
    return folder


def _is_of_events(name: str) -> bool:
    return name.startswith("event")


def _store(name: str, samples: Path) -> dict[str, float]:
    columns, options = WAYS[name]
    path = samples / "stored.parquet"
    files = sorted(samples.glob("*.arrow"))
    schema = pa.schema([("time", TIME_TYPE), ("value", pa.float64()), (_SECONDS, pa.float64())])
    schema = pa.schema([schema.field(column) for column in columns])
    rows, begun = 0, time.process_time()
    with pq.ParquetWriter(path, schema, compression="zstd", **options) as writer:
        for file in files:
            with pa.memory_map(str(file)) as source:
                table = pa.ipc.open_file(source).read_all().select(list(columns))
            writer.write_table(table, row_group_size=1 << 24)
            rows += table.num_rows
    written, memory = time.process_time() - begun, pa.default_memory_pool().max_memory()
    read = min(_seconds_to_read(path) for _ in range(3))
    size = path.stat().st_size
    return {"bytes": size, "rows": rows, "write": written, "read": read, "memory": memory}


def _seconds_to_read(path: Path) -> float:
    """Processor seconds for the whole file in one thread."""
    begun = time.process_time()
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            file.read_row_group(group, use_threads=False)
    return time.process_time() - begun


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(main(*sys.argv[1:]))
    print(json.dumps(_store(sys.argv[1], Path(sys.argv[2]))))
