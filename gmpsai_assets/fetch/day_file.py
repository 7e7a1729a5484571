"""One file of a day: its subjects are fetched side by side, kept as drafts, and written as a row group each, in order.

Parameters of a node and TCLK events are both pulled this way; which request fetches a subject is the caller's. What
becomes of the day's files is decided in ``publishing``. Memory depends on the number of connections, not on the number
of subjects.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.fetch.asking.ask import PartialAnswer, ask_thoroughly
from gmpsai_assets.fetch.asking.asker import ServiceHealth
from gmpsai_assets.fetch.checking.findings import Expectation
from gmpsai_assets.fetch.checking.numbers import DAYS_BEFORE
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.known import (
    ContradictionError,
    PublishedSubjects,
    ask_for_the_rest,
    merge,
    published_subjects,
    to_be_judged_anew,
)
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import (
    FINISHED,
    RATE_UNKNOWN,
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
from gmpsai_assets.lake.source import remember_source
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
        rate_findings: what is to be recorded of the rate: that it is unknown, or not that of the days before.
    """

    name: str
    item: Item
    nominal_rate_hz: float | None = None
    rate_may_change: bool = False
    rate_findings: tuple[Finding, ...] = ()

    @property
    def rate_is_unknown(self) -> bool:
        """Whether nobody knows how many rows should come; that no number is expected, as of an event, is known."""
        return any(each.kind == RATE_UNKNOWN for each in self.rate_findings)

    def expected(self, window: Window) -> Expectation:
        """What is known of the rows in a window before they come."""
        period = None if self.nominal_rate_hz is None else 1e6 / self.nominal_rate_hz
        return Expectation(window, period, rate_may_change=self.rate_may_change)

    def judged(self, outcome: Outcome) -> Outcome:
        """An outcome with what is known of the rate: complete is only what could be judged."""
        judged = replace(outcome, judged_at_hz=self.nominal_rate_hz)
        if self.rate_is_unknown:
            if outcome.state != "complete":
                return judged
            return replace(judged, state="partial", findings=outcome.findings + self.rate_findings)
        named = {each.kind for each in outcome.findings}
        new = tuple(each for each in self.rate_findings if each.kind not in named)
        return replace(judged, findings=outcome.findings + new) if outcome.rows else judged

    def was_judged(self, outcome: Outcome) -> bool:
        """Whether an earlier outcome, which holds no day back, was judged by what is known of the rate now."""
        if outcome.judged_at_hz != self.nominal_rate_hz:
            return False
        return outcome.state == "no data" or outcome.is_unjudged == self.rate_is_unknown


@dataclass(frozen=True)
class _Known:
    """What is known of the subjects of a file before they are asked for.

    Attributes:
        drafts: what earlier tries have brought.
        published: what is published of the day.
        without_number: by subject the share of rows without a number on each of the days before, the nearest first.
    """

    drafts: Drafts
    published: PublishedSubjects
    without_number: Mapping[str, tuple[float, ...]]


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
        without_number = _shares_without_number(self.lake, self.table, self.day, self.name)
        known = _Known(drafts, self._published(options), without_number)
        outcomes: list[Outcome] = []
        failures: list[Failure] = []
        refused: list[Failure] = []
        with (
            parquet_writer(path, self.table) as writer,
            self._fetched(known, options, progress, health) as fetched,
        ):
            for subject, outcome in zip(self.subjects, fetched, strict=True):
                if outcome is None:
                    continue
                if isinstance(outcome, Failure):
                    failures.append(outcome)
                    continue
                try:
                    data = self._merged(subject, known)
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

    def _published(self, options: FetchOptions) -> PublishedSubjects:
        if options.replace_with_less:
            return PublishedSubjects()
        folder = self.lake.day_folder(self.table, self.day)
        return published_subjects(folder, self.name, self.table.schema)

    @contextmanager
    def _fetched(
        self,
        known: _Known,
        options: FetchOptions,
        progress: ProgressFile,
        health: ServiceHealth,
    ) -> Iterator[Iterator[Outcome | Failure | None]]:
        """What became of each subject, in order, while the next ones are fetched; None of what was not asked for.

        A failure of one does not stop the others. An error of the machine, such as a full disk, ends the whole, in
        whatever thread it is met; so does whatever ends the block, as when a person or Dagster ends the run.
        """
        pull = partial(self._fetch_or_stop, health, known, options, progress)
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
        known: _Known,
        options: FetchOptions,
        progress: ProgressFile,
        subject: Subject[Item],
    ) -> Outcome | Failure | None:
        try:
            with health.stop.heeded():
                return self._fetch_subject(health, known, options, progress, subject)
        except BaseException as error:
            health.stop.set(error)
            raise

    def _fetch_subject(
        self,
        health: ServiceHealth,
        known: _Known,
        options: FetchOptions,
        progress: ProgressFile,
        subject: Subject[Item],
    ) -> Outcome | Failure | None:
        """Fetch a subject that has no finished draft; of one that has a partial draft, what is missing.

        What was finished and judged by another rate, or by none, is judged anew: only what is then seen to be missing
        is asked for.
        """
        draft = known.drafts.load(subject.name)
        if draft is None and not subject.rate_is_unknown:
            draft = known.published.unjudged(subject.name, self.key(subject.item))
        if draft is not None and draft.outcome.may_be_published:
            if subject.was_judged(draft.outcome):
                progress.finished(draft.outcome.rows, 0, fetched=False)
                return draft.outcome
            draft = to_be_judged_anew(draft) if draft.table.num_rows else None
        if health.stop.is_set and not options.allow_partial:
            return None
        if draft is not None and draft.outcome.state in UNANSWERED:
            draft = None

        def ask(earlier: PartialAnswer | None) -> SubjectData:
            answer = ask_thoroughly(
                partial(self.fetch, subject.item),
                self.window,
                nominal_rate_hz=subject.nominal_rate_hz,
                rate_may_change=subject.rate_may_change,
                without_number_before=known.without_number.get(subject.name, ()),
                limits=options.limits,
                health=health,
                earlier=earlier,
                now=options.now,
            )
            return SubjectData(answer.table, subject.judged(answer.outcome(subject.name)))

        data = ask_for_the_rest(draft, ask, subject.expected(self.window))
        outcome = data.outcome
        before = 0 if draft is None else draft.outcome.bytes_received
        progress.finished(outcome.rows, outcome.bytes_received - before)
        if isinstance(health.stop.reason, OSError):
            return None  # another one has met a full disk, and its error ends the whole
        # What came is kept even if it may not be published: the logger forgets.
        if outcome.may_be_published or data.table.num_rows:
            remember_source(self.lake.root, self.origin["source"])
        publishable = outcome.may_be_published or options.allow_partial or outcome.state == REFUSED
        if publishable or data.table.num_rows:
            known.drafts.store(data.table, outcome)
        if health.stop.is_set and not outcome.may_be_published and not options.allow_partial:
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

    def _merged(self, subject: Subject[Item], known: _Known) -> SubjectData:
        newer = known.drafts.load(subject.name)
        if newer is None:
            msg = f"the draft of {subject.name} vanished while {self.day} was being written"
            raise FileNotFoundError(msg)
        older = known.published.known(subject.name, self.key(subject.item))
        if older is None:
            return newer
        both = merge(older, newer, subject.expected(self.window))
        return SubjectData(both.table, subject.judged(both.outcome))

    def _rows(self, subject: Subject[Item], rows: pa.Table) -> pa.Table:
        key = _constant(self.key(subject.item), rows.num_rows, self.table.schema.field(0).type)
        return pa.table([key, *rows.columns], schema=self.table.schema)


def _shares_without_number(
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
