"""One published file as it was when it was opened: its rows, its origin, and the digest that identifies it.

Another file that takes its name meanwhile changes nothing here. Encodings and row groups belong to ``parquet``.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from gmpsai_assets.lake.json_objects import ForeignContentError
from gmpsai_assets.lake.parquet import open_parquet, origin_of, row_group_key, rows_with_key

_SIGNS_OF_DAMAGE = (
    pa.ArrowInvalid,
    pa.ArrowNotImplementedError,
    pa.ArrowIndexError,
    pa.ArrowCapacityError,
    pa.ArrowSerializationError,
    UnicodeDecodeError,
    ForeignContentError,
)
"""What the formats raise on bytes that are not what was written (seen by flipping each kind of them): Arrow's errors
about content, names in a footer that are no UTF-8, and what is checked of the JSON. Any other error, a TypeError or a
KeyError, is a fault of this program, and no memory is left is one of the machine: neither makes a file damaged."""


class DamagedFileError(Exception):
    """A file can be read, but what it holds is not what was written, or not of this store's making."""


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn what the formats say of a damaged file into a ``DamagedFileError``; any other error stays what it is.

    Args:
        path: the file that is read in the block.

    Raises:
        DamagedFileError: the content is damaged.
        OSError: the system cannot read the file; these have a number, unlike those that Arrow raises for damage.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise
        raise DamagedFileError(_damage(path, error)) from error
    except _SIGNS_OF_DAMAGE as error:
        raise DamagedFileError(_damage(path, error)) from error


def _damage(path: Path, error: Exception) -> str:
    return f"{path} is damaged: {type(error).__name__}: {error}"


_TAIL_BYTES = 8
"""A Parquet file ends with the length of its footer, four bytes, and a magic number of four."""


class StoredFile:
    """A Parquet file that stays open as long as anyone holds this; safe to share between threads.

    Nothing is mapped into memory, so reading all of a day leaves no pages behind.

    Raises:
        OSError: if the file cannot be read.
        pyarrow.ArrowInvalid: if it is no Parquet file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._source = pa.OSFile(str(path))
        with open_parquet(self._source) as file:
            self._footer = file.metadata
            self._keys = [row_group_key(file, index) for index in range(file.num_row_groups)]
        self.origin: dict[str, Any] = origin_of(self._footer)

    @property
    def digest(self) -> str:
        """SHA-256 in hex of the file's footer, which holds place, size and extremes of all columns, and the origin.

        Two files that were written at different times, or of other rows, differ in it; to read it takes a
        millisecond, to read a day half a second.
        """
        size = self._source.size()
        length = int.from_bytes(self._source.read_at(4, size - _TAIL_BYTES), "little")
        return hashlib.sha256(self._source.read_at(length, size - _TAIL_BYTES - length)).hexdigest()

    def may_hold(self, key: str | int) -> bool:
        """Whether a row group has this key; a file of another program, with several keys in one, may have any."""
        return key in self._keys or None in self._keys

    def rows(self) -> pa.Table:
        """All rows; meant for the small tables."""
        with open_parquet(self._source, footer=self._footer) as file:
            return file.read()

    def rows_of(self, key: str | int, columns: list[str]) -> pa.Table:
        """The rows whose first column equals ``key``, reading only the row groups that can hold them.

        Raises:
            OSError: if what is read is damaged.
        """
        with open_parquet(self._source, footer=self._footer) as file:
            return rows_with_key(file, self._keys, key, columns)
