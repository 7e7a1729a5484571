"""A bounded number of requests to one service at a time, over all processes of a machine that share a folder.

Only the counting belongs here. What a request is, and how long it may take, is the client's.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock

from gmpsai_assets.acnet import stopping
from gmpsai_assets.acnet.file_locks import take_lock

_POLL_SECONDS = 0.01


class ServiceSlots:
    """The slots of one service: a request holds one of them from before it is sent to the end of its reply.

    A slot is the lock on a small file, so that it comes back when its holder ends, however it ends. Whoever waits
    first waits for its turn; only who has the turn looks for a free slot, 100 times a second. To take a free slot
    costs some 0.2 ms.

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
            StoppedError: this thread is to stop.
            OSError: the folder cannot be written, or its file system has no locks.
        """
        slot = self._take()
        try:
            yield
        finally:
            slot.release()

    def _take(self) -> BaseFileLock:
        while (turn := take_lock(self._folder / "turn", wait=False)) is None:
            stopping.pause(_POLL_SECONDS)
        try:
            while (slot := self._free()) is None:
                stopping.pause(_POLL_SECONDS)
            return slot
        finally:
            turn.release()

    def _free(self) -> BaseFileLock | None:
        files = (self._folder / f"slot-{number}" for number in range(self._count))
        tries = (take_lock(file, wait=False) for file in files)
        return next((slot for slot in tries if slot is not None), None)
