"""Reading of blocks in which not every line is plain data, by shape.

Here belongs the definition of a data line and of its value. ``rows.read_fast`` must agree with it
wherever it gives rows at all.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.replies.lines import NUMBER
from gmpsai_assets.acnet.replies.notations import D_EXPONENT, examples, in_other_notation
from gmpsai_assets.acnet.replies.rows import (
    DATE,
    EARLIEST_SECONDS,
    EPOCH_TIME,
    LATEST_SECONDS,
    LIKE_A_ROW,
    MICROSECONDS,
    TIME_OF_DAY,
    Form,
    RowBlock,
    midnight_microseconds,
)

_TIMES = {Form.EPOCH: EPOCH_TIME, Form.LOCAL: f"{DATE} {TIME_OF_DAY}"}
_TIME_FIELDS = {
    Form.EPOCH: f"(?P<time>{EPOCH_TIME})",
    Form.LOCAL: f"(?P<date>{DATE}) (?P<time>{TIME_OF_DAY})",
}


def read_ragged(block: bytes, form: Form) -> RowBlock:
    """The rows and the irregular lines of a block in its plain form (``lines.plain``)."""
    text = pa.array([block.decode("ascii", "replace")], pa.large_string())
    lines = pc.list_flatten(pc.split_pattern(text, "\n"))
    lines = lines.filter(pc.not_equal(lines, ""))
    fields = pc.extract_regex(lines, f"^{_TIME_FIELDS[form]} (?P<value>[^ ]+)$")
    clock, understood = _clock(fields, form)
    irregular = lines.filter(pa.array(~understood)).cast(pa.string())
    texts = pc.struct_field(fields, "value").filter(pa.array(understood))
    several = pc.match_substring_regex(irregular, f"^{_TIMES[form]}(?: {NUMBER}){{2,}}$")
    like_rows = pc.match_substring_regex(irregular, LIKE_A_ROW)
    places: NDArray[np.int64] = np.cumsum(understood, dtype=np.int64)[~understood]
    value = _values(texts)
    is_number = pa.array(~np.isnan(value))
    words = texts.filter(pc.invert(is_number))
    return RowBlock(
        clock[understood],
        value,
        irregular,
        several_values=_count(several),
        places=places,
        unread_rows=_count(like_rows),
        words=examples(words),
        other_notation=in_other_notation(words, texts.filter(is_number)),
    )


def _count(marks: pa.Array) -> int:
    return pc.sum(marks).as_py() or 0


def _clock(fields: pa.Array, form: Form) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Microseconds of every line, and which lines are data."""
    matched = fields.is_valid()
    time = pc.if_else(matched, pc.struct_field(fields, "time"), "0")
    if form is Form.EPOCH:
        seconds = time.cast(pa.float64()).to_numpy()
        possible = (seconds >= EARLIEST_SECONDS) & (seconds < LATEST_SECONDS)
        clock = np.rint(np.where(possible, seconds, 0) * MICROSECONDS).astype(np.int64)
        return clock, matched.to_numpy(zero_copy_only=False) & possible
    dates = pc.if_else(matched, pc.struct_field(fields, "date"), "").dictionary_encode()
    midnights = [midnight_microseconds(date) for date in dates.dictionary.to_pylist()]
    impossible = -1
    known = np.array([impossible if each is None else each for each in midnights], np.int64)
    midnight = known[dates.indices.to_numpy()] if len(known) else np.empty(0, np.int64)
    possible = midnight != impossible
    return midnight + _of_day(time), possible


def _of_day(time: pa.Array) -> NDArray[np.int64]:
    """Microseconds since midnight of texts ``HH:MM[:SS[.ffffff]]``; 0 for other texts."""
    parts = pc.extract_regex(
        time, r"^(?P<hour>\d\d):(?P<minute>\d\d):?(?P<second>\d{0,2})\.?(?P<fraction>\d*)$"
    )

    def number(name: str, digits: int) -> NDArray[np.int64]:
        text = pc.fill_null(pc.struct_field(parts, name), "")
        digits_read: NDArray[np.int64] = pc.utf8_rpad(text, digits, "0").cast(pa.int64()).to_numpy()
        return digits_read

    minutes = number("hour", 2) * 60 + number("minute", 2)
    return (minutes * 60 + number("second", 2)) * MICROSECONDS + number("fraction", 6)


def _values(texts: pa.Array) -> NDArray[np.float64]:
    """Numbers, NaN where there is none or one that a float64 cannot hold."""
    is_number = pc.match_substring_regex(texts, f"^(?:{NUMBER}|{D_EXPONENT})$")
    # Of numbers alone: an exponent written with D has the same digits as one with E, and is read as exactly.
    with_e = pc.replace_substring_regex(pc.if_else(is_number, texts, "nan"), "[dD]", "e")
    value: NDArray[np.float64] = with_e.cast(pa.float64()).to_numpy().copy()
    value[np.isinf(value)] = np.nan
    return value
