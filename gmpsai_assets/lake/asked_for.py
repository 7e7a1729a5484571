"""What people ask a lake for, in the forms in which they write it, and what they are told where it is not there.

Names are made the ones that files have; nothing is read but the names of folders. Where a day lies belongs to
``day_store``.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.lake.tables import DayTable

_LISTED_DAYS = 5
"""So many days are listed by name; of more the first and the last."""

_LIKENESS = 0.6
"""How alike names are that are meant for each other: two letters of seven may differ. The default of ``difflib``."""


class NoSuchTableError(LookupError):
    """A data directory has no table of a name."""


def device_name(text: str) -> str:
    """A device as the files name it, in capitals and without spaces around it."""
    return text.strip().upper()


def table_named(root: Path, name: str) -> DayTable:
    """The daily table of a name; one that only the data directory knows has no columns.

    Raises:
        NoSuchTableError: there is none; the message names those that are near.
    """
    tables = {table.name: table for table in DAY_TABLES}
    if name in tables:
        return tables[name]
    folders = sorted({day.parent.name for day in root.glob("*/day=*")})
    if name in folders:
        return DayTable(name, "*.parquet", pa.schema([]))
    known = sorted({*tables, *folders})
    msg = f"{root} has no table {name!r}{near(name, known)}; its tables are {', '.join(known)}"
    raise NoSuchTableError(msg)


def near(name: str, names: Iterable[str]) -> str:
    """Which names are near another one, to follow what is said of it; empty if none is."""
    found = get_close_matches(name, list(names), cutoff=_LIKENESS)
    return f"; near it {'is' if len(found) == 1 else 'are'} {_listed(found)}" if found else ""


def published_days_text(root: Path, days: Sequence[str]) -> str:
    """Which days there are, to follow the name of one that is not there.

    Args:
        root: the data directory.
        days: those that are published, in order.
    """
    if not root.is_dir():
        return f"there is no folder {root}: name the data directory, as GMPSAI_DATA_DIR does"
    if not days:
        return f"no day of it is published in {root}"
    if len(days) <= _LISTED_DAYS:
        return f"published in {root} {'is' if len(days) == 1 else 'are'} {_listed(days)}"
    return f"published in {root} are {len(days):,} days from {days[0]} to {days[-1]}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
