"""Loopback ports: the one that is wanted, or the next that is free, held until its user starts.

Who listens on a port, and which ports are wanted, is said elsewhere.
"""

import socket

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
