"""What is published of a day already, subject by subject, so that a later pull can be united with it.

Only reading belongs here; how two answers become one is in ``uniting``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import pyarrow as pa

from gmpsai_assets.lake.damage import DamagedFileError, damage_named
from gmpsai_assets.lake.parquet import read_metadata, read_rows_of
from gmpsai_assets.pull.outcome import Outcome, State
from gmpsai_assets.pull.uniting import Known


@dataclass(frozen=True)
class PublishedSubjects:
    """The subjects of one published file.

    Attributes:
        file: the file; None if there is none, or if it shall not be looked at.
        schema: of the columns to read: the time and the number.
        outcomes: what the file says of its subjects.
    """

    file: Path | None = None
    schema: pa.Schema = field(default_factory=lambda: pa.schema([]))
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    def known(self, subject: str, key: str | int) -> Known | None:
        """What is published of a subject; None if it is not, or if what is there is damaged.

        Args:
            subject: its name in the outcomes.
            key: its value in the first column.

        Raises:
            OSError: if the disk cannot be read.
        """
        if self.file is None:
            return None
        try:
            with damage_named(self.file):
                table = read_rows_of(self.file, key, self.schema.names).cast(self.schema)
        except DamagedFileError:
            return None
        table = table.replace_schema_metadata(None)
        outcome = self.outcomes.get(subject)
        if outcome is None:
            if not table.num_rows:
                return None
            outcome = Outcome(subject, "partial", rows=table.num_rows)
        return Known(table, outcome)


def published_subjects(folder: Path, name: str, schema: pa.Schema) -> PublishedSubjects:
    """The subjects of one file of a day.

    Args:
        folder: the day's folder; it need not exist.
        name: the file's name; a node may have been written with other capitals before.
        schema: the table's.

    Raises:
        OSError: if the disk cannot be read.
    """
    alike = sorted(path for path in folder.glob("*") if path.name.casefold() == name.casefold())
    if not alike:
        return PublishedSubjects()
    file = folder / name if folder / name in alike else alike[0]
    try:
        with damage_named(file):
            told = [Outcome(**each) for each in read_metadata(file).get("outcomes", ())]
    except DamagedFileError:
        told = []
    states = get_args(State)
    outcomes = {each.subject: each for each in told if each.state in states}
    return PublishedSubjects(file, pa.schema(list(schema)[1:]), outcomes)
