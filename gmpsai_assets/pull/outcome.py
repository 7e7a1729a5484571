"""What became of one subject of a pull, a device or a TCLK event: data, the fact that there is none, or a failure.

How it is fetched belongs to ``collect``; what is done with it belongs to ``parameters`` and ``events``.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["complete", "no data"]


@dataclass(frozen=True)
class Outcome:
    """What one reply held.

    Attributes:
        subject: the device name, or the TCLK event as ``$0C``.
        state: ``complete``, or ``no data`` where the service said that it has none.
        rows: rows kept.
        not_a_number: rows whose value is no number; kept as null.
        duplicates: exact repetitions that were dropped.
        out_of_order: rows that came before an earlier one; sorted.
        outside_window: rows outside the half-open window; dropped.
        ambiguous_times: rows in the hour that comes twice in November whose order does not tell which one;
            taken as the first.
        bytes_received: size of the reply.
        seconds: time spent on it, retries included.
        remark: what the service said where it had no data.
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

    def as_metadata(self) -> dict[str, Any]:
        """The counts that go into the file; not the seconds, which differ from pull to pull."""
        numbers = asdict(self)
        del numbers["seconds"]
        return numbers


@dataclass(frozen=True)
class Failure:
    """A subject that could not be fetched, and why."""

    subject: str
    reason: str


class PullFailedError(Exception):
    """Some subjects of a day could not be fetched; nothing was published, the others are kept as drafts.

    Attributes:
        failures: what failed and why, in order of the list.
    """

    def __init__(self, day: str, what: str, total: int, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        reasons = "\n".join(f"  {failure.subject}: {failure.reason}" for failure in failures)
        super().__init__(
            f"{len(self.failures)} of {total} {what} of {day} could not be pulled:\n{reasons}\n"
            f"Nothing was published. The other {total - len(self.failures)} are kept as drafts: "
            f"materialise {day} again and only the missing ones are fetched."
        )
