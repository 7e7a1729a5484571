"""What the file of a derived table says of its origin: the day, the program, and the very files it was made from.

The origin of pulled files is recorded by the pull itself.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.stored_file import StoredFile

_MADE_FROM = "made_from"


def derived_origin(day: str, sources: Iterable[StoredFile | Path]) -> dict[str, Any]:
    """The file metadata of a table that is computed from published files; the same for the same files.

    Args:
        day: the partition key.
        sources: the files that were read; an open one stands for what was in it when it was opened.
    """
    window = day_window(day)
    opened = [each if isinstance(each, StoredFile) else StoredFile(each) for each in sources]
    return {
        "day": day,
        "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
        "package_version": __version__,
        _MADE_FROM: {_name(each.path): each.digest for each in opened},
    }


def was_made_from(derived: StoredFile, source: StoredFile) -> bool:
    """Whether a derived file was computed from this very file, and not from one that had its name before or after."""
    return bool(derived.origin.get(_MADE_FROM, {}).get(_name(source.path)) == source.digest)


def _name(path: Path) -> str:
    """Table's folder and file name: ``parameter_data/MLrn.parquet``."""
    return f"{path.parent.parent.name}/{path.name}"
