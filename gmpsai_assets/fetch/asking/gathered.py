"""What has come of one subject so far, and how the rows and the texts of a further answer are taken in.

Which answers are asked for is decided in ``cures``; what is doubtful about the rows, in ``suspicion``.
"""

from dataclasses import dataclass, field, replace

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.limits import Asker
from gmpsai_assets.fetch.checking.findings import Doubt, Expectation, text_doubts
from gmpsai_assets.fetch.checking.rows import Rows, conflicts, crowded, replaced, rows_of, union
from gmpsai_assets.fetch.outcome import Finding


@dataclass
class Gathered:
    """The rows of one subject while they are looked through.

    Attributes:
        rows: the rows so far.
        expected: what is known of them, with the spans that could not be fetched.
        asker: sends further requests.
        said: doubts that texts in the answers raise.
        differing: where two answers have different values for the same time.
    """

    rows: Rows
    expected: Expectation
    asker: Asker
    said: list[Doubt] = field(default_factory=list)
    differing: list[Finding] = field(default_factory=list)

    @property
    def window(self) -> Window:
        """The window of the whole question."""
        return self.expected.window

    @property
    def smallest_seconds(self) -> float:
        """The length of a small span to ask for."""
        return self.asker.asking.smallest_span_seconds

    def reply(self, window: Window) -> SampleReply:
        """A further answer, none of which is taken in.

        Raises:
            AcnetError: as the service is asked; also for an answer that was cut short.
        """
        reply = self.asker.ask(window)
        if reply.cut_short is not None:
            raise reply.cut_short
        return reply

    def ask(self, window: Window) -> Rows:
        """The rows of a further answer; a doubt about its texts is kept.

        Raises:
            AcnetError: as ``reply`` does.
        """
        reply = self.reply(window)
        # A service that sends a message with every answer is asked about it once.
        told = any(doubt.kind == "service message" for doubt in self.said)
        found = text_doubts(reply, window)
        self.said += [each for each in found if not (told and each.kind == "service message")]
        return rows_of(reply.table)

    def add(self, newer: Rows) -> None:
        """Take the rows of a further answer."""
        self._note_differences(newer)
        self.rows = union(self.rows, newer)

    def put(self, newer: Rows, start: int, end: int) -> None:
        """Take the rows of a further answer in place of all there are in a span."""
        self.rows = replaced(self.rows, newer, start, end)

    def start_anew(self, reply: SampleReply) -> None:
        """Take an answer to the whole question in place of all that came before."""
        self.rows = rows_of(reply.table)
        self.expected = replace(self.expected, failed=())
        self.said, self.differing = text_doubts(reply, self.window), []
        self.asker.forget_counts()
        self.asker.count(reply)

    def unsaid(self, doubt: Doubt) -> None:
        """An answer without the text that raised a doubt has come."""
        self.said = [
            each
            for each in self.said
            if each.kind != doubt.kind or not doubt.start <= each.start < doubt.end
        ]

    def mixes_clocks(self, rows: Rows) -> bool:
        """Whether rows of different clocks seem to be mixed."""
        return self.expected.period is not None and crowded(rows, self.expected.period)

    def _note_differences(self, newer: Rows) -> None:
        times = conflicts(self.rows, newer)
        if len(times):
            detail = f"{len(times)} times came again with another value; both are kept, as nothing says which is right"
            span = int(times[0]), int(times[-1]) + 1
            self.differing.append(Finding("answers differ", *span, detail))
