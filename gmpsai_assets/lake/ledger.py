"""Reading the completeness ledger back, for people and beside the data that it is about.

What stands in it is computed in ``analysis.ledger``; the columns are in ``schemas``.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq


def completeness_of(
    files: Sequence[Path], parameter: str, samples: int | None = None
) -> dict[str, Any] | None:
    """The ledger's row of one parameter.

    Args:
        files: the day's files of the table ``completeness``; none if it is not published.
        parameter: the device name.
        samples: how many samples were loaded. A ledger that counted another number is older than
            the data, and is not returned.

    Returns:
        The columns of the table as plain values that JSON can hold (times as ISO text, UTC), so that the
        frame can still be saved; None if there is no row, or it is about other data.
    """
    for file in files:
        with pq.ParquetFile(file) as ledger:
            rows = ledger.read()
        rows = rows.filter(pc.equal(rows["parameter"], parameter))
        if rows.num_rows:
            row = rows.slice(0, 1).to_pylist()[0]
            current = samples is None or row["received"] == samples
            return dict(_plain(row)) if current else None
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
