"""Whole days of 23, 24 and 25 hours against the truth of the machine: clean, and with faults in every event code."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.machine_time.day_of_cycles import cycle_columns
from gmpsai_assets.machine_time.reconciled_day import ReconciledDay
from gmpsai_assets.machine_time.ticks import cycle_numbers
from gmpsai_assets_tests.machine_time.simulated_span import Span, logged
from gmpsai_assets_tests.machine_time.whole_day import (
    Events,
    inject,
    planned_in_truth,
    precision_and_recall,
    whole_day,
)

pytestmark = pytest.mark.system

DAYS = [("2026-03-08", 23), ("2026-03-10", 24), ("2026-11-01", 25)]
ODD_STARTS = (600_000, 20_000_000, -120_000)


def rows_with(day: ReconciledDay, status: str, column: str) -> Events:
    """Event and time of the rows with a status."""
    rows = day.rows.filter(pc.equal(day.rows["status"].cast(pa.string()), status))
    return np.stack(
        [rows["event"].to_numpy().astype(np.int64), rows[column].cast(pa.int64()).to_numpy()], 1
    )


def moved_rows(day: ReconciledDay) -> Events:
    """Event and time of those that came at another time than usual."""
    far = pc.greater(pc.abs(day.rows["residual_ms"]), 2.5)
    rows = day.rows.filter(pc.fill_null(far, False))
    return np.stack(
        [rows["event"].to_numpy().astype(np.int64), rows["seen"].cast(pa.int64()).to_numpy()], 1
    )


def check_clean(part: Span, day: str, hours: int) -> None:
    """Everything that was planned came, and the rows of cycles are those of the machine."""
    found = part.reconciled_as_it_is()
    assert {row["event"]: row["planned"] for row in found.events if row["planned"]} == (
        planned_in_truth(part)
    )
    assert sum(row["missing"] + row["unplanned"] for row in found.events) == 0
    assert {row["result"] for row in found.supercycles} == {"as planned"}
    rows = cycle_columns(found.machine, date.fromisoformat(day))
    assert rows.num_rows == pytest.approx(hours * 54_000, rel=1e-3)
    numbers = rows["cycle"].to_numpy()
    assert (np.diff(numbers) == 1).all()
    assert numbers[0] == cycle_numbers(date.fromisoformat(day), np.zeros(1, np.int64))[0]
    following = date.fromisoformat(day) + timedelta(days=1)
    assert numbers[-1] < cycle_numbers(following, np.zeros(1, np.int64))[0]
    _, times = part.true_ticks()
    first = part.machine.clock.first_tick_from(int(times[0]) - 20_000)
    ticks = first + np.arange(times.size)
    starts = np.array([each.first_tick for each in part.supercycles]) - 1
    place = np.searchsorted(starts, ticks, side="right") - 1
    # The $00 of the last ticks can come after midnight, when it belongs to the next day.
    known = ticks - starts[place] < 901
    resets = np.array([each.recipe.booster_resets() for each in part.supercycles])
    within = (ticks - starts[place])[known]
    assert (~known).sum() <= 1
    assert np.array_equal(rows["booster_reset"].to_numpy()[known], resets[place[known], within])
    assert np.array_equal(rows["supercycle_tick"].to_numpy()[known], within)


def spoil_the_clock(part: Span, draw: np.random.Generator) -> tuple[int, int, int, int]:
    """Faults of $00 and $0C: how many of $00 are stray and lost, and of $0C."""
    resets = part.events[0x00]
    lost, double, far = np.split(np.sort(draw.choice(np.arange(10, 1_300), 9, replace=False)), 3)
    moved = resets.copy()
    moved[far] += ODD_STARTS
    extra = resets[double] + ODD_STARTS
    part.events[0x00] = np.sort(np.append(np.delete(moved, lost), extra))
    ticks = part.events[0x0C]
    gone, twice, away = np.split(np.arange(50_000, 50_000 + 30 * 9_001, 9_001), 3)
    new = ticks.copy()
    new[away] += 27_000
    part.events[0x0C] = np.sort(np.append(np.delete(new, gone), ticks[twice] + 5_000))
    return 6, 6, 20, 20


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("day", "hours"), DAYS)
def test_a_whole_day_is_that_of_the_machine_and_its_faults_are_found_exactly(
    seed: int, day: str, hours: int
) -> None:
    part = whole_day(Machine(seed=seed), day)
    check_clean(part, day, hours)
    draw = np.random.default_rng(seed)
    codes = [code for code, count in planned_in_truth(part).items() if count > 60]
    assert {0x11, 0x12, 0x15, 0x1D, 0xA5, 0xE3} <= set(codes)
    done = inject(part, sorted(codes), draw)
    stray_starts, lost_starts, stray_ticks, lost_ticks = spoil_the_clock(part, draw)
    found = part.reconciled_as_it_is()
    missing = np.concatenate(done.lost + done.far_from)
    unplanned = np.concatenate(done.doubled + done.far_to)
    perfect = (1.0, 1.0)
    assert precision_and_recall(rows_with(found, "missing", "planned"), missing, 2_000) == perfect
    assert precision_and_recall(rows_with(found, "unplanned", "seen"), unplanned, 0) == perfect
    assert precision_and_recall(moved_rows(found), np.concatenate(done.shifted), 0) == perfect
    account = found.machine.account()
    assert account["stray_starts"] == stray_starts
    assert account["starts_without_reset"] == lost_starts
    assert account["stray_ticks"] == stray_ticks
    assert int((found.machine.ticks.source != 0).sum()) == lost_ticks
    assert (np.diff(found.machine.ticks.index) == 1).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_recipes_that_were_captured_late_are_found_in_their_supercycles(seed: int) -> None:
    part = whole_day(Machine(seed=seed), "2026-03-10")
    true = list(part.recipe_of)
    changes = [n for n in range(3, len(true)) if true[n] != true[n - 1]]
    for n in changes:
        part.recipe_of[n] = true[n - 1]
    found = part.reconciled_as_it_is()
    starts = [each.start_microseconds for each in part.supercycles]
    other = [row["start"] for row in found.supercycles if row["result"] == "another recipe"]
    assert len(other) == len(changes) > 0
    assert np.abs(np.array(other) - np.array(starts)[changes]).max() < 2_000
    fits = {row["fitting_recipe_id"] for row in found.supercycles if row["start"] in other}
    assert fits == {true[n] for n in changes}


def test_numbers_go_on_over_midnight_and_the_clock_change() -> None:
    last = 0
    for day in ("2026-10-31", "2026-11-01", "2026-11-02"):
        part = whole_day(Machine(seed=1), day)
        ticks = part.machine.events(0x0C, part.window)[0]
        numbers = cycle_columns(part.machine_time(), date.fromisoformat(day))["cycle"].to_numpy()
        assert numbers.size == ticks.size
        assert (np.diff(numbers) == 1).all()
        assert numbers[0] > last
        last = int(numbers[-1])
        assert logged(ticks)[0] - part.window.start_microseconds < 66_800
