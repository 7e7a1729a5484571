"""The HTTP client against services that misbehave, over real sockets."""

import base64
import logging
import threading
from collections.abc import Iterator

import pytest

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.client import CHUNK_BYTES, AclClient
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.commands import LoggerGet, TimelineInfo
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets_tests.acnet.services import (
    Answer,
    cut,
    cut_chunks,
    free_port,
    raw_wire,
    redirects,
    says,
    service,
    silent,
    trickles,
)
from gmpsai_assets_tests.waiting import wait_for_end

STATUS = LoggerGet("B|GMPSSC", day_window("2020-03-10"), "MLrn")
ONCE = RetryPolicy(attempts=1)
PATIENT = RetryPolicy(attempts=3, sleep=lambda _: None)


def fetch(answer: Answer, **options: float) -> bytes:
    with service(answer) as running, AclClient(running.url, retry=ONCE, **options) as client:  # type: ignore[arg-type]
        return client.fetch(STATUS)


def test_quotes_and_bars_reach_the_wire_unescaped() -> None:
    with raw_wire() as (url, received), AclClient(url, retry=ONCE) as client:
        assert client.fetch(STATUS) == b"1583816400.048000 1\n"
    assert received[0].startswith(
        b"GET /cgi-bin/acl.pl?acl=logger_get/date_format='utc_seconds'/ignore_db_format"
        b'/start="2020-03-10+00:00:00"/end="2020-03-11+00:00:00"/node=MLrn+B|GMPSSC HTTP/1.1\r\n'
    )


def test_a_large_body_comes_whole_in_pieces() -> None:
    body = bytes(range(256)) * 12000
    with service(says(body)) as running, AclClient(running.url) as client:
        with client.open(STATUS) as chunks:
            sizes, parts = zip(*((len(chunk), chunk) for chunk in chunks), strict=True)
        assert b"".join(parts) == body
        assert len(sizes) > 1
        assert all(0 < size <= CHUNK_BYTES for size in sizes)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_status_that_may_pass_is_asked_again(status: int) -> None:
    with (
        service(says(b"busy", status), says(b"busy", status), says(b"data")) as running,
        AclClient(running.url, retry=PATIENT) as client,
    ):
        assert client.fetch(STATUS) == b"data"
        assert len(running.targets) == 3


@pytest.mark.parametrize(
    ("status", "hint"),
    [(400, "check device"), (401, "login"), (403, "outside the laboratory"), (404, "path")],
)
def test_a_status_that_cannot_pass_is_explained_and_not_asked_again(status: int, hint: str) -> None:
    with (
        service(says(b"<h1>no</h1>", status)) as running,
        AclClient(running.url, retry=PATIENT) as client,
    ):
        with pytest.raises(errors.HttpRefused, match=hint) as caught:
            client.fetch(STATUS)
        assert len(running.targets) == 1
    assert caught.value.status == status
    assert "B|GMPSSC on MLrn, 2020-03-10" in str(caught.value)


@pytest.mark.parametrize("status", [204, 418])
def test_any_other_status_is_no_data(status: int) -> None:
    with pytest.raises(errors.HttpRefused):
        fetch(says(b"", status))


def test_the_wait_that_the_service_asks_for_is_kept() -> None:
    waited: list[float] = []
    policy = RetryPolicy(attempts=2, jitter=0, sleep=waited.append)
    with (
        service(says(b"", 503, Retry_After="7"), says(b"data")) as running,
        AclClient(running.url, retry=policy) as client,
    ):
        client.fetch(STATUS)
    assert waited == [7]


def test_a_body_short_of_its_length_is_cut() -> None:
    with pytest.raises(errors.TruncatedReply, match="cut short"):
        fetch(cut(b"1583816400.0 1\n", 1000))


def test_a_chunked_body_without_its_end_is_cut() -> None:
    with pytest.raises(errors.TruncatedReply, match="cut short"):
        fetch(cut_chunks(b"1583816400.0 1\n"))


def test_an_empty_body_is_named() -> None:
    with pytest.raises(errors.EmptyReply, match="empty"):
        fetch(says(b""))


def test_a_body_over_the_limit_is_abandoned() -> None:
    with pytest.raises(errors.ReplyTooLarge, match="1000 bytes"):
        fetch(says(b"x" * 5000), max_reply_bytes=1000)


def test_no_connection_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}/acl.pl"
    with AclClient(url, retry=ONCE) as client, pytest.raises(errors.ConnectionFailed, match=url):
        client.fetch(STATUS)


def test_no_byte_of_a_reply_in_time_is_a_timeout() -> None:
    done = threading.Event()
    with (
        service(silent(done)) as running,
        AclClient(running.url, retry=ONCE, read_timeout=0.5) as client,
    ):
        with pytest.raises(errors.ReplyTimeout, match="sent nothing for"):
            client.fetch(STATUS)
        done.set()


def test_silence_within_the_reply_is_a_timeout() -> None:
    done = threading.Event()
    with (
        service(trickles(b"x" * 100, lambda: done.wait(60), 2)) as running,
        AclClient(running.url, retry=ONCE, read_timeout=0.5) as client,
    ):
        with pytest.raises(errors.ReplyTimeout, match="stopped"):
            client.fetch(STATUS)
        done.set()


def test_a_trickle_ends_at_the_total_timeout() -> None:
    done = threading.Event()
    with (
        service(trickles(b"x", lambda: done.wait(0.02), 500)) as running,
        AclClient(running.url, retry=ONCE, read_timeout=5, total_timeout=0.1) as client,
    ):
        with pytest.raises(errors.ReplyTimeout, match="no whole reply"):
            client.fetch(STATUS)
        done.set()


def test_a_redirect_within_the_service_is_followed_with_the_same_bytes() -> None:
    def move(handler: object) -> None:
        target = running.targets[0].replace("/cgi-bin/", "/new/").replace("|", "%7C")
        redirects(target)(handler)  # type: ignore[arg-type]

    with service(move, says(b"data")) as running, AclClient(running.url) as client:
        assert client.fetch(STATUS) == b"data"
        first, second = running.targets
    assert second == first.replace("/cgi-bin/", "/new/")


def test_a_redirect_to_another_host_is_refused() -> None:
    with service(says(b"data")) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        with pytest.raises(errors.ForeignRedirect, match="elsewhere"):
            fetch(redirects(elsewhere))
        assert not other.targets


def test_endless_redirects_are_refused() -> None:
    def move(handler: object) -> None:
        redirects(running.targets[0])(handler)  # type: ignore[arg-type]

    with service(move) as running, AclClient(running.url, retry=PATIENT) as client:
        with pytest.raises(errors.ForeignRedirect, match="more than 3"):
            client.fetch(STATUS)
        assert len(running.targets) == 4


def test_a_password_is_sent_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with service(says(b"no", 503)) as running:
        url = running.url.replace("//", "//reader:sesame@")
        with AclClient(url, retry=PATIENT) as client:
            with pytest.raises(errors.HttpUnavailable) as caught:
                client.fetch(STATUS)
            shown = [str(caught.value), caplog.text, client.url, repr(caught.value)]
        assert running.headers[0]["Authorization"].startswith("Basic ")
    assert "attempt 1 of 3 failed" in caplog.text
    assert not [text for text in shown if "sesame" in text or "reader" in text]


def test_a_login_of_any_letters_is_sent_in_utf_8() -> None:
    with service(says(b"data")) as running:
        url = running.url.replace("//", "//%C3%BC%D0%B6:p%3A%40ss@")
        with AclClient(url, retry=ONCE) as client:
            client.fetch(STATUS)
        sent = running.headers[0]["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "üж:p:@ss"


def test_a_fault_within_the_body_starts_the_reading_anew() -> None:
    seen: list[bytes] = []

    def read(chunks: Iterator[bytes]) -> bytes:
        seen.append(b"begin")
        return b"".join(chunks)

    with (
        service(cut(b"half", 8), says(b"halfhalf")) as running,
        AclClient(running.url, retry=PATIENT) as client,
    ):
        assert client.ask(STATUS, read) == b"halfhalf"
    assert len(seen) == 2


def test_threads_share_a_client_within_its_connections() -> None:
    lock = threading.Lock()
    running_now: list[int] = [0, 0]

    def answer(handler: object) -> None:
        with lock:
            running_now[0] += 1
            running_now[1] = max(running_now)
        threading.Event().wait(0.01)
        with lock:
            running_now[0] -= 1
        says(b"data")(handler)  # type: ignore[arg-type]

    with service(answer) as running, AclClient(running.url, max_connections=2) as client:
        threads = [
            threading.Thread(target=client.fetch, args=[TimelineInfo()], daemon=True)
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        wait_for_end(*threads)
        assert len(running.targets) == 8
    assert running_now[1] == 2
