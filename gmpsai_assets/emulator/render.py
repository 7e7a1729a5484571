"""Rows of replies as bytes: samples and events in the notations of the laboratory.

Only long replies are written here, a block at a time; short texts are in ``texts``. Times come as
int64 microseconds since 1970 UTC and leave as epoch seconds or as America/Chicago wall time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, MONTHS
from gmpsai_assets.emulator.noise import Integers

_MINUTE = 60_000_000


@dataclass(frozen=True)
class SampleFormat:
    """How ``logger_get`` writes a row.

    Attributes:
        local: America/Chicago wall time instead of epoch seconds.
        decimals: decimals of epoch seconds, 3 or 6.
        number: ``full`` is the shortest text of the float32, ``database`` four decimals (stands in
            for the format of the device database), ``double`` the shortest text of the float64.
        unit: written after the value; empty for none.
    """

    local: bool = False
    decimals: int = 3
    number: str = "full"
    unit: str = ""


def local_date_text(microseconds: int) -> str:
    """``27-JUN-2019 00:00:59`` of an instant, America/Chicago wall time."""
    local = datetime.fromtimestamp(microseconds // 1_000_000, tz=UTC).astimezone(ACCELERATOR_ZONE)
    return f"{local.day:02d}-{MONTHS[local.month - 1]}-{local:%Y %H:%M:%S}"


def sample_rows(
    times: Integers,
    values: NDArray[np.float32],
    style: SampleFormat,
    wordy: NDArray[np.bool_] | None = None,
    word: str = "",
) -> bytes:
    """Rows of a ``logger_get`` reply.

    Args:
        times: microseconds since 1970 UTC.
        values: one per time.
        style: notation of the rows.
        wordy: rows whose value is written as a word, or in another notation.
        word: that word, or a notation of ``faults.NOTATIONS``.
    """
    if not times.size:
        return b""
    stamps = _stamps(times, style)
    ending = f" {style.unit}\n" if style.unit else "\n"
    if wordy is None and np.all(values == values[0]):
        text = _signed(_number_texts(values[:1], style.number), style)[0].as_py() + ending
        return _fixed_rows(stamps, text.encode())
    numbers = _signed(_number_texts(values, style.number), style)
    if wordy is not None:
        instead = _IN_NOTATION[word](values) if word in _IN_NOTATION else word
        numbers = pc.if_else(pa.array(wordy), instead, numbers)
    rows = pc.binary_join_element_wise(_as_strings(stamps), numbers, ending, "")
    return _contents(rows)


def _d_exponents(values: NDArray[np.float32]) -> pa.Array:
    """``1.0337957D+2``: the digits that the number has otherwise, and always a point, as Fortran writes it."""
    texts = (f"{Decimal(text):E}" for text in _number_texts(values, "full").to_pylist())
    return pa.array([(t if "." in t else t.replace("E", ".E")).replace("E", "D") for t in texts])


def _hex_words(values: NDArray[np.float32]) -> pa.Array:
    """The whole part as a word of 16 bits, as a status may be shown: ``0067``, ``03C6``."""
    return pa.array([f"{int(value) & 0xFFFF:04X}" for value in values])


def _decimal_commas(values: NDArray[np.float32]) -> pa.Array:
    return pc.replace_substring(_number_texts(values, "full"), ".", ",")


_IN_NOTATION: dict[str, Callable[[NDArray[np.float32]], pa.Array]] = {
    "d-exponents": _d_exponents,
    "hex-words": _hex_words,
    "decimal-commas": _decimal_commas,
}


def event_rows(times: Integers, offsets: Integers) -> bytes:
    """Rows of an ``event_log`` reply: date, time, seconds into the supercycle.

    Args:
        times: microseconds since 1970 UTC.
        offsets: microseconds into the supercycle, above -1,000,000.
    """
    if not times.size:
        return b""
    thousands = _digits(3)
    whole = offsets // 1_000_000
    magnitude = np.where(offsets < 0, -offsets, offsets)
    fields = [
        ("stamp", "S25"),
        ("whole", "S3"),
        ("point", "S1"),
        ("milli", "S3"),
        ("micro", "S3"),
        ("end", "S1"),
    ]
    rows = np.empty(times.size, dtype=fields)
    rows["stamp"] = _local_stamps(times, blanks=1)
    rows["whole"] = _whole_seconds()[whole + 1]
    rows["point"] = b"."
    rows["milli"] = thousands[magnitude // 1_000 % 1_000]
    rows["micro"] = thousands[magnitude % 1_000]
    rows["end"] = b"\n"
    return rows.tobytes()


def array_rows(times: Integers, columns: list[NDArray[np.float32]], style: SampleFormat) -> bytes:
    """Rows of a ``logger_get`` reply for an array device: all values of a time on one line.

    Args:
        times: microseconds since 1970 UTC.
        columns: the values of each element, one per time.
        style: notation of the rows.
    """
    if not times.size:
        return b""
    numbers = [_signed(_number_texts(values, style.number), style) for values in columns]
    ending = f" {style.unit}\n" if style.unit else "\n"
    line = pc.binary_join_element_wise(*numbers, " ")
    return _contents(
        pc.binary_join_element_wise(_as_strings(_stamps(times, style)), line, ending, "")
    )


def _stamps(times: Integers, style: SampleFormat) -> np.ndarray:
    return _local_stamps(times, blanks=2) if style.local else _epoch_stamps(times, style.decimals)


def _epoch_stamps(times: Integers, decimals: int) -> np.ndarray:
    """``1583816400.048000 `` per time."""
    seconds = times // 1_000_000
    first = int(seconds.min())
    names = np.arange(first, int(seconds.max()) + 1).astype("S10")
    thousands = _digits(3)
    fields = [("second", "S10"), ("point", "S1"), ("milli", "S3"), ("micro", "S3"), ("space", "S1")]
    if decimals == 3:
        del fields[3]
    stamps = np.empty(times.size, dtype=fields)
    stamps["second"] = names[seconds - first]
    stamps["point"] = b"."
    stamps["milli"] = thousands[times // 1_000 % 1_000]
    if decimals != 3:
        stamps["micro"] = thousands[times % 1_000]
    stamps["space"] = b" "
    return stamps.view(f"S{stamps.dtype.itemsize}")


def _local_stamps(times: Integers, blanks: int) -> np.ndarray:
    """``27-JUN-2019 00:00:59.441 `` and blanks per time; 01:xx comes twice in November, without a mark."""
    minutes = times // _MINUTE
    first = int(minutes.min())
    names = [
        local_date_text(minute * _MINUTE)[:-2] for minute in range(first, int(minutes.max()) + 1)
    ]
    stamps = np.empty(times.size, dtype=[("minute", "S18"), ("second", f"S{6 + blanks}")])
    stamps["minute"] = np.array(names, dtype="S18")[minutes - first]
    stamps["second"] = _milliseconds_of_minute(blanks)[times // 1_000 % 60_000]
    return stamps.view(f"S{stamps.dtype.itemsize}")


def _number_texts(values: NDArray[np.float32], number: str) -> pa.Array:
    if number == "full":
        return pc.cast(pa.array(values), pa.string())
    doubles = values.astype(np.float64)
    if number == "database":
        doubles = np.round(doubles, 4)
    return pc.cast(pa.array(doubles), pa.string())


def _signed(numbers: pa.Array, style: SampleFormat) -> pa.Array:
    """In the fixed columns of the default notation a sign has a place of its own."""
    if not style.local:
        return numbers
    negative = pc.starts_with(numbers, "-")
    return pc.if_else(negative, numbers, pc.binary_join_element_wise(" ", numbers, ""))


def _fixed_rows(stamps: np.ndarray, ending: bytes) -> bytes:
    rows = np.empty(stamps.size, dtype=[("stamp", stamps.dtype), ("end", f"S{len(ending)}")])
    rows["stamp"] = stamps
    rows["end"] = ending
    return rows.tobytes()


def _as_strings(fixed: np.ndarray) -> pa.Array:
    """A text column over fixed-width bytes, without a copy."""
    offsets = np.arange(fixed.size + 1, dtype=np.int32) * np.int32(fixed.dtype.itemsize)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(fixed)]
    return pa.Array.from_buffers(pa.string(), fixed.size, buffers)


def _contents(rows: pa.Array) -> bytes:
    """All texts of a column in one piece."""
    _, offsets, data = rows.buffers()
    first, last = np.frombuffer(offsets, dtype=np.int32)[[rows.offset, rows.offset + len(rows)]]
    return bytes(memoryview(data)[int(first) : int(last)])


@cache
def _digits(width: int) -> np.ndarray:
    return np.array([f"{number:0{width}d}" for number in range(10**width)], dtype=f"S{width}")


@cache
def _milliseconds_of_minute(blanks: int) -> np.ndarray:
    end = " " * blanks
    texts = [f"{milli // 1_000:02d}.{milli % 1_000:03d}{end}" for milli in range(60_000)]
    return np.array(texts, dtype=f"S{6 + blanks}")


@cache
def _whole_seconds() -> np.ndarray:
    """Whole seconds right-aligned in three places; index 0 is for a negative fraction."""
    return np.array([" -0", *(f"{second:3d}" for second in range(1_000))], dtype="S3")
