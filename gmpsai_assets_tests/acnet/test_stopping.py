"""A stop is seen before a request, in every wait, and within a reply."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gmpsai_assets.acnet import stopping
from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.commands import TimelineInfo
from gmpsai_assets.acnet.errors import StoppedError
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.acnet.slots import ServiceSlots
from gmpsai_assets.acnet.stopping import Stop
from gmpsai_assets_tests.acnet.services import Handler, says, service
from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

REASON = OSError("the disk is full")
PATIENT = RetryPolicy(attempts=5, first_delay=LIMIT_SECONDS, longest_delay=LIMIT_SECONDS)


class _Asking:
    """Work in a thread that heeds a stop, and what became of it."""

    def __init__(self, stop: Stop, work: Callable[[], object]) -> None:
        self.came: list[object] = []
        self._stop, self._work = stop, work
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            with self._stop.heeded():
                self.came.append(self._work())
        except Exception as error:
            self.came.append(error)

    def end(self) -> object:
        """What came, long before any wait would have ended by itself."""
        wait_for_end(self.thread, seconds=LIMIT_SECONDS / 4)
        return self.came[0]


@pytest.fixture
def stop() -> Stop:
    return Stop()


def test_nothing_is_sent_after_a_stop(stop: Stop) -> None:
    stop.set(REASON)
    stop.set(ValueError("a later one"))
    with service(says(b"data")) as running, AclClient(running.url) as client:
        asking = _Asking(stop, lambda: client.fetch(TimelineInfo()))
        assert isinstance(asking.end(), StoppedError)
        assert running.targets == []
    assert stop.reason is REASON


def test_who_heeds_no_stop_is_not_stopped(stop: Stop) -> None:
    with stop.heeded():
        stopping.pause(0)
    stop.set(REASON)
    stopping.check()
    with service(says(b"data")) as running, AclClient(running.url) as client:
        assert client.fetch(TimelineInfo()) == b"data"


def test_the_wait_before_a_repetition_ends_and_nothing_is_repeated(stop: Stop) -> None:
    with (
        service(says(b"busy", 503)) as running,
        AclClient(running.url, retry=PATIENT) as client,
    ):
        asking = _Asking(stop, lambda: client.fetch(TimelineInfo()))
        while not running.targets:
            threading.Event().wait(0.01)
        stop.set(REASON)
        assert isinstance(asking.end(), StoppedError)
        assert len(running.targets) == 1


def test_the_wait_for_a_slot_ends(stop: Stop, tmp_path: Path) -> None:
    slots = ServiceSlots(tmp_path, "http://127.0.0.1/cgi-bin/acl.pl", 1)
    with slots.taken():

        def take() -> None:
            with slots.taken():
                pass

        first, second = _Asking(stop, take), _Asking(stop, take)
        assert first.thread.is_alive() or second.thread.is_alive()
        stop.set(REASON)
        assert isinstance(first.end(), StoppedError)
        assert isinstance(second.end(), StoppedError)
    with slots.taken():
        pass  # whoever gave up has left nothing locked


def _silent(handler: Handler, asked: threading.Event, until: threading.Event) -> None:
    asked.set()
    until.wait(LIMIT_SECONDS)
    handler.close_connection = True


def _in_the_middle(
    handler: Handler, asked: threading.Event, until: threading.Event, *headers: tuple[str, str]
) -> None:
    handler.send_response(200)
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(b"1773118800.0 1\n" * 10)
    asked.set()
    until.wait(LIMIT_SECONDS)
    handler.close_connection = True


@pytest.fixture
def until() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize(
    "answer",
    [
        _silent,
        lambda *given: _in_the_middle(*given, ("Content-Length", "1000000")),
        # Without a length the end of the connection is the end of the reply: it must not pass as whole.
        lambda *given: _in_the_middle(*given, ("Connection", "close")),
    ],
    ids=["silent", "in the middle", "without a length"],
)
def test_a_reply_under_way_ends(
    stop: Stop, until: threading.Event, answer: Callable[..., None]
) -> None:
    asked = threading.Event()
    with (
        service(lambda handler: answer(handler, asked, until)) as running,
        AclClient(running.url, retry=RetryPolicy(attempts=1)) as client,
    ):
        asking = _Asking(stop, lambda: client.fetch(TimelineInfo()))
        assert asked.wait(LIMIT_SECONDS)
        stop.set(REASON)
        assert not isinstance(asking.end(), bytes)
        assert len(running.targets) == 1
