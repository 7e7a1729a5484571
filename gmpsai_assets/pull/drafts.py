"""Drafts: the finished subjects of a pull that is not published yet, so that a later run need not fetch them again.

A draft is an Arrow file under ``drafts/``, written whole or not at all. What is published belongs to ``lake``.
"""

import hashlib
import json
import shutil
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.lake import atomic
from gmpsai_assets.pull.outcome import Outcome

_OUTCOME = b"outcome"
_CHECKSUM = b"crc32"
_PULL_FILE = "pull.json"


class Drafts:
    """The drafts of one table and day, from one source and window; safe to share between threads.

    Args:
        folder: the lake's folder of drafts.
        table: name of the table.
        day: the partition key.
        origin: whatever makes drafts foreign when it differs: source, window, list, request form.
    """

    def __init__(self, folder: Path, table: str, day: str, origin: Mapping[str, Any]) -> None:
        text = json.dumps(origin, sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        self._folder = folder / f"{table}-{day}-{digest}"
        self._verified: set[str] = set()

    def begin(self, now: Callable[[], datetime] = utc_now) -> datetime:
        """Make the folder; returns the time at which this pull was first begun (UTC, seconds).

        Args:
            now: tells the present moment, aware.
        """
        note = self._folder / _PULL_FILE
        try:
            return datetime.fromisoformat(json.loads(note.read_bytes())["begun"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            begun = now().replace(microsecond=0)
            atomic.write_bytes(note, json.dumps({"begun": begun.isoformat()}).encode())
            return begun

    def store(self, rows: pa.Table, outcome: Outcome) -> None:
        """Keep a finished subject.

        Raises:
            OSError: if it cannot be written; no part of it is left.
        """
        final = self._path(outcome.subject)
        draft = atomic.unused_name(final)
        known = {
            _OUTCOME: json.dumps(asdict(outcome)).encode(),
            _CHECKSUM: str(_checksum(rows)).encode(),
        }
        schema = rows.schema.with_metadata(known)
        try:
            with pa.ipc.new_file(str(draft), schema) as writer:
                writer.write_table(rows.cast(schema))
            draft.replace(final)
        finally:
            draft.unlink(missing_ok=True)
        self._verified.add(outcome.subject)

    def load(self, subject: str) -> tuple[pa.Table, Outcome] | None:
        """A finished subject, or None. A torn draft, as a power cut can leave it, is removed."""
        path = self._path(subject)
        try:
            with pa.memory_map(str(path)) as source:
                rows = pa.ipc.open_file(source).read_all()
            outcome = Outcome(**json.loads(rows.schema.metadata[_OUTCOME]))
            self._verify(rows, outcome, subject)
        except FileNotFoundError:
            return None
        except (pa.ArrowInvalid, KeyError, TypeError, ValueError):
            path.unlink(missing_ok=True)
            return None
        return rows.replace_schema_metadata(None), outcome

    def _verify(self, rows: pa.Table, outcome: Outcome, subject: str) -> None:
        """A draft of an earlier process is read through once: its length alone says nothing about its bytes."""
        if subject in self._verified:
            return
        told = int(rows.schema.metadata[_CHECKSUM])
        if outcome.subject != subject or outcome.rows != rows.num_rows or _checksum(rows) != told:
            msg = f"the draft of {subject} is torn"
            raise ValueError(msg)
        self._verified.add(subject)

    def _path(self, subject: str) -> Path:
        # Device names hold ':' and '|'; the hexadecimal form is safe on every file system.
        return self._folder / f"{subject.encode().hex()}.arrow"


def remove_drafts(folder: Path, table: str, day: str) -> None:
    """Forget all drafts of a table and day, those of other lists and sources too; called when it is published."""
    for drafts in folder.glob(f"{table}-{day}-*"):
        shutil.rmtree(drafts, ignore_errors=True)


def _checksum(rows: pa.Table) -> int:
    """CRC-32 over the values of all columns, however they lie in memory; a null counts as NaN."""
    checksum = 0
    for column in rows.columns:
        for chunk in column.chunks:
            plain = chunk.cast(pa.int64()) if pa.types.is_timestamp(chunk.type) else chunk
            checksum = zlib.crc32(plain.to_numpy(zero_copy_only=False), checksum)
    return checksum
