"""Planned against seen: what is lost, doubled, moved or played otherwise is found, all of it and nothing else."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.tclk import BOOSTER_RESETS, PLANNABLE
from gmpsai_assets.emulator.recipes import recipes
from gmpsai_assets.machine_time.reconciled_day import ReconciledDay, reconciled_day
from gmpsai_assets_tests.machine_time.simulated_span import Span, span

DAYS = ("2026-03-10", "2026-03-08", "2026-11-01")
CODES = (0x15, 0x1D, 0x11, 0xA5, 0xE3, 0x2A, 0x12)
"""Booster resets, events that are planned at tick 0 of a supercycle, and later ones."""

Found = set[tuple[int, int]]


def rows_with(day: ReconciledDay, status: str, column: str) -> Found:
    """Event and time in microseconds of the rows with a status."""
    rows = [row for row in day.rows.to_pylist() if row["status"] == status]
    return {(row["event"], round(row[column].timestamp() * 1e6)) for row in rows}


def near(found: Found, wanted: Found, tolerance: int = 1_500) -> bool:
    """Whether both name the same events, to the millisecond that the log rounds to."""
    return len(found) == len(wanted) and all(
        any(code == other and abs(time - at) <= tolerance for code, time in found)
        for other, at in wanted
    )


def summed(day: ReconciledDay) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in day.events:
        counts.update({name: row[name] for name in ("planned", "seen", "matched")})
        counts.update({name: row[name] for name in ("missing", "unplanned")})
    return counts


def assert_nothing_is_lost_from_the_count(day: ReconciledDay, part: Span) -> None:
    for row in [*day.events, *day.supercycles]:
        assert row["planned"] == row["matched"] + row["missing"]
        assert row["seen"] == row["matched"] + row["unplanned"]
    first = day.machine.window.start_microseconds
    for row in day.events:
        counted = row["seen"] + row["seen_without_recipe"] - row["read_before"]
        stamped = (part.events[row["event"]] >= first).sum()
        assert counted + row["left_to_next"] == stamped


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("day", DAYS)
def test_a_clean_span_goes_as_planned_across_a_change_of_recipe(seed: int, day: str) -> None:
    part = span(seed, day)
    found = part.reconciled()
    counts = summed(found)
    assert counts["missing"] == counts["unplanned"] == 0
    assert {
        row["event"]: row["planned"] for row in found.events if row["planned"]
    } == part.planned()
    assert [row["result"] for row in found.supercycles] == ["as planned"] * 4
    assert [row["fitting_recipe_id"] for row in found.supercycles] == part.recipe_of
    assert_nothing_is_lost_from_the_count(found, part)


@pytest.mark.parametrize("ticks", [15, 120, 901, 1_501, 1_502, 1_800, 3_001, 4_500, 9_000])
def test_a_clean_span_goes_as_planned_whatever_the_length_of_its_supercycles(ticks: int) -> None:
    part = span(1, "2026-03-09" if ticks == 9_000 else "2026-03-10", ticks=ticks)
    found = part.reconciled()
    assert {
        row["event"]: row["planned"] for row in found.events if row["planned"]
    } == part.planned()
    assert summed(found)["missing"] == summed(found)["unplanned"] == 0
    assert_nothing_is_lost_from_the_count(found, part)


def test_a_lost_and_a_shifted_event_beyond_a_hundred_seconds_are_found() -> None:
    part = span(1, "2026-03-10", before=3, after=3, ticks=4_500)
    part.reconciled()
    lost, moved = (part.supercycles[n].start_microseconds + 250_000_000 for n in (1, 4))
    times = part.events[0x1D]
    gone, far = np.searchsorted(times, (lost, moved)).tolist()
    missing = {(0x1D, int(times[gone])), (0x1D, int(times[far]))}
    new = times.copy()
    new[far] += 200_000
    part.events[0x1D] = np.sort(np.delete(new, gone))
    found = part.reconciled()
    assert near(rows_with(found, "missing", "planned"), missing, 2_000)
    assert near(rows_with(found, "unplanned", "seen"), {(0x1D, int(new[far]))}, 0)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("day", DAYS)
def test_lost_doubled_and_shifted_events_are_found_exactly(seed: int, day: str) -> None:
    part = span(seed, day, before=5, after=5)
    part.reconciled()
    draw = np.random.default_rng(seed)
    lost, doubled, shifted, far_from, far_to = _inject(part, draw)
    found = part.reconciled()
    assert near(rows_with(found, "missing", "planned"), lost | far_from, 2_000)
    assert near(rows_with(found, "unplanned", "seen"), doubled | far_to, 0)
    moved = {
        (row["event"], round(row["seen"].timestamp() * 1e6))
        for row in found.rows.to_pylist()
        if row["status"] == "matched" and abs(row["residual_ms"]) > 2.5
    }
    assert near(moved, shifted, 0)
    assert_nothing_is_lost_from_the_count(found, part)
    assert summed(found)["missing"] == len(lost | far_from)


def _inject(part: Span, draw: np.random.Generator) -> tuple[Found, Found, Found, Found, Found]:
    """Lose, double and move events of some codes; none of them near another one that is touched."""
    lost, doubled, shifted, far_from, far_to = (set[tuple[int, int]]() for _ in range(5))
    for code in (code for code in CODES if part.events[code].size >= 200):
        times = part.events[code]
        chosen = np.sort(draw.permutation(np.arange(4, times.size - 4, 8))[:20])
        delay = np.where(draw.random(20) < 0.5, -1, 1) * draw.integers(4_000, 25_000, 20)
        lose, double, shift, far = np.split(chosen, 4)
        new = times.copy()
        new[shift] += delay[10:15]
        new[far] += np.sign(delay[15:]) * 90_000
        lost |= {(code, int(time)) for time in times[lose]}
        doubled |= {(code, int(time)) for time in times[double] + delay[5:10]}
        shifted |= {(code, int(time)) for time in new[shift]}
        far_from |= {(code, int(time)) for time in times[far]}
        far_to |= {(code, int(time)) for time in new[far]}
        extra = times[double] + delay[5:10]
        part.events[code] = np.sort(np.append(np.delete(new, lose), extra))
    return lost, doubled, shifted, far_from, far_to


def test_a_recipe_that_changed_between_two_captures_is_found_in_its_supercycle() -> None:
    part = span(1, "2026-03-10", before=3, after=3)
    true = list(part.recipe_of)
    part.recipe_of[3] = true[0]
    found = part.reconciled()
    results = [row["result"] for row in found.supercycles]
    assert results == ["as planned"] * 3 + ["another recipe"] + ["as planned"] * 2
    assert [row["fitting_recipe_id"] for row in found.supercycles] == true
    assert found.supercycles[3]["missing"] > 0
    assert_nothing_is_lost_from_the_count(found, part)


def test_a_supercycle_whose_recipe_was_not_captured_is_counted_apart() -> None:
    part = span(1, "2026-03-10")
    name, part.recipe_of[1] = part.recipe_of[1], None
    found = part.reconciled()
    row = found.supercycles[1]
    assert row["result"] == "no recipe"
    assert row["recipe_id"] is None
    assert row["fitting_recipe_id"] == name
    assert row["planned"] == row["seen"] == 0
    assert row["seen_without_recipe"] > 900
    assert summed(found)["unplanned"] == 0
    assert_nothing_is_lost_from_the_count(found, part)


@pytest.mark.parametrize("code", [0x20, 0x30, 0xE0, 0x80])
def test_an_event_that_no_recipe_of_the_day_plans_is_unplanned(code: int) -> None:
    part = span(1, "2026-03-10")
    part.recipe_of = ["NuMI and Muon"] * 4
    part.supercycles = [
        replace(each, recipe=recipes(901)[1]) if each.recipe.name != "NuMI and Muon" else each
        for each in part.supercycles
    ]
    assert code not in part.planned()
    stray = part.supercycles[1].start_microseconds + 20_003_000
    part.events[code] = np.array([stray])
    found = part.reconciled()
    assert (code, stray) in rows_with(found, "unplanned", "seen")


def test_without_any_recipe_the_resets_are_counted_and_nothing_is_missing() -> None:
    part = span(1, "2026-03-10")
    part.recipe_of = [None] * 4
    found = part.reconciled()
    assert {row["result"] for row in found.supercycles} == {"no recipe"}
    assert summed(found)["planned"] == 0
    assert {row["event"] for row in found.events} <= set(PLANNABLE)
    without = {row["event"]: row["seen_without_recipe"] for row in found.events}
    assert sum(without.get(code, 0) for code in BOOSTER_RESETS) == 4 * 901


def test_a_supercycle_of_which_the_log_has_nothing_is_not_seen() -> None:
    part = span(1, "2026-03-10")
    part.reconciled()
    first, after = (each.start_microseconds - 60_000 for each in part.supercycles[1:3])
    for code, times in part.events.items():
        if code not in (0x00, 0x0C):
            late = after + (60_000 if code not in BOOSTER_RESETS else 0)
            part.events[code] = times[(times < first) | (times >= late)]
    found = part.reconciled()
    row = found.supercycles[1]
    assert row["result"] == "not seen"
    assert row["missing"] == row["planned"] > 900
    assert_nothing_is_lost_from_the_count(found, part)


def test_on_a_day_without_any_event_all_that_was_planned_is_missing() -> None:
    part = span(1, "2026-03-10")
    planned = summed(part.reconciled())["planned"]
    for code in range(256):
        part.events[code] = np.empty(0, dtype=np.int64)
    found = part.reconciled()
    assert {row["result"] for row in found.supercycles} == {"not seen"}
    assert summed(found)["missing"] == pytest.approx(planned, abs=60)
    assert_nothing_is_lost_from_the_count(found, part)


def test_a_day_without_captures_and_events_is_empty() -> None:
    part = span(1, "2026-03-10")
    for code in range(256):
        part.events[code] = np.empty(0, dtype=np.int64)
    machine = part.machine_time(part.captured().slice(0, 0))
    found = reconciled_day(machine, part.rows, part.recipes())
    assert (found.rows.num_rows, found.events, found.supercycles) == (0, [], [])


def test_usual_delays_are_told_against_the_planned_line_tick() -> None:
    found = span(1, "2026-03-10").reconciled()
    delays: Mapping[int, Any] = {row["event"]: row for row in found.events}
    assert delays[0x15]["delay_ms"] == pytest.approx(-50.15, abs=1)
    assert delays[0x13]["delay_ms"] == pytest.approx(-48.95, abs=1)
    assert 0 < delays[0xA5]["delay_ms"] < 10
    assert delays[0x15]["residual_max_ms"] <= 2


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0, 1))
def test_whatever_is_thrown_away_or_added_the_counts_agree(seed: int, share: float) -> None:
    part = span(2, "2026-03-10", before=1, after=1)
    part.reconciled()
    draw = np.random.default_rng(seed)
    ends = (part.window.start_microseconds, part.window.end_microseconds)
    for code in CODES:
        times = part.events[code]
        noise = draw.integers(*ends, 40)
        kept = times[draw.random(times.size) >= share]
        part.events[code] = np.sort(np.concatenate([kept, noise]))
    assert_nothing_is_lost_from_the_count(part.reconciled(), part)
