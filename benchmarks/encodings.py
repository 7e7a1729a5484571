"""``python -m benchmarks.encodings``: a simulated day in each way of storing it; the numbers of docs/storage.md.

Each way is tried in a process of its own on the same samples, so that its memory can be told.
"""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measuring import measure
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.lake.schemas import TIME
from gmpsai_assets.settings import parameter_lists_directory

DAY = "2026-03-10"

Way = Mapping[str, Any]

_DELTA = {"time": "DELTA_BINARY_PACKED"}
_SPLIT = {"value": "BYTE_STREAM_SPLIT"}


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
}
"""Name: columns, and options of ``pyarrow.parquet.ParquetWriter``; all with zstd, level 1 if none is named."""


def main() -> int:
    """Store the day of all listed devices in each way and print the table."""
    print(
        "| way | bytes a row | MB a day | write, processor s | read, s | Arrow memory at most, MB |"
    )
    print("|---|---|---|---|---|---|")
    with TemporaryDirectory() as scratch:
        samples = _simulated_day(Path(scratch))
        for name in WAYS:
            output = measure(["-m", "benchmarks.encodings", name, str(samples)], {}).output
            told = json.loads(output)
            size, rows = told["bytes"], told["rows"]
            print(
                f"| {name} | {size / rows:.2f} | {size / 1e6:.1f} | {told['write']:.1f} | {told['read']:.1f} "
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
        rows = pa.table({"time": pa.array(times).cast(TIME), "value": as_read})
        with pa.ipc.new_file(str(folder / f"{number:02}.arrow"), rows.schema) as writer:
            writer.write_table(rows)
    return folder


def _store(name: str, samples: Path) -> dict[str, float]:
    columns, options = WAYS[name]
    path = samples / "stored.parquet"
    files = sorted(samples.glob("*.arrow"))
    schema = pa.schema([("time", TIME), ("value", pa.float64())])
    schema = pa.schema([schema.field(column) for column in columns])
    rows, begun = 0, time.process_time()
    with pq.ParquetWriter(path, schema, compression="zstd", **options) as writer:
        for file in files:
            with pa.memory_map(str(file)) as source:
                table = pa.ipc.open_file(source).read_all().select(list(columns))
            writer.write_table(table, row_group_size=1 << 24)
            rows += table.num_rows
    written, memory = time.process_time() - begun, pa.default_memory_pool().max_memory()
    begun = time.perf_counter()
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            file.read_row_group(group, use_threads=False)
    read = time.perf_counter() - begun
    size = path.stat().st_size
    return {"bytes": size, "rows": rows, "write": written, "read": read, "memory": memory}


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    print(json.dumps(_store(sys.argv[1], Path(sys.argv[2]))))
