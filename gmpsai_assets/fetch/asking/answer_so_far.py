"""What has come of one subject so far, and how the rows and the texts of a further answer are taken in.

Which answers are asked for is decided in ``refetch`` and ``faster_tier``; what is seen in the rows, in ``checking``.
"""

from dataclasses import dataclass, field, replace

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.asker import Asker
from gmpsai_assets.fetch.asking.other_window import other_window
from gmpsai_assets.fetch.checking.findings import Expectation, findings_in_text
from gmpsai_assets.fetch.checking.rows import Rows, conflicts, crowded, replaced, rows_of, union
from gmpsai_assets.fetch.options import RequestLimits
from gmpsai_assets.fetch.outcome import Finding


@dataclass
class AnswerSoFar:
    """The rows of one subject while they are looked through and completed.

    Attributes:
        rows: the rows so far.
        expected: what is known of them, with the spans that could not be fetched.
        asker: sends further requests.
        in_texts: findings in the lines of the answers that are no rows.
        differing: where two answers have different values for the same time.
        other_notation: values of any of the answers that show that none is a plain number.
        shifted: that the service answers for another window than it is asked for, in a sentence; empty if it does not.
        cut: that the service leaves out an end of each answer; None while that was not seen.
        cut_before: microseconds of it, of the start of an answer.
        cut_after: microseconds of it, of the end of an answer.
    """

    rows: Rows
    expected: Expectation
    asker: Asker
    in_texts: list[Finding] = field(default_factory=list)
    differing: list[Finding] = field(default_factory=list)
    other_notation: tuple[str, ...] = ()
    shifted: str = ""
    cut: Finding | None = None
    cut_before: int = 0
    cut_after: int = 0

    def __post_init__(self) -> None:
        self.other_notation = self.asker.counts.other_notation

    @property
    def window(self) -> Window:
        """The window of the whole question."""
        return self.expected.window

    @property
    def limits(self) -> RequestLimits:
        """How much is asked for at most."""
        return self.asker.limits

    def reply(self, window: Window) -> SampleReply:
        """A further answer, none of which is taken in.

        Raises:
            AcnetError: as the service is asked; also for an answer that was cut short.
        """
        reply = self.asker.ask(window)
        if reply.cut_short is not None:
            raise reply.cut_short
        self.other_notation = self.other_notation or reply.counts.other_notation
        self.shifted = self.shifted or other_window(self.asker, [(window, reply)])
        return reply

    def ask(self, window: Window) -> Rows:
        """The rows of a further answer, not yet taken in; findings in its texts are kept.

        Raises:
            AcnetError: as ``reply`` does.
        """
        reply = self.reply(window)
        # A service that sends a message with every answer is asked about it once.
        known = any(each.kind == "service message" for each in self.in_texts)
        found = findings_in_text(reply, window)
        self.in_texts += [each for each in found if not (known and each.kind == "service message")]
        return rows_of(reply.table)

    def add(self, newer: Rows) -> None:
        """Take the rows of a further answer beside those that are there."""
        times = conflicts(self.rows, newer)
        if len(times):
            detail = f"{len(times)} times came again with another value; both are kept, as nothing says which is right"
            span = int(times[0]), int(times[-1]) + 1
            self.differing.append(Finding("answers differ", *span, detail))
        self.rows = union(self.rows, newer)

    def put(self, newer: Rows, start: int, end: int) -> None:
        """Take the rows of a further answer in place of all there are in a span."""
        self.rows = replaced(self.rows, newer, start, end)

    def note_cut(self, before: int, after: int, finding: Finding) -> None:
        """Remember how much the service leaves out of each answer; the first finding that says so stays."""
        self.cut = self.cut or finding
        self.cut_before = max(self.cut_before, before)
        self.cut_after = max(self.cut_after, after)

    def start_anew(self, reply: SampleReply) -> None:
        """Take an answer to the whole question in place of all that came before."""
        self.rows = rows_of(reply.table)
        self.expected = replace(self.expected, failed=())
        self.in_texts, self.differing = findings_in_text(reply, self.window), []
        self.asker.forget_counts()
        self.asker.count(reply)
        self.other_notation = reply.counts.other_notation

    def forget_texts(self, finding: Finding) -> None:
        """An answer has come without the text that a finding is about."""
        start, end = finding.span
        self.in_texts = [
            each
            for each in self.in_texts
            if each.kind != finding.kind or not start <= each.span[0] < end
        ]

    def mixes_clocks(self, rows: Rows) -> bool:
        """Whether rows of different clocks seem to be mixed."""
        return self.expected.period is not None and crowded(rows, self.expected.period)
