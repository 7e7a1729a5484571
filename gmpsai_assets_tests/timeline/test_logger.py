"""The timeline logger in virtual time: hours and outages in a moment."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.errors import HttpRefused, HttpUnavailable, WebPageReply
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.heartbeat import iso, read_heartbeat, trouble
from gmpsai_assets.timeline.records import Gap, Running
from gmpsai_assets.timeline.source import Timeline
from gmpsai_assets_tests.timeline.simulated import (
    BEGIN,
    Laboratory,
    captured_in,
    recipe,
    steady,
)


def gaps_in(folder: Path) -> list[Gap]:
    span = (from_microseconds(BEGIN), from_microseconds(BEGIN + 5 * 86_400_000_000))
    return [each for each in CaptureFiles(folder).read(*span) if isinstance(each, Gap)]


def lost(laboratory: Laboratory, folder: Path, within: int = 100_000) -> list[int]:
    """Starts without a capture; the last one may still have been in hand."""
    found = [each.start for each in captured_in(folder)]
    return [
        start
        for start in laboratory.begun()[:-1]
        if min(abs(start - each) for each in found) > within
    ]


def listed(start: int, folder: Path, within: int = 100_000) -> bool:
    return any(gap.start - within <= start < gap.end - within for gap in gaps_in(folder))


@pytest.mark.parametrize("length", [1.0, 2.5, 60.066666, 600.0])
def test_every_supercycle_is_captured_whatever_its_length(tmp_path: Path, length: float) -> None:
    laboratory = Laboratory(steady(length))
    laboratory.run(tmp_path, hours=max(0.1, length / 360))
    assert lost(laboratory, tmp_path) == []
    assert gaps_in(tmp_path) == []
    for each, true in zip(captured_in(tmp_path), laboratory.starts, strict=False):
        assert abs(each.start - true) <= each.uncertainty_seconds * 1e6 + 1
        assert each.uncertainty_seconds <= 0.0101
        assert each.length_seconds == length


def test_the_length_may_change_at_any_time(tmp_path: Path) -> None:
    draw = random.Random(4)
    lengths = [draw.choice([1.0, 1.4, 21.0, 60.066666, 600.0]) for _ in range(90)]
    laboratory = Laboratory(lengths)
    laboratory.run(tmp_path, hours=sum(lengths[:-5]) / 3600)
    assert lost(laboratory, tmp_path) == []
    captured = captured_in(tmp_path)
    assert [each.length_seconds for each in captured] == laboratory.lengths[: len(captured)]


def test_each_supercycle_has_the_recipe_that_it_played(tmp_path: Path) -> None:
    recipes = [n // 3 % 4 for n in range(200)]
    laboratory = Laboratory(steady(21.0), recipes)
    laboratory.run(tmp_path, hours=1)
    captured = captured_in(tmp_path)
    assert len(captured) > 165
    expected = [recipe(number).recipe_id for number in recipes[: len(captured)]]
    assert [each.recipe_id for each in captured] == expected
    assert len(list((tmp_path / "timeline_captures" / "recipes").iterdir())) == 4


def test_a_latency_close_to_the_length_never_mixes_two_supercycles(tmp_path: Path) -> None:
    recipes = [n % 2 for n in range(2000)]
    laboratory = Laboratory(steady(2.0), recipes, latency=0.31)
    laboratory.run(tmp_path, hours=0.2)
    for each in captured_in(tmp_path):
        number = min(range(2000), key=lambda n: abs(BEGIN - 200_000 + n * 2_000_000 - each.start))
        assert each.recipe_id == recipe(number % 2).recipe_id
    assert all(listed(start, tmp_path) for start in lost(laboratory, tmp_path))


def test_supercycles_shorter_than_the_requests_are_gaps_with_that_reason(tmp_path: Path) -> None:
    laboratory = Laboratory([60.0, *[1.0] * 300, 60.0], latency=0.6)
    laboratory.run(tmp_path, hours=0.15)
    missing = lost(laboratory, tmp_path, within=300_000)
    assert len(missing) > 290
    assert all(listed(start, tmp_path, within=300_000) for start in missing)
    assert "too slow for its length" in gaps_in(tmp_path)[-1].reason


@pytest.mark.parametrize(
    "error",
    [
        HttpUnavailable(502),
        HttpRefused(403),
        WebPageReply("a web page came in place of data"),
        OSError(28, "No space left on device"),
        ZeroDivisionError("a bug"),
    ],
)
def test_no_failure_ends_it_and_what_it_costs_is_on_record(
    tmp_path: Path, error: Exception
) -> None:
    laboratory = Laboratory(
        steady(60.066666), failing=lambda at: error if 1000 < at < 2000 else None
    )
    laboratory.run(tmp_path, hours=1)
    missing = lost(laboratory, tmp_path)
    assert 15 <= len(missing) <= 18
    assert all(listed(start, tmp_path) for start in missing)
    *_, last = gaps_in(tmp_path)
    assert type(error).__name__ in last.reason
    assert 900e6 < last.end - last.start < 1100e6


def test_a_failure_between_two_supercycles_costs_nothing(tmp_path: Path) -> None:
    errors = cycle([HttpUnavailable(502), None, None])
    laboratory = Laboratory(steady(60.066666), failing=lambda _: next(errors))
    laboratory.run(tmp_path, hours=1)
    assert lost(laboratory, tmp_path) == []
    assert gaps_in(tmp_path) == []


def test_a_long_outage_is_on_record_while_it_lasts(tmp_path: Path) -> None:
    laboratory = Laboratory(
        steady(60.0), failing=lambda at: HttpUnavailable(503) if at > 600 else None
    )
    logger = laboratory.run(tmp_path, hours=2)
    gaps = gaps_in(tmp_path)
    assert 8 <= len(gaps) <= 12
    assert gaps[-1].end - gaps[-1].start > 5000e6
    assert laboratory.requests < 1500
    assert logger is not None


def test_a_new_logger_does_not_capture_the_same_supercycle_again(tmp_path: Path) -> None:
    laboratory = Laboratory(steady(600.0))
    for _ in range(5):
        laboratory.run(tmp_path, hours=0.02)
    assert len(captured_in(tmp_path)) == 1


def test_the_time_in_which_no_logger_ran_is_a_gap_that_says_so(tmp_path: Path) -> None:
    laboratory = Laboratory(steady(60.0))
    laboratory.run(tmp_path, hours=0.1)
    laboratory.sleep(900)
    laboratory.run(tmp_path, hours=0.1)
    (gap,) = gaps_in(tmp_path)
    assert "no timeline logger ran until 2026-03-10T05:2" in gap.reason
    missing = lost(laboratory, tmp_path)
    assert len(missing) in (14, 15)
    assert all(listed(start, tmp_path) for start in missing)


def test_starts_and_stops_are_on_record(tmp_path: Path) -> None:
    Laboratory(steady(60.0)).run(tmp_path, hours=0.1)
    span = (from_microseconds(BEGIN), from_microseconds(BEGIN + 86_400_000_000))
    records = CaptureFiles(tmp_path).read(*span)
    running = [each.what for each in records if isinstance(each, Running)]
    assert running == ["started", "stopped"]


def test_a_timeline_that_was_cut_at_a_line_end_never_passes_as_a_recipe(tmp_path: Path) -> None:
    class Cutting(Laboratory):
        asked = 0

        def timeline(self) -> Timeline:
            whole = super().timeline()
            self.asked += 1
            return Timeline("cut", whole.entries[:3]) if self.asked % 7 == 0 else whole

    laboratory = Cutting(steady(60.0))
    laboratory.run(tmp_path, hours=1)
    assert {each.recipe_id for each in captured_in(tmp_path)} == {recipe(0).recipe_id}
    assert lost(laboratory, tmp_path) == []


@pytest.mark.parametrize("into", [0.05, 3.0, 31.0, 59.9])
def test_a_time_elapsed_that_stands_still_makes_no_supercycles(tmp_path: Path, into: float) -> None:
    laboratory = Laboratory(steady(60.0))
    laboratory.frozen_at = laboratory.starts[0] + round((600 + into) * 1e6)
    laboratory.run(tmp_path, hours=0.5)
    begun = [start for start in laboratory.begun() if start <= laboratory.frozen_at]
    captured = [each.start for each in captured_in(tmp_path)]
    assert len(captured) in (len(begun) - 1, len(begun))
    assert all(abs(one - other) < 100_000 for one, other in zip(captured, begun, strict=False))
    *_, gap = gaps_in(tmp_path)
    assert "does not run" in gap.reason
    assert gap.end - gap.start > 900e6


@pytest.mark.parametrize("step", [-3600.0, -40.0, -2.0, 2.0, 40.0, 3600.0])
def test_a_clock_that_is_set_makes_no_supercycle_twice_and_no_gap(
    tmp_path: Path, step: float
) -> None:
    class Set(Laboratory):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.now > BEGIN + 630_000_000:
                self.clock_lead = round(step * 1e6)

    laboratory = Set(steady(60.0))
    laboratory.run(tmp_path, hours=0.5)
    assert len(laboratory.begun()) - len(captured_in(tmp_path)) in (0, 1)
    assert gaps_in(tmp_path) == []


def test_a_logger_that_fails_from_its_first_request_says_why(tmp_path: Path) -> None:
    laboratory = Laboratory(
        steady(60.0), failing=lambda at: HttpRefused(403) if at < 1000 else None
    )
    laboratory.run(tmp_path, hours=0.1)
    for noted in gaps_in(tmp_path):
        assert "403" in noted.reason
        assert noted.start == pytest.approx(BEGIN, abs=1_000_000)
    assert noted.end > BEGIN + 350_000_000
    laboratory.run(tmp_path, hours=0.5)
    missing = lost(laboratory, tmp_path)
    assert len(missing) >= 16
    assert all(listed(start, tmp_path) for start in missing if start > BEGIN)


def test_the_heartbeat_tells_when_the_next_supercycle_is_due(tmp_path: Path) -> None:
    laboratory = Laboratory(steady(600.0))
    for _ in range(2):  # the second logger finds the supercycle captured and need not hurry either
        laboratory.run(tmp_path, hours=0.02)
        beat = read_heartbeat(CaptureFiles(tmp_path).heartbeat)
        assert beat is not None
        (captured,) = captured_in(tmp_path)
        assert beat.next_due == iso(captured.planned_end)
        waiting = replace(beat, state="waiting", written_at=iso(captured.planned_end + 60_000_000))
        due = from_microseconds(captured.planned_end)
        assert trouble(waiting, due + timedelta(seconds=59)) == ""
        assert "captured nothing for 61 s" in trouble(waiting, due + timedelta(seconds=61))


def test_what_became_of_the_logger_before_is_told(tmp_path: Path) -> None:
    laboratory = Laboratory(steady(60.0))
    laboratory.run(tmp_path, hours=0.1)
    heartbeat = CaptureFiles(tmp_path).heartbeat
    killed = json.loads(heartbeat.read_text()) | {"state": "waiting"}
    failed = killed | {"state": "failing", "reason": "HTTP status 403"}
    for before, words in ((killed, "died; it last lived at"), (failed, "failed: HTTP status 403")):
        heartbeat.write_text(json.dumps(before))
        laboratory.sleep(300)
        laboratory.run(tmp_path, hours=0.05)
        assert words in gaps_in(tmp_path)[-1].reason


def test_a_clock_that_goes_back_does_not_end_it(tmp_path: Path) -> None:
    laboratory = Laboratory(steady(60.0))
    laboratory.run(tmp_path, hours=0.2)
    earlier = Laboratory(steady(60.0))
    earlier.run(tmp_path, hours=0.1)
    assert len(captured_in(tmp_path)) > 15
