"""The mark by which a directory is known to be a tape path: a small file that the operator has made once.

A mount that is missing leaves its mount point behind, an empty folder of the local disk, or nothing. Either looks like
a new tape path, so only a mark says that the right place is there. How files get into a tape path belongs to ``tape``.
"""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.mounts import is_mount, missing_mount

MARK_FILE = "gmpsai-tape.json"
"""Its presence and size alone count: its content may have gone to tape, from where reading takes minutes. It is written
once, and its name has no meaning to dCache, as some with a leading dot have."""

MARK_COMMAND = "gmpsai tape init"


class TapeError(Exception):
    """The tape path is not there, did not take a file, or gave back another one."""


def require_mark(root: Path) -> None:
    """Make sure that a directory is there and marked.

    Raises:
        TapeError: it is not; nothing was made. The message says what is there, and the command that marks it.
    """
    if _is_marked(root):
        return
    command = f"`{MARK_COMMAND} {root}`"
    if not root.is_dir():
        msg = (
            f"the tape path {root} is {_instead(root)}; its mount may be missing. Nothing was archived or made. "
            f"Mount it; if it is new, make it known once with {command}"
        )
    elif _holds_days(root):
        msg = (
            f"the tape path {root} holds archived days and no {MARK_FILE}, as one of an older version. Nothing was "
            f"archived. If it is the right place, make it known once with {command}"
        )
    else:
        msg = (
            f"the tape path {root} has no {MARK_FILE}; its mount may be missing, and this the empty folder under it. "
            f"Nothing was archived or made. Mount it; if it is new, make it known once with {command}"
        )
    raise TapeError(msg)


def make_default(root: Path) -> None:
    """Make the tape path in the data directory, with its mark; a link, a mount or a file there is the operator's.

    Raises:
        TapeError: it cannot be made.
    """
    taken = os.path.lexists(root) and (root.is_symlink() or not root.is_dir())
    if taken or is_mount(root) or _is_marked(root):
        return
    try:
        root.mkdir(parents=True, exist_ok=True)
        _write_mark(root)
    except OSError as error:
        msg = f"the tape path {root} could not be written: {error}"
        raise TapeError(msg) from error


def mark_tape_path(root: Path) -> str:
    """Make a directory known as a tape path; it is made if it is not there, but no folder above it is.

    Returns:
        What was done, a sentence.

    Raises:
        TapeError: it is no directory and can be none, or cannot be written.
    """
    try:
        if _is_marked(root):
            return f"{root} is marked as a tape path already{_since(root)}; nothing was changed."
        missing = missing_mount(root)
        if missing is not None:
            msg = f"{missing} is not mounted, and {root} would be made on the local disk; mount it first"
            raise TapeError(msg)
        if os.path.lexists(root) and not root.is_dir():
            msg = f"{root} is {_instead(root)}; a tape path is a directory, so name another or mount it"
            raise TapeError(msg)
        if not root.parent.is_dir():
            msg = (
                f"{root.parent} is {_instead(root.parent)}, and no folder above a tape path is made; "
                "its mount may be missing"
            )
            raise TapeError(msg)
        root.mkdir(exist_ok=True)
        _write_mark(root)
    except OSError as error:
        msg = f"the tape path {root} could not be marked: {error}"
        raise TapeError(msg) from error
    return f"{root} is a tape path from now on, by its file {MARK_FILE}; leave that there."


def _write_mark(root: Path) -> None:
    content = {
        "what": "tape path of gmpsai_assets",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(FileExistsError), (root / MARK_FILE).open("xb") as file:
        file.write(json.dumps(content).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    atomic.sync_directory(root)


def _is_marked(root: Path) -> bool:
    try:
        return (root / MARK_FILE).stat().st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        msg = f"the tape path {root} cannot be looked at: {error.strerror}; look at its mount and its permissions"
        raise TapeError(msg) from error


def _since(root: Path) -> str:
    try:
        return f" since {json.loads((root / MARK_FILE).read_bytes())['made_at']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _instead(path: Path) -> str:
    if path.is_symlink() and not path.exists():
        return f"a link to {path.readlink()}, which is not there"
    return "a file" if path.exists() else "not there"


def _holds_days(root: Path) -> bool:
    """Whether files of days were archived here before there were marks: by year, month and day."""
    return next(root.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/????-??-??"), None) is not None
