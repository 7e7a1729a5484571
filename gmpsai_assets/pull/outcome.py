"""What became of one subject of a pull, a device or a TCLK event: its state, its counts, and what was found.

How it is fetched belongs to ``collect`` and ``asking``; what is done with it, to ``parameters`` and ``events``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["complete", "partial", "no data", "refused", "failed"]
"""``complete``: all that the logger has. ``partial``: something that may still be there did not come. ``no data``:
the service said that it has none. ``refused``: it will not answer until a person changes something. ``failed``:
no usable answer came."""

FINISHED: tuple[State, ...] = ("complete", "no data")
"""States that a later pull need not ask for again."""

FindingKind = Literal[
    "request failed",
    "tail missing",
    "hole",
    "row limit",
    "slower tier",
    "frozen value",
    "clock step",
    "out of order",
    "duplicates",
    "not a number",
    "outside window",
    "irregular lines",
    "impossible times",
]


@dataclass(frozen=True)
class Finding:
    """Something unusual about the answers for one subject.

    Attributes:
        kind: what it is.
        start: first instant concerned, microseconds since 1970 UTC; None where it is no span.
        end: first instant after it.
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
        findings: what was unusual; mappings, as JSON brings them back, are made findings again.
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

    def as_metadata(self) -> dict[str, Any]:
        """What goes into the file; not bytes, seconds and requests, which differ between equal pulls."""
        known = asdict(self)
        for effort in ("bytes_received", "seconds", "requests"):
            del known[effort]
        known["findings"] = [asdict(finding) for finding in self.findings]
        return known


@dataclass(frozen=True)
class Failure:
    """A subject that is not whole, and why; its state is ``partial``, ``refused`` or ``failed``."""

    subject: str
    reason: str
    state: State = "failed"


_NEXT_STEPS: dict[State, str] = {
    "partial": "Of the partial ones a part did not come: materialise {day} again, the sooner the better (15 Hz data "
    "are kept for about ten days); or materialise it with allow_partial to publish what there is, marked partial.",
    "refused": "Refused ones stay refused until someone changes something: check their names in the parameter list, "
    "the address and the permission.",
    "failed": "Failed ones may answer later: look whether the service is up, then materialise {day} again.",
}


class PullFailedError(Exception):
    """Some subjects of a day are not whole; nothing was published, the others are kept as drafts.

    Attributes:
        failures: what is not whole and why, in order of the list.
    """

    def __init__(self, day: str, what: str, total: int, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        reasons = "\n".join(f"  {each.subject} ({each.state}): {each.reason}" for each in failures)
        states = {failure.state for failure in failures}
        steps = "\n".join(
            text.format(day=day) for state, text in _NEXT_STEPS.items() if state in states
        )
        super().__init__(
            f"{len(self.failures)} of {total} {what} of {day} could not be pulled whole:\n{reasons}\n"
            f"Nothing was published. The other {total - len(self.failures)} are kept as drafts: "
            f"materialise {day} again and only the missing ones are fetched.\n{steps}"
        )
