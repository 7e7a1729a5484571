"""The manifest of an archived day: which files belong to it, with their sizes and checksums, and its number.

What a manifest says, and how it is read back, belongs here. What is archived when is decided in ``archive``.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import pyarrow as pa

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.archive.tape import Fingerprint, Stored, TapeError
from gmpsai_assets.lake.tables import column

MANIFEST_FILE = "manifest.json"


MANIFEST_FILES = pa.schema(
    [
        column("name", pa.string(), "name of the file in the tape path"),
        column("size", pa.int64(), "size of the file, read back", "bytes"),
        column("adler32", pa.string(), "checksum as dCache reports it, eight hexadecimal digits"),
        column("sha256", pa.string(), "checksum of the bytes, 64 hexadecimal digits"),
    ]
)
"""The columns of the list ``files`` of a manifest."""


@dataclass(frozen=True)
class Manifest:
    """What is archived of a day as of one moment.

    A day that changed has several, ``manifest.json``, ``manifest.r1.json`` and so on. **The one with the highest
    sequence number is in force**, whichever of the older files it lists again.

    Attributes:
        day: the local day.
        sequence: 0 for the first manifest of the day, then counted up.
        archived_at: when it was written, aware.
        files: the day's files; a file that did not change keeps the name it was archived under.
    """

    day: str
    sequence: int
    archived_at: datetime
    files: tuple[Stored, ...]

    def to_bytes(self) -> bytes:
        """The manifest as JSON in UTF-8."""
        window = day_window(self.day)
        document = {
            "day": self.day,
            "sequence": self.sequence,
            "archived_at": self.archived_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
            "files": [{"name": file.name, **asdict(file.fingerprint)} for file in self.files],
        }
        return json.dumps(document, indent=2).encode() + b"\n"

    def lists(self, files: Sequence[Stored]) -> bool:
        """Whether these files, with these names and bytes, are what it lists."""
        return _identities(self.files) == _identities(files)


def parse_manifest(content: bytes, name: str, sequence: int) -> Manifest:
    """Read a manifest back.

    Args:
        content: its bytes.
        name: its name in the tape path, for the message.
        sequence: its number by its name; one that says another number is not what was written.

    Raises:
        TapeError: it is no manifest, or not the one of that name.
    """
    try:
        document = json.loads(content)
        found = Manifest(
            day=document["day"],
            sequence=document["sequence"],
            archived_at=datetime.fromisoformat(document["archived_at"]),
            files=tuple(_stored(entry) for entry in document["files"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{name} in the tape path cannot be read as a manifest: {error!r}; look at it before archiving that day"
        raise TapeError(msg) from error
    if found.sequence != sequence:
        msg = f"{name} in the tape path says that it is number {found.sequence}; look at it before archiving that day"
        raise TapeError(msg)
    return found


def _stored(entry: dict[str, str]) -> Stored:
    facts = Fingerprint(int(entry["size"]), entry["adler32"], entry["sha256"])
    return Stored(entry["name"], facts, existed=True)


def _identities(files: Sequence[Stored]) -> list[tuple[str, Fingerprint]]:
    return [(file.name, file.fingerprint) for file in files]
