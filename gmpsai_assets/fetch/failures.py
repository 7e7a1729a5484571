"""Why a day is not published: the error that names what is not whole, until when it can be fetched, and what to do.

What became of one subject is in ``outcome``; whether a day is published is decided in ``publishing``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gmpsai_assets.acnet.clock import local_minute
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.retention import KEPT_DAYS, deadline_text
from gmpsai_assets.fetch.outcome import Failure, State

_NEXT_STEPS: dict[State, str] = {
    "partial": "Of the partial ones a part did not come: materialise {day} again before its deadline; or materialise "
    "it with allow_partial to publish what there is, marked partial.",
    "refused": "Refused ones stay refused until someone changes something: check their names in the parameter list, "
    "the address and the permission. A day is published without them, unless more than half of a logger node's are "
    "refused: then it is hardly their names.",
    "failed": "Failed ones may answer later: look whether the service is up, then materialise {day} again.",
}


@dataclass(frozen=True)
class Stopped:
    """Why nothing more was asked of the service.

    Attributes:
        error: what it says to everyone.
        not_asked: subjects that were not asked for, or not to the end.
    """

    error: AcnetError
    not_asked: int


class PullFailedError(Exception):
    """Some subjects of a day are not whole; nothing was published, all that came is kept as drafts.

    Args:
        day: the partition key.
        what: what the subjects are, in the plural.
        total: how many were asked for.
        failures: what is not whole and why.
        now: the present moment, aware.
        drafts_until: until when the drafts stay if the day is not published before, aware.
        kept_days: how long the logger keeps each subject, where that is not ``KEPT_DAYS``.
        stopped: why the service was not asked for everything; None if it was.

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
        drafts_until: datetime,
        kept_days: Mapping[str, float] | None = None,
        stopped: Stopped | None = None,
    ) -> None:
        self.failures = tuple(failures)
        untils = [
            each.deadline((kept_days or {}).get(each.subject, KEPT_DAYS)) for each in failures
        ]
        self.deadlines = tuple("" if each is None else deadline_text(each, now) for each in untils)
        states = {failure.state for failure in failures}
        lines = _reasons(self.failures, self.deadlines)
        if stopped is not None:
            why = f"as the service refuses whatever is asked: {stopped.error}"
            lines.insert(0, f"  {stopped.not_asked} were not asked any more, {why}")
        steps = "\n".join(
            text.format(day=day) for state, text in _NEXT_STEPS.items() if state in states
        )
        short = len(self.failures) + (0 if stopped is None else stopped.not_asked)
        super().__init__(
            f"{short} of {total} {what} of {day} could not be pulled whole:\n"
            + "\n".join(lines)
            + "\n"
            f"Nothing was published. The other {total - short}, and what came of the partial ones, are "
            f"kept as drafts: materialise {day} again and only what is missing is fetched. They stay until {day} is "
            f"published, or until {local_minute(drafts_until)}.\n{steps}"
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
