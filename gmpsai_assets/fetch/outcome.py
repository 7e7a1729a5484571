"""What became of one subject of a pull, a device or a TCLK event: its state, its counts, and the findings about it.

How it is fetched belongs to ``day_file`` and ``asking``; what is done with it, to ``publishing``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.retention import KEPT_DAYS, deadline_text, obtainable_until

State = Literal["complete", "partial", "no data", "refused", "failed"]
"""``complete``: all that the logger has. ``partial``: something that may still be there did not come. ``no data``:
the service said that it has none. ``refused``: it will not answer until a person changes something. ``failed``:
no usable answer came."""

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
    "outside window",
    "irregular lines",
    "service message",
    "answers differ",
    "impossible times",
    "another window",
    "answers cut",
]

REQUEST_FAILED: tuple[FindingKind, ...] = ("request failed", "another window")
SLOWER_TIER: tuple[FindingKind, ...] = ("slower tier",)
ASKED_ABOUT: tuple[FindingKind, ...] = ("gap", "tail missing", "row limit")
LACKING = (*REQUEST_FAILED, *SLOWER_TIER, *ASKED_ABOUT)
"""Findings about samples that did not come; the others are about samples that did."""


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
    """

    kind: FindingKind
    start: int | None
    end: int | None
    detail: str
    repaired: bool = False

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

    def __post_init__(self) -> None:
        findings = tuple(Finding(**f) if isinstance(f, Mapping) else f for f in self.findings)
        object.__setattr__(self, "findings", findings)

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
        """What goes into the file; not bytes, seconds and requests, which differ between equal pulls."""
        known = asdict(self)
        for effort in ("bytes_received", "seconds", "requests"):
            del known[effort]
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


_NEXT_STEPS: dict[State, str] = {
    "partial": "Of the partial ones a part did not come: materialise {day} again before its deadline; or materialise "
    "it with allow_partial to publish what there is, marked partial.",
    "refused": "Refused ones stay refused until someone changes something: check their names in the parameter list, "
    "the address and the permission. A day is published without them, unless more than half of a logger node's are "
    "refused: then it is hardly their names.",
    "failed": "Failed ones may answer later: look whether the service is up, then materialise {day} again.",
}


class PullFailedError(Exception):
    """Some subjects of a day are not whole; nothing was published, all that came is kept as drafts.

    Args:
        day: the partition key.
        what: what the subjects are, in the plural.
        total: how many were asked for.
        failures: what is not whole and why.
        now: the present moment, aware.
        kept_days: how long the logger keeps each subject, where that is not ``KEPT_DAYS``.
        stopped: why the service was not asked for anything more; None if it was asked for all.
        not_asked: subjects that were not asked for, or not to the end, because of that.

    Attributes:
        failures: what is not whole and why, in order of the list; not what was not asked.
        deadlines: for each of them in words until when it can be fetched; empty where nothing is missing.
    """

    def __init__(
        self,
        day: str,
        what: str,
        total: int,
        failures: Sequence[Failure],
        *,
        now: datetime,
        kept_days: Mapping[str, float] | None = None,
        stopped: AcnetError | None = None,
        not_asked: int = 0,
    ) -> None:
        self.failures = tuple(failures)
        untils = [
            each.deadline((kept_days or {}).get(each.subject, KEPT_DAYS)) for each in failures
        ]
        self.deadlines = tuple("" if each is None else deadline_text(each, now) for each in untils)
        states = {failure.state for failure in failures}
        lines = _reasons(self.failures, self.deadlines)
        if stopped is not None:
            why = f"as the service refuses whatever is asked: {stopped}"
            lines.insert(0, f"  {not_asked} were not asked any more, {why}")
        steps = "\n".join(
            text.format(day=day) for state, text in _NEXT_STEPS.items() if state in states
        )
        short = len(self.failures) + not_asked
        super().__init__(
            f"{short} of {total} {what} of {day} could not be pulled whole:\n"
            + "\n".join(lines)
            + "\n"
            f"Nothing was published. The other {total - short}, and what came of the partial ones, are "
            f"kept as drafts: materialise {day} again and only what is missing is fetched.\n{steps}"
        )


_NAMED_TOGETHER = 5
"""So many subjects with one reason are named; the table of failures has them all."""


def _reasons(failures: Sequence[Failure], deadlines: Sequence[str]) -> list[str]:
    """A line for each reason, with the subjects that share it."""
    alike: dict[tuple[State, str], list[str]] = {}
    for each, deadline in zip(failures, deadlines, strict=True):
        text = f"{each.reason}; {deadline}" if deadline else each.reason
        alike.setdefault((each.state, text), []).append(each.subject)
    lines = []
    for (state, text), subjects in alike.items():
        more = (
            f" and {len(subjects) - _NAMED_TOGETHER} more"
            if len(subjects) > _NAMED_TOGETHER
            else ""
        )
        lines.append(f"  {', '.join(subjects[:_NAMED_TOGETHER])}{more} ({state}): {text}")
    return lines


def first_unsettled(outcome: Mapping[str, Any], window: Window) -> int | None:
    """The first instant that an unfinished pull did not bring, by its findings alone, microseconds since 1970 UTC.

    For a device whose rate is not known: no tick of it can be said to be missing, but that an answer failed can.
    """
    if outcome.get("state", "complete") in FINISHED:
        return None
    findings = [f for f in outcome.get("findings", ()) if f["kind"] in LACKING]
    starts = [f["start"] for f in findings if not f.get("repaired", False)]
    first = window.start_microseconds
    return min((first if start is None else start for start in starts), default=first)
