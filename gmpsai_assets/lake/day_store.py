"""The day store: where the files of a day lie, how a day is published, and how it is read.

Every path below the data directory is decided here. What is inside a file belongs to ``parquet``.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gmpsai_assets.acnet.clock import parse_day
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.parquet import read_rows_of
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, DayTable


class DayNotPublishedError(LookupError):
    """A table has no such day, or the day has no such parameter."""


@dataclass(frozen=True)
class Lake:
    """The tables under one data directory."""

    root: Path

    @property
    def drafts(self) -> Path:
        """Work in progress; on the same file system as the tables, so that a rename publishes."""
        return self.root / "drafts"

    @property
    def catalogue(self) -> Path:
        """The DuckDB file of views."""
        return self.root / "gmpsai.duckdb"

    def day_folder(self, table: DayTable, day: str) -> Path:
        """The folder that holds one day's files of a table, whether or not it exists."""
        return self.root / table.folder / f"day={parse_day(day)}"

    def day_files(self, table: DayTable, day: str) -> list[Path]:
        """The published files of a day, sorted by name; empty if there are none."""
        return sorted(self.day_folder(table, day).glob(table.file_pattern))

    def published_days(self, table: DayTable) -> list[str]:
        """The days that have at least one published file, in order."""
        files = (self.root / table.folder).glob(f"day=*/{table.file_pattern}")
        return sorted({file.parent.name.removeprefix("day=") for file in files})

    def read_day(self, table: DayTable, day: str) -> pa.Table:
        """All rows of a day; meant for the small tables.

        Raises:
            DayNotPublishedError: if the day has not been published.
        """
        files = self.day_files(table, day)
        if not files:
            raise DayNotPublishedError(_not_published(table, day))
        # ParquetFile and not pq.read_table: the latter would add a column from the folder's name.
        return pa.concat_tables([pq.ParquetFile(file).read() for file in files])

    def parameter_rows(self, parameter: str, day: str) -> pa.Table:
        """One parameter of one day: ``time`` (timestamp[us, UTC]) and ``value`` (float64), in order of time.

        Raises:
            DayNotPublishedError: if the day is not published or holds no sample of the parameter.
        """
        files = self.day_files(PARAMETER_DATA, day)
        if not files:
            raise DayNotPublishedError(_not_published(PARAMETER_DATA, day))
        for file in files:
            rows = read_rows_of(file, parameter, ["time", "value"])
            if rows.num_rows:
                return rows
        msg = f"{parameter} has no samples on {day} in {self.day_folder(PARAMETER_DATA, day)}"
        raise DayNotPublishedError(msg)

    def parameter(self, parameter: str, day: str) -> pd.DataFrame:
        """The same as a DataFrame; ``value`` is NaN where the reply had no number."""
        return self.parameter_rows(parameter, day).to_pandas()

    def event_rows(self, event: int, day: str) -> pa.Table:
        """One TCLK event of one day: ``time`` (timestamp[us, UTC]) and ``supercycle_seconds`` (float64, s).

        Returns:
            Occurrences in order of time; no rows if the event did not occur.

        Raises:
            DayNotPublishedError: if the day is not published.
        """
        files = self.day_files(EVENT_DATA, day)
        if not files:
            raise DayNotPublishedError(_not_published(EVENT_DATA, day))
        return read_rows_of(files[0], event, ["time", "supercycle_seconds"])

    def events(self, event: int, day: str) -> pd.DataFrame:
        """The same as a DataFrame."""
        return self.event_rows(event, day).to_pandas()

    @contextmanager
    def publication(self, table: DayTable, day: str) -> Iterator["Publication"]:
        """Collect the files of a day in a draft folder; they appear when the block ends well.

        If the block raises, the draft is removed and what was published before stays.
        """
        self.drafts.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=f"{table.folder}-{day}-", dir=self.drafts))
        try:
            publication = Publication(folder)
            yield publication
            publication.publish(self.day_folder(table, day))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class Publication:
    """The files of one day while they are being written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: list[str] = []

    def file(self, name: str) -> Path:
        """Where to write the file that will have this name in the day's folder."""
        self._names.append(name)
        return self._folder / name

    @property
    def names(self) -> Sequence[str]:
        """The files asked for so far."""
        return tuple(self._names)

    def publish(self, final_folder: Path) -> None:
        """Move the files to their place: a new day at once, an existing one file by file in the order written."""
        for name in self._names:
            atomic.sync_file(self._folder / name)
        if not final_folder.exists():
            self._publish_new_day(final_folder)
        else:
            for name in self._names:
                atomic.put_in_place(self._folder / name, final_folder / name)

    def _publish_new_day(self, final_folder: Path) -> None:
        final_folder.parent.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o755)  # mkdtemp keeps others out; a published day is for everyone
        atomic.sync_directory(self._folder)
        try:
            self._folder.rename(final_folder)
        except OSError:
            if not final_folder.is_dir():
                raise
            # Another run published the day meanwhile: the files of this one replace its files.
            self.publish(final_folder)
        else:
            atomic.sync_directory(final_folder.parent)


def _not_published(table: DayTable, day: str) -> str:
    return f"{table.name} of {day} is not published; materialise that day first"
