"""How the service is reached: the bytes of a request, the proxy it goes through, and who vouches for a certificate.

The environment is read here as other programs read it: ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``
name proxies; ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE``, ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` authorities. This
machine itself is never asked through a proxy, and no password is taken from ``.netrc``. What a failure means is told
apart in ``connection_errors``.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from gmpsai_assets.acnet import stopping
from gmpsai_assets.acnet.addresses import is_loopback, without_secrets
from gmpsai_assets.acnet.errors import CertificateFailed, ProxyRefused


def restore(target: str) -> str:
    """Undo, in the query of a request target, the escapes that a command can have met."""
    path, mark, query = target.partition("?")
    for escape, character in (("%22", '"'), ("%7C", "|"), ("%5B", "["), ("%5D", "]")):
        query = query.replace(escape, character)
    return path + mark + query


class _RawConnection(HTTPConnection):
    opened: socket | None = None

    def connect(self) -> None:
        super().connect()
        # ``sock`` is forgotten while the last reply of a connection is still being read.
        self.opened = self.sock
        stopping.check()  # a stop that came meanwhile has found no socket to shut down

    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:
        stopping.begin(lambda: self.opened)
        super().putrequest(method, restore(url), *args, **options)


class _RawTlsConnection(HTTPSConnection):
    opened: socket | None = None

    def connect(self) -> None:
        super().connect()
        self.opened = self.sock
        stopping.check()

    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:
        stopping.begin(lambda: self.opened)
        super().putrequest(method, restore(url), *args, **options)


class _RawPool(HTTPConnectionPool):
    ConnectionCls = _RawConnection


class _RawTlsPool(HTTPSConnectionPool):
    ConnectionCls = _RawTlsConnection


_RAW_POOLS = {"http": _RawPool, "https": _RawTlsPool}


class RawQueryAdapter(HTTPAdapter):
    """An adapter of ``requests`` that leaves the query of a URL as it is, through a proxy, too."""

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: Any
    ) -> None:
        """Make the pools as ``requests`` does, with connections that restore the query."""
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = _RAW_POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> urllib3.ProxyManager:
        """Likewise for the pools behind a proxy."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _RAW_POOLS
        return manager


def open_session(max_connections: int) -> requests.Session:
    """A session whose connections are bounded, kept open and shared by threads.

    It does not look at the environment; ``route`` does, for each request.
    """
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"User-Agent": "gmpsai_assets", "Accept-Encoding": "identity"})
    adapter = RawQueryAdapter(
        pool_connections=4, pool_maxsize=max_connections, pool_block=True, max_retries=0
    )
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""The first that is set counts: the order of ``requests``, then that of OpenSSL."""


@dataclass(frozen=True)
class Route:
    """How one request reaches the service.

    Attributes:
        url: the address that is asked, without a login.
        proxy: the proxy in between with its login, which must not be shown; None if there is none.
        bundle: a file or folder of authorities that are trusted in place of the usual ones, or None.
        bundle_variable: the variable that names it; empty if none does.
    """

    url: str
    proxy: str | None = None
    bundle: str | None = None
    bundle_variable: str = ""

    @property
    def proxies(self) -> dict[str, str]:
        """What ``requests`` takes."""
        return {} if self.proxy is None else {urlsplit(self.url).scheme: self.proxy}

    @property
    def verify(self) -> str | bool:
        """What ``requests`` takes."""
        return self.bundle or True

    @property
    def shown_proxy(self) -> str:
        """The proxy for a message."""
        return without_secrets(self.proxy or "")

    @property
    def authorities(self) -> str:
        """Who vouches for certificates, for a message."""
        if self.bundle is None:
            return "the authorities that Python's certifi trusts"
        return f"the authorities in {self.bundle} ({self.bundle_variable})"


def route(url: str, subject: str) -> Route:
    """How a request goes by the environment as it is now.

    Args:
        url: the address of the service, without a login.
        subject: device or event and window, for a message.

    Raises:
        ProxyRefused: a variable names what cannot be a proxy.
        CertificateFailed: a variable names authorities that are not there.
    """
    proxy = _proxy(url, subject)
    if urlsplit(url).scheme != "https" and not (proxy or "").startswith("https:"):
        return Route(url, proxy)
    variable = next((name for name in _BUNDLES if os.environ.get(name)), "")
    bundle = os.environ.get(variable) or None
    if bundle is not None and variable == "SSL_CERT_DIR":  # may be a list; requests takes one
        folders = bundle.split(os.pathsep)
        bundle = next((each for each in folders if Path(each).is_dir()), folders[0])
    if bundle is not None and not os.access(bundle, os.R_OK):
        what = f"{variable} names the trusted authorities in {Path(bundle).absolute()}, which cannot be read"
        advice = f"Correct {variable}, or unset it."
        raise CertificateFailed(what, subject=subject, next_step=advice)
    return Route(url, proxy, bundle, variable)


def _proxy(url: str, subject: str) -> str | None:
    parts = urlsplit(url)
    if is_loopback(parts.hostname or ""):
        return None
    named = select_proxy(url, get_environ_proxies(url))
    if not named:
        return None
    proxy = named if "://" in named else f"http://{named}"
    if not _can_be_a_proxy(proxy):
        # The text itself is not repeated: it may hold a password.
        variable = f"{parts.scheme.upper()}_PROXY (or ALL_PROXY)"
        what = f"{variable} names no proxy that can be used: it must look like http://host:port"
        advice = f"Correct {variable}; or list {parts.hostname} in NO_PROXY, to ask it directly."
        raise ProxyRefused(what, subject=subject, next_step=advice)
    return proxy


def _can_be_a_proxy(text: str) -> bool:
    try:
        parts = urlsplit(text)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return has_place and parts.scheme in ("http", "https") and "@" not in parts.path
