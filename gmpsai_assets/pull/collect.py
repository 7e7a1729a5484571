"""Fetching many subjects side by side, each kept as a draft when it is finished.

One engine for devices and for TCLK events: which request fetches a subject is the caller's.
Memory depends on the number of connections, not on the number of subjects.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.settling import SampleReply
from gmpsai_assets.pull.asking import Asking, ServiceHealth, ask_thoroughly
from gmpsai_assets.pull.drafts import Drafts
from gmpsai_assets.pull.outcome import FINISHED, Failure, Outcome
from gmpsai_assets.pull.progress import ProgressFile

Item = TypeVar("Item")


@dataclass(frozen=True)
class Request(Generic[Item]):
    """A subject and what is needed to fetch it.

    Attributes:
        subject: its name.
        item: what ``fetch`` takes.
        nominal_rate_hz: rows a second that are expected; None if that is not known.
        rate_may_change: whether a lower rate may be the subject's own.
    """

    subject: str
    item: Item
    nominal_rate_hz: float | None = None
    rate_may_change: bool = False

    @property
    def period(self) -> float | None:
        """The nominal interval in microseconds; None if that is not known."""
        return None if self.nominal_rate_hz is None else 1e6 / self.nominal_rate_hz


def collect(
    requests: Sequence[Request[Item]],
    fetch: Callable[[Item, Window], SampleReply],
    *,
    window: Window,
    drafts: Drafts,
    connections: int,
    progress: ProgressFile,
    asking: Asking | None = None,
    allow_partial: bool = False,
) -> Iterator[Outcome | Failure]:
    """Fetch all subjects, and yield what became of each in the order asked for.

    A subject that has a finished draft is not fetched again. A failure of one does not stop the others; an error
    of the machine, such as a full disk, ends the whole.

    Args:
        requests: what to fetch.
        fetch: sends one request for a window and returns its reply; raises ``AcnetError``.
        window: what to fetch of each.
        drafts: where subjects are kept; a draft that is not finished is there to be published, not to be reused.
        connections: how many requests may run at a time.
        progress: told of each subject that is finished.
        asking: how patiently each subject is asked for.
        allow_partial: take what is partial, refused or failed for an outcome, too, with what rows it has.
    """
    limits = asking or Asking()
    health = ServiceHealth()

    def finish(request: Request[Item]) -> Outcome | Failure:
        kept = drafts.load(request.subject)
        if kept is not None and kept[1].state in FINISHED:
            outcome = kept[1]
        else:
            answer = ask_thoroughly(
                partial(fetch, request.item),
                window,
                nominal_rate_hz=request.nominal_rate_hz,
                rate_may_change=request.rate_may_change,
                asking=limits,
                health=health,
            )
            outcome = answer.outcome(request.subject)
            if outcome.state not in FINISHED and not allow_partial:
                return outcome.as_failure(window)
            drafts.store(answer.table, outcome)
        progress.finished(outcome.rows, outcome.bytes_received)
        return outcome

    pool = ThreadPoolExecutor(max_workers=connections, thread_name_prefix="pull")
    try:
        futures: list[Future[Outcome | Failure]] = [pool.submit(finish, r) for r in requests]
        for future in futures:
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
