"""The subjects of a file that is pulled, each by itself: fetched, judged by what is known of its rate, kept as a draft.

What is asked for one of them is decided in ``asking``; many side by side, and the file, belong to ``day_file``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.answer import PartialAnswer
from gmpsai_assets.fetch.asking.ask import ask_thoroughly
from gmpsai_assets.fetch.asking.asker import ServiceHealth
from gmpsai_assets.fetch.checking.findings import Expectation
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.known import ask_for_the_rest, merge, to_be_judged_anew
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
from gmpsai_assets.fetch.published import PublishedSubjects

Item = TypeVar("Item")


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

    def expected(
        self, window: Window, without_number_before: tuple[float, ...] = ()
    ) -> Expectation:
        """What is known of the rows in a window before they come.

        Args:
            window: what is asked for.
            without_number_before: see ``Expectation``.
        """
        period = None if self.nominal_rate_hz is None else 1e6 / self.nominal_rate_hz
        return Expectation(
            window,
            period,
            rate_may_change=self.rate_may_change,
            without_number_before=without_number_before,
        )

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
class KnownSubjects:
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
class SubjectPull(Generic[Item]):
    """How the subjects of one file are pulled; safe to share between threads.

    Attributes:
        fetch: sends the request for one item and a window; raises ``AcnetError``.
        key: the value of the first column for an item.
        window: the local day in UTC.
        known: what is known of the subjects.
        options: those of the pull.
        progress: counts each subject that is finished.
        health: shared by all files of the pull.
        came: called before something of the service is kept; raises if it must not be.
    """

    fetch: Callable[[Item, Window], SampleReply]
    key: Callable[[Item], str | int]
    window: Window
    known: KnownSubjects
    options: FetchOptions
    progress: ProgressFile
    health: ServiceHealth
    came: Callable[[], None]

    def fetch_or_stop(self, subject: Subject[Item]) -> Outcome | Failure | None:
        """What became of a subject; None if it was not asked for. Whatever is raised here stops the others, too.

        Raises:
            AnotherSourceError: meanwhile the lake has taken another service for its source.
            OSError: the disk is full or not writable.
        """
        try:
            with self.health.stop.heeded():
                return self._fetched(subject)
        except BaseException as error:
            self.health.stop.set(error)
            raise

    def _fetched(self, subject: Subject[Item]) -> Outcome | Failure | None:
        """Fetch a subject that has no finished draft; of one that has a partial draft, what is missing."""
        draft = self._earlier(subject)
        if draft is not None and draft.outcome.may_be_published:
            if subject.was_judged(draft.outcome):
                self.progress.finished(draft.outcome.rows, 0, fetched=False)
                return draft.outcome
            draft = to_be_judged_anew(draft) if draft.table.num_rows else None
        if self.health.stop.is_set and not self.options.allow_partial:
            return None
        data = ask_for_the_rest(draft, partial(self._asked, subject), self._expected(subject))
        before = 0 if draft is None else draft.outcome.bytes_received
        self.progress.finished(data.outcome.rows, data.outcome.bytes_received - before)
        return self._kept(data)

    def _earlier(self, subject: Subject[Item]) -> SubjectData | None:
        """What an earlier try has brought, or what is published and could not be judged; None if nothing is of use."""
        draft = self.known.drafts.load(subject.name)
        if draft is None and not subject.rate_is_unknown and not self.options.replace_with_less:
            draft = self.known.published.unjudged(subject.name, self.key(subject.item))
        return None if draft is None or draft.outcome.state in UNANSWERED else draft

    def _asked(self, subject: Subject[Item], earlier: PartialAnswer | None) -> SubjectData:
        answer = ask_thoroughly(
            partial(self.fetch, subject.item),
            self._expected(subject),
            limits=self.options.limits,
            health=self.health,
            earlier=earlier,
            now=self.options.now,
        )
        return SubjectData(answer.table, subject.judged(answer.outcome(subject.name)))

    def _kept(self, data: SubjectData) -> Outcome | Failure | None:
        """Keep what came as a draft, even if it may not be published: the logger forgets."""
        outcome, allow_partial = data.outcome, self.options.allow_partial
        if isinstance(self.health.stop.reason, OSError):
            return None  # another one has met a full disk, and its error ends the whole
        if outcome.may_be_published or data.table.num_rows:
            self.came()
        publishable = outcome.may_be_published or allow_partial or outcome.state == REFUSED
        if publishable or data.table.num_rows:
            self.known.drafts.store(data.table, outcome)
        if self.health.stop.is_set and not outcome.may_be_published and not allow_partial:
            return None
        return outcome if publishable else outcome.as_failure(self.window)

    def _expected(self, subject: Subject[Item]) -> Expectation:
        return subject.expected(self.window, self.known.without_number.get(subject.name, ()))

    def merged(self, subject: Subject[Item]) -> SubjectData:
        """What came of a subject, with what is published of it.

        Raises:
            ContradictionError: each of the two has one clock, and both together have two.
            OSError: the disk cannot be read, or the draft is gone.
        """
        newer = self.known.drafts.load(subject.name)
        if newer is None:
            msg = f"the draft of {subject.name} vanished while its day was being written"
            raise FileNotFoundError(msg)
        # A refusal says nothing of what there is: not even on request does it take the place of samples.
        if self.options.replace_with_less and newer.outcome.state != REFUSED:
            return newer
        older = self.known.published.known(subject.name, self.key(subject.item))
        if older is None:
            return newer
        both = merge(older, newer, self._expected(subject))
        return SubjectData(both.table, subject.judged(both.outcome))

    def doubted(
        self, subjects: Sequence[Subject[Item]], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """What is left of outcomes when the service was seen to answer for another window.

        Of a subject that seldom comes, that cannot be seen; so nothing it lacks is believed, and it is asked for again.

        Args:
            subjects: of the file.
            outcomes: of those of them that would be published.
        """
        by_name = {each.name: each for each in subjects}
        return [self._doubted(by_name[each.subject], each) for each in outcomes]

    def _doubted(self, subject: Subject[Item], outcome: Outcome) -> Outcome:
        whole = subject.nominal_rate_hz is not None and outcome.rows and not outcome.findings
        if outcome.state not in FINISHED or whole or outcome.kept_rows:
            return outcome
        sentence = self.health.other_window
        start, end = self.window.start_microseconds, self.window.end_microseconds
        finding = Finding("another window", start, end, sentence)
        state: State = "partial" if outcome.rows else "failed"
        findings = (*outcome.findings, finding)
        draft = self.known.drafts.load(outcome.subject)
        if draft is not None:
            kept = replace(draft.outcome, state=state, findings=findings, remark=sentence)
            self.known.drafts.store(draft.table, kept)
        return replace(outcome, state=state, findings=findings, remark=sentence)
