"""Writing so that a reader, or a machine that loses power, never meets half of a file.

Only the durable steps belong here: fsync and rename. What is written, and where, is said by the callers.
"""

import os
import shutil
import uuid
from pathlib import Path


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Force a directory's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(draft: Path, final: Path) -> None:
    """Give a finished draft its final name, durably; an older file of that name is replaced at once.

    Both must lie on one file system.

    Raises:
        OSError: if the disk is full or the place cannot be written; the older file is then intact.
    """
    sync_file(draft)
    final.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(final)
    sync_directory(final.parent)


def write_bytes(final: Path, content: bytes) -> None:
    """Write a small file whole or not at all."""
    final.parent.mkdir(parents=True, exist_ok=True)
    draft = unused_name(final)
    try:
        draft.write_bytes(content)
        put_in_place(draft, final)
    finally:
        draft.unlink(missing_ok=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name that does not exist yet; a copy on a file system without links."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        draft = unused_name(target)
        try:
            shutil.copy2(source, draft)
            put_in_place(draft, target)
        finally:
            draft.unlink(missing_ok=True)


def unused_name(final: Path) -> Path:
    """A name beside ``final`` that no other writer uses and no reader's pattern matches."""
    return final.with_name(f".{final.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}")
