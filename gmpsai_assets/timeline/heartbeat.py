"""The heartbeat of the timeline logger: a small file with its state, and what an operator should know of it.

The logger writes it, the platform reads it. Its moments are real time, whatever the speed of the logger's clock.
"""

import contextlib
import json
import os
import platform
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.lake.json_objects import ForeignContentError, json_object, made_of
from gmpsai_assets.lake.processes import process_started
from gmpsai_assets.timeline.clock import real_microseconds


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


STALE_SECONDS = 60.0
"""A logger that works writes at least every 25 s: a request may take 20 s, a wait 5 s."""

LATE_SECONDS = 60.0
"""A supercycle is captured within seconds of its start; so long after it should have begun, one has been missed."""

PLATFORM = "gmpsai run"
"""The owner that starts its logger again by itself, so that a hung one may be killed."""

_SECONDS_BETWEEN = 1.0
"""The file is written at most so often, but for a new state: a beat comes with each request."""


@dataclass(frozen=True)
class Heartbeat:
    """The state of the logger as it last wrote it.

    Attributes:
        written_at: when, ISO, UTC, real time.
        process: its process number.
        process_started: distinguishes it from a later process of that number.
        host: the machine it runs on.
        owner: who restarts it when it ends; empty if nobody of the platform.
        state: starting, waiting, failing or stopped.
        captured: supercycles captured since it started.
        gaps: spans it could not capture since it started, that before its start included.
        last: the supercycle captured last, or None.
        next_due: when the one after it should begin, ISO, UTC, real time; before the first capture, when the logger
            started. It outlives a logger that dies.
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
    gaps: int = 0
    last: dict[str, Any] | None = None
    next_due: str = ""
    failing_since: str | None = None
    failures: int = 0
    reason: str = ""


@dataclass
class Heart:
    """Writes the heartbeat; the holder of the lock alone does.

    The failures of a logger before are carried on, so that one that dies again and again is not taken for
    one that has just begun.

    Attributes:
        path: where.
        owner: see ``Heartbeat``.
        real: gives the real time, microseconds since 1970 UTC.
        before: the last heartbeat of the logger before this one; None if there was none.
    """

    path: Path
    owner: str = ""
    real: Callable[[], int] = real_microseconds
    before: Heartbeat | None = field(init=False)
    _beat: Heartbeat = field(init=False)
    _written: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        process = os.getpid()
        started = process_started(process)
        beat = Heartbeat("", process, started, platform.node(), self.owner)
        self.before = _last_heartbeat(self.path)
        self._beat = replace(beat, **_carried_on(self.before, iso(self.real())))

    @property
    def now(self) -> Heartbeat:
        """The present state, written or not."""
        return self._beat

    def fail(self, reason: str, failures: int = 1) -> None:
        """Say that nothing can be captured, and why."""
        since = self._beat.failing_since or iso(self.real())
        self.beat(state="failing", failing_since=since, failures=failures, reason=reason)

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
        # One name for all: a logger that is killed while writing leaves no more than this behind.
        draft = self.path.with_name(f".{self.path.name}.draft")
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
    """The last heartbeat; None if there is none.

    Raises:
        ForeignContentError: the file is no heartbeat.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return made_of(Heartbeat, json_object(text))
    except ForeignContentError as error:
        msg = f"{path} is no heartbeat of a timeline logger: {error}"
        raise ForeignContentError(msg) from error


def _last_heartbeat(path: Path) -> Heartbeat | None:
    try:
        return read_heartbeat(path)
    except (OSError, ForeignContentError):
        return None


def _carried_on(before: Heartbeat | None, now: str) -> dict[str, Any]:
    """What still holds of the heartbeat of the logger before; nothing after a clean stop of one that could capture."""
    if before is None or (before.state == "stopped" and before.failing_since is None):
        return {"next_due": now}
    return {
        "last": before.last,
        "next_due": before.next_due or before.written_at,
        "failing_since": before.failing_since,
        "failures": before.failures,
        "reason": before.reason,
    }


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
    why = f"; {beat.failures} failures, the last one: {beat.reason}" if beat.reason else ""
    if age > STALE_SECONDS:
        return (
            f"the timeline logger (process {beat.process} on {beat.host}) has given no sign of life for {age:.0f} s, "
            f"since {beat.written_at}; it was {beat.state}{why}"
        )
    for since, limit in ((beat.failing_since, STALE_SECONDS), (beat.next_due, LATE_SECONDS)):
        seconds = (now - datetime.fromisoformat(since)).total_seconds() if since else 0.0
        if seconds > limit:
            return (
                f"the timeline logger has captured nothing for {seconds:.0f} s, since {since}{why}"
            )
    return ""


def is_hung(beat: Heartbeat, now: datetime) -> bool:
    """Whether the process that wrote it still exists on this machine and gives no sign of life."""
    return (
        beat.state != "stopped"
        and age_seconds(beat, now.astimezone(UTC)) > STALE_SECONDS
        and beat.host == platform.node()
        and bool(beat.process_started)
        and process_started(beat.process) == beat.process_started
    )
