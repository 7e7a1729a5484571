"""Child processes that live and die together.

Each child leads a process group of its own, so that ending the group also ends what the child started.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GRACE_SECONDS = 8.0
"""How long children have to end by themselves before they are killed."""


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

    def __enter__(self) -> "Children":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str]) -> Child:
        """Start a child; its output goes to ``<logs>/<name>.log``."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child

    def check(self, *finished: Child) -> None:
        """Make sure that every child still runs, those in ``finished`` excepted.

        Raises:
            ChildDiedError: naming the child, its log and the end of it.
        """
        for child in self._children:
            if child not in finished and child.exit_code is not None:
                msg = (
                    f"the {child.name} ended with code {child.exit_code}; "
                    f"the end of {child.log}:\n{child.last_lines()}"
                )
                raise ChildDiedError(msg)

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


def _signal_group(child: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)
