"""Row groups, encodings and metadata of the Parquet files."""

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import (
    read_metadata,
    read_rows_of,
    row_group_key,
    write_table,
)
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, SUPERCYCLES
from gmpsai_assets_tests.tables import publish_parameters, publish_ticks, sample_rows

DAY = "2026-03-10"


def test_each_parameter_is_one_row_group_in_list_order(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    rows = sample_rows(day_window(DAY), 50)
    publish_parameters(lake, DAY, {"B:Z": rows, "B:A": rows, "B:EMPTY": rows.slice(0, 0)})
    (path,) = lake.day_files(PARAMETER_DATA, DAY)
    with pq.ParquetFile(path) as file:
        keys = [row_group_key(file, index) for index in range(file.num_row_groups)]
    assert keys == ["B:Z", "B:A"]


def test_times_are_delta_packed_and_values_have_a_dictionary(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish_parameters(lake, DAY, {"B:VIMIN": sample_rows(day_window(DAY), 50)})
    group = pq.read_metadata(lake.day_files(PARAMETER_DATA, DAY)[0]).row_group(0)
    encodings = {group.column(i).path_in_schema: group.column(i).encodings for i in range(3)}
    assert "DELTA_BINARY_PACKED" in encodings["time"]
    assert "RLE_DICTIONARY" in encodings["value"]
    assert {group.column(i).compression for i in range(3)} == {"ZSTD"}


def test_times_into_the_supercycle_are_split_by_bytes_and_come_back_exactly(
    tmp_path: Path,
) -> None:
    lake = Lake(tmp_path)
    seconds = [-0.000001, 0.0, 40.000004, 59.993999, math.nan]
    publish_ticks(lake, DAY, len(seconds), seconds=seconds)
    (path,) = lake.day_files(EVENT_DATA, DAY)
    group = pq.read_metadata(path).row_group(0)
    encodings = {group.column(i).path_in_schema: group.column(i).encodings for i in range(3)}
    assert "BYTE_STREAM_SPLIT" in encodings["supercycle_seconds"]
    assert "DELTA_BINARY_PACKED" in encodings["time"]
    found = lake.event_rows(0x0C, DAY)["supercycle_seconds"].to_numpy()
    assert found.tobytes() == np.array(seconds).tobytes()


def test_reading_one_parameter_touches_only_its_row_group(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    window = day_window(DAY)
    publish_parameters(
        lake, DAY, {"B:A": sample_rows(window, 4, 10.0), "B:B": sample_rows(window, 4, 20.0)}
    )
    (path,) = lake.day_files(PARAMETER_DATA, DAY)
    assert read_rows_of(path, "B:B", ["value"])["value"].to_pylist() == [20.0, 21.0, 22.0, 23.0]
    assert read_rows_of(path, "B:C", ["value"]).num_rows == 0


def test_metadata_comes_back_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    known = {"node": "MLrn", "nominal_rates_hz": {"B:Z": 15.0, "B:A": 1.0}}
    write_table(path, SUPERCYCLES, SUPERCYCLES.schema.empty_table(), known)
    assert read_metadata(path) == known
    assert list(read_metadata(path)["nominal_rates_hz"]) == ["B:Z", "B:A"]


values = st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), min_size=1, max_size=200)


@given(values)
def test_any_values_survive_the_way_through_parquet(numbers: list[float | None]) -> None:
    times = pa.array(range(len(numbers)), pa.int64()).cast(TIME_TYPE)
    rows = pa.table({"time": times, "value": pa.array(numbers, pa.float64())})
    buffer = pa.BufferOutputStream()
    full = pa.table(
        [
            pa.array(["B:VIMIN"] * len(numbers)).cast(PARAMETER_DATA.schema.field(0).type),
            *rows.columns,
        ],
        schema=PARAMETER_DATA.schema,
    )
    write_table(buffer, PARAMETER_DATA, full, {})
    back = pq.read_table(pa.BufferReader(buffer.getvalue()))["value"].to_pylist()
    assert len(back) == len(numbers)
    for mine, theirs in zip(numbers, back, strict=True):
        assert mine == theirs
        if mine == 0:
            assert math.copysign(1, mine) == math.copysign(1, theirs)
