"""What killed and given up pulls leave under ``drafts/``, removed when another day of the table is pulled.

What a day that is under way holds is never touched: whoever works on a day holds its lock.
"""

import logging
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.locks import if_free
from gmpsai_assets.lake.schemas import DayTable
from gmpsai_assets.pull.progress import progress_path

GRACE_DAYS = 30
"""Drafts stay so much longer than the logger's memory: a person may still publish them with ``allow_partial``."""

_LOG = logging.getLogger(__name__)
_DAY = r"(\d{4}-\d\d-\d\d)"


def remove_leftovers(lake: Lake, table: DayTable, kept_days: float, now: datetime) -> None:
    """Remove what dead processes were publishing and told of their progress, and drafts nobody can complete.

    Args:
        lake: whose drafts are looked at.
        table: the table that is pulled.
        kept_days: how long the logger keeps samples, in days of 24 hours.
        now: the present moment, aware.

    Raises:
        OSError: if the folder of drafts cannot be written.
    """
    forgotten = now - timedelta(days=kept_days + GRACE_DAYS)
    for day, paths in _by_day(lake, table).items():
        too_old = day_window(day).end < forgotten
        gone = [path for path in paths if too_old or not _is_draft(path, table)]
        if not gone:
            continue
        with if_free(lake.lock_file(table, day)) as free:
            if free:
                _remove(gone, day)


def _by_day(lake: Lake, table: DayTable) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in (*lake.drafts.glob("*"), *progress_path(lake.drafts, "", "").parent.glob("*")):
        kinds = f"publication-{table.folder}-{_DAY}-.*|{table.name}-{_DAY}(?:-[0-9a-f]+|[.]json)"
        name = re.fullmatch(kinds, path.name)
        if name:
            found.setdefault(name[1] or name[2], []).append(path)
    return found


def _is_draft(path: Path, table: DayTable) -> bool:
    return path.name.startswith(f"{table.name}-") and path.suffix != ".json"


def _remove(paths: list[Path], day: str) -> None:
    for path in paths:
        _LOG.warning("%s is left from a pull of %s that has ended; it is removed", path.name, day)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
