"""Loopback ports: the one that is wanted, or the next that is free, held until its user starts.

Which ports are wanted is decided in ``command``; who listens on them, in the processes that it starts.
"""

import socket
from dataclasses import dataclass

from gmpsai_assets import settings

_TRIES = 50


class HeldPort:
    """A port that nobody else can take until ``release`` is called.

    Attributes:
        number: the port.
    """

    def __init__(self, holder: socket.socket) -> None:
        self._holder = holder
        self.number: int = holder.getsockname()[1]

    def release(self) -> None:
        """Give the port free, for the process that is about to listen on it."""
        self._holder.close()


def hold_port(wanted: int) -> HeldPort:
    """Take the first free loopback port from ``wanted`` on; 0 takes any.

    Ports that are still held are not free, so several can be chosen one after another.

    Raises:
        OSError: none of the next 50 is free.
    """
    for port in range(wanted, wanted + _TRIES):
        holder = socket.socket()
        # A port whose last connections are still being forgotten by the kernel is free.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", port))
            # Only a listening socket keeps out others that reuse addresses, as all servers do.
            holder.listen()
        except (OSError, OverflowError):
            holder.close()
            continue
        return HeldPort(holder)
    msg = f"ports {wanted} to {wanted + _TRIES - 1} are all taken; name another with an option"
    raise OSError(msg)


@dataclass(frozen=True)
class Addresses:
    """The ports of one platform, and the DataLogger it asks.

    Attributes:
        ui: port of the Dagster UI.
        site: port of the plot site.
        emulator: port of an emulator of its own; None where ``GMPSAI_ACL_URL`` names a service.
        acl_url: base URL of acl.pl.
    """

    ui: HeldPort
    site: HeldPort
    emulator: HeldPort | None
    acl_url: str

    def release(self) -> None:
        """Give all ports free that are still held."""
        for port in (self.ui, self.site, self.emulator):
            if port is not None:
                port.release()


def choose_addresses(ui: int, site: int, emulator: int) -> Addresses:
    """The wanted ports, or for each that is taken the next one that is neither taken nor given out here.

    Raises:
        OSError: one of them, and the 50 after it, are taken.
    """
    ui_port, site_port = hold_port(ui), hold_port(site)
    named = settings.named_acl_url()
    if named is not None:
        return Addresses(ui_port, site_port, None, named)
    emulator_port = hold_port(emulator)
    url = settings.emulator_url(emulator_port.number)
    return Addresses(ui_port, site_port, emulator_port, url)
