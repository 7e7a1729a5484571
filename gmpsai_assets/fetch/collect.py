"""Fetching many subjects side by side, what comes of each kept as a draft.

One engine for devices and for TCLK events: which request fetches a subject is the caller's.
Memory depends on the number of connections, not on the number of subjects.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.ask import Already, Answer, Asking, ServiceHealth, ask_thoroughly
from gmpsai_assets.fetch.checking.findings import Expectation
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.known import Known, resumed
from gmpsai_assets.fetch.outcome import FINISHED, Failure, Outcome
from gmpsai_assets.fetch.progress import ProgressFile

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

    def expected(self, window: Window) -> Expectation:
        """What is known of the rows in a window before they come."""
        period = None if self.nominal_rate_hz is None else 1e6 / self.nominal_rate_hz
        return Expectation(window, period, rate_may_change=self.rate_may_change)


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

    A subject that has a finished draft is not fetched again; of one that has a partial draft only what is missing. A
    failure of one does not stop the others; an error of the machine, such as a full disk, ends the whole.

    Args:
        requests: what to fetch.
        fetch: sends one request for a window and returns its reply; raises ``AcnetError``.
        window: what to fetch of each.
        drafts: where all that came is kept.
        connections: how many requests may run at a time.
        progress: told of each subject that is finished.
        asking: how patiently each subject is asked for.
        allow_partial: take what is partial, refused or failed for an outcome, too, with what rows it has.
    """
    limits = asking or Asking()
    health = ServiceHealth()

    def asker(request: Request[Item]) -> Callable[[Already | None], Answer]:
        return lambda already: ask_thoroughly(
            partial(fetch, request.item),
            window,
            nominal_rate_hz=request.nominal_rate_hz,
            rate_may_change=request.rate_may_change,
            asking=limits,
            health=health,
            already=already,
        )

    def finish(request: Request[Item]) -> Outcome | Failure:
        loaded = drafts.load(request.subject)
        kept = None if loaded is None else Known(*loaded)
        if kept is not None and kept.outcome.state in FINISHED:
            outcome = kept.outcome
            progress.finished(outcome.rows, 0, fetched=False)
        else:
            known = resumed(kept, asker(request), request.subject, request.expected(window))
            outcome = known.outcome
            before = 0 if kept is None else kept.outcome.bytes_received
            progress.finished(outcome.rows, outcome.bytes_received - before)
            # What came is kept even if it may not be published: the logger forgets.
            if outcome.state in FINISHED or known.table.num_rows or allow_partial:
                drafts.store(known.table, outcome)
            if outcome.state not in FINISHED and not allow_partial:
                return outcome.as_failure(window)
        return outcome

    pool = ThreadPoolExecutor(max_workers=connections, thread_name_prefix="pull")
    try:
        futures: list[Future[Outcome | Failure]] = [pool.submit(finish, r) for r in requests]
        for future in futures:
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
