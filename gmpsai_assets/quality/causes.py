"""Why a gap is there and whose it is: the two questions a person asks before asking for the data again.

**Cause** says what did not come. ``request``: an answer that would cover it failed, or asking for it again did, so the
samples may still be in the logger. ``slower tier``: the logger answered from a tier with fewer samples. ``source``: it
was asked for again and nothing more came, so the logger has nothing there, also where the pull could not finish
something else; or it is one or two samples of an answer that came whole, which nobody asks about a second time
(``asked_again`` says which of the two).

**Scope** says how wide it is. ``common``: every device of every node lacks the same time. ``node``: every device of
its node does, and the node has more than one. ``device``: all other gaps. Only devices that could show the gap
are asked: their period is short enough, and they have a sample that day (or the device in question has none).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.fetch.outcome import (
    ASKED_ABOUT,
    ASKED_IN_PART,
    FINISHED,
    REQUEST_FAILED,
    SLOWER_TIER,
    UNANSWERED,
    State,
)
from gmpsai_assets.machine_time.line_clock import Numbers
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.quality.gaps import LONGEST_INTERVAL, Gaps

_SAME_TIME = 0.5
"""Two devices lack the same time if the one lacks more than this part of what the other does. Chosen: the ticks of two
devices differ by less than half a period, so equal gaps share more than half even of one lost cycle."""

_EMPTY: State = "no data"

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class DeviceGaps:
    """The gaps of one device, and what is needed to compare them with those of others.

    Attributes:
        node: its logger node.
        period: its nominal period in seconds.
        samples: how many it has that day.
        gaps: where it has none.
    """

    node: str
    period: float
    samples: int
    gaps: Gaps

    @property
    def first_missing(self) -> Instants:
        """Half a period before the first missing tick of each gap, microseconds since 1970 UTC."""
        return self.gaps.start + round(self.period * 0.5e6)

    @property
    def last_missing(self) -> Instants:
        """Half a period after the last missing tick of each gap."""
        return self.gaps.end - round(self.period * 0.5e6)

    def lacks(self, start: Instants, end: Instants) -> Numbers:
        """Which part of each span has no tick of the device, 0 to 1."""
        if not self.gaps.start.size:
            return np.zeros(start.size)
        edges = np.stack([self.first_missing, self.last_missing], axis=1).ravel()
        lengths = self.last_missing - self.first_missing
        sums = np.stack([np.cumsum(lengths) - lengths, np.cumsum(lengths)], axis=1).ravel()
        lacking: Numbers = np.interp(end, edges, sums) - np.interp(start, edges, sums)
        return lacking / (end - start)


def causes(gaps: Gaps, outcome: Mapping[str, Any], window: Window) -> list[str]:
    """The cause of each gap of a device.

    Args:
        gaps: of the device.
        outcome: what the pull recorded of it: ``state`` and ``findings``; may be empty.
        window: the day; a finding without start or end goes to its end.
    """
    state = outcome.get("state", "complete")
    standing = [each for each in outcome.get("findings", ()) if not each.get("repaired", False)]
    failed = [
        each
        for each in standing
        if each["kind"] in REQUEST_FAILED
        or (each["kind"] in ASKED_ABOUT and not _was_asked_again(each, state))
    ]
    slow = [each for each in standing if each["kind"] in SLOWER_TIER]
    request = _touched(gaps, failed, window) | (state in UNANSWERED)
    slower = gaps.thinned | _touched(gaps, slow, window)
    names = np.where(request, "request", np.where(slower, "slower tier", "source"))
    return [str(name) for name in names]


def may_be_fetched(names: Sequence[str]) -> list[bool]:
    """For each cause whether pulling again could bring what is missing, as long as the logger holds it."""
    return [name != "source" for name in names]


def asked_again(gaps: Gaps, outcome: Mapping[str, Any], window: Window) -> list[bool]:
    """Whether a second answer about each gap had nothing there either.

    Also where it was asked for because of something else that was seen in the same time; and where a second answer
    brought a part, of what is left. A device of a known rate without any sample is asked for twice before it counts
    as one without data.
    """
    state = outcome.get("state", "complete")
    if state == _EMPTY:
        return [True] * gaps.start.size
    asked = [
        each
        for each in outcome.get("findings", ())
        if each["kind"] not in ASKED_IN_PART and _was_asked_again(each, state)
    ]
    return [bool(each) for each in _touched(gaps, asked, window)]


def _was_asked_again(finding: Mapping[str, Any], state: str) -> bool:
    """What the pull recorded of a finding; files of before it did so tell by the state of what is about samples."""
    told = (*ASKED_ABOUT, *SLOWER_TIER)
    recorded = finding.get("asked_again", finding["kind"] in told and state in FINISHED)
    return bool(recorded or finding.get("repaired", False))


def _touched(gaps: Gaps, findings: Sequence[Mapping[str, Any]], window: Window) -> Mask:
    """The gaps that have a time in common with one of the findings."""
    found: Mask = np.zeros(gaps.start.size, dtype=np.bool_)
    for finding in findings:
        start, end = finding.get("start"), finding.get("end")
        first = window.start_microseconds if start is None else start
        last = window.end_microseconds if end is None else end
        found |= (gaps.start < last) & (gaps.end > first)
    return found


def scopes(devices: Sequence[DeviceGaps]) -> list[list[str]]:
    """The scope of each gap of each device, in the order given."""
    counts = [each.gaps.start.size for each in devices]
    if not sum(counts):
        return [[] for _ in devices]
    asked, agree, own = _votes(devices, np.repeat(np.arange(len(devices)), counts))
    everywhere = (asked > 0) | own
    common = (asked.sum(axis=0) > 0) & (agree == asked).all(axis=0) & everywhere.all(axis=0)
    at_home = np.where(own, asked, 0).sum(axis=0)
    node = (at_home > 0) & (np.where(own, agree, 0).sum(axis=0) == at_home)
    names = np.where(common, "common", np.where(node, "node", "device"))
    parts = np.split(names, np.cumsum(counts)[:-1])
    return [[str(name) for name in part] for part in parts]


def _votes(
    devices: Sequence[DeviceGaps], owner: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Mask]:
    """By node and gap: devices that could show the gap, those that do, and whether the node is its own."""
    first = np.concatenate([each.first_missing for each in devices])
    last = np.concatenate([each.last_missing for each in devices])
    seconds = np.concatenate([each.gaps.seconds for each in devices])
    owner_is_empty = np.array([each.samples == 0 for each in devices])[owner]
    nodes = list(dict.fromkeys(each.node for each in devices))
    asked = np.zeros((len(nodes), owner.size), dtype=np.int64)
    agree = np.zeros_like(asked)
    for number, each in enumerate(devices):
        can_show = (owner != number) & (seconds > LONGEST_INTERVAL * each.period)
        can_show &= owner_is_empty | (each.samples > 0)
        asked[nodes.index(each.node)] += can_show
        agree[nodes.index(each.node)] += can_show & (each.lacks(first, last) > _SAME_TIME)
    home = np.array([nodes.index(each.node) for each in devices])[owner]
    return asked, agree, home == np.arange(len(nodes))[:, None]
