"""The tape path as a store into which a file can be put once, and never changed.

Here belongs what a tape store does, and the store on a directory. Which files of a day go there belongs to
``archiving``; whether a directory is a tape path at all, to ``tape_mark``.
"""

import errno
import hashlib
import os
import re
import shutil
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from gmpsai_assets.acnet.addresses import without_secrets
from gmpsai_assets.archive.tape_mark import TapeError, make_default, require_mark
from gmpsai_assets.lake import atomic

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Fingerprint:
    """What identifies the bytes of a file.

    Attributes:
        size: bytes.
        adler32: eight hexadecimal digits, seed 1, as dCache reports it.
        sha256: 64 hexadecimal digits.
    """

    size: int
    adler32: str
    sha256: str


def fingerprint(path: Path) -> Fingerprint:
    """Read a file once and return its size and checksums.

    Raises:
        OSError: if the file cannot be read.
    """
    size, adler, sha = 0, 1, hashlib.sha256()
    buffer = memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            size += count
            adler = zlib.adler32(buffer[:count], adler)
            sha.update(buffer[:count])
    return Fingerprint(size, f"{adler:08x}", sha.hexdigest())


_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class AlreadyArchivedError(TapeError):
    """Other bytes stand under that name already; the tape path is write-once."""


@dataclass(frozen=True)
class Stored:
    """A file in the tape path whose size and checksums were read back and are equal."""

    name: str
    fingerprint: Fingerprint
    existed: bool


class TapeStore(Protocol):
    """What every tape path can do."""

    def put(self, local: Path, name: str) -> Stored:
        """Copy a local file to ``name`` and read it back; see ``DirectoryTapeStore.put``."""

    def stat(self, name: str) -> Fingerprint | None:
        """Read back what stands under a name; None if nothing does."""

    def exists(self, name: str) -> bool:
        """Whether something stands under a name; nothing is read back for it."""

    def read(self, name: str) -> bytes:
        """Read back a small file, such as a manifest; see ``DirectoryTapeStore.read``."""

    def __str__(self) -> str:
        """The place, for messages."""


def tape_directory(text: str) -> Path:
    """The directory that a tape path names.

    Raises:
        TapeError: it is the address of a service; only directories can be written.
    """
    if _ADDRESS.match(text):
        msg = (
            f"the tape path {without_secrets(text)} is the address of a service, and only a directory can be "
            "written, such as a mounted /pnfs folder; set GMPSAI_TAPE to one"
        )
        raise TapeError(msg)
    return Path(text).absolute()


@dataclass(frozen=True)
class DirectoryTapeStore:
    """A tape path that is a directory: a plain one, or a mount.

    Every call first looks for the mark of the root: without it the mount is missing, and what is on the local disk in
    its place is no archive.

    Attributes:
        root: the directory.
        is_default: whether it is the one in the data directory, which is made with its mark when it is first needed.
    """

    root: Path
    is_default: bool = field(default=False, kw_only=True)

    def __str__(self) -> str:
        return str(self.root)

    def require(self) -> None:
        """Make sure that the tape path is there.

        Raises:
            TapeError: it is not, or carries no mark; the message says how to mark it.
        """
        if self.is_default:
            make_default(self.root)
        require_mark(self.root)

    def stat(self, name: str) -> Fingerprint | None:
        """Read back what stands under a name; None if nothing does."""
        path = self._path(name)
        return fingerprint(path) if path.is_file() else None

    def exists(self, name: str) -> bool:
        """Whether a file stands under a name."""
        return self._path(name).is_file()

    def read(self, name: str) -> bytes:
        """The bytes of a small file.

        Raises:
            TapeError: there is none, or it cannot be read.
        """
        try:
            return self._path(name).read_bytes()
        except OSError as error:
            msg = f"{name} could not be read from the tape path {self.root}: {error}"
            raise TapeError(msg) from error

    def put(self, local: Path, name: str) -> Stored:
        """Copy a local file into the store under ``name``, durably, and read it back.

        Putting the same bytes again is a success and changes nothing.

        Raises:
            AlreadyArchivedError: other bytes have that name; nothing was changed.
            TapeError: the file is empty (tape systems refuse those), the copy differs from the
                original, or the path is not there or cannot be written.
        """
        wanted = fingerprint(local)
        if wanted.size == 0:
            msg = f"{local} is empty; a tape system refuses empty files"
            raise TapeError(msg)
        path = self._path(name)
        try:
            if not path.exists():
                return self._store(local, name, path, wanted)
        except FileExistsError as error:
            if not path.exists():  # a file has the name of one of its folders
                msg = f"{name} could not be written to the tape path {self.root}: {error}"
                raise TapeError(msg) from error
            # Else another run stored it meanwhile: compare with what it stored.
        except OSError as error:
            msg = f"{name} could not be written to the tape path {self.root}: {error}"
            raise TapeError(msg) from error
        if fingerprint(path) != wanted:
            msg = (
                f"{path} holds other bytes than {local}; the tape path is write-once, "
                "so archive the new bytes under a new revision"
            )
            raise AlreadyArchivedError(msg)
        return Stored(name, wanted, existed=True)

    def _store(self, local: Path, name: str, path: Path, wanted: Fingerprint) -> Stored:
        for folder in reversed(path.relative_to(self.root).parents[:-1]):
            (self.root / folder).mkdir(
                exist_ok=True
            )  # not with its parents: the root itself is never made here
        # A name of its own for each attempt: a part left by a killed run is never continued.
        part = atomic.unused_name(path)
        try:
            with local.open("rb") as source, part.open("xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                os.fsync(target.fileno())
            if fingerprint(part) != wanted:
                msg = f"the copy of {local} in {self.root} differs from the original; try again"
                raise TapeError(msg)
            _give_name(part, path, wanted)
        finally:
            part.unlink(missing_ok=True)
        atomic.sync_directory(path.parent)
        self.require()  # a mount that was lost meanwhile has left this on the local disk
        return Stored(name, wanted, existed=False)

    def _path(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts:
            msg = f"{name!r} is not a name inside the tape path"
            raise TapeError(msg)
        self.require()
        return self.root.joinpath(*parts)


_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK)
"""What file systems without hard links answer."""


def _give_name(part: Path, path: Path, wanted: Fingerprint) -> None:
    """Give a file that was read back its name, where that is free.

    A link fails where the name is taken; a rename would silently destroy the older file.

    Raises:
        FileExistsError: something has the name.
        TapeError: what was written under it differs.
    """
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _write_new(part, path, wanted)


def _write_new(part: Path, path: Path, wanted: Fingerprint) -> None:
    # Written once more under its own name, which has to be new. A run that is killed here leaves a part that no
    # manifest lists; the next one stores the file as a revision beside it.
    with part.open("rb") as source, path.open("xb") as target:
        try:
            shutil.copyfileobj(source, target, _CHUNK)
            target.flush()
            os.fsync(target.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise
    if fingerprint(path) != wanted:
        path.unlink(missing_ok=True)
        msg = f"{path} read back otherwise than it was written and was removed; look at the tape path, then try again"
        raise TapeError(msg)
