"""The address of an ACL service: what may be asked, with which login, and where it may send us.

No request is made here. An address can hold a login: ``without_secrets`` is how any address is shown. Whether two are
the same service is decided in ``same_service``.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from gmpsai_assets.acnet.errors import ForeignRedirect, shown

_DEFAULT_PORTS = {"http": 80, "https": 443}


_MORE = re.compile(r"[?#].*", re.DOTALL)


def without_secrets(address: str) -> str:
    """An address of any kind as it may be shown: without user and password, and without query and fragment.

    Also where it cannot be read as an address: a password that holds a slash, say, is not left over.
    """
    login, _, place = address.rpartition("@")
    scheme, mark, _ = login.partition("://")
    return _MORE.sub("", f"{scheme}{mark}{place}" if mark else place)


def same_service(one: str, other: str) -> bool:
    """Whether two addresses are those of one service.

    Login, query, case of the host, a default port, a slash at the end, the names of this machine, and HTTP that has
    become HTTPS make no other service; host, port and path do.
    """
    return _identity(one) == _identity(other)


def _identity(address: str) -> tuple[str, int | None, str]:
    """Host, port unless it is the scheme's own, and path."""
    try:
        parts = urlsplit(without_secrets(address.strip()))
        port = parts.port
    except ValueError:
        return address, None, ""
    host = (parts.hostname or "").rstrip(".")
    host = "localhost" if is_loopback(host) else host
    usual = port == _DEFAULT_PORTS.get(parts.scheme)
    return host, None if usual else port, unquote(parts.path).rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host of an address is this machine itself."""
    name = host.strip("[]").rstrip(".").casefold()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class ServiceAddressError(ValueError):
    """The address of the service cannot be one; the message shows how it must look, and not what it was."""


@dataclass(frozen=True)
class ServiceAddress:
    """Where the service is.

    Attributes:
        url: scheme, host, port and path; no login and no query, so it may be shown.
        login: user and password, or None; never shown.
    """

    url: str
    login: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> "ServiceAddress":
        """Read the address of ``acl.pl``; a query of exactly ``acl=`` is dropped.

        Raises:
            ServiceAddressError: if it is not ``http`` or ``https`` with a host, or has another query. The
                text itself is not repeated in the message, since it may hold a password.
        """
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError:
            parts, port = SplitResult("", "", "", "", ""), None
        usable = parts.scheme in _DEFAULT_PORTS and parts.hostname and port != 0
        # With a slash in it, the end of a password would be taken for the path, which is shown.
        usable = usable and "@" not in parts.path
        if not usable or parts.query not in ("", "acl=") or parts.fragment:
            msg = (
                "the address of the ACL service must look like http://host/cgi-bin/acl.pl, "
                "without a query; check GMPSAI_ACL_URL (in a login, write / as %2F, ? as %3F, # as %23)"
            )
            raise ServiceAddressError(msg)
        host = parts.netloc.rpartition("@")[2]
        login = None
        if parts.username is not None:
            login = (unquote(parts.username), unquote(parts.password or ""))
        return cls(urlunsplit((parts.scheme, host, parts.path or "/", "", "")), login)

    def redirected(self, location: str, asked: str, subject: str) -> "ServiceAddress":
        """The address to ask in place of this one.

        Only the same host may take over, on the same port or by going from http to https, and only
        if it is sent the very same command: a redirect must never turn reading into anything else.

        Args:
            location: the ``Location`` header; may be relative.
            asked: the URL that was redirected.
            subject: for the message.

        Raises:
            ForeignRedirect: anything else.
        """
        try:
            target = urlsplit(urljoin(asked, location))
            same_service = _same_service(urlsplit(asked), target)
        except ValueError:
            same_service = False
        if not location or not same_service:
            host = shown(without_secrets(location))
            what = f"the service sent the request elsewhere ({host or 'no address'})"
            raise ForeignRedirect(what, subject=subject)
        if _command_text(target.query) != _command_text(urlsplit(asked).query):
            what = "the service sent the request on without its command, perhaps to a login"
            raise ForeignRedirect(what, subject=subject)
        place = target.netloc.rpartition("@")[2]
        return ServiceAddress(urlunsplit((target.scheme, place, target.path, "", "")), self.login)


def _same_service(asked: SplitResult, target: SplitResult) -> bool:
    if (target.hostname or "") != (asked.hostname or ""):
        return False
    if target.scheme == asked.scheme:
        return _port(target) == _port(asked)
    return (asked.scheme, target.scheme) == ("http", "https")


def _port(parts: SplitResult) -> int | None:
    return _DEFAULT_PORTS.get(parts.scheme) if parts.port is None else parts.port


def _command_text(query: str) -> str:
    return unquote(query.replace("+", " "))
