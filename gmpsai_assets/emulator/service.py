"""The HTTP service of the emulator: one thread per connection, replies streamed block by block.

Here the parts of the emulator meet and are started and ended. What is answered is decided in
``answers``; how it is sent, in ``connection``.
"""

import hashlib
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition, Event, Thread

from gmpsai_assets.acnet.clock import to_microseconds
from gmpsai_assets.emulator.answers import Answers
from gmpsai_assets.emulator.connection import (
    ACL_PATH,
    AclServer,
    ReplyRecord,
    RequestRecord,
)
from gmpsai_assets.emulator.faults import FaultBook
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.options import EmulatorOptions, parse_late_front_end
from gmpsai_assets.emulator.streams import BlockCache

LOOPBACK = "127.0.0.1"
_CLOSING_SECONDS = 5.0
_CACHE_BYTES = 4_000_000_000
"""Room for more than two days of all devices, at some 25 bytes a row."""


class EmulatorService:
    """A running laboratory.

    Args:
        options: how it behaves.

    Raises:
        FaultSyntaxError: if a fault cannot be read.
        OSError: if the address is taken.
    """

    def __init__(self, options: EmulatorOptions) -> None:
        self.options = options
        self.machine = machine_of(options)
        self.faults = FaultBook(options.faults)
        self.ended = Event()
        self._clock_start = time.monotonic()
        self._start_microseconds = to_microseconds(options.now or datetime.now(UTC))
        self._records: deque[RequestRecord] = deque(maxlen=20_000)
        self._idle = Condition()
        self._answering = 0
        self._server = AclServer((LOOPBACK, options.port), self)
        self._cache = BlockCache(options.cache, _CACHE_BYTES, _version(options))
        self.answers = Answers(self.machine, self._cache, options, self.now_microseconds)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Address of its ``acl.pl``, without a query."""
        return f"http://{LOOPBACK}:{self.port}{ACL_PATH}"

    @property
    def requests(self) -> list[RequestRecord]:
        """The newest 20,000 requests, oldest first; who has an answer finds its request here."""
        with self._idle:
            return list(self._records)

    def now_microseconds(self) -> int:
        """The laboratory's clock, microseconds since 1970 UTC."""
        if self.options.now is None and self.options.speed == 1.0:
            return to_microseconds(datetime.now(UTC))
        passed = (time.monotonic() - self._clock_start) * self.options.speed
        return self._start_microseconds + round(passed * 1e6)

    def set_faults(self, *faults: str) -> None:
        """Replace all faults from the next request on.

        Raises:
            FaultSyntaxError: if one cannot be read.
        """
        self.faults.replace(faults)

    def serve_forever(self) -> None:
        """Answer requests until ``stop`` is called from another thread, or an exception comes."""
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """End ``serve_forever``."""
        self._server.shutdown()

    def close(self) -> None:
        """Give up the port, let go of requests that hang, and remove what was temporary."""
        self.ended.set()
        self._server.server_close()
        with self._idle:
            self._idle.wait_for(lambda: not self._answering, timeout=_CLOSING_SECONDS)
            self._cache.close()

    def begin(self, request: RequestRecord) -> None:
        """Remember a request, before a byte of its answer is sent."""
        with self._idle:
            self._answering += 1
            self._records.append(request)

    def end(self, request: RequestRecord, reply: ReplyRecord) -> None:
        """Write the line of a request."""
        refused = " REFUSED" if request.refused else ""
        line = (
            f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {request.verb or '-'}"
            f" {request.device or '-'} {reply.status} {reply.sent_bytes} bytes"
            f" {reply.seconds:.3f} s{refused}"
        )
        with self._idle:
            if self.options.verbose:
                sys.stderr.write(line + "\n")
            self._answering -= 1
            self._idle.notify_all()


def machine_of(options: EmulatorOptions) -> Machine:
    """The simulated machine of a laboratory.

    Raises:
        ValueError: if a late front end or the length of a supercycle cannot be used.
    """
    late = dict(parse_late_front_end(text) for text in options.late_front_ends)
    return Machine(
        options.seed,
        options.supercycle_ticks,
        late,
        stamp_microseconds=10 ** (6 - options.stamp_decimals),
    )


@contextmanager
def running_emulator(
    options: EmulatorOptions | None = None, **changes: object
) -> Iterator[EmulatorService]:
    """An emulator that answers in the background while the block runs.

    Args:
        options: how it behaves; the usual laboratory on a free port if None.
        changes: options to change, by name.
    """
    chosen = replace(options or EmulatorOptions(), **changes)  # type: ignore[arg-type]
    service = EmulatorService(chosen)
    thread = Thread(target=service.serve_forever, name="emulator", daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        thread.join()
        service.close()


def _version(options: EmulatorOptions) -> str:
    """Text that changes whenever the same block would be rendered differently."""
    sources = hashlib.sha256()
    # An editor's lock of an open file is a hidden link to nowhere.
    for path in sorted(Path(__file__).parent.glob("[!.]*.py")):
        sources.update(path.read_bytes())
    chosen = (
        options.seed,
        options.supercycle_ticks,
        options.late_front_ends,
        options.stamp_decimals,
    )
    return f"{sources.hexdigest()} {chosen}"
