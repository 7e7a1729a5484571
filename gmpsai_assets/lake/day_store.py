"""The day store: where the files of a day lie, how a day is read, and who may publish it.

Every path below the data directory is decided here. What is inside a file belongs to ``parquet``; how files get to
their place, to ``publication``.
"""

import fnmatch
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmpsai_assets.acnet.clock import Day, day_key
from gmpsai_assets.acnet.tclk import event_code, event_label
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.asked_for import device_name, near, published_days_text, table_named
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.origin import was_made_from
from gmpsai_assets.lake.parquet import recorded_outcomes
from gmpsai_assets.lake.publication import Publication, explained_storage
from gmpsai_assets.lake.revisions import Revision, revisions_in
from gmpsai_assets.lake.schemas import COMPLETENESS, EVENT_DATA, PARAMETER_DATA
from gmpsai_assets.lake.stored_file import StoredFile
from gmpsai_assets.lake.tables import DayTable

_DAYS = f"day={'[0-9]' * 4}-{'[0-9]' * 2}-{'[0-9]' * 2}"  # a copy of one under another name is none
_EVENT_COLUMNS = ["time", "supercycle_seconds"]


class DayNotPublishedError(LookupError):
    """A table has no such day, or the day has no such parameter."""


@dataclass(frozen=True)
class Lake:
    """The tables under one data directory.

    Days are keys ``YYYY-MM-DD`` or dates, devices may be in small letters, and events are codes or written ``$0C``.

    Attributes:
        root: the data directory; a text is taken, too.
    """

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", Path(self.root).expanduser())

    @property
    def drafts(self) -> Path:
        """Work in progress; it may lie on another disk, as a symbolic link does to one."""
        return self.root / "drafts"

    @property
    def catalogue(self) -> Path:
        """The DuckDB file of views."""
        return self.root / "gmpsai.duckdb"

    @property
    def service_slots(self) -> Path:
        """Lock files by which all runs together keep the limit of requests to a service; empty and never removed."""
        return self.root / "service_slots"

    def day_folder(self, table: DayTable, day: Day) -> Path:
        """The folder that holds one day's files of a table, whether or not it exists."""
        return self.root / table.name / f"day={day_key(day)}"

    def pull_log_file(self, table: DayTable, day: str) -> Path:
        """Where the log of a pull lies; outside the tables, whose folders other programs read whole."""
        return self.root / "pull_log" / table.name / f"day={day_key(day)}.json"

    def revisions_folder(self, table: DayTable, day: str) -> Path:
        """Where the older files of a day lie; outside the tables for the same reason."""
        return self.root / "revisions" / table.name / f"day={day_key(day)}"

    def lock_file(self, table: DayTable, day: str) -> Path:
        """The lock that whoever works on a day of a table holds."""
        return self.drafts / "locks" / f"{table.name}-{day_key(day)}.lock"

    def building_places(self, table: DayTable) -> tuple[Path, Path]:
        """Where the folders of a table's days are built: usually the first; the other if that is on another disk."""
        return self.drafts, atomic.building(self.root / table.name)

    def day_files(self, table: DayTable, day: Day) -> list[Path]:
        """The published files of a day, sorted by name; empty if there are none."""
        return atomic.standing_files(self.day_folder(table, day), table.file_pattern)

    def published_days(self, table: DayTable | str) -> list[str]:
        """The days that have at least one published file, in order."""
        table = self._table(table)
        folders = atomic.standing_folders(self.root / table.name, _DAYS)
        days = (n for n, each in folders.items() if atomic.visible_files(each, table.file_pattern))
        return sorted(name.removeprefix("day=") for name in days)

    def stored_files(self, table: DayTable) -> Iterator[tuple[str, int, int]]:
        """All files of a table in order of day and name, without a look into any: 1,000 days in some milliseconds.

        Returns:
            Of each its path below the data directory, its size in bytes, and when it was written, ns since 1970 UTC.
        """
        root, pattern = f"{self.root}/", table.file_pattern
        for day in _names(f"{root}{table.name}", _DAYS):
            folder = f"{table.name}/{day}"
            for name in _names(f"{root}{folder}", pattern) if "*" in pattern else [pattern]:
                with suppress(FileNotFoundError, NotADirectoryError):
                    facts = os.stat(f"{root}{folder}/{name}")  # noqa: PTH116 - likewise
                    yield f"{folder}/{name}", facts.st_size, facts.st_mtime_ns

    def revisions(self, table: DayTable, day: str, name: str) -> list[Revision]:
        """The older versions of one file of a day, the oldest first; empty if it was never replaced."""
        return revisions_in(self.revisions_folder(table, day), name)

    def open_files(self, table: DayTable, day: Day) -> list[StoredFile]:
        """The published files of a day, open: they stay what they are while others take their place.

        Raises:
            DayNotPublishedError: if the day is not published.
        """
        files = [StoredFile(path) for path in self.day_files(table, day)]
        if not files:
            raise DayNotPublishedError(self._not_published(table, day))
        return files

    def read_day(self, table: DayTable | str, day: Day) -> pa.Table:
        """All rows of a day; meant for the small tables.

        Raises:
            DayNotPublishedError: if the day has not been published.
            NoSuchTableError: there is no table of that name.
        """
        table = self._table(table)
        files = self.day_files(table, day)
        if not files:
            raise DayNotPublishedError(self._not_published(table, day))
        # ParquetFile and not pq.read_table: the latter would add a column from the folder's name.
        return pa.concat_tables([pq.ParquetFile(file).read() for file in files])

    def parameter_rows(self, parameter: str, day: Day) -> pa.Table:
        """One parameter of one day: ``time`` (timestamp[us, UTC]) and ``value`` (float64), in order of time.

        Raises:
            DayNotPublishedError: if the day is not published or holds no sample of the parameter.
        """
        return self._read_parameter(device_name(parameter), day)[1]

    def parameter(self, parameter: str, day: Day) -> pd.DataFrame:
        """The same as a DataFrame; ``value`` is NaN where the reply had no number.

        ``frame.attrs["completeness"]`` is what ``completeness`` gives.
        """
        parameter = device_name(parameter)
        file, rows = self._read_parameter(parameter, day)
        frame = rows.to_pandas()
        frame.attrs["completeness"] = self._completeness_of(parameter, day, file)
        return frame

    def completeness(self, parameter: str, day: Day) -> dict[str, Any] | None:
        """The row of the table ``completeness`` of one parameter as plain values, its gaps and findings included.

        Returns:
            None as long as the completeness of the published data is not made: that of an earlier pull is not returned.

        Raises:
            DayNotPublishedError: if the day is not published, or the parameter is not recorded on it.
        """
        parameter = device_name(parameter)
        files = self.open_files(PARAMETER_DATA, day)
        listed = [file for file in files if parameter in _recorded(file)]
        if not listed:
            raise DayNotPublishedError(_not_recorded(parameter, day, files))
        # Of two nodes that record it the first with samples counts, as in ``parameter_rows``.
        file = next((each for each in listed if each.may_hold(parameter)), listed[0])
        return self._completeness_of(parameter, day, file)

    def _completeness_of(
        self, parameter: str, day: Day, source: StoredFile
    ) -> dict[str, Any] | None:
        """The row of a parameter, unless it was made from other samples than these: then it is older, or newer."""
        for file in map(StoredFile, self.day_files(COMPLETENESS, day)):
            if was_made_from(file, source):
                rows = file.rows()
                node = source.origin.get("node", "")
                same = pc.and_(pc.equal(rows["parameter"], parameter), pc.equal(rows["node"], node))
                return next((_plain(row) for row in rows.filter(same).to_pylist()), None)
        return None

    def _read_parameter(self, parameter: str, day: Day) -> tuple[StoredFile, pa.Table]:
        files = self.open_files(PARAMETER_DATA, day)
        for file in files:
            rows = file.rows_of(parameter, ["time", "value"])
            if rows.num_rows:
                return file, rows
        if not any(parameter in _recorded(file) for file in files):
            raise DayNotPublishedError(_not_recorded(parameter, day, files))
        folder = self.day_folder(PARAMETER_DATA, day)
        msg = f"{parameter} has no samples on {day_key(day)} in {folder}"
        raise DayNotPublishedError(msg)

    def _table(self, table: DayTable | str) -> DayTable:
        return table_named(self.root, table) if isinstance(table, str) else table

    def _not_published(self, table: DayTable, day: Day) -> str:
        published = published_days_text(self.root, self.published_days(table))
        return f"{table.name} of {day_key(day)} is not published: {published}; materialise that day first"

    def event_rows(self, event: int | str, day: Day) -> pa.Table:
        """One TCLK event of one day: ``time`` (timestamp[us, UTC]) and ``supercycle_seconds`` (float64, s).

        Returns:
            Occurrences in order of time; no rows if the event did not occur.

        Raises:
            DayNotPublishedError: if the day is not published.
        """
        return self.open_files(EVENT_DATA, day)[0].rows_of(event_code(event), _EVENT_COLUMNS)

    def events(self, event: int | str, day: Day) -> pd.DataFrame:
        """The same as a DataFrame; ``frame.attrs["completeness"]`` is what ``event_completeness`` gives."""
        file = self.open_files(EVENT_DATA, day)[0]
        code = event_code(event)
        frame = file.rows_of(code, _EVENT_COLUMNS).to_pandas()
        frame.attrs["completeness"] = _recorded_outcome(file, event_label(code))
        return frame

    def event_completeness(self, event: int | str, day: Day) -> dict[str, Any] | None:
        """What the pull recorded of one TCLK event: state, rows, what was dropped or put in order, and findings.

        Returns:
            Plain values; None for a file of another program, which says nothing.

        Raises:
            DayNotPublishedError: if the day is not published.
        """
        label = event_label(event_code(event))
        return _recorded_outcome(self.open_files(EVENT_DATA, day)[0], label)

    @contextmanager
    def publication(
        self, table: DayTable, day: str, *, keep_revisions: bool = False
    ) -> Iterator[Publication]:
        """Collect the files of a day in a draft folder; they appear when the block ends well, or before by ``publish``.

        They are the whole day: they appear together, and data files of the day that are not among them leave it.

        One process at a time works on a table's day; another one waits. If the block raises, what was collected
        is removed and what was published before stays; so is what a killed process has left.

        Args:
            table: the table.
            day: the partition key.
            keep_revisions: compare with what is published; leave it if equal, else keep it as a revision.

        Raises:
            DayNotStoredError: the disk is full or cannot be written, or the folders lie so that a day cannot be put
                in its place; the latter before the block begins.
        """
        lock = self.lock_file(table, day)
        prefix = f"publication-{table.name}-{day}-"
        revisions = self.revisions_folder(table, day) if keep_revisions else None
        with explained_storage(f"{table.name} of {day}", self.root), exclusive(lock):
            final = self.day_folder(table, day)
            atomic.remove_unfinished(final, self.drafts, prefix)
            atomic.finish(final)
            folder = atomic.new_folder(final, self.drafts, prefix)
            try:
                publication = Publication(folder, final, revisions)
                yield publication
                publication.publish()
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def publications(
        self, tables: Sequence[DayTable], day: str, *, keep_revisions: bool = False
    ) -> Iterator[tuple[Publication, ...]]:
        """The same for several tables that one run makes: none of them appears unless all files were written.

        The first one, the main table, appears last. A run that is killed in between leaves some tables older than
        the others, which their origin shows; the next run replaces all of them.

        Args:
            tables: always in the same order: their locks are taken one after the other.
            day: the partition key.
            keep_revisions: as in ``publication``.

        Raises:
            DayNotStoredError: the disk is full or cannot be written.
        """
        with ExitStack() as stack:
            yield tuple(
                stack.enter_context(self.publication(each, day, keep_revisions=keep_revisions))
                for each in tables
            )


def _recorded_outcome(source: StoredFile, subject: str) -> dict[str, Any] | None:
    """What the pull of a file recorded of one subject: its state, counts and findings; None if nothing."""
    outcomes = recorded_outcomes(source.origin)
    return next((each for each in outcomes if each["subject"] == subject), None)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _names(folder: str, pattern: str) -> list[str]:
    """What lies in a folder, by name; nothing if it is not there, or is none."""
    try:
        return sorted(fnmatch.filter(os.listdir(folder), pattern))  # noqa: PTH208 - a tenth of the time
    except (FileNotFoundError, NotADirectoryError):
        return []


def _recorded(file: StoredFile) -> list[str]:
    """The parameters of a file, those without samples included."""
    return list(file.origin.get("nominal_rates_hz", {}))


def _not_recorded(parameter: str, day: Day, files: Sequence[StoredFile]) -> str:
    names = [name for file in files for name in _recorded(file)]
    known = near(parameter, names) or "; the parameter lists name what is"
    return f"{parameter} is not recorded on {day_key(day)}{known}"
