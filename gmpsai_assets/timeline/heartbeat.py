"""The heartbeat of the timeline logger: a small file that says what it does, and what to make of one.

The logger writes it, the platform reads it. Its moments are real time, whatever the speed of the logger's clock.
"""

import json
import os
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.lake.atomic import unused_name
from gmpsai_assets.timeline.clock import real_microseconds
from gmpsai_assets.timeline.service_manager import tell_service_manager

STALE_SECONDS = 60.0
"""A logger that works writes at least every 25 s: a request may take 20 s, a wait 5 s."""

PLATFORM = "gmpsai run"
"""The owner that starts its logger again by itself, so that a hung one may be killed."""

_SECONDS_BETWEEN = 1.0


@dataclass(frozen=True)
class Heartbeat:
    """What the logger last said of itself.

    Attributes:
        written_at: when, ISO, UTC, real time.
        process: its process number.
        process_started: what tells it from a later process of that number.
        host: the machine it runs on.
        owner: who restarts it when it ends; empty if nobody of the platform.
        state: starting, waiting, failing or stopped.
        captured: supercycles captured since it started.
        holes: spans it could not capture since it started, that before its start included.
        last: the supercycle captured last, or None.
        failing_since: when the present row of failures began, ISO, UTC, real time; None if there is none.
        failures: how many failures in a row.
        reason: the last of them.
    """

    written_at: str
    process: int
    process_started: str
    host: str
    owner: str
    state: str = "starting"
    captured: int = 0
    holes: int = 0
    last: dict[str, Any] | None = None
    failing_since: str | None = None
    failures: int = 0
    reason: str = ""


@dataclass
class Heart:
    """Writes the heartbeat.

    Attributes:
        path: where.
        owner: see ``Heartbeat``.
        real: tells the real time, microseconds since 1970 UTC.
    """

    path: Path
    owner: str = ""
    real: Callable[[], int] = real_microseconds
    _beat: Heartbeat = field(init=False)
    _written: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        process = os.getpid()
        started = process_started(process)
        self._beat = Heartbeat("", process, started, platform.node(), self.owner)

    @property
    def now(self) -> Heartbeat:
        """What it says, written or not."""
        return self._beat

    def beat(self, **changes: Any) -> None:
        """Say that the logger lives, and what has changed; written at most once a second, changes of state at once.

        A full disk is no reason to end: what cannot be written is left, and the file grows old.
        """
        before, self._beat = self._beat, replace(self._beat, **changes)
        real = self.real()
        new_state = before.state != self._beat.state
        if not new_state and 0 <= real - self._written < _SECONDS_BETWEEN * 1e6:
            return
        self._written = real
        self._beat = replace(self._beat, written_at=iso(real))
        tell_service_manager("WATCHDOG=1")
        draft = unused_name(self.path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(asdict(self._beat)) + "\n")
            draft.replace(self.path)
        except OSError:
            with suppress(OSError):
                draft.unlink()


def iso(microseconds: int) -> str:
    """An instant as ISO text in UTC."""
    return from_microseconds(microseconds).isoformat(timespec="milliseconds")


def read_heartbeat(path: Path) -> Heartbeat | None:
    """What the logger last said; None if it never said anything.

    Raises:
        ValueError: the file is no heartbeat.
    """
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    try:
        return Heartbeat(**json.loads(text))
    except (TypeError, ValueError) as error:
        msg = f"{path} is no heartbeat of a timeline logger: {error}"
        raise ValueError(msg) from error


def age_seconds(beat: Heartbeat, now: datetime) -> float:
    """Seconds since it was written; ``now`` is aware."""
    return (now - datetime.fromisoformat(beat.written_at)).total_seconds()


def trouble(beat: Heartbeat | None, now: datetime) -> str:
    """What an operator should know; empty if all is well.

    Args:
        beat: the heartbeat, if there is one.
        now: the real time, aware.
    """
    if beat is None:
        return "no timeline logger has run on this data directory; start `gmpsai timeline-logger`"
    if beat.state == "stopped":
        return f"the timeline logger was stopped at {beat.written_at}; start it again"
    age = age_seconds(beat, now)
    if age > STALE_SECONDS:
        return (
            f"the timeline logger (process {beat.process} on {beat.host}) has given no sign of life for {age:.0f} s, "
            f"since {beat.written_at}; it was {beat.state}"
        )
    if beat.failing_since is None:
        return ""
    failing = (now - datetime.fromisoformat(beat.failing_since)).total_seconds()
    if failing <= STALE_SECONDS:
        return ""
    return (
        f"the timeline logger runs but has captured nothing for {failing:.0f} s, since {beat.failing_since}, "
        f"{beat.failures} failures; the last one: {beat.reason}"
    )


def is_hung(beat: Heartbeat, now: datetime) -> bool:
    """Whether the process that wrote it still exists on this machine and gives no sign of life."""
    return (
        beat.state != "stopped"
        and age_seconds(beat, now.astimezone(UTC)) > STALE_SECONDS
        and beat.host == platform.node()
        and bool(beat.process_started)
        and process_started(beat.process) == beat.process_started
    )


def process_started(process: int) -> str:
    """What tells a process from a later one of the same number (Linux); empty if there is no such process."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return f"{boot} {stat.rpartition(')')[2].split()[19]}"
