"""Why a gap is there, and whose it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gmpsai_assets.machine_time.line_clock import line_clock
from gmpsai_assets.quality.causes import DeviceGaps, asked_again, causes, scopes
from gmpsai_assets.quality.gaps import find_gaps
from gmpsai_assets_tests.machine_time.line_locked import START, hour, ticks

WINDOW = hour()
CLOCK = line_clock(WINDOW)
SECOND = 1_000_000


def _device(without: Sequence[int] = (), node: str = "MLrn", jitter: int = 300) -> DeviceGaps:
    times = ticks(WINDOW, without, jitter=jitter)
    return DeviceGaps(node, 1 / 15, times.size, find_gaps(times, CLOCK, 15.0))


def _slow(without: Sequence[int] = (), node: str = "NuMI2") -> DeviceGaps:
    times = ticks(WINDOW, without, period=60e6)
    return DeviceGaps(node, 60.0, times.size, find_gaps(times, CLOCK, 1 / 60))


def _empty(node: str = "MLrn") -> DeviceGaps:
    return DeviceGaps(node, 1 / 15, 0, find_gaps(np.array([], dtype=np.int64), CLOCK, 15.0))


def _outcome(kind: str, start: int | None, end: int | None, **more: Any) -> dict[str, Any]:
    finding = {"kind": kind, "start": start, "end": end, "detail": "as the pull recorded it"}
    return {"state": "partial", "findings": [{**finding, **more.pop("finding", {})}], **more}


LONG = list(range(1_000, 1_900))
BREAK = (START + 60 * SECOND, START + 130 * SECOND)


@pytest.mark.parametrize(
    ("outcome", "cause", "again"),
    [
        ({}, "source", False),
        (_outcome("request failed", *BREAK), "request", False),
        (_outcome("request failed", None, None), "request", False),
        (_outcome("request failed", *BREAK, finding={"repaired": True}), "source", True),
        (_outcome("request failed", START + 1_000 * SECOND, None), "source", False),
        (_outcome("tail missing", *BREAK), "request", False),
        (_outcome("tail missing", *BREAK, state="complete"), "source", True),
        (_outcome("gap", *BREAK, state="complete"), "source", True),
        (_outcome("gap", *BREAK), "request", False),
        (_outcome("slower tier", *BREAK, state="complete"), "slower tier", True),
        ({"state": "failed"}, "request", False),
        # As recorded by the pull, whatever became of the rest of the device.
        (_outcome("gap", *BREAK, finding={"asked_again": True}), "source", True),
        (_outcome("tail missing", *BREAK, finding={"asked_again": True}), "source", True),
        (_outcome("gap", *BREAK, finding={"asked_again": False}), "request", False),
        (_outcome("slower tier", *BREAK, finding={"asked_again": True}), "slower tier", True),
        (_outcome("slower tier", *BREAK, finding={"asked_again": False}), "slower tier", False),
        # What is left of something that came for the most part, and what was asked for because of something else.
        (_outcome("gap", *BREAK, finding={"repaired": True}), "source", True),
        (_outcome("frozen value", *BREAK, finding={"asked_again": True}), "source", True),
        (_outcome("service message", None, None, finding={"asked_again": True}), "source", False),
        (_outcome("duplicates", None, None, state="complete"), "source", False),
        ({"state": "no data"}, "source", True),
    ],
)
def test_the_cause_of_a_gap_follows_what_the_pull_met(
    outcome: dict[str, Any], cause: str, again: bool
) -> None:
    gaps = _device(LONG).gaps
    assert causes(gaps, outcome, WINDOW) == [cause]
    assert asked_again(gaps, outcome, WINDOW) == [again]


def test_a_thin_stretch_is_a_slower_tier_even_if_the_pull_did_not_say_so() -> None:
    thin = [number for number in range(5_000, 20_000) if number % 15]
    assert causes(_device(thin).gaps, {}, WINDOW) == ["slower tier"]


def test_a_gap_of_one_device_is_its_own() -> None:
    assert scopes([_device(LONG), _device(), _device()]) == [["device"], [], []]


def test_a_gap_of_all_devices_is_common() -> None:
    three = [_device(LONG, jitter=jitter) for jitter in (0, 300, 4_000)]
    assert scopes(three) == [["common"]] * 3


def test_a_gap_of_one_node_is_not_one_of_all() -> None:
    other = [_device(node="Other"), _device(node="Other")]
    assert scopes([_device(LONG), _device(LONG), *other]) == [["node"], ["node"], [], []]
    other = [_device(LONG, node="Other")] * 2
    assert scopes([_device(LONG), _device(LONG), *other]) == [["common"]] * 4


def test_a_node_with_one_device_has_no_node_wide_gaps() -> None:
    assert scopes([_device(LONG), _device(node="Other")]) == [["device"], []]


def test_neighbouring_lost_cycles_are_not_the_same_gap() -> None:
    assert scopes([_device([500]), _device([501])]) == [["device"], ["device"]]
    assert scopes([_device([500]), _device([500], jitter=2_000)]) == [["common"], ["common"]]


def test_a_device_that_is_too_slow_to_show_a_gap_is_not_asked() -> None:
    # The other node cannot say, so no more is claimed than is known.
    assert scopes([_device(LONG), _device(LONG), _slow()])[0] == ["node"]
    both = [_device(range(9_000, 18_000)), _device(range(9_000, 18_000)), _slow(range(10, 20))]
    assert scopes(both) == [["common"]] * 3


def test_a_device_without_data_does_not_make_the_gaps_of_others_common() -> None:
    assert scopes([_device(LONG), _empty(), _device()]) == [["device"], ["device"], []]
    assert scopes([_empty(), _empty()]) == [["common"], ["common"]]
    assert scopes([_empty(), _empty(), _device(node="Other")]) == [["node"], ["node"], []]


def test_a_longer_gap_of_one_device_is_not_shared_by_those_with_a_part_of_it() -> None:
    found = scopes([_device(range(1_000, 4_000)), _device(LONG), _device(LONG)])
    assert found == [["device"], ["common"], ["common"]]


def test_a_day_without_devices_or_gaps_has_no_scopes() -> None:
    assert scopes([]) == []
    assert scopes([_device(), _device()]) == [[], []]
