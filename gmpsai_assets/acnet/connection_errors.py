"""What it means that no reply came: one named error for each reason, so that each has its own next step.

``requests`` wraps what happened in several exceptions of its own; here the innermost is looked for. Which of these
errors may pass is said by their classes; that a reply came and what its status means, in ``client``.
"""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3

from gmpsai_assets.acnet import stopping
from gmpsai_assets.acnet.connections import Route
from gmpsai_assets.acnet.errors import (
    AcnetError,
    CertificateFailed,
    ConnectionFailed,
    ConnectionRefused,
    LookupFailed,
    ProxyRefused,
    TlsFailed,
    UnknownHost,
    WrongScheme,
)

_NO_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)
"""What OpenSSL calls an answer that is no TLS at all."""

_NO_COMMON_TLS = re.compile(
    r"PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|HANDSHAKE_FAILURE|NO_SHARED_CIPHER|VERSION_TOO_LOW|"
    r"INSUFFICIENT_SECURITY|NO_CIPHERS|KEY_TOO_SMALL|TOO_WEAK|LEGACY_RENEGOTIATION|CERTIFICATE_REQUIRED|UNRECOGNIZED_NAME"
)
"""What OpenSSL calls a handshake that both sides understand and will never agree on. Others may be a broken line."""

_NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_TRUST = (
    "If the laboratory signs its certificates itself, name its authority in REQUESTS_CA_BUNDLE or SSL_CERT_FILE. If "
    "the host in GMPSAI_ACL_URL is right and this machine's clock too, tell who runs the service."
)
_LISTENS = (
    "Look whether it is up and the port is right; from outside, the laboratory is reached by VPN."
)
_SPELLING = (
    "Check the spelling; names of the laboratory's own network are known only inside it, or by VPN."
)
_PROXY_LOGIN = (
    "Put user and password into HTTP_PROXY or HTTPS_PROXY, or list the service in NO_PROXY."
)
_PROBE_SECONDS = 5.0


def no_reply(error: Exception, route: Route, subject: str) -> AcnetError:
    """The error that a failed request means, by the innermost reason.

    Args:
        error: what ``requests`` raised before there was a response.
        route: how the request went.
        subject: device or event and window, for the message.

    Raises:
        StoppedError: the stop of this thread is set, which is why no reply came.
    """
    stopping.check()  # a stop shuts the socket down, which looks like a service that hangs up
    causes = list(_causes(error))
    to_proxy = any(isinstance(each, urllib3.exceptions.ProxyError) for each in causes)
    failure = _Failure(route, subject, to_proxy)
    for each in causes:
        found = failure.meaning(each)
        if found is not None:
            return found
    if urlsplit(route.url).scheme == "http" and not route.proxy and speaks_tls(route.url):
        return plain_http_on_https(route.url, subject)
    what = f"no reply from {failure.place} ({type(error).__name__})"
    return ConnectionFailed(what, subject=subject)


def plain_http_on_https(url: str, subject: str) -> WrongScheme:
    """The error of an address with ``http`` whose port speaks HTTPS."""
    what = f"{url} was asked in plain HTTP, and its port speaks HTTPS"
    advice = "Write https:// in GMPSAI_ACL_URL, or the port of plain HTTP."
    return WrongScheme(what, subject=subject, next_step=advice)


def proxy_login(place: str, subject: str) -> ProxyRefused:
    """The error of a proxy that answers 407."""
    what = f"{place} asks for a login (HTTP status 407)"
    return ProxyRefused(what, subject=subject, next_step=_PROXY_LOGIN)


def speaks_tls(url: str) -> bool:
    """Whether the port of an address speaks TLS: servers close a plain request without a word, or call it bad.

    One handshake is begun, and nothing is asked; no certificate is judged by it.
    """
    parts = urlsplit(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    address = (parts.hostname or "", parts.port or 80)
    try:
        with socket.create_connection(address, _PROBE_SECONDS) as bare:
            context.wrap_socket(bare, server_hostname=parts.hostname).close()
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")  # only who speaks TLS sends one
    except (OSError, ValueError):
        return False
    return True


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that is wrapped in it, the outermost first; each once."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (*each.args, getattr(each, "reason", None), each.__cause__, each.__context__)
        waiting += [one for one in inner if isinstance(one, BaseException)]


@dataclass(frozen=True)
class _Failure:
    """A request that brought no reply, and where it failed: at the service, or at the proxy before it."""

    route: Route
    subject: str
    to_proxy: bool

    @property
    def place(self) -> str:
        """Who was spoken to."""
        return f"the proxy {self.route.shown_proxy}" if self.to_proxy else self.route.url

    @property
    def variable(self) -> str:
        """What names the place."""
        return "HTTP_PROXY or HTTPS_PROXY" if self.to_proxy else "GMPSAI_ACL_URL"

    def meaning(self, error: BaseException) -> AcnetError | None:
        """The named error of one exception, if it is one that says why."""
        if isinstance(error, ssl.SSLError):
            return self._of_tls(error)
        if isinstance(error, socket.gaierror):
            return self._of_lookup(error)
        if isinstance(
            error, requests.exceptions.InvalidURL | urllib3.exceptions.LocationParseError
        ):
            what = f"{self.place} has no name of a host that can be looked up"
            return UnknownHost(what, subject=self.subject, next_step=f"Correct {self.variable}.")
        if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
            return self._of_socket(error)
        return None

    def _of_tls(self, error: ssl.SSLError) -> AcnetError | None:
        route, reason = self.route, error.reason or ""
        if isinstance(error, ssl.SSLCertVerificationError):
            what = f"{route.authorities} do not vouch for the certificate of {self.place}: {error.verify_message}"
            return CertificateFailed(what, subject=self.subject, next_step=_TRUST)
        if route.bundle and error.library in ("X509", "PEM"):
            what = f"{route.bundle_variable} names {route.bundle}, which holds no certificates"
            advice = f"Correct {route.bundle_variable}, or unset it."
            return CertificateFailed(what, subject=self.subject, next_step=advice)
        if reason in _NO_TLS:
            what = f"{self.place} was asked by HTTPS, and its port does not speak it"
            advice = f"Write http:// in {self.variable}, or the port of HTTPS."
            return WrongScheme(what, subject=self.subject, next_step=advice)
        if _NO_COMMON_TLS.search(reason):
            what = f"{self.place} and this machine find no common way to speak TLS ({reason})"
            advice = (
                "Tell who runs it: its TLS is too old, or it wants a certificate of the caller."
            )
            return TlsFailed(what, subject=self.subject, next_step=advice)
        return None

    def _of_lookup(self, error: socket.gaierror) -> AcnetError:
        if error.errno == socket.EAI_AGAIN:
            what = f"no name server answered for the host of {self.place}"
            return LookupFailed(what, subject=self.subject)
        what = f"no host has the name in {self.place}"
        return UnknownHost(what, subject=self.subject, next_step=f"{self.variable}: {_SPELLING}")

    def _of_socket(self, error: OSError) -> AcnetError | None:
        tunnel = _TUNNEL.search(str(error))
        if tunnel:
            return self._of_tunnel(int(tunnel[1]))
        if isinstance(error, ConnectionRefusedError):
            what = f"{self.place} refused the connection: nothing listens there"
        elif error.errno in _NO_WAY:
            what = f"there is no way from this machine to {self.place} ({error.strerror})"
        else:
            return None
        return ConnectionRefused(what, subject=self.subject, next_step=_LISTENS)

    def _of_tunnel(self, status: int) -> AcnetError:
        """A proxy that would not connect to the service; its own failures may pass, what it forbids does not."""
        if status == 407:
            return proxy_login(self.place, self.subject)
        what = f"{self.place} did not connect to {self.route.url} (HTTP status {status})"
        if status >= 500 or status in (408, 429):
            return ConnectionFailed(what, subject=self.subject)
        advice = "List the service in NO_PROXY if this machine reaches it directly, or ask who runs the proxy."
        return ProxyRefused(what, subject=self.subject, next_step=advice)
