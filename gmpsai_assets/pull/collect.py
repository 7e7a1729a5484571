"""Fetching many subjects side by side, each kept as a draft when it is finished.

One engine for devices and for TCLK events: which request fetches a subject is the caller's.
Memory depends on the number of connections, not on the number of subjects.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.replies.settling import SampleReply
from gmpsai_assets.pull.drafts import Drafts
from gmpsai_assets.pull.outcome import Failure, Outcome
from gmpsai_assets.pull.progress import ProgressFile

Item = TypeVar("Item")


@dataclass(frozen=True)
class Request(Generic[Item]):
    """A subject and what is needed to fetch it."""

    subject: str
    item: Item


def collect(
    requests: Sequence[Request[Item]],
    fetch: Callable[[Item], SampleReply],
    *,
    drafts: Drafts,
    connections: int,
    progress: ProgressFile,
) -> Iterator[Outcome | Failure]:
    """Fetch all subjects, and yield what became of each in the order asked for.

    A subject that has a draft is not fetched again. A failure of one does not stop the others; an error of
    the machine, such as a full disk, ends the whole.

    Args:
        requests: what to fetch.
        fetch: sends one request and returns its reply; raises ``AcnetError``.
        drafts: where finished subjects are kept.
        connections: how many requests may run at a time.
        progress: told of each subject that is finished.
    """

    def finish(request: Request[Item]) -> Outcome | Failure:
        outcome = _draft_or_fetch(request, fetch, drafts)
        if isinstance(outcome, Outcome):
            progress.finished(outcome.rows, outcome.bytes_received)
        return outcome

    pool = ThreadPoolExecutor(max_workers=connections, thread_name_prefix="pull")
    try:
        futures: list[Future[Outcome | Failure]] = [pool.submit(finish, r) for r in requests]
        for future in futures:
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _draft_or_fetch(
    request: Request[Item], fetch: Callable[[Item], SampleReply], drafts: Drafts
) -> Outcome | Failure:
    kept = drafts.load(request.subject)
    if kept is not None:
        return kept[1]
    try:
        reply = fetch(request.item)
    except AcnetError as error:
        return Failure(request.subject, str(error))
    outcome = outcome_of(request.subject, reply)
    drafts.store(reply.table, outcome)
    return outcome


def outcome_of(subject: str, reply: SampleReply) -> Outcome:
    """What a reply amounts to."""
    counts = reply.counts
    return Outcome(
        subject,
        "no data" if reply.nothing_logged else "complete",
        rows=reply.table.num_rows,
        not_a_number=counts.without_number,
        duplicates=counts.exact_duplicates,
        out_of_order=counts.out_of_order,
        outside_window=counts.outside_window,
        ambiguous_times=counts.ambiguous_times,
        bytes_received=reply.bytes,
        seconds=reply.seconds,
        remark=reply.nothing_logged,
    )
