"""A site as tests publish it at once, and its own server in a thread of the test, on a free loopback port."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from gmpsai_assets.site.publishing import NO_NUMBERS, only_publisher
from gmpsai_assets.site.release import Release
from gmpsai_assets.site.server import site_server


def publish_site(
    site_directory: Path,
    payload: dict[str, Any] | bytes,
    *,
    numbers: dict[str, Any] | None = None,
    published_at: datetime | None = None,
) -> Release:
    """Publish a history that depends on nothing that another publisher may change."""
    with only_publisher(site_directory) as publisher:
        return publisher.publish(payload, numbers=numbers or NO_NUMBERS, published_at=published_at)


@contextmanager
def serving_site(directory: Path) -> Iterator[str]:
    """Serve a site for as long as the block runs; gives its address. It listens from the beginning."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = site_server(directory)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        assert not thread.is_alive()
