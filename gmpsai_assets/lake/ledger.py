"""Reading back what is known of the completeness of a device or an event, for people and beside the data themselves.

What stands in the ledger is computed in ``analysis.ledger``; the columns are in ``schemas``. Events have no ledger: of
them is known what their pull recorded.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from gmpsai_assets.lake.derived import was_made_from
from gmpsai_assets.lake.stored_file import StoredFile


def completeness_of(
    ledgers: Sequence[Path], parameter: str, source: StoredFile
) -> dict[str, Any] | None:
    """The ledger's row of one parameter.

    Args:
        ledgers: the day's files of the table ``completeness``; none if it is not published.
        parameter: the device name.
        source: the file of the parameter's samples. A ledger that was made from another one is older than the
            data, or newer, and is not returned.

    Returns:
        The columns of the table as plain values that JSON can hold (times as ISO text, UTC), so that a frame
        that carries them can still be saved; None if there is no row, or it is about other data.
    """
    for ledger in map(StoredFile, ledgers):
        if was_made_from(ledger, source):
            rows = ledger.rows()
            same = pc.and_(
                pc.equal(rows["parameter"], parameter),
                pc.equal(rows["node"], source.origin.get("node", "")),
            )
            found = rows.filter(same)
            return dict(_plain(found.slice(0, 1).to_pylist()[0])) if found.num_rows else None
    return None


def recorded_outcome(source: StoredFile, subject: str) -> dict[str, Any] | None:
    """What the pull of a file recorded of one subject: its state, counts and findings; None if nothing."""
    outcomes = source.origin.get("outcomes", ())
    return next((dict(each) for each in outcomes if each["subject"] == subject), None)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
