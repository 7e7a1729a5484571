"""Publication in one step: a file, a link or a folder takes its final name whole, and is on the disk from then on.

A folder takes the place of a published one by an exchange, or by two renames that a killed run leaves readable. What is
in them, and who may exchange them, is decided by the callers, who hold the lock.
"""

import ctypes
import errno
import os
import shutil
import uuid
from pathlib import Path


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


_NO_DIRECTORY_SYNC = (errno.EINVAL, errno.EBADF, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems answer that have nothing to force, some CIFS, FUSE and cluster mounts."""


def sync_directory(path: Path) -> None:
    """Force a directory's entries to the disk, where its file system can do that."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:
        return  # one that this account may write and not list; its entries reach the disk by themselves
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_DIRECTORY_SYNC:
            raise
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


def put_link(link: Path, final: Path) -> None:
    """Give a symbolic link its final name, durably; an older link of that name is replaced at once."""
    link.replace(final)
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
            shutil.copyfile(source, draft)
            facts = source.stat()  # its time is kept, its mode is not: it may be another account's
            os.utime(draft, ns=(facts.st_atime_ns, facts.st_mtime_ns))
            put_in_place(draft, target)
        finally:
            draft.unlink(missing_ok=True)


def unused_name(final: Path) -> Path:
    """A name beside ``final`` that no other writer uses and no reader's pattern matches."""
    return final.with_name(f".{final.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}")


_HERE = -100
_EXCHANGE = 2
_NOT_OFFERED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems without the exchange answer, NFS among them."""


def new_folder(final: Path, wanted: Path, prefix: str) -> Path:
    """An empty folder that can take the place of ``final`` by a rename, which is tried before anything is in it.

    It lies in ``wanted``, or beside the folder of ``final`` where that is on another file system.

    Args:
        final: the place, whether or not there is a folder; its folder is made.
        wanted: where folders are prepared; it is made.
        prefix: begins the name of the new folder.

    Raises:
        PermissionError: this account may not replace what stands there.
        OSError: no such folder can be made; ``EXDEV`` where the folder of ``final`` is itself a mount.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists() and not os.access(final, os.W_OK | os.X_OK):
        why = "another account has made it; let that one run `chmod -R g+w` on it, and set its umask to 002"
        raise PermissionError(errno.EACCES, why, str(final))
    name = f"{prefix}{uuid.uuid4().hex[:8]}"
    for place in (wanted, building(final.parent)):
        place.mkdir(parents=True, exist_ok=True)
        folder = place / name
        folder.mkdir()
        try:
            # Really renamed: file systems can differ without another device number, as those of bind mounts.
            there = folder.rename(trial(final.parent, name))
            there.rename(folder)
        except OSError as error:
            folder.rmdir()
            if error.errno != errno.EXDEV:
                raise
        else:
            return folder
    why = "this folder is itself the mount of a file system, into which no folder can be moved"
    raise OSError(errno.EXDEV, why, str(final.parent))


def remove_unfinished(final: Path, wanted: Path, prefix: str) -> None:
    """Remove what killed runs have left of such folders, wherever; the arguments are those of ``new_folder``."""
    for place in (wanted, building(final.parent)):
        for folder in place.glob(f"{prefix}*"):
            shutil.rmtree(folder, ignore_errors=True)
    for folder in final.parent.glob(trial(final.parent, f"{prefix}*").name):
        folder.rmdir()


def building(parent: Path) -> Path:
    """Where folders for ``parent`` are prepared that cannot be so elsewhere: beside it, on its own file system."""
    return _beside(parent, "building")


def trial(parent: Path, name: str) -> Path:
    """The name that an empty folder has for a moment in ``parent``; a killed run may leave it there."""
    return parent / f".{name}"


def _beside(parent: Path, what: str) -> Path:
    """Beside the folder itself, should it be reached by a symbolic link: there is its file system.

    Not in the folder of the table: polars and DuckDB would take a hidden folder in there for a partition.
    """
    parent = parent.resolve()
    return parent.with_name(f".{parent.name}.{what}")


def put_folder(prepared: Path, final: Path) -> None:
    """Give a prepared folder the name of a published one, durably; all its files appear at the same moment.

    Whoever has a file of the older folder open reads on in it. Afterwards that folder lies under the name of the
    prepared one, or is removed already.

    Args:
        prepared: the new folder, its files on the disk; on the same file system.
        final: its place, whether or not there is a folder.

    Raises:
        OSError: if the place cannot be written; what was published is then intact.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    sync_directory(prepared)
    if not final.exists():
        prepared.rename(final)
        sync_directory(final.parent)
        return
    try:
        exchange(prepared, final)
    except OSError as error:
        if error.errno not in _NOT_OFFERED:
            raise
        waiting(final).parent.mkdir(exist_ok=True)
        prepared.rename(waiting(final))
        finish(final)
    else:
        sync_directory(final.parent)


def exchange(one: Path, other: Path) -> None:
    """Let two folders take each other's name in one step (``renameat2`` of Linux).

    Raises:
        OSError: also if the file system, or the C library, does not offer it.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    names = os.fsencode(one), os.fsencode(other)
    if library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one), None, str(other))


def waiting(final: Path) -> Path:
    """Where a finished folder lies that is to take the place of ``final``; from then on it is the published one."""
    return _beside(final.parent, "next") / final.name


def leaving(final: Path) -> Path:
    """Where a folder lies that another one has replaced, until it is removed."""
    return _beside(final.parent, "last") / final.name


def standing_folders(parent: Path, pattern: str) -> dict[str, Path]:
    """The published folders below ``parent`` by name, wherever they lie at this moment; files are passed over.

    Args:
        parent: the folder of all.
        pattern: glob of their names.
    """
    places = (waiting(parent / pattern).parent, parent)
    found = (folder for place in places for folder in place.glob(pattern))
    return {folder.name: folder for folder in found if folder.is_dir()}


def finish(final: Path) -> None:
    """Put a folder in its place that waits for it, if there is one; a run may have been killed before it did.

    Raises:
        OSError: if the place cannot be written.
    """
    last = leaving(final)
    if waiting(final).exists():
        shutil.rmtree(last, ignore_errors=True)
        if final.exists():
            last.parent.mkdir(exist_ok=True)
            final.rename(last)
        waiting(final).rename(final)
        sync_directory(final.parent)
    shutil.rmtree(last, ignore_errors=True)


def standing_files(final: Path, pattern: str) -> list[Path]:
    """The files of a published folder, sorted by name, wherever it lies at this moment; empty if there are none.

    Hidden files are none of them: other systems leave such beside files that they copy.
    """
    # The last look is for a folder that went from the waiting place to its own between the other two.
    for folder in (final, waiting(final), final):
        files = visible_files(folder, pattern)
        if files:
            return files
    return []


def visible_files(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder that match a pattern and are not hidden, sorted by name."""
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))
