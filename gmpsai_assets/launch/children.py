"""Child processes that live and die together.

Each child leads a process group of its own, so that ending the group also ends what the child started. Should this
process be killed, the kernel asks each child to end.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # prctl(2)

GRACE_SECONDS = 8.0
"""How long children have to end by themselves before they are killed."""


LONGEST_REST_SECONDS = 30.0
"""The longest rest before a child that dies again and again is started again."""

LONG_LIFE_SECONDS = 20.0
"""A child that lived so long did not die of its start: it is started again after the shortest rest."""

SHORTEST_REST_SECONDS = 1.0


class ChildDiedError(RuntimeError):
    """A child that should have gone on has ended."""


@dataclass(frozen=True)
class Child:
    """One process, its name and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll()

    def last_lines(self, count: int = 15) -> str:
        """The end of its log, for a message."""
        lines = self.log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join(f"    {line}" for line in lines)


@dataclass
class Kept:
    """A child that is started again whenever it ends.

    Attributes:
        name: its name.
        command: what starts it.
        child: the present process.
        rest: seconds to wait before the next start; doubled after a short life.
        begun: when the present process was started, by the monotonic clock.
        ended: when its end was noticed; None while it runs.
        is_hung: says of a running process, by its number, whether it hangs; None if nobody can say so.
    """

    name: str
    command: Sequence[str]
    child: Child
    begun: float
    rest: float
    ended: float | None = None
    is_hung: Callable[[int], bool] | None = None


class Children:
    """Starts children and, at the end of the block, ends all of them.

    Args:
        logs: folder for one log file per child.
        environment: added to this process's own environment.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs = logs
        self._environment = {**os.environ, **environment}
        self._children: list[Child] = []
        self._kept: list[Kept] = []

    def __enter__(self) -> "Children":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str]) -> Child:
        """Start a child; its output goes to ``<logs>/<name>.log``."""
        return self._start(name, command, "wb")

    def keep(
        self, name: str, command: Sequence[str], is_hung: Callable[[int], bool] | None = None
    ) -> Kept:
        """Start a child and start it again whenever ``check`` finds that it ended; its log goes on.

        Args:
            name: its name.
            command: what starts it.
            is_hung: says of its process number whether it hangs; ``check`` then kills it.
        """
        child = self._start(name, command, "ab")
        begun = time.monotonic()
        kept = Kept(name, command, child, begun, SHORTEST_REST_SECONDS, is_hung=is_hung)
        self._kept.append(kept)
        return kept

    def _start(self, name: str, command: Sequence[str], mode: Literal["wb", "ab"]) -> Child:
        log = self._logs / f"{name}.log"
        # A signal that came after the start of the process, and before it is noted, would leave it behind.
        with log.open(mode) as output, _signals_later():
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - there are no threads here
            )
            child = Child(name, process, log)
            self._children.append(child)
        return child

    def check(self, *finished: Child) -> None:
        """Make sure that every child still runs, those in ``finished`` excepted; kept ones are started again.

        Raises:
            ChildDiedError: naming the child, its log and the end of it.
        """
        for kept in self._kept:
            self._revive(kept)
        alive = [kept.child for kept in self._kept]
        for child in self._children:
            if child not in (*finished, *alive) and child.exit_code is not None:
                msg = (
                    f"the {child.name} ended with code {child.exit_code}; "
                    f"the end of {child.log}:\n{child.last_lines()}"
                )
                raise ChildDiedError(msg)

    def _revive(self, kept: Kept) -> None:
        """Start a kept child again that has ended, after a rest that grows while it keeps dying young."""
        now = time.monotonic()
        if kept.child.exit_code is None:
            _kill_if_hung(kept)
            return
        if kept.ended is None:
            kept.ended = now
            if now - kept.begun > LONG_LIFE_SECONDS:
                kept.rest = SHORTEST_REST_SECONDS
            _report(
                f"the {kept.name} ended with code {kept.child.exit_code}; it is started again in {kept.rest:.0f} s "
                f"({kept.child.log})"
            )
        if now - kept.ended < kept.rest:
            return
        self._children.remove(kept.child)
        kept.child = self._start(kept.name, kept.command, "ab")
        kept.begun, kept.ended = now, None
        kept.rest = min(2 * kept.rest, LONGEST_REST_SECONDS)

    def stop(self) -> None:
        """End all children: politely first, and by force what has not ended in time."""
        for child in self._children:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        for child in self._children:
            # Also where the child itself has ended: what it started may still run in its group.
            _signal_group(child, signal.SIGKILL)
            child.process.wait()
        self._children.clear()
        self._kept.clear()


def _kill_if_hung(kept: Kept) -> None:
    process = kept.child.process
    if kept.is_hung is not None and kept.is_hung(process.pid):
        _report(f"the {kept.name} gives no sign of life and is killed ({kept.child.log})")
        _signal_group(kept.child, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_SECONDS)


def _report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _signals_later() -> Iterator[None]:
    """Within the block the signals that stop a platform wait, and come at its end.

    They are noted rather than masked: a mask holds for one thread only, and a child would inherit it.
    """
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {
        number: signal.signal(number, lambda each, _: came.append(each)) for number in numbers
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for each in came:
            signal.raise_signal(each)


def _die_with(parent: int) -> Callable[[], None]:
    """What a child does before it begins: ask for SIGTERM at the death of its parent, which may have died already."""

    def ask() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


def _signal_group(child: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)
