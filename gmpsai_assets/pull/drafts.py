"""Drafts: the finished subjects of a pull that is not published yet, so that a later run need not fetch them again.

A draft is an Arrow file under ``drafts/``, written whole or not at all. What is published belongs to ``lake``.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from gmpsai_assets.lake import atomic
from gmpsai_assets.pull.outcome import Outcome

_OUTCOME = b"outcome"
_PULL_FILE = "pull.json"


class Drafts:
    """The drafts of one table and day, from one source and window.

    Args:
        folder: the lake's folder of drafts.
        table: name of the table.
        day: the partition key.
        origin: whatever makes drafts foreign when it differs: source, window, request form.
    """

    def __init__(self, folder: Path, table: str, day: str, origin: Mapping[str, Any]) -> None:
        text = json.dumps(origin, sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        self._folder = folder / f"{table}-{day}-{digest}"

    def begin(self) -> datetime:
        """Make the folder; returns the time at which this pull was first begun (UTC, seconds)."""
        note = self._folder / _PULL_FILE
        if not note.exists():
            begun = datetime.now(UTC).replace(microsecond=0)
            atomic.write_bytes(note, json.dumps({"begun": begun.isoformat()}).encode())
        return datetime.fromisoformat(json.loads(note.read_bytes())["begun"])

    def store(self, rows: pa.Table, outcome: Outcome) -> None:
        """Keep a finished subject.

        Raises:
            OSError: if it cannot be written; no part of it is left.
        """
        final = self._path(outcome.subject)
        draft = atomic.unused_name(final)
        schema = rows.schema.with_metadata({_OUTCOME: json.dumps(asdict(outcome)).encode()})
        try:
            with pa.ipc.new_file(str(draft), schema) as writer:
                writer.write_table(rows.cast(schema))
            draft.replace(final)
        finally:
            draft.unlink(missing_ok=True)

    def load(self, subject: str) -> tuple[pa.Table, Outcome] | None:
        """A finished subject, or None. A torn draft, as a power cut can leave it, is removed."""
        path = self._path(subject)
        try:
            with pa.memory_map(str(path)) as source:
                rows = pa.ipc.open_file(source).read_all()
            outcome = Outcome(**json.loads(rows.schema.metadata[_OUTCOME]))
        except FileNotFoundError:
            return None
        except (pa.ArrowInvalid, KeyError, TypeError, ValueError):
            path.unlink(missing_ok=True)
            return None
        return rows.replace_schema_metadata(None), outcome

    def has(self, subject: str) -> bool:
        """Whether a readable draft of the subject is there."""
        return self.load(subject) is not None

    def remove(self) -> None:
        """Forget all drafts of this table and day; called when they are published."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, subject: str) -> Path:
        # Device names hold ':' and '|'; the hexadecimal form is safe on every file system.
        return self._folder / f"{subject.encode().hex()}.arrow"
