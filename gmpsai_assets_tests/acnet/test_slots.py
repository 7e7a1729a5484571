"""One limit for a service over all processes, given back by whoever dies, and no wait where a slot is free."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.commands import TimelineInfo
from gmpsai_assets.acnet.slots import ServiceSlots
from gmpsai_assets_tests.acnet.services import Handler, Service, says, service
from gmpsai_assets_tests.processes import processes
from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

LIMIT = 4
URL = "http://127.0.0.1:1/cgi-bin/acl.pl"


@contextmanager
def _counting_service() -> Iterator[tuple[Service, list[int]]]:
    """A service with some latency, and how many requests it has and at most had under way."""
    lock, under_way = threading.Lock(), [0, 0]

    def answer(handler: Handler) -> None:
        with lock:
            under_way[0] += 1
            under_way[1] = max(under_way)
        threading.Event().wait(0.03)
        # Before the reply: its reader may send the next request before this thread goes on.
        with lock:
            under_way[0] -= 1
        says(b"data")(handler)

    with service(answer) as running:
        yield running, under_way


def _ask(url: str, slots: Path, requests: int) -> None:
    """Make so many requests from four threads."""
    with AclClient(url, max_connections=LIMIT, shared_slots=slots) as client:

        def work() -> None:
            for _ in range(requests // LIMIT):
                client.fetch(TimelineInfo())

        threads = [threading.Thread(target=work, daemon=True) for _ in range(LIMIT)]
        for thread in threads:
            thread.start()
        wait_for_end(*threads)


def _hold(slots: Path, count: int, held: Event) -> None:
    """Take all slots and keep them until the process is killed."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(ServiceSlots(slots, URL, count).taken())
        held.set()
        threading.Event().wait(LIMIT_SECONDS)


@pytest.fixture
def context() -> ForkServerContext:
    return processes()


def test_three_processes_together_have_four_requests_under_way(
    context: ForkServerContext, tmp_path: Path
) -> None:
    with _counting_service() as (running, under_way):
        runs: list[BaseProcess] = [
            context.Process(target=_ask, args=(running.url, tmp_path, 20)) for _ in range(3)
        ]
        for run in runs:
            run.start()
        wait_for_end(*runs)
        assert [run.exitcode for run in runs] == [0, 0, 0]
        assert len(running.targets) == 60
    assert under_way == [0, LIMIT]


def test_a_killed_process_gives_its_slots_back(context: ForkServerContext, tmp_path: Path) -> None:
    held = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path, 2, held))
    holder.start()
    assert held.wait(60)
    got = threading.Event()

    def wait_for_one() -> None:
        with ServiceSlots(tmp_path, URL, 2).taken():
            got.set()

    waiting = threading.Thread(target=wait_for_one, daemon=True)
    waiting.start()
    assert not got.is_set()
    holder.kill()
    wait_for_end(holder)
    assert holder.exitcode == -signal.SIGKILL
    waiting.join(60)
    assert got.is_set()


def test_another_service_has_slots_of_its_own(tmp_path: Path) -> None:
    other = URL.replace(":1/", ":2/")
    with ServiceSlots(tmp_path, URL, 1).taken(), ServiceSlots(tmp_path, other, 1).taken():
        assert len(list(tmp_path.iterdir())) == 2


def test_a_slot_comes_back_after_a_failed_request(tmp_path: Path) -> None:
    with (
        service(says(b"no", 403), says(b"data")) as running,
        AclClient(running.url, max_connections=1, shared_slots=tmp_path) as client,
    ):
        with pytest.raises(Exception, match="403"):
            client.fetch(TimelineInfo())
        assert client.fetch(TimelineInfo()) == b"data"
