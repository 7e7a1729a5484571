"""Whether a folder is a mount, and whether one that should be there is missing, by the tables of the system.

What follows from it is decided by the callers.
"""

import os
import re
from pathlib import Path

_MOUNTED = Path("/proc/self/mountinfo")
_TO_BE_MOUNTED = Path("/etc/fstab")


def is_mount(folder: Path) -> bool:
    """Whether something is mounted at a folder; also another folder of the same disk, unlike ``os.path.ismount``."""
    return os.path.ismount(folder) or str(folder.resolve()) in _column(_MOUNTED, 4)


def missing_mount(path: Path) -> Path | None:
    """The mount, at a path or above it, that this machine has in its table and not made; None if there is none."""
    wanted = _column(_TO_BE_MOUNTED, 1)
    above = (path, *path.parents)
    return next((each for each in above if str(each) in wanted and not is_mount(each)), None)


def _column(table: Path, number: int) -> set[str]:
    """The paths in one column of a table of mounts; none if there is no such table."""
    try:
        rows = [line.split() for line in table.read_text().splitlines() if not line.startswith("#")]
    except OSError:
        return set()
    # Blanks and the like stand there as three octal digits.
    return {
        re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), row[number])
        for row in rows
        if len(row) > number
    }
