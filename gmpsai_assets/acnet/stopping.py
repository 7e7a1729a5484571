"""A stop that several threads share: once it is set none of them asks for anything more, and replies under way end.

Whoever sends requests in threads heeds one ``Stop`` in each of them; the client looks at it before each request, in
its waits, and with each piece of a reply. Why a stop is set is decided by the callers.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import get_ident

from gmpsai_assets.acnet.errors import AcnetError, StoppedError


class Stop:
    """Whether to go on asking; safe to share between threads. The first reason that is given stays.

    Attributes:
        reason: why it was set; None while it is not.
    """

    def __init__(self) -> None:
        self.reason: BaseException | None = None
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._under_way: dict[int, Callable[[], None]] = {}

    @property
    def is_set(self) -> bool:
        """Whether nothing more is to be asked."""
        return self._event.is_set()

    def set(self, reason: BaseException) -> None:
        """Let nothing more be asked, and break off the replies that are under way."""
        with self._lock:
            if self._event.is_set():
                return
            self.reason = reason
            self._event.set()
            under_way = list(self._under_way.values())
        for break_off in under_way:
            break_off()

    def check(self) -> None:
        """Do nothing while it is not set.

        Raises:
            StoppedError: it is set.
        """
        if self._event.is_set():
            reason = self.reason
            why = reason.what if isinstance(reason, AcnetError) else type(reason).__name__
            msg = f"not asked: all was stopped by {why}"
            raise StoppedError(msg)

    def pause(self, seconds: float) -> None:
        """Wait so long, or until it is set.

        Raises:
            StoppedError: it is set.
        """
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Requests made inside, in this thread, heed it."""
        before = _HEEDED.set(self)
        try:
            yield
        finally:
            _HEEDED.reset(before)
            with self._lock:
                self._under_way.pop(get_ident(), None)

    def begin(self, break_off: Callable[[], None]) -> None:
        """This thread sends a request now; one at a time.

        Args:
            break_off: ends its reply; called in another thread, once it is set.

        Raises:
            StoppedError: it is set; nothing must be sent.
        """
        with self._lock:
            self.check()
            self._under_way[get_ident()] = break_off


_HEEDED: ContextVar[Stop | None] = ContextVar("the stop that this thread heeds", default=None)


def check() -> None:
    """Do nothing unless the stop of this thread is set.

    Raises:
        StoppedError: it is set.
    """
    stop = _HEEDED.get()
    if stop is not None:
        stop.check()


def pause(seconds: float) -> None:
    """Wait so long, or until the stop of this thread is set.

    Raises:
        StoppedError: it is set.
    """
    stop = _HEEDED.get()
    if stop is None:
        time.sleep(seconds)
    else:
        stop.pause(seconds)


def begin(connection_of: Callable[[], socket.socket | None]) -> None:
    """A request is sent now in this thread: its connection is shut down once the stop of this thread is set.

    Args:
        connection_of: gives the socket of the request; None where it has none yet.

    Raises:
        StoppedError: it is set; nothing must be sent.
    """
    stop = _HEEDED.get()
    if stop is not None:
        stop.begin(lambda: _shut_down(connection_of()))


def _shut_down(connection: socket.socket | None) -> None:
    """Wake the thread that reads from a connection; it closes it."""
    if connection is None:
        return
    try:
        # The method of a TLS socket would forget its keys, and hand out what is left of the cipher text as data.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself
