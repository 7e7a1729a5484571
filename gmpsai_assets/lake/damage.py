"""Telling a damaged file from a disk that cannot be read: the first can be replaced, the second needs a person.

Only the errors are sorted here; what becomes of a damaged file is the callers'.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

_SIGNS_OF_DAMAGE = (
    pa.ArrowException,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What readers raise on bytes that are not what was written; which one depends on where the damage is."""


class DamagedFileError(Exception):
    """A file can be read, but what it holds is not what was written, or not of this store's making."""


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn whatever a damaged file makes a reader raise into a ``DamagedFileError``.

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
        raise DamagedFileError(_told(path, error)) from error
    except _SIGNS_OF_DAMAGE as error:
        raise DamagedFileError(_told(path, error)) from error


def _told(path: Path, error: Exception) -> str:
    return f"{path} is damaged: {type(error).__name__}: {error}"
