"""Loopback ports: the one that is wanted, or the next that is free."""

import socket

_TRIES = 50


def free_port(wanted: int) -> int:
    """The first free loopback port from ``wanted`` on.

    Raises:
        OSError: none of the next 50 is free.
    """
    for port in range(wanted, wanted + _TRIES):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    msg = f"ports {wanted} to {wanted + _TRIES - 1} are all taken; name another with an option"
    raise OSError(msg)
