"""The bare limits: the shortest programs that fetch a day's text, parse it and write it, with no care at all.

``python -m benchmarks.bare parameters|events URL DAY FILE``: two threads fetch, pyarrow.csv parses, and for
parameters ParquetWriter writes with the encodings of the lake. Nothing is checked, nothing is kept on failure.
"""

import re
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.commands import EventLog, LoggerGet, render_url
from gmpsai_assets.acnet.connections import open_session
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets.lake.parquet import parquet_writer
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.settings import parameter_lists_directory

_FIRST_ROW = re.compile(rb"^\d\d-[A-Z]{3}-", re.MULTILINE)
_PARSE = csv.ParseOptions(delimiter=" ", quote_char=False)
THREADS = 2


def fetch(url: str) -> pa.Buffer:
    """The body of a reply, read in pieces of a MiB as it comes."""
    # requests itself would escape the | in device names, which the service does not undo.
    with open_session(1) as session, session.get(url, stream=True, timeout=600) as reply:
        return pa.py_buffer(b"".join(reply.iter_content(1 << 20)))


def parameters(base: str, window: Window, path: str) -> None:
    """Fetch, parse and write all parameters of a day."""
    devices = [
        p for each in read_parameter_lists(parameter_lists_directory()) for p in each.parameters
    ]

    def one(number: int) -> pa.Table:
        url = render_url(base, LoggerGet(devices[number].device, window, devices[number].node))
        names = csv.ReadOptions(column_names=["time", "value"])
        types = csv.ConvertOptions(column_types={"time": pa.float64(), "value": pa.float64()})
        rows = csv.read_csv(pa.BufferReader(fetch(url)), names, _PARSE, types)
        times = pc.round(pc.multiply(rows["time"], 1e6)).cast(pa.int64()).cast(TIME_TYPE)
        indices = pa.repeat(pa.scalar(0, pa.int32()), rows.num_rows)
        name = pa.DictionaryArray.from_arrays(indices, pa.array([devices[number].device]))
        return pa.table([name, times, rows["value"]], schema=PARAMETER_DATA.schema)

    with parquet_writer(Path(path), PARAMETER_DATA) as writer:
        for table in _in_threads(one, range(len(devices))):
            writer.write_table(table, row_group_size=1 << 24)


def events(base: str, window: Window, _path: str) -> None:
    """Fetch the text of all events of a day and split it into its fields."""

    def one(code: int) -> int:
        body = fetch(render_url(base, EventLog(code, window))).to_pybytes()
        rows = _FIRST_ROW.search(body)
        if rows is None:
            return 0
        text = body[rows.start() :]
        while b"  " in text:
            text = text.replace(b"  ", b" ")
        names = csv.ReadOptions(column_names=["date", "time", "offset"])
        return int(csv.read_csv(pa.BufferReader(text), names, _PARSE).num_rows)

    print(sum(_in_threads(one, range(256))))


def _in_threads(one: Callable[[int], pa.Table | int], numbers: range) -> Iterable[pa.Table | int]:
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(one, numbers)


if __name__ == "__main__":
    {"parameters": parameters, "events": events}[sys.argv[1]](
        sys.argv[2], day_window(sys.argv[3]), sys.argv[4]
    )
