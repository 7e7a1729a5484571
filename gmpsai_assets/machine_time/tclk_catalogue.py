"""The TCLK catalogue as a table: one row for each of the 256 events, documented or not.

What the events mean is written in ``acnet.tclk``, how often they come in ``acnet.tclk``.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gmpsai_assets.acnet.tclk import BEAM_USERS, EVENTS, TCLK_EVENTS, event_cadence, event_label
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.tables import rows_table

SCHEMA = pa.schema(
    [
        pa.field("event", pa.uint8(), metadata={"description": "TCLK event code, $00 to $FF"}),
        pa.field(
            "label", pa.string(), metadata={"description": "code as the control room writes it"}
        ),
        pa.field(
            "clock_class",
            pa.string(),
            metadata={"description": "part of the complex it belongs to; null if not documented"},
        ),
        pa.field(
            "meaning",
            pa.string(),
            metadata={"description": "what it marks; empty if not documented"},
        ),
        pa.field(
            "cadence", pa.string(), metadata={"description": "how often it usually comes; a guide"}
        ),
        pa.field(
            "beam_user",
            pa.string(),
            metadata={"description": "whom a Booster cycle's beam is for; null for other events"},
        ),
    ]
)


def tclk_catalogue() -> pa.Table:
    """All 256 events in order of code, columns of ``SCHEMA``."""
    rows = []
    for code in EVENTS:
        event = TCLK_EVENTS.get(code)
        rows.append(
            {
                "event": code,
                "label": event_label(code),
                "clock_class": event.clock_class if event else None,
                "meaning": event.meaning if event else "",
                "cadence": event_cadence(code),
                "beam_user": BEAM_USERS.get(code),
            }
        )
    return rows_table(SCHEMA, rows)


def publish_tclk_catalogue(lake: Lake) -> Path:
    """Put the catalogue into the lake, for readers other than DuckDB: one file, replaced whole."""
    path = lake.root / "tclk_events" / "tclk_events.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = atomic.unused_name(path)
    try:
        pq.write_table(tclk_catalogue(), draft)
        atomic.put_in_place(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path
