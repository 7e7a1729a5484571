"""Rendered blocks on disk, so that what was asked before is sent at the speed of a file.

Here is only the keeping; what is rendered, and whether it may be kept, is decided elsewhere.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from threading import Lock


@dataclass
class FilePart:
    """A piece of a reply that lies in an open file; whoever takes it closes it."""

    file: BufferedReader
    size: int


_FOLDER = "blocks-"
_BLOCK = ".block"
_DRAFT = "draft-"

Part = bytes | FilePart
"""One piece of a reply."""


class BlockCache:
    """A folder of rendered blocks, bounded in size; the oldest are removed first.

    The folder may hold other files: only blocks, in folders made here, are counted and removed.

    Args:
        folder: where to keep them; a temporary folder, removed by ``close``, if None.
        limit_bytes: largest size of all blocks; 0 keeps nothing.
        version: text that changes when the same key would give other bytes.
    """

    def __init__(self, folder: Path | None, limit_bytes: int, version: str) -> None:
        self._limit = limit_bytes
        self._temporary = folder is None and limit_bytes > 0
        if self._temporary:
            folder = Path(tempfile.mkdtemp(prefix="gmpsai-emulator-"))
        self._root = folder or Path()
        self._folder = self._root / f"{_FOLDER}{hashlib.sha256(version.encode()).hexdigest()[:16]}"
        self._lock = Lock()
        self._size = 0
        if limit_bytes > 0:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._size = sum(size for _, size, _ in self._files())

    def get(self, key: str, compute: Callable[[], bytes]) -> Part:
        """The block of a key: an open file if it is kept, else what ``compute`` returns."""
        if self._limit <= 0:
            return compute()
        path = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}{_BLOCK}"
        try:
            file = path.open("rb")
        except FileNotFoundError:
            contents = compute()
            self._keep(path, contents)
            return contents
        return FilePart(file, os.fstat(file.fileno()).st_size)

    def close(self) -> None:
        """Remove the folder if it is temporary."""
        if self._temporary:
            shutil.rmtree(self._root, ignore_errors=True)

    def _keep(self, path: Path, contents: bytes) -> None:
        try:
            handle, draft = tempfile.mkstemp(dir=self._folder, prefix=_DRAFT, suffix=_BLOCK)
            with os.fdopen(handle, "wb") as file:
                file.write(contents)
            Path(draft).replace(path)
        except OSError:
            return  # a full or vanished disk costs speed, not the reply
        with self._lock:
            self._size += len(contents)
            if self._size > self._limit:
                self._remove_oldest()

    def _remove_oldest(self) -> None:
        files = sorted(self._files())
        self._size = sum(size for _, size, _ in files)
        for _, size, path in files:
            if self._size <= 0.8 * self._limit:
                break
            path.unlink(missing_ok=True)
            self._size -= size

    def _files(self) -> list[tuple[float, int, Path]]:
        """Time of writing, size and path of each block, of other versions too, and of drafts that a crash left."""
        found = []
        for path in self._root.glob(f"{_FOLDER}*/*{_BLOCK}"):
            try:
                facts = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(facts.st_mode):
                found.append((facts.st_mtime, facts.st_size, path))
        return found
