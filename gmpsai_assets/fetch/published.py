"""What is published of the subjects of a file: of the same day, and, as far as their numbers go, of the days before.

How it is merged with what came now belongs to ``known``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from gmpsai_assets.fetch.checking.numbers import DAYS_BEFORE
from gmpsai_assets.fetch.outcome import Outcome, SubjectData
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.json_objects import ForeignContentError
from gmpsai_assets.lake.parquet import read_metadata, read_rows_of, recorded_outcomes
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named
from gmpsai_assets.lake.tables import DayTable


@dataclass(frozen=True)
class PublishedSubjects:
    """The subjects of one published file.

    Attributes:
        file: the file; None if there is none, or if it shall not be looked at.
        schema: of the columns to read: the time and the number.
        outcomes: what the file records of its subjects.
    """

    file: Path | None = None
    schema: pa.Schema = field(default_factory=lambda: pa.schema([]))
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    def known(self, subject: str, key: str | int) -> SubjectData | None:
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
                table = read_rows_of(self.file, key, self.schema.names)
                if table.column_names != self.schema.names:
                    msg = f"columns are {table.column_names} where {self.schema.names} are due"
                    raise ForeignContentError(msg)
                table = table.cast(self.schema)
        except DamagedFileError:
            return None
        table = table.replace_schema_metadata(None)
        outcome = self.outcomes.get(subject)
        if outcome is None:
            if not table.num_rows:
                return None
            outcome = Outcome(subject, "partial", rows=table.num_rows)
        return SubjectData(table, outcome)

    def unjudged(self, subject: str, key: str | int) -> SubjectData | None:
        """What is published of a subject that is partial for nothing but its unknown rate; None of any other.

        Raises:
            OSError: if the disk cannot be read.
        """
        outcome = self.outcomes.get(subject)
        return self.known(subject, key) if outcome is not None and outcome.is_unjudged else None


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
            recorded = map(Outcome.from_metadata, recorded_outcomes(read_metadata(file)))
            outcomes = {each.subject: each for each in recorded}
    except DamagedFileError:
        outcomes = {}
    return PublishedSubjects(file, pa.schema(list(schema)[1:]), outcomes)


def shares_without_number(
    lake: Lake, table: DayTable, day: str, name: str
) -> dict[str, tuple[float, ...]]:
    """By subject the share of its rows without a number, on each of the last days published before this one.

    A damaged file says nothing.
    """
    shares: dict[str, tuple[float, ...]] = {}
    earlier = [each for each in lake.published_days(table) if each < day]
    for each in reversed(earlier[-DAYS_BEFORE:]):
        known = published_subjects(lake.day_folder(table, each), name, table.schema)
        for subject, outcome in known.outcomes.items():
            share = outcome.without_number_share
            if share is not None:
                shares[subject] = (*shares.get(subject, ()), share)
    return shares
