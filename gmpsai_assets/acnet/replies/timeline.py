"""The entries of the timeline that is playing, out of a ``tlg_info/all_event_info`` reply.

Here belong the shape of an entry and the schema of a recipe. What changed between two replies is
not decided here.
"""

import re

import pyarrow as pa

from gmpsai_assets.acnet.errors import TruncatedReply, UnreadableReply
from gmpsai_assets.acnet.replies.lines import plain
from gmpsai_assets.acnet.replies.refusals import coded, refusal

RECIPE_SCHEMA = pa.schema(
    [
        pa.field("entry_index", pa.int32(), nullable=False),
        pa.field("event", pa.uint8(), nullable=False),
        pa.field("state_id", pa.int32(), nullable=False),
        pa.field("offset_seconds", pa.float64(), nullable=False),
        pa.field("machine", pa.string(), nullable=False),
    ]
)
"""One entry a row: its number from 1, TCLK event, state, seconds into the supercycle, machine."""

# By words, not by columns: numbers over 999 shift the columns. Times have no leading zero.
_ENTRY = re.compile(
    r"(\d{1,6})\) ?Event ?: ?([0-9A-F]{2}) State ID ?: ?(-?\d{1,9}) "
    r"Time ?: ?([+-]?(?:\d+\.?\d*|\.\d+)) Machine ?: ?(\S.*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d+ ?\)")


def parse_timeline(body: bytes, subject: str = "the timeline") -> pa.Table:
    """All entries in order, as ``RECIPE_SCHEMA``.

    Raises:
        TruncatedReply: the last line has no line end, so its machine may be cut.
        UnreadableReply: a numbered line is no entry, or the numbers do not run 1, 2, 3...
        AcnetError: by name, for an error text in place of or among the entries.
    """
    text = plain(body).decode("ascii", "replace")
    entries = []
    for line in text.split("\n"):
        found = _ENTRY.fullmatch(line)
        if found:
            entries.append(_entry(found))
            continue
        error = coded(line, subject)
        if error is not None:
            raise error
        if _NUMBERED.match(line):
            msg = f"entry {len(entries) + 1} is not understood"
            raise UnreadableReply(msg, subject=subject, received=line)
    if not entries:
        raise refusal(body.decode("ascii", "replace"), subject)
    _refuse_gaps([entry[0] for entry in entries], subject)
    if not text.endswith("\n") and b"<" not in body:
        msg = "the reply ends in the middle of a line"
        raise TruncatedReply(msg, subject=subject, received=text[-80:])
    columns = [list(column) for column in zip(*entries, strict=True)]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, RECIPE_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=RECIPE_SCHEMA)


def _entry(found: re.Match[str]) -> tuple[int, int, int, float, str]:
    index, event, state, seconds, machine = found.groups()
    return int(index), int(event, 16), int(state), float(seconds), machine


def _refuse_gaps(numbers: list[int], subject: str) -> None:
    for expected, number in enumerate(numbers, start=1):
        if number != expected:
            msg = f"entry {expected} is missing, {number} came in its place"
            raise UnreadableReply(msg, subject=subject)
