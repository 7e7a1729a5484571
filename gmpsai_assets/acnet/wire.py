"""The HTTP transport under the client: URLs reach the service byte for byte as they were built.

Here belongs only what ``requests`` and ``urllib3`` would otherwise change. ``requests`` turns ``"``
into ``%22`` and ``|`` into ``%7C``; the ACL service does not decode the second, so devices such as
``B|GMPSSC`` would not be found (pacsys docs/backends/acl.md).
"""

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


def restore(target: str) -> str:
    """Undo, in the query of a request target, the two escapes that a command can have met."""
    path, mark, query = target.partition("?")
    return path + mark + query.replace("%22", '"').replace("%7C", "|")


class _RawConnection(HTTPConnection):
    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:
        super().putrequest(method, restore(url), *args, **options)


class _RawTlsConnection(HTTPSConnection):
    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:
        super().putrequest(method, restore(url), *args, **options)


class _RawPool(HTTPConnectionPool):
    ConnectionCls = _RawConnection


class _RawTlsPool(HTTPSConnectionPool):
    ConnectionCls = _RawTlsConnection


class RawQueryAdapter(HTTPAdapter):
    """An adapter of ``requests`` that leaves the query of a URL as it is."""

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: Any
    ) -> None:
        """Make the pools as ``requests`` does, with connections that restore the query."""
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _RawPool, "https": _RawTlsPool}


def open_session(max_connections: int) -> requests.Session:
    """A session whose connections are bounded, kept open and shared by threads.

    The environment is not looked at: no proxy stands between this service and its readers inside
    the laboratory, and no password is taken from ``.netrc``.
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
