"""A day of supercycles out of captures and $00."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.lake.schemas import RECIPES, SUPERCYCLES
from gmpsai_assets.machine_time.offsets import Instants
from gmpsai_assets.timeline.day import (
    DayOfSupercycles,
    compact,
    distinct,
    recipe_rows,
)
from gmpsai_assets.timeline.records import Captured, Gap, Record, Running
from gmpsai_assets_tests.timeline.simulated import recipe

DAY = "2026-03-10"
WINDOW = day_window(DAY)
LENGTH = 60.066666
SPACING = 60_010_000


def starts_around(window: Window, spacing: int = SPACING, offset: int = 17_000_000) -> Instants:
    """True starts from a little before a day to a little after it."""
    first = window.start_microseconds - 10 * spacing + offset
    return np.arange(first, window.end_microseconds + 10 * spacing, spacing, dtype=np.int64)


def captures(starts: Instants, length: float = LENGTH, clock: int = 0) -> list[Captured]:
    """What a logger whose clock is ahead by so many microseconds captures of them."""
    identity = recipe(1).recipe_id
    return [
        Captured(start + clock, 0.002, length, identity, start + clock + 500_000, 5)
        for start in starts.tolist()
    ]


def inside(starts: Instants, window: Window = WINDOW) -> Instants:
    chosen: Instants = starts[
        (starts >= window.start_microseconds) & (starts < window.end_microseconds)
    ]
    return chosen


def times(found: DayOfSupercycles, source: str) -> list[int]:
    rows = found.supercycles.to_pylist()
    return [round(row["start"].timestamp() * 1e6) for row in rows if row["source"] == source]


@pytest.mark.parametrize("day", [DAY, "2026-03-08", "2026-11-01"])
def test_a_whole_day_is_covered_whether_it_has_23_24_or_25_hours(day: str) -> None:
    window = day_window(day)
    starts = starts_around(window)
    found = compact(window, captures(starts), inside(starts, window))
    assert found.supercycles.schema == SUPERCYCLES.schema
    assert found.captured == found.expected == inside(starts, window).size
    assert abs(found.captured - window.seconds / 60.01) <= 1
    assert found.coverage == 1
    assert found.gaps == ()
    assert found.from_tclk == 0


def test_a_supercycle_over_midnight_belongs_to_the_day_it_began_in() -> None:
    starts = starts_around(WINDOW)
    after = day_window("2026-03-11")
    first, second = (compact(window, captures(starts)) for window in (WINDOW, after))
    last, following = max(times(first, "captured")), min(times(second, "captured"))
    assert last < WINDOW.end_microseconds <= following
    assert following - last == SPACING
    straddles = last + round(LENGTH * 1e6)
    assert straddles > WINDOW.end_microseconds


def test_starts_that_the_logger_missed_come_from_tclk_and_are_marked() -> None:
    starts = starts_around(WINDOW)
    kept = np.delete(starts, slice(500, 520))
    reasons = [Gap(int(starts[500]), int(starts[520]), "HTTP status 502")]
    found = compact(WINDOW, [*captures(kept), *reasons], inside(starts))
    assert times(found, "tclk") == starts[500:520].tolist()
    row = next(row for row in found.supercycles.to_pylist() if row["source"] == "tclk")
    assert [row[name] for name in ("length_seconds", "recipe_id", "captured_at")] == [None] * 3
    (gap,) = found.gaps
    assert (gap.missed, gap.known_starts, gap.reason) == (20, 20, "HTTP status 502")
    assert abs(gap.start - starts[500]) < 100_000
    assert gap.end == starts[520]
    assert found.expected == inside(starts).size
    ordered = found.supercycles["start"].to_pylist()
    assert ordered == sorted(ordered)


def test_without_tclk_the_missed_ones_are_estimated() -> None:
    starts = starts_around(WINDOW)
    kept = np.delete(starts, slice(500, 520))
    found = compact(WINDOW, captures(kept))
    assert found.expected == inside(starts).size
    assert [gap.missed for gap in found.gaps] == [20]
    assert found.gaps[0].known_starts == 0
    assert found.clock_offset_seconds is None


def test_a_day_of_which_nothing_was_captured_has_the_starts_of_tclk() -> None:
    starts = inside(starts_around(WINDOW))
    found = compact(WINDOW, [], starts)
    assert times(found, "tclk") == starts.tolist()
    assert (found.captured, found.expected, found.coverage) == (0, starts.size, 0)
    (gap,) = found.gaps
    assert (gap.missed, gap.reason) == (starts.size, "no timeline logger ran")


def test_a_day_of_which_nothing_is_known_is_empty_and_says_so() -> None:
    found = compact(WINDOW, [])
    assert found.supercycles.num_rows == 0
    assert found.expected is None
    assert found.coverage is None
    (gap,) = found.gaps
    assert (gap.start, gap.end) == (WINDOW.start_microseconds, WINDOW.end_microseconds)


@pytest.mark.parametrize(
    "clock", [-30_000_000, -1_700_000, -40_000, 0, 40_000, 1_700_000, 29_000_000]
)
def test_a_logger_whose_clock_is_off_makes_no_supercycle_twice(clock: int) -> None:
    starts = starts_around(WINDOW)
    resets = inside(starts)
    found = compact(WINDOW, captures(starts, clock=clock), resets)
    assert found.from_tclk <= 1  # one at an edge of the day can fall out of it
    if abs(clock) < 20_000_000:
        assert found.clock_offset_seconds == pytest.approx(clock / 1e6)


@pytest.mark.parametrize("seconds", [1, 2])
def test_supercycles_of_a_second_are_told_apart(seconds: int) -> None:
    starts = starts_around(WINDOW, spacing=seconds * 999_800, offset=400_000)
    kept = np.delete(starts, slice(1000, 1003))
    found = compact(WINDOW, captures(kept, float(seconds), clock=30_000), inside(starts))
    assert found.from_tclk == 3
    assert found.expected == inside(starts).size


def test_doubled_and_lost_resets_do_not_disturb() -> None:
    starts = starts_around(WINDOW)
    seen = np.sort(np.concatenate([inside(starts), inside(starts)[5:9] + 66_667]))
    seen = np.delete(seen, [100, 101])
    found = compact(WINDOW, captures(starts), seen)
    assert found.from_tclk == 0
    assert found.captured == inside(starts).size
    nothing = compact(WINDOW, [], seen)
    assert nothing.from_tclk == inside(starts).size - 2
    assert nothing.expected == inside(starts).size


def test_what_is_missing_at_the_edges_of_a_day_is_counted() -> None:
    starts = starts_around(WINDOW)
    middle = starts[400:800]
    found = compact(WINDOW, captures(middle))
    assert len(found.gaps) == 2
    assert abs((found.expected or 0) - inside(starts).size) <= 2
    assert found.gaps[0].start == pytest.approx(WINDOW.start_microseconds, abs=SPACING)
    assert found.gaps[1].end == WINDOW.end_microseconds


def test_a_supercycle_that_was_cut_short_is_no_gap() -> None:
    starts = starts_around(WINDOW)
    starts[300:] -= 40_000_000
    found = compact(WINDOW, captures(starts), inside(starts))
    assert found.gaps == ()
    assert found.from_tclk == 0


def test_one_that_was_cut_short_and_the_next_not_captured_is_a_gap() -> None:
    starts = starts_around(WINDOW)
    starts[300:] -= 40_000_000
    kept = np.delete(starts, 300)
    found = compact(WINDOW, captures(kept), inside(starts))
    assert times(found, "tclk") == [starts[300]]
    (gap,) = found.gaps
    assert (gap.missed, gap.start, gap.end) == (1, starts[300], starts[301])


def test_of_two_captures_of_one_supercycle_the_more_exact_one_counts() -> None:
    (one, two) = captures(starts_around(WINDOW)[20:22])
    vague = replace(one, start=one.start + 80_000, uncertainty_seconds=0.2)
    assert distinct([vague, two, one]) == [one, two]
    assert distinct([replace(one, start=one.start - 80_000, uncertainty_seconds=0.2), one]) == [one]


def test_each_supercycle_carries_the_origin_of_its_capture() -> None:
    starts = starts_around(WINDOW)
    own = captures(starts[:700])
    other = [replace(each, origin="another laboratory") for each in captures(starts[700:1000])]
    found = compact(WINDOW, [*own, *other], inside(starts))
    rows = found.supercycles.to_pylist()
    counted = Counter(row["origin"] for row in rows)
    assert dict(found.origins) == {name: counted[name] for name in found.origins}
    assert counted["another laboratory"] == 300
    assert found.origins["timeline logger"] == found.captured - 300
    assert {row["source"] for row in rows if row["origin"] is None} == {"tclk"}
    assert counted[None] == found.from_tclk > 0


@pytest.mark.parametrize("stopped", [False, True])
def test_what_no_logger_captured_is_a_gap_whether_it_was_stopped_or_killed(stopped: bool) -> None:
    starts = starts_around(WINDOW)
    life: list[Record] = [Running(int(starts[0]), "started", 1)]
    if stopped:
        life.append(Running(int(starts[600]) + 1_000_000, "stopped", 1))
    life.append(Running(int(starts[700]) - 1_000_000, "started", 2))
    records = [*life, *captures(starts[:600]), *captures(starts[700:])]
    found = compact(WINDOW, records, inside(starts))
    assert found.expected == inside(starts).size
    (gap,) = found.gaps
    assert (gap.start, gap.missed, found.from_tclk) == (starts[600], 100, 100)
    assert gap.reason.startswith("no timeline logger ran" if stopped else "the timeline logger")


def test_the_length_may_change_within_the_day() -> None:
    first = starts_around(WINDOW)[:700]
    second = np.arange(int(first[-1]) + SPACING, WINDOW.end_microseconds, 21_000_000)
    records = captures(first) + captures(second, 21.0)
    found = compact(WINDOW, records)
    assert found.gaps == ()
    assert found.captured == found.expected


@pytest.mark.parametrize("seconds", [20, 60, 120, 600])
@pytest.mark.parametrize("lost_reset", [None, 620])
def test_the_length_may_change_while_no_logger_runs(seconds: int, lost_reset: int | None) -> None:
    lengths = np.full(1500, SPACING, dtype=np.int64)
    lengths[600:640] = seconds * 1_000_000
    starts = WINDOW.start_microseconds - 30_000_000 + np.append(0, np.cumsum(lengths))
    kept = np.delete(starts, slice(600, 641))
    seen = starts if lost_reset is None else np.delete(starts, lost_reset)
    found = compact(WINDOW, captures(kept), inside(seen))
    assert found.expected == inside(starts).size
    assert found.from_tclk == 41 - (lost_reset is not None)
    (gap,) = found.gaps
    assert gap.missed == 41


def test_a_killed_logger_that_said_nothing_is_told_so() -> None:
    starts = starts_around(WINDOW)
    kept = starts[starts < WINDOW.start_microseconds + 3_600_000_000]
    records: list[Record] = [Running(WINDOW.start_microseconds, "started", 1), *captures(kept)]
    *_, gap = compact(WINDOW, records).gaps
    assert "killed" in gap.reason


def test_a_logger_killed_days_after_its_start_is_told_so() -> None:
    starts = starts_around(WINDOW)
    kept = starts[starts < WINDOW.start_microseconds + 3_600_000_000]
    *_, gap = compact(WINDOW, captures(kept)).gaps
    assert "killed" in gap.reason


def test_a_logger_that_was_stopped_within_the_gap_is_told_so() -> None:
    starts = starts_around(WINDOW)
    kept = starts[starts < WINDOW.start_microseconds + 3_600_000_000]
    stopped = Running(int(kept[-1]) + 90_000_000, "stopped", 1)
    records: list[Record] = [Running(int(kept[0]), "started", 1), *captures(kept), stopped]
    *_, gap = compact(WINDOW, records).gaps
    assert gap.reason.startswith("no timeline logger ran; it was stopped at 2026-03-10 01:0")
    assert gap.reason.endswith("CDT")


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(5, 1440)), st.sets(st.integers(5, 1440)), st.integers(0, 60_000_000))
def test_every_supercycle_is_counted_once(
    not_captured: set[int], not_seen: set[int], offset: int
) -> None:
    starts = starts_around(WINDOW, offset=offset)
    kept = np.delete(starts, sorted(not_captured))
    seen = inside(np.delete(starts, sorted(not_seen)))
    found = compact(WINDOW, captures(kept), seen)
    assert found.expected == inside(starts).size
    rows = times(found, "captured") + times(found, "tclk")
    known = set(kept.tolist()) | set(seen.tolist())
    assert sorted(rows) == [start for start in inside(starts).tolist() if start in known]
    lost = sum(gap.missed for gap in found.gaps)
    assert lost == inside(starts).size - found.captured
    assert all(one.end <= other.start for one, other in pairwise(found.gaps))


def test_recipes_become_rows_in_order() -> None:
    many = [(recipe(n).recipe_id, recipe(n).entries) for n in (3, 1, 2)]
    table = recipe_rows(many)
    assert table.schema == RECIPES.schema
    assert table.num_rows == 15
    keys = list(zip(table["recipe_id"].to_pylist(), table["entry_index"].to_pylist(), strict=True))
    assert keys == sorted(keys)
    assert recipe_rows([]).schema == RECIPES.schema
