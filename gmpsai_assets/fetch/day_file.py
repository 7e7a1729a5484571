"""One file of a day: its subjects are fetched side by side, kept as drafts, and written as a row group each, in order.

Parameters of a node and TCLK events are both pulled this way; which request fetches a subject is the caller's. What
becomes of the day's files is decided in ``publishing``. Memory depends on the number of connections, not on the number
of subjects.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic

import numpy as np
import pyarrow as pa

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.fetch.asking.asker import ServiceHealth
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.known import ContradictionError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import REFUSED, Failure, Outcome
from gmpsai_assets.fetch.progress import ProgressFile
from gmpsai_assets.fetch.published import (
    PublishedSubjects,
    published_subjects,
    shares_without_number,
)
from gmpsai_assets.fetch.subjects import Item, KnownSubjects, Subject, SubjectPull
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group
from gmpsai_assets.lake.source import remember_source
from gmpsai_assets.lake.tables import DayTable

_MOST_REFUSED = 0.5
"""If a larger part of a file's subjects is refused, it is not the names in a list that are wrong, but the permission
or the service. Chosen."""


@dataclass(frozen=True)
class DayFile(Generic[Item]):
    """A file that is still to be pulled.

    Attributes:
        lake: where it will lie.
        table: the table it belongs to; the first column is the same throughout a row group.
        day: the partition key.
        name: the file's name.
        subjects: in the order of the row groups.
        key: the value of the first column for an item.
        fetch: sends the request for one item and a window; raises ``AcnetError``.
        origin: the ``source``, and what else is known of it, for the file metadata; ``source`` and ``node`` of it are
            the drafts' identity, too.
    """

    lake: Lake
    table: DayTable
    day: str
    name: str
    subjects: Sequence[Subject[Item]]
    key: Callable[[Item], str | int]
    fetch: Callable[[Item, Window], SampleReply]
    origin: Mapping[str, Any]

    @property
    def window(self) -> Window:
        """The local day in UTC."""
        return day_window(self.day)

    def pull(
        self, path: Path, options: FetchOptions, progress: ProgressFile, health: ServiceHealth
    ) -> tuple[tuple[Outcome, ...], tuple[Failure, ...]]:
        """Fetch what has no finished draft, merge it with what is published, and write the file to ``path``.

        The bytes of the file depend on the answers, on what is published, and on the time at which the pull was
        first begun, not on how often it was interrupted. After a failure the others are still fetched, but the file
        is worthless and must not be published; so it is when the pull was stopped, which leaves out what was not asked.

        Args:
            path: where the file is written.
            options: those of the pull.
            progress: counts each subject that is finished.
            health: shared by all files of the pull; whatever ends one of its threads stops the others.

        Returns:
            What became of the subjects that are in the file, and of those that keep it from being published.

        Raises:
            AnotherSourceError: meanwhile the lake has taken another service for its source.
            OSError: the disk is full or not writable.
        """
        drafts = Drafts(self.lake.drafts, self.table.name, self.day, self._identity())
        kept_days = max(self.origin.get("kept_days", {}).values(), default=KEPT_DAYS)
        begun = drafts.begin(options.now, kept_days)
        known = KnownSubjects(
            drafts,
            self._published(),
            shares_without_number(self.lake, self.table, self.day, self.name),
        )
        pull = SubjectPull(
            self.fetch,
            self.key,
            self.window,
            known,
            options,
            progress,
            health,
            came=partial(remember_source, self.lake.root, self.origin["source"]),
        )
        outcomes: list[Outcome] = []
        failures: list[Failure] = []
        refused: list[Failure] = []
        with (
            parquet_writer(path, self.table) as writer,
            self._fetched(pull) as fetched,
        ):
            for subject, outcome in zip(self.subjects, fetched, strict=True):
                if outcome is None:
                    continue
                if isinstance(outcome, Failure):
                    failures.append(outcome)
                    continue
                try:
                    data = pull.merged(subject)
                except ContradictionError as error:
                    failures.append(_contradiction(outcome, error))
                    continue
                outcomes.append(data.outcome)
                refused += [outcome.as_failure(self.window)] if outcome.state == REFUSED else []
                if not failures:
                    write_row_group(writer, self._rows(subject, data.table))
            if health.other_window:
                outcomes = pull.doubted(self.subjects, outcomes)
            counts = [outcome.as_metadata() for outcome in outcomes]
            origin = {**self.origin, "window": self._window(), "package_version": __version__}
            describe(writer, {**origin, "pulled_at": begun.isoformat(), "outcomes": counts})
        if len(refused) > _MOST_REFUSED * len(self.subjects) and not options.allow_partial:
            failures += refused
        return tuple(outcomes), tuple(failures)

    def _window(self) -> dict[str, str]:
        return {"start": self.window.start.isoformat(), "end": self.window.end.isoformat()}

    def _identity(self) -> dict[str, Any]:
        """What makes the drafts of this file those of no other; samples depend on no rate, list or version."""
        return {
            "source": self.origin.get("source"),
            "node": self.origin.get("node"),
            "window": self._window(),
        }

    def _published(self) -> PublishedSubjects:
        folder = self.lake.day_folder(self.table, self.day)
        return published_subjects(folder, self.name, self.table.schema)

    @contextmanager
    def _fetched(self, pull: SubjectPull[Item]) -> Iterator[Iterator[Outcome | Failure | None]]:
        """What became of each subject, in order, while the next ones are fetched; None of what was not asked for.

        A failure of one does not stop the others. An error of the machine, such as a full disk, ends the whole, in
        whatever thread it is met; so does whatever ends the block, as when a person or Dagster ends the run.
        """
        pool = ThreadPoolExecutor(pull.options.connections, thread_name_prefix="pull")
        try:
            yield pool.map(pull.fetch_or_stop, self.subjects)
        except BaseException as error:
            pull.health.stop.set(error)
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _rows(self, subject: Subject[Item], rows: pa.Table) -> pa.Table:
        key = _constant(self.key(subject.item), rows.num_rows, self.table.schema.field(0).type)
        return pa.table([key, *rows.columns], schema=self.table.schema)


def _contradiction(outcome: Outcome, error: ContradictionError) -> Failure:
    reason = (
        f"{error}: the clocks of the two pulls differ, and what is published stays. If the service is right, "
        "materialise the day with replace_with_less; the published samples are then kept as a revision"
    )
    return Failure(outcome.subject, reason, outcome.state)


def _constant(value: str | int, count: int, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_dictionary(kind):
        return pa.repeat(pa.scalar(value, kind), count)
    indices = pa.array(np.zeros(count, kind.index_type.to_pandas_dtype()))
    return pa.DictionaryArray.from_arrays(indices, pa.array([value], kind.value_type), safe=False)
