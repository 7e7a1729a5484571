"""Samples through text, parser, draft and Parquet come back exactly, to the last bit."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.replies.sample_reply import settle_samples
from gmpsai_assets.acnet.replies.samples import SampleParser
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.lake.parquet import parquet_writer, read_rows_of, write_row_group
from gmpsai_assets.lake.schemas import PARAMETER_DATA

WINDOW = day_window("2026-11-01")
START, END = WINDOW.start_microseconds, WINDOW.end_microseconds
VALUES = st.floats(allow_nan=False, allow_infinity=False, width=64)
SAMPLES = st.dictionaries(st.integers(START, END - 1), VALUES, min_size=1, max_size=60)


@given(SAMPLES, st.integers(1, 200))
def test_any_samples_come_back_exactly(samples: dict[int, float], chunk: int) -> None:
    times, numbers = np.array(sorted(samples)), np.array([samples[t] for t in sorted(samples)])
    text = "".join(
        f"{time // 1_000_000}.{time % 1_000_000:06d} {float(number)!r}\n"
        for time, number in zip(times.tolist(), numbers, strict=True)
    ).encode()
    parser = SampleParser("B:VIMIN")
    for begun in range(0, len(text), chunk):
        parser.feed(text[begun : begun + chunk])
    table = settle_samples(parser.finish(), WINDOW).table
    with TemporaryDirectory() as folder:
        back = _through_draft_and_file(table, Path(folder))
    assert back["time"].cast(pa.int64()).to_numpy().tolist() == times.tolist()
    assert back["value"].to_numpy().view(np.int64).tolist() == numbers.view(np.int64).tolist()


def _through_draft_and_file(table: pa.Table, folder: Path) -> pa.Table:
    origin = {"source": "http://127.0.0.1/acl"}
    drafts = Drafts(folder, "parameter_data", "2026-11-01", origin)
    drafts.begin()
    drafts.store(table, Outcome("B:VIMIN", "complete", rows=table.num_rows))
    kept = Drafts(folder, "parameter_data", "2026-11-01", origin).load("B:VIMIN")
    assert kept is not None
    names = pa.array(["B:VIMIN"] * table.num_rows).dictionary_encode()
    rows = pa.table([names, *kept[0].columns], schema=PARAMETER_DATA.schema)
    with parquet_writer(folder / "MLrn.parquet", PARAMETER_DATA) as writer:
        write_row_group(writer, rows)
    return read_rows_of(folder / "MLrn.parquet", "B:VIMIN", ["time", "value"])
