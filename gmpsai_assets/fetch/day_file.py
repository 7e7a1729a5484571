"""One file of a day: its subjects are fetched side by side, kept as drafts, and written as a row group each, in order.

Parameters of a node and TCLK events are both pulled this way; which request fetches a subject is the caller's. What
becomes of the day's files is decided in ``publishing``. Memory depends on the number of connections, not on the number
of subjects.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.ask import Answer, PartialAnswer, ask_thoroughly
from gmpsai_assets.fetch.asking.asker import ServiceHealth
from gmpsai_assets.fetch.checking.findings import Expectation
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.known import (
    ContradictionError,
    PublishedSubjects,
    ask_for_the_rest,
    merge,
    published_subjects,
)
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import (
    FINISHED,
    REFUSED,
    UNANSWERED,
    Failure,
    Finding,
    Outcome,
    State,
    SubjectData,
)
from gmpsai_assets.fetch.progress import ProgressFile
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group
from gmpsai_assets.lake.tables import DayTable

Item = TypeVar("Item")

_MOST_REFUSED = 0.5
"""If a larger part of a file's subjects is refused, it is not the names in a list that are wrong, but the permission
or the service. Chosen."""


@dataclass(frozen=True)
class Subject(Generic[Item]):
    """A device or an event, and what is needed to fetch it.

    Attributes:
        name: what it is called in outcomes and drafts.
        item: what ``fetch`` takes.
        nominal_rate_hz: rows a second that are expected; None if that is not known.
        rate_may_change: whether a lower rate may be the subject's own.
    """

    name: str
    item: Item
    nominal_rate_hz: float | None = None
    rate_may_change: bool = False

    def expected(self, window: Window) -> Expectation:
        """What is known of the rows in a window before they come."""
        period = None if self.nominal_rate_hz is None else 1e6 / self.nominal_rate_hz
        return Expectation(window, period, rate_may_change=self.rate_may_change)


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
        origin: what else is known of the source; part of the file metadata and of the drafts' identity.
    """

    lake: Lake
    table: DayTable
    day: str
    name: str
    subjects: Sequence[Subject[Item]]
    key: Callable[[Item], str | int]
    fetch: Callable[[Item, Window], SampleReply]
    origin: Mapping[str, Any] = field(default_factory=dict)

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
            OSError: the disk is full or not writable.
        """
        origin = self._origin()
        drafts = Drafts(self.lake.drafts, self.table.name, self.day, origin)
        begun = drafts.begin(options.now)
        published = self._published()
        outcomes: list[Outcome] = []
        failures: list[Failure] = []
        refused: list[Failure] = []
        with (
            parquet_writer(path, self.table) as writer,
            self._fetched(drafts, options, progress, health) as fetched,
        ):
            for subject, outcome in zip(self.subjects, fetched, strict=True):
                if outcome is None:
                    continue
                if isinstance(outcome, Failure):
                    failures.append(outcome)
                    continue
                try:
                    # A refusal says nothing of what there is: not even on request does it take the place of samples.
                    replaces = options.replace_with_less and outcome.state != REFUSED
                    data = self._merged(
                        subject, drafts, PublishedSubjects() if replaces else published
                    )
                except ContradictionError as error:
                    failures.append(_contradiction(outcome, error))
                    continue
                outcomes.append(data.outcome)
                refused += [outcome.as_failure(self.window)] if outcome.state == REFUSED else []
                if not failures:
                    write_row_group(writer, self._rows(subject, data.table))
            if health.other_window:
                outcomes = [self._doubted(each, health.other_window, drafts) for each in outcomes]
            counts = [outcome.as_metadata() for outcome in outcomes]
            describe(writer, {**origin, "pulled_at": begun.isoformat(), "outcomes": counts})
        if len(refused) > _MOST_REFUSED * len(self.subjects) and not options.allow_partial:
            failures += refused
        return tuple(outcomes), tuple(failures)

    def _origin(self) -> dict[str, Any]:
        window = {"start": self.window.start.isoformat(), "end": self.window.end.isoformat()}
        return {**self.origin, "window": window, "package_version": __version__}

    def _published(self) -> PublishedSubjects:
        folder = self.lake.day_folder(self.table, self.day)
        return published_subjects(folder, self.name, self.table.schema)

    @contextmanager
    def _fetched(
        self,
        drafts: Drafts,
        options: FetchOptions,
        progress: ProgressFile,
        health: ServiceHealth,
    ) -> Iterator[Iterator[Outcome | Failure | None]]:
        """What became of each subject, in order, while the next ones are fetched; None of what was not asked for.

        A failure of one does not stop the others. An error of the machine, such as a full disk, ends the whole, in
        whatever thread it is met; so does whatever ends the block, as when a person or Dagster ends the run.
        """
        pull = partial(self._fetch_or_stop, health, drafts, options, progress)
        pool = ThreadPoolExecutor(options.connections, thread_name_prefix="pull")
        try:
            yield pool.map(pull, self.subjects)
        except BaseException as error:
            health.stop.set(error)
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _fetch_or_stop(
        self,
        health: ServiceHealth,
        drafts: Drafts,
        options: FetchOptions,
        progress: ProgressFile,
        subject: Subject[Item],
    ) -> Outcome | Failure | None:
        try:
            with health.stop.heeded():
                return self._fetch_subject(health, drafts, options, progress, subject)
        except BaseException as error:
            health.stop.set(error)
            raise

    def _fetch_subject(
        self,
        health: ServiceHealth,
        drafts: Drafts,
        options: FetchOptions,
        progress: ProgressFile,
        subject: Subject[Item],
    ) -> Outcome | Failure | None:
        """Fetch a subject that has no finished draft; of one that has a partial draft, what is missing."""
        draft = drafts.load(subject.name)
        if draft is not None and draft.outcome.state in FINISHED:
            progress.finished(draft.outcome.rows, 0, fetched=False)
            return draft.outcome
        if health.stop.is_set and not options.allow_partial:
            return None
        if draft is not None and draft.outcome.state in UNANSWERED:
            draft = None

        def ask(earlier: PartialAnswer | None) -> Answer:
            return ask_thoroughly(
                partial(self.fetch, subject.item),
                self.window,
                nominal_rate_hz=subject.nominal_rate_hz,
                rate_may_change=subject.rate_may_change,
                limits=options.limits,
                health=health,
                earlier=earlier,
                now=options.now,
            )

        data = ask_for_the_rest(draft, ask, subject.name, subject.expected(self.window))
        outcome = data.outcome
        before = 0 if draft is None else draft.outcome.bytes_received
        progress.finished(outcome.rows, outcome.bytes_received - before)
        if isinstance(health.stop.reason, OSError):
            return None  # another one has met a full disk, and its error ends the whole
        # What came is kept even if it may not be published: the logger forgets.
        finished = outcome.state in FINISHED
        publishable = finished or options.allow_partial or outcome.state == REFUSED
        if publishable or data.table.num_rows:
            drafts.store(data.table, outcome)
        if health.stop.is_set and not finished and not options.allow_partial:
            return None
        return outcome if publishable else outcome.as_failure(self.window)

    def _doubted(self, outcome: Outcome, sentence: str, drafts: Drafts) -> Outcome:
        """What is left of an outcome when the service was seen to answer for another window.

        Of a subject that seldom comes, that cannot be seen; so nothing it lacks is believed, and it is asked for again.
        """
        (subject,) = [each for each in self.subjects if each.name == outcome.subject]
        whole = subject.nominal_rate_hz is not None and outcome.rows and not outcome.findings
        if outcome.state not in FINISHED or whole or outcome.kept_rows:
            return outcome
        start, end = self.window.start_microseconds, self.window.end_microseconds
        finding = Finding("another window", start, end, sentence)
        state: State = "partial" if outcome.rows else "failed"
        findings = (*outcome.findings, finding)
        draft = drafts.load(outcome.subject)
        if draft is not None:
            kept = replace(draft.outcome, state=state, findings=findings, remark=sentence)
            drafts.store(draft.table, kept)
        return replace(outcome, state=state, findings=findings, remark=sentence)

    def _merged(
        self, subject: Subject[Item], drafts: Drafts, published: PublishedSubjects
    ) -> SubjectData:
        newer = drafts.load(subject.name)
        if newer is None:
            msg = f"the draft of {subject.name} vanished while {self.day} was being written"
            raise FileNotFoundError(msg)
        older = published.known(subject.name, self.key(subject.item))
        return newer if older is None else merge(older, newer, subject.expected(self.window))

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
