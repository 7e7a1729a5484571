"""What became of one subject of a pull, a device or a TCLK event: its state, its counts, and the findings about it.

How it is fetched belongs to ``day_file`` and ``asking``; what is done with it, to ``publishing``.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

import pyarrow as pa

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.retention import obtainable_until
from gmpsai_assets.lake.json_objects import made_of

State = Literal["complete", "partial", "no data", "refused", "failed"]
"""``complete``: all that the logger has. ``partial``: something that may still be there did not come. ``no data``:
the service said that it has none, or sends no number as on the days before. ``refused``: it will not answer until a
person changes something. ``failed``: no usable answer came."""

FINISHED: tuple[State, ...] = ("complete", "no data")
"""States that a later pull need not ask for again."""

REFUSED: State = "refused"
"""The state without which a day is published: to wait for it would cost all others. A later pull asks again."""

UNANSWERED: tuple[State, ...] = ("refused", "failed")
"""States of a subject of which no usable answer came."""

FindingKind = Literal[
    "request failed",
    "tail missing",
    "gap",
    "quiet",
    "row limit",
    "slower tier",
    "frozen value",
    "clock step",
    "out of order",
    "duplicates",
    "not a number",
    "other notation",
    "outside window",
    "irregular lines",
    "service message",
    "answers differ",
    "impossible times",
    "ambiguous times",
    "rate unknown",
    "rate changed",
    "another window",
    "answers cut",
]
"""``rate unknown`` stands with a partial subject of which all came that was asked for: only whether that is all
there should be cannot be said."""

RATE_UNKNOWN: FindingKind = "rate unknown"
RATE_CHANGED: FindingKind = "rate changed"
REQUEST_FAILED: tuple[FindingKind, ...] = ("request failed", "another window")
SLOWER_TIER: tuple[FindingKind, ...] = ("slower tier",)
ASKED_ABOUT: tuple[FindingKind, ...] = ("gap", "tail missing", "row limit")
ASKED_IN_PART: tuple[FindingKind, ...] = ("service message",)
"""Findings whose whole span need not be asked for again to settle them."""
LACKING = (*REQUEST_FAILED, *SLOWER_TIER, *ASKED_ABOUT)
"""Findings about samples that did not come; the others are about samples that did."""

NOT_READ: frozenset[FindingKind] = frozenset({"not a number", "other notation", "irregular lines"})
"""Findings about samples that came and could not be read."""


Span = tuple[int, int]
"""First instant, and first instant after; microseconds since 1970 UTC."""


@dataclass(frozen=True)
class Finding:
    """Something seen in an answer that was not expected there.

    Attributes:
        kind: what it is.
        start: first instant concerned, microseconds since 1970 UTC; None where it is a number of rows.
        end: first instant after it; None with ``start``.
        detail: a sentence for a person, with what asking again showed.
        repaired: whether asking again brought what the first answer lacked; the data are then whole.
        asked_again: whether a second answer was had about it, and so the finding, or what is left of it, is the
            logger's own; not so where asking again failed, contradicted the first answer, or was not possible.
    """

    kind: FindingKind
    start: int | None = None
    end: int | None = None
    detail: str = ""
    repaired: bool = False
    asked_again: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"

    @property
    def span(self) -> Span:
        """Start and end together.

        Raises:
            ValueError: it is a number of rows; those are counted after the last request and never asked about.
        """
        if self.start is None or self.end is None:
            msg = f"a number of rows has no span: {self}"
            raise ValueError(msg)
        return self.start, self.end


@dataclass(frozen=True)
class Outcome:
    """What the answers for one subject held.

    Attributes:
        subject: the device name, or the TCLK event as ``$0C``.
        state: see ``State``.
        rows: rows kept.
        not_a_number: rows whose value is no number; kept as null.
        duplicates: exact repetitions within an answer; dropped.
        out_of_order: rows that came before an earlier one; sorted.
        outside_window: rows outside the half-open window; dropped.
        ambiguous_times: rows in the hour that comes twice in November whose order does not tell which one;
            taken as the first.
        bytes_received: size of all answers.
        seconds: time spent on it, retries included.
        remark: what the service said where it had no data; the reason of ``refused`` and ``failed``.
        requests: how many requests it took, repetitions of a failed one not counted.
        tier_seconds: the most frequent interval between samples; None with fewer than two.
        kept_rows: rows among them that an earlier pull has published and that this one's answers did not hold.
        findings: what was seen in the answers; mappings, as JSON brings them back, are made findings again.
        not_a_number_examples: the first few distinct texts of values that are no numbers, as they came.
        judged_at_hz: rows a second that were expected of the answers; None if no number was.
    """

    subject: str
    state: State
    rows: int = 0
    not_a_number: int = 0
    duplicates: int = 0
    out_of_order: int = 0
    outside_window: int = 0
    ambiguous_times: int = 0
    bytes_received: int = 0
    seconds: float = 0.0
    remark: str = ""
    requests: int = 1
    tier_seconds: float | None = None
    kept_rows: int = 0
    findings: tuple[Finding, ...] = ()
    not_a_number_examples: tuple[str, ...] = ()
    judged_at_hz: float | None = None

    def __post_init__(self) -> None:
        findings = tuple(
            made_of(Finding, each) if isinstance(each, Mapping) else each for each in self.findings
        )
        object.__setattr__(self, "findings", findings)
        object.__setattr__(self, "not_a_number_examples", tuple(self.not_a_number_examples))

    @property
    def without_number_share(self) -> float | None:
        """Share of its rows that hold no number; None without rows."""
        return self.not_a_number / self.rows if self.rows else None

    def stands(self, kind: FindingKind) -> bool:
        """Whether there is a finding of this kind that asking again did not repair."""
        return any(each.kind == kind and not each.repaired for each in self.findings)

    @classmethod
    def from_metadata(cls, recorded: Mapping[str, Any]) -> "Outcome":
        """An outcome as a file or a draft records it, of this version or of another one.

        What is not known here is left out; a state that is not known here counts as partial, as some rows may lack.

        Raises:
            ForeignContentError: it is no outcome.
        """
        found = made_of(cls, recorded)
        return found if found.state in get_args(State) else replace(found, state="partial")

    @property
    def is_unjudged(self) -> bool:
        """Whether it is partial for nothing but its unknown rate: all came that was asked for."""
        return self.state == "partial" and any(f.kind == RATE_UNKNOWN for f in self.findings)

    @property
    def may_be_published(self) -> bool:
        """Whether it holds no day back: asking for the rows again would bring no more of them."""
        return self.state in FINISHED or self.is_unjudged

    @property
    def reason(self) -> str:
        """Why it is not complete, in one line; empty if it is."""
        if self.state in FINISHED:
            return ""
        findings = "; ".join(str(finding) for finding in self.findings if not finding.repaired)
        return self.remark or findings or self.state

    def as_failure(self, window: Window) -> "Failure":
        """The same as what keeps a day from being published.

        Args:
            window: the day; where no finding says what is missing, it is missing from its start on.
        """
        first = first_unsettled(self.as_metadata(), window)
        return Failure(self.subject, self.reason, self.state, first)

    def as_metadata(self) -> dict[str, Any]:
        """What goes into the file; not bytes, seconds and requests, which differ between equal pulls.

        Nor the rate, which the file records for all subjects together.
        """
        known = asdict(self)
        for name in ("bytes_received", "seconds", "requests", "judged_at_hz"):
            del known[name]
        known["findings"] = [asdict(finding) for finding in self.findings]
        return known


class SubjectData(NamedTuple):
    """The rows of one subject, and what became of it.

    Attributes:
        table: ``time`` (timestamp[us, UTC]) and a float64 column, in order of time.
        outcome: its state, counts and findings.
    """

    table: pa.Table
    outcome: Outcome


@dataclass(frozen=True)
class Failure:
    """A subject that is not whole, and why; its state is ``partial``, ``refused`` or ``failed``.

    Attributes:
        missing_from: the first instant that did not come, microseconds since 1970 UTC; None where nothing is
            missing, as where two answers contradict each other.
    """

    subject: str
    reason: str
    state: State = "failed"
    missing_from: int | None = None

    def deadline(self, kept_days: float) -> datetime | None:
        """When the logger begins to forget what did not come, in UTC; None where nothing is missing."""
        if self.missing_from is None:
            return None
        return from_microseconds(obtainable_until(self.missing_from, kept_days))


def first_unsettled(outcome: Mapping[str, Any], window: Window) -> int | None:
    """The first instant that an unfinished pull did not bring, by its findings alone, microseconds since 1970 UTC.

    For a device whose rate is not known: no tick of it can be said to be missing, but that an answer failed can.
    """
    if outcome.get("state", "complete") in FINISHED:
        return None
    findings = [f for f in outcome.get("findings", ()) if f["kind"] in LACKING]
    starts = [f.get("start") for f in findings if not f.get("repaired", False)]
    first = window.start_microseconds
    return min((first if start is None else start for start in starts), default=first)


def kinds_that_stand(outcome: Mapping[str, Any]) -> frozenset[str]:
    """The kinds of findings in a recorded outcome that asking again did not repair."""
    findings = outcome.get("findings", ())
    return frozenset(f["kind"] for f in findings if not f.get("repaired", False))
