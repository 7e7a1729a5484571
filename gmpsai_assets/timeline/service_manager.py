"""Words to systemd, where it started the process and asked for them (``sd_notify(3)``); elsewhere nothing happens."""

import contextlib
import os
import socket


def tell_service_manager(words: str) -> None:
    """Send a state such as ``READY=1`` or ``WATCHDOG=1``."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel,
    ):
        channel.settimeout(1)
        channel.connect(address)
        channel.send(words.encode())
