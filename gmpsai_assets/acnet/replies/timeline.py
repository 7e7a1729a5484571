"""The entries of the timeline that is playing as an Arrow table.

Here belongs the schema of a recipe; the shape of an entry is in ``timeline_entries``.
"""

import pyarrow as pa

from gmpsai_assets.acnet.replies.timeline_entries import parse_entries

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


def parse_timeline(body: bytes, subject: str = "the timeline") -> pa.Table:
    """All entries in order, as ``RECIPE_SCHEMA``.

    Raises:
        AcnetError: by name, when they are not understood; see ``parse_entries``.
    """
    columns = [list(column) for column in zip(*parse_entries(body, subject), strict=True)]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, RECIPE_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=RECIPE_SCHEMA)
