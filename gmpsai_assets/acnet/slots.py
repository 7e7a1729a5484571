"""A bounded number of requests to one service at a time, over all processes of a machine that share a folder.

Only the counting belongs here. What a request is, and how long it may take, is the client's.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.01


class ServiceSlots:
    """The slots of one service: a request holds one of them from before it is sent to the end of its reply.

    A slot is the kernel's lock on a small file, so that it comes back when its holder ends, however it ends.
    Whoever waits does so in the kernel's queue for a turn; only the first of the queue looks for a free slot, 100
    times a second, so that nobody is passed over. To take a free slot costs some 20 microseconds.

    Args:
        folder: shared by all processes; it is made when the first slot is taken. Must lie on a local disk.
        url: the address of the service, without a password.
        count: slots that this process may use. Processes that name different counts share the lower ones.
    """

    def __init__(self, folder: Path, url: str, count: int) -> None:
        self._folder = folder / hashlib.sha256(url.encode()).hexdigest()[:16]
        self._count = count

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a slot; wait for one as long as it takes.

        Raises:
            OSError: if the folder cannot be written.
        """
        slot = self._take()
        try:
            yield
        finally:
            os.close(slot)

    def _take(self) -> int:
        turn = self._open("turn")
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            while (slot := self._free()) is None:
                time.sleep(_POLL_SECONDS)
            return slot
        finally:
            os.close(turn)

    def _free(self) -> int | None:
        for number in range(self._count):
            slot = self._open(f"slot-{number}")
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(slot)
            else:
                return slot
        return None

    def _open(self, name: str) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            return os.open(self._folder / name, flags, 0o664)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            return os.open(self._folder / name, flags, 0o664)
