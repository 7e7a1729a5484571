"""Size and checksums of a file, computed in one pass with flat memory.

What a fingerprint is compared with belongs to ``tape`` and ``manifest``.
"""

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

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
