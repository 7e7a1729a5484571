"""All that is known of one subject in a window, once it was asked for; and what an earlier try has brought of it.

How it comes about is decided in ``ask``.
"""

from dataclasses import dataclass

import pyarrow as pa

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts
from gmpsai_assets.fetch.outcome import Finding, Outcome, State


@dataclass(frozen=True)
class Answer:
    """All that is known of one subject in a window.

    Attributes:
        table: its rows in order of time: ``time`` and a float64 column.
        state: what they amount to.
        counts: sum over all replies.
        findings: what was seen in them.
        remark: what the service said where it had nothing; why it was refused or failed.
        tier_seconds: the most frequent interval.
        bytes: length of all replies.
        seconds: time spent, retries included.
        requests: how many were made.
    """

    table: pa.Table
    state: State
    counts: ReplyCounts
    findings: tuple[Finding, ...]
    remark: str
    tier_seconds: float | None
    bytes: int
    seconds: float
    requests: int

    def outcome(self, subject: str) -> Outcome:
        """The answer without its rows."""
        return Outcome(
            subject,
            self.state,
            rows=self.table.num_rows,
            not_a_number=self.table.column(1).null_count,
            duplicates=self.counts.exact_duplicates,
            out_of_order=self.counts.out_of_order,
            outside_window=self.counts.outside_window,
            ambiguous_times=self.counts.ambiguous_times,
            bytes_received=self.bytes,
            seconds=self.seconds,
            remark=self.remark,
            requests=self.requests,
            tier_seconds=self.tier_seconds,
            findings=self.findings,
            not_a_number_examples=self.not_a_number_examples,
        )

    @property
    def not_a_number_examples(self) -> tuple[str, ...]:
        """Texts of values that are no numbers; none where asking again brought numbers for all."""
        return self.counts.not_a_number_examples if self.table.column(1).null_count else ()


@dataclass(frozen=True)
class PartialAnswer:
    """What an earlier try has brought of a subject, of which a part did not come.

    Attributes:
        table: its rows.
        counts: what became of the rows of its replies.
        missing: the spans that failed and are all that is asked for now; on whole seconds.
    """

    table: pa.Table
    counts: ReplyCounts
    missing: tuple[Window, ...]
