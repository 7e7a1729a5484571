"""What the timeline logger asks the timeline generator; every question is one attempt.

Here belong the requests and what makes an answer unusable. When to ask, and what to do after a failure, is decided in
``logger``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.commands import Command, ReadDevice, TimelineInfo
from gmpsai_assets.acnet.errors import UnreadableReply
from gmpsai_assets.acnet.replies.lines import short_body
from gmpsai_assets.acnet.replies.readings import parse_number, parse_number_and_resolution
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry, parse_entries, recipe_identity
from gmpsai_assets.timeline.clock import StopSwitch
from gmpsai_assets.timeline.start_estimate import ElapsedReading

SUPERCYCLE_CLOCK = "G:SCTIME"
"""Its reading is the time into the supercycle in seconds, its setting the planned length."""

SHORTEST_SECONDS, LONGEST_SECONDS = 0.1, 3600.0
"""A supercycle lasts from 1 s to 10 min; a number far outside is no length."""


@dataclass(frozen=True)
class Timeline:
    """The timeline that is playing."""

    recipe_id: str
    entries: tuple[RecipeEntry, ...]


class TimelineSource(Protocol):
    """The questions; ``AclTimelineSource`` sends them to the control system."""

    def elapsed(self) -> ElapsedReading:
        """The time into the supercycle."""

    def length(self) -> float:
        """The planned length of the supercycle in seconds."""

    def timeline(self) -> Timeline:
        """The timeline that is playing."""


class AclTimelineSource:
    """Asks an ACL service.

    Args:
        client: an open client that makes one attempt for each request.
        now: the time, microseconds since 1970 UTC.
        stop: a signal to it breaks off a request.
        alive: called before each request, so that a slow service is not taken for a hung logger.
    """

    def __init__(
        self,
        client: AclClient,
        now: Callable[[], int],
        stop: StopSwitch,
        alive: Callable[[], None],
    ) -> None:
        self._client = client
        self._now = now
        self._stop = stop
        self._alive = alive
        self._body = b""
        self._timeline: Timeline | None = None

    def elapsed(self) -> ElapsedReading:
        """The time into the supercycle, with the moments around the one request for it.

        Raises:
            UnreadableReply: a negative time, or one longer than any supercycle.
            AcnetError: by name, when it cannot be read.
        """
        command = ReadDevice(SUPERCYCLE_CLOCK)
        self._alive()  # not later: it must not count as part of the round trip
        before = self._now()
        body = self._fetch(command)
        after = self._now()
        seconds, resolution = parse_number_and_resolution(body, command.subject)
        if not 0 <= seconds <= LONGEST_SECONDS:
            msg = f"a supercycle cannot be {seconds} s old"
            raise UnreadableReply(msg, subject=command.subject)
        return ElapsedReading(seconds, resolution, before, after)

    def length(self) -> float:
        """The planned length of the supercycle in seconds.

        Raises:
            UnreadableReply: a number that is no length.
            AcnetError: by name, when it cannot be read.
        """
        command = ReadDevice(SUPERCYCLE_CLOCK, setting=True)
        self._alive()
        seconds = parse_number(self._fetch(command), command.subject)
        if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
            msg = f"{seconds} s is no length of a supercycle"
            raise UnreadableReply(msg, subject=command.subject)
        return seconds

    def timeline(self) -> Timeline:
        """The timeline that is playing; it is parsed only when its text has changed.

        Raises:
            AcnetError: by name, when it cannot be read or understood.
        """
        command = TimelineInfo()
        self._alive()
        body = self._fetch(command)
        if self._timeline is None or body != self._body:
            entries = parse_entries(body, command.subject)
            self._timeline, self._body = Timeline(recipe_identity(entries), entries), body
        return self._timeline

    def _fetch(self, command: Command) -> bytes:
        with self._stop.interruptible(), self._client.open(command) as chunks:
            return short_body(chunks, command.subject)
