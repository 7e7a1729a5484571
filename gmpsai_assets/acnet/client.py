"""The HTTP client of the ACL service: sends a command, hands over the bytes of the reply.

Here belongs what HTTP means: statuses, timeouts, redirects, limits. How the service is reached is decided in
``connections``; what the bytes mean is read in ``replies``. Nothing is followed to another host, and no password of the
address is ever shown.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import requests
import urllib3

from gmpsai_assets.acnet import stopping
from gmpsai_assets.acnet.addresses import ServiceAddress
from gmpsai_assets.acnet.commands import Command, render_url
from gmpsai_assets.acnet.connection_errors import (
    no_reply,
    plain_http_on_https,
    proxy_login,
    speaks_tls,
)
from gmpsai_assets.acnet.connections import Route, open_session, route
from gmpsai_assets.acnet.errors import (
    ACCESS_STATUSES,
    AccessRefused,
    AcnetError,
    ConnectionFailed,
    EmptyReply,
    ForeignRedirect,
    HttpRefused,
    HttpUnavailable,
    ReplyTimeout,
    ReplyTooLarge,
    TruncatedReply,
)
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.acnet.slots import ServiceSlots

CHUNK_BYTES = 1 << 18
MAX_REDIRECTS = 3
LARGEST_REPLY_BYTES = 256 * 1024 * 1024
_PASSING = (408, 429)
_REDIRECTS = (301, 302, 303, 307, 308)
_NEXT_STEPS = {
    400: "The service could not read the request: check device and window.",
    401: "The service asks for a login: check GMPSAI_ACL_URL and its user.",
    403: "The service refuses requests from outside the laboratory: ask from inside, or by VPN.",
    404: "There is no such service: check the path in GMPSAI_ACL_URL.",
}

Result = TypeVar("Result")


class AclClient:
    """Reads from one ACL service; safe to share between threads.

    Args:
        base_url: address of ``acl.pl`` without a query; a user and password in it are sent to the
            service and shown nowhere.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds without a byte that end a reply.
        total_timeout: seconds that one whole reply may take.
        retry: when and how often to ask again.
        max_reply_bytes: a longer body is abandoned; a day at 15 Hz is 38 MB.
        max_connections: requests under way at once; further ones wait.
        shared_slots: folder in which all clients of this machine that name it keep ``max_connections`` together;
            None to count this client alone.

    Raises:
        ServiceAddressError: if the address is not one of a service.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connect_timeout: float = 10,
        read_timeout: float = 60,
        total_timeout: float = 900,
        retry: RetryPolicy | None = None,
        max_reply_bytes: int = LARGEST_REPLY_BYTES,
        max_connections: int = 4,
        shared_slots: Path | None = None,
    ) -> None:
        self._address = ServiceAddress.parse(base_url)
        self._timeouts = (connect_timeout, read_timeout)
        self._total_timeout = total_timeout
        self.retry = RetryPolicy() if retry is None else retry
        self._max_reply_bytes = max_reply_bytes
        self._session = open_session(max_connections)
        self._slots = (
            ServiceSlots(shared_slots, self.url, max_connections) if shared_slots else None
        )

    @property
    def url(self) -> str:
        """The address of the service without user and password."""
        return self._address.url

    def __enter__(self) -> "AclClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        self._session.close()

    def fetch(self, command: Command) -> bytes:
        """The whole body of the reply, asked for again by the retry policy.

        Raises:
            AcnetError: by name, when there is no whole body.
        """
        return self.ask(command, b"".join)

    def ask(self, command: Command, read: Callable[[Iterator[bytes]], Result]) -> Result:
        """Send the command and read its reply; on a transient fault of either, all over again.

        Args:
            command: one of the closed set.
            read: takes the chunks of one reply and returns what they mean. It is called anew for
                every attempt, so it must not keep anything between calls.

        Raises:
            AcnetError: by name: what HTTP or ``read`` met last.
        """

        def attempt_once() -> Result:
            with self.open(command) as chunks:
                return read(chunks)

        return self.retry.run(attempt_once)

    @contextmanager
    def open(self, command: Command) -> Iterator[Iterator[bytes]]:
        """One attempt: the body in pieces as they come, of 256 KiB at most, never an empty one.

        It waits for a slot of the service first; no timeout counts that.

        Raises:
            StoppedError: this thread is to stop; also while it waits for the slot or the reply.
            TransientError: on opening or while iterating; the bytes so far are then no reply.
            PermanentError: likewise, when asking again cannot help.
        """
        subject = command.subject
        with self._slots.taken() if self._slots else nullcontext():
            deadline = time.monotonic() + self._total_timeout
            response, way = self._respond(command)
            with response:
                if response.status_code != 200:
                    raise _refusal(response, way, subject)
                yield self._chunks(response, subject, deadline)

    def _respond(self, command: Command) -> tuple[requests.Response, Route]:
        """The response at the end of at most three redirects within the service's host, and how it came."""
        address = self._address
        for _ in range(MAX_REDIRECTS + 1):
            way = route(address.url, command.subject)
            response = self._send(address, way, command)
            if response.status_code not in _REDIRECTS:
                return response, way
            with response:
                target = response.headers.get("Location", "")
            address = address.redirected(target, render_url(address.url, command), command.subject)
        msg = f"more than {MAX_REDIRECTS} redirects"
        raise ForeignRedirect(msg, subject=command.subject)

    def _send(self, address: ServiceAddress, way: Route, command: Command) -> requests.Response:
        subject = command.subject
        try:
            return self._session.get(
                render_url(address.url, command),
                auth=_sent(address.login),
                timeout=self._timeouts,
                stream=True,
                allow_redirects=False,
                proxies=way.proxies,
                verify=way.verify,
            )
        except requests.ConnectTimeout as error:
            what = f"no connection to {address.url} in {self._timeouts[0]:g} s"
            raise ConnectionFailed(what, subject=subject) from error
        except requests.Timeout as error:
            what = f"{address.url} sent nothing for {self._timeouts[1]:g} s"
            raise ReplyTimeout(what, subject=subject) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise no_reply(error, way, subject) from error

    def _chunks(
        self, response: requests.Response, subject: str, deadline: float
    ) -> Iterator[bytes]:
        total = 0
        for piece in self._pieces(response, subject):
            total += len(piece)
            if total > self._max_reply_bytes:
                what = f"the body is longer than {self._max_reply_bytes} bytes"
                raise ReplyTooLarge(what, subject=subject)
            self._refuse_late(deadline, total, subject)
            stopping.check()
            yield piece
        stopping.check()  # the end of a reply that was broken off may look like one that came whole
        if not total:
            msg = "the body is empty"
            raise EmptyReply(msg, subject=subject)

    def _refuse_late(self, deadline: float, received: int, subject: str) -> None:
        if time.monotonic() > deadline:
            what = f"no whole reply in {self._total_timeout:g} s; {received} bytes came"
            raise ReplyTimeout(what, subject=subject)

    def _pieces(self, response: requests.Response, subject: str) -> Iterator[bytes]:
        """What the socket gives, so that the deadline is looked at even on a trickle."""
        try:
            while piece := response.raw.read1(CHUNK_BYTES, decode_content=True):
                yield piece
        except urllib3.exceptions.ReadTimeoutError as error:
            what = f"the reply stopped for {self._timeouts[1]:g} s before its end"
            raise ReplyTimeout(what, subject=subject) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            what = f"the reply was cut short ({type(error).__name__})"
            raise TruncatedReply(what, subject=subject) from error


def _sent(login: tuple[str, str] | None) -> tuple[str, str] | None:
    """A login as ``requests`` sends it in UTF-8; by itself it takes Latin-1, and its error would show a letter."""
    if login is None:
        return None
    user, password = (each.encode().decode("latin-1") for each in login)
    return user, password


def _refusal(response: requests.Response, way: Route, subject: str) -> AcnetError:
    status = response.status_code
    if status == 407:
        place = f"the proxy {way.shown_proxy}" if way.proxy else f"a proxy before {way.url}"
        return proxy_login(place, subject)
    if status == 400 and way.url.startswith("http:") and not way.proxy and speaks_tls(way.url):
        return plain_http_on_https(way.url, subject)
    try:
        received = response.raw.read1(2000, decode_content=True)
    except (urllib3.exceptions.HTTPError, OSError):
        received = b""
    if status in _PASSING or status >= 500:
        asked = response.headers.get("Retry-After", "")
        wait = float(asked) if asked.isascii() and asked.isdigit() else None
        return HttpUnavailable(status, subject=subject, received=received, retry_after=wait)
    advice = _NEXT_STEPS.get(status)
    kind = AccessRefused if status in ACCESS_STATUSES else HttpRefused
    return kind(status, subject=subject, received=received, next_step=advice)
