"""Reading of blocks of lines ``time value`` into arrays, and the columns into which those of all blocks go.

Here belong the shapes of data lines. A block is read in one pass by pyarrow's CSV reader when all
of its lines are data; otherwise line by line with regular expressions, which is slower and defines
what is correct: both give the same rows.
"""

import mmap
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import MONTHS
from gmpsai_assets.acnet.replies.lines import NUMBER

DELIMITER = ";"
_BLANK, _LINE_END = ord(" "), ord("\n")


def delimited(block: bytes, columns: int) -> pa.Buffer | None:
    """The block with a delimiter where the blanks between two columns begin; None if it has no such columns.

    Numbers that are set flush right keep their leading blanks. Every line is as long as before, and nothing but
    blanks that stand in all lines is replaced.
    """
    width = block.find(b"\n") + 1
    if not width or len(block) % width or DELIMITER.encode() in block:
        return None
    lines = np.frombuffer(block, np.uint8).reshape(-1, width)
    if (lines[:, -1] != _LINE_END).any():
        return None
    blank = (lines == _BLANK).all(axis=0)
    begins = blank & ~np.append(False, blank[:-1])
    if np.count_nonzero(begins) != columns - 1:
        return None
    marked = lines.copy()
    marked[:, begins] = ord(DELIMITER)
    return pa.py_buffer(marked.reshape(-1))


EPOCH_TIME = r"\+?0*[1-9][0-9]{8,9}(?:\.[0-9]*)?"
DATE = r"[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}"
TIME_OF_DAY = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{0,6})?)?"
TORN_ROW = re.compile(rf"(?:(?:[0-9A-Za-z-]{{0,11}} )?[0-9:.]*[0-9.] )?(?:{NUMBER}|\*+)")
"""The end of a data line whose beginning was lost."""

_ANY_DATE = (
    r"[0-9]{1,4}[-/.][^ /.-]{1,9}[-/.][0-9]{1,4}[ T]"
    r"|(?:[A-Za-z]{3,9},? )?[A-Za-z]{3,9} [0-9]{1,2},? (?:[0-9]{4} )?"
)
LIKE_A_ROW = rf"^(?:\+?[0-9]{{8,}}[0-9T.]*Z?|(?:{_ANY_DATE})[0-9]{{1,2}}:[0-9]{{2}}[^ ]*) +[^ ]"
"""A line that begins with a time, in whatever notation, and goes on: a row, though perhaps none that is understood."""

EARLIEST_SECONDS = 1e8
LATEST_SECONDS = 2.0**32
"""Epoch seconds outside (1973 to 2106) are no time; inside, a double holds them to less than half
a microsecond."""

MICROSECONDS = 1_000_000

_DATE = re.compile(DATE)
_NO_LINES = pa.array([], pa.string())


class Form(Enum):
    """How the lines of a reply give the time."""

    EPOCH = "epoch seconds, value"
    LOCAL = "DD-MON-YYYY HH:MM:SS.mmm, value"


@dataclass(frozen=True)
class RowBlock:
    """The data lines of one block in order of delivery.

    Attributes:
        clock: microseconds since 1970, int64: UTC for epoch seconds, local wall time otherwise.
        value: float64, NaN where the line has no number.
        irregular: the lines that are no data, as Arrow strings.
        places: how many data lines of the block come before each of them.
        several_values: how many of those hold a time and more than one number.
        unread_rows: how many of those begin like a row, with a time of some kind, and are none that is understood.
        words: the first few distinct texts that stand for a value and are no numbers.
        other_notation: those texts of values, numbers too, that show that the column is in another notation.
    """

    clock: NDArray[np.int64]
    value: NDArray[np.float64]
    irregular: pa.Array
    several_values: int = 0
    places: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    unread_rows: int = 0
    words: tuple[str, ...] = ()
    other_notation: tuple[str, ...] = ()


_FORESIGHT = 128


class GrowingColumns:
    """Times and values, appended block by block into one stretch of memory.

    Room is taken for 128 times the rows that are there, which costs nothing before it is
    written to; a day at 15 Hz is copied twice while it is still small. It is taken from the
    system itself, page by page, and goes back to it at once: an allocator would keep the
    columns of one device after another in pieces (100 MB with four connections, measured).
    """

    def __init__(self) -> None:
        self._clock = np.empty(0, np.int64)
        self._value = np.empty(0, np.float64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, clock: NDArray[np.int64], value: NDArray[np.float64]) -> None:
        """Add rows of equal number at the end."""
        count = self._count + len(clock)
        if count > len(self._clock):
            self._clock = self._with_room(self._clock, count)
            self._value = self._with_room(self._value, count)
        self._clock[self._count : count] = clock
        self._value[self._count : count] = value
        self._count = count

    def finish(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All rows, without the room that was not needed."""
        return self._clock[: self._count], self._value[: self._count]

    def _with_room(self, column: NDArray, count: int) -> NDArray:
        size = _FORESIGHT * count * column.itemsize
        room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        room.madvise(mmap.MADV_HUGEPAGE)  # 4 KiB at a time, a day of a device is 5000 page faults
        wider = np.frombuffer(room, column.dtype)
        wider[: self._count] = column[: self._count]
        return wider


def read_fast(block: bytes, form: Form) -> list[RowBlock] | None:
    """The rows of a block of nothing but data lines, in parts; None if it is not that.

    Lines with a local time are set in columns, whose width stays. In all others the order of blanks in the first
    line is taken for the layout of all lines; columns between two blanks must then be empty in every line.
    """
    names = ["time", "value"] if form is Form.EPOCH else ["date", "time", "value"]
    if form is Form.LOCAL and (aligned := delimited(block, len(names))):
        rows = _read_rows(_Columns(aligned, names, DELIMITER), form)
        if rows is not None:
            return rows
    words = block[: block.find(b"\n") + 1 or None].strip(b"\r\n").split(b" ")
    filled = [position for position, word in enumerate(words) if word]
    if len(filled) != len(names) or len(words) > 20:
        return None
    columns = [f"blank {position}" for position in range(len(words))]
    for position, name in zip(filled, names, strict=True):
        columns[position] = name
    exponents = form is Form.EPOCH and (b"e" in block or b"E" in block)
    return _read_rows(_Columns(pa.py_buffer(block), columns, " ", exponents), form)


@dataclass(frozen=True)
class _Columns:
    """Text whose lines have these columns; ``exponents`` if there may be some, so that times are read as text."""

    text: pa.Buffer
    names: list[str]
    delimiter: str
    exponents: bool = False


def _read_rows(columns: _Columns, form: Form) -> list[RowBlock] | None:
    types = {name: pa.null() for name in columns.names}
    types["date"] = pa.dictionary(pa.int32(), pa.string())
    types["time"] = pa.time64("us") if form is Form.LOCAL else pa.float64()
    types["value"] = pa.float64()
    if columns.exponents:
        types["time"] = pa.string()
    try:
        table = _read_csv(columns, types)
        if columns.exponents:
            table = _time_as_number(table)
    except pa.ArrowInvalid:
        return None
    if any(table[name].null_count for name in columns.names if not name.startswith("blank")):
        return None
    blocks = []
    for part in table.to_batches():
        rows = _row_block(part, form)
        if rows is None:
            return None
        blocks.append(rows)
    return blocks


def _read_csv(columns: _Columns, types: dict[str, pa.DataType]) -> pa.Table:
    return pa.csv.read_csv(
        pa.BufferReader(columns.text),
        # Connections are read side by side already; threads of its own for each would only cost.
        read_options=pa.csv.ReadOptions(column_names=columns.names, use_threads=False),
        parse_options=pa.csv.ParseOptions(delimiter=columns.delimiter, quote_char=False),
        convert_options=pa.csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True
        ),
        # The default pool keeps what it once had; blocks of four connections come and go.
        memory_pool=pa.system_memory_pool(),
    )


def _time_as_number(table: pa.Table) -> pa.Table:
    """Epoch seconds read as text first: ``1.58e9`` would be a number, but no time."""
    if pc.any(pc.match_substring_regex(table["time"], "[eE]")).as_py():
        msg = "a time with an exponent"
        raise pa.ArrowInvalid(msg)
    place = table.schema.get_field_index("time")
    return table.set_column(place, "time", pc.cast(table["time"], pa.float64()))


def _row_block(part: pa.RecordBatch, form: Form) -> RowBlock | None:
    value = part["value"].to_numpy()
    if not np.isfinite(value).all():
        return None
    if form is Form.EPOCH:
        clock = _epoch_microseconds(part["time"].to_numpy())
    else:
        clock = _local_microseconds(part["date"], part["time"].view(pa.int64()).to_numpy())
    return None if clock is None else RowBlock(clock, value, _NO_LINES)


def _epoch_microseconds(seconds: NDArray[np.float64]) -> NDArray[np.int64] | None:
    if len(seconds) and not EARLIEST_SECONDS <= seconds.min() <= seconds.max() < LATEST_SECONDS:
        return None
    scaled = seconds * MICROSECONDS
    clock: NDArray[np.int64] = np.rint(scaled, out=scaled).astype(np.int64)
    return clock


def _local_microseconds(
    dates: pa.DictionaryArray, of_day: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Wall-clock microseconds; None if a date does not exist. Few distinct dates, many rows."""
    midnights = [midnight_microseconds(text) for text in dates.dictionary.to_pylist()]
    if None in midnights:
        return None
    if len(midnights) == 1:
        return of_day + (midnights[0] or 0)
    clock: NDArray[np.int64] = np.array(midnights, np.int64)[dates.indices.to_numpy()] + of_day
    return clock


def midnight_microseconds(text: str) -> int | None:
    """Wall-clock microseconds since 1970 of the start of ``DD-MON-YYYY``; None if no such date."""
    if not _DATE.fullmatch(text):
        return None
    day, month, year = text.split("-")
    try:
        number = MONTHS.index(month.upper()) + 1
        midnight = datetime(int(year), number, int(day), tzinfo=UTC)
    except ValueError:
        return None
    seconds = midnight.timestamp()
    return int(seconds) * MICROSECONDS if EARLIEST_SECONDS <= seconds < LATEST_SECONDS else None
