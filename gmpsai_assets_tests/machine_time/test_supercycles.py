"""Supercycles of a day, from whatever is known of them."""

import numpy as np
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.machine_time.reconciled_day import ReconciledDay
from gmpsai_assets_tests.machine_time.simulated_span import Span, span


@pytest.fixture
def part() -> Span:
    """Six supercycles, the recipe changes after the third."""
    return span(1, "2026-03-10", before=3, after=3)


def tick_of(part: Span) -> list[tuple[int, int]]:
    machine = part.machine_time()
    return list(zip(machine.place.tolist(), machine.within.tolist(), strict=True))


def counts(found: ReconciledDay) -> list[tuple[int, ...]]:
    """What became of each event code."""
    names = ("event", "planned", "matched", "missing", "unplanned", "seen_without_recipe")
    return [tuple(row[name] for name in names) for row in found.events]


def test_a_lost_reset_is_known_from_the_time_beside_each_tick(part: Span) -> None:
    whole = tick_of(part)
    part.events[0x00] = np.delete(part.events[0x00], [0, 2])
    assert tick_of(part) == whole


DOUBLED = (-20_000_000, -120_000, -66_000, 4_000, 120_000, 600_000, 3_000_000, 20_000_000)
SHIFTED = (-3_000_000, -66_000, -40_000, -20_000, 20_000, 40_000, 66_000, 3_000_000)


@pytest.mark.parametrize("late", DOUBLED)
def test_a_doubled_reset_starts_no_supercycle_of_its_own(part: Span, late: int) -> None:
    whole = part.reconciled()
    ticks = tick_of(part)
    resets = part.events[0x00]
    part.events[0x00] = np.sort(np.append(resets, resets[1:3] + late))
    assert tick_of(part) == ticks
    assert counts(part.reconciled()) == counts(whole)
    assert part.machine_time().supercycles.stray_starts == 2


@pytest.mark.parametrize("shift", SHIFTED)
def test_a_shifted_reset_moves_no_supercycle(part: Span, shift: int) -> None:
    whole = part.reconciled()
    ticks = tick_of(part)
    part.events[0x00] = np.sort(part.events[0x00] + shift * (np.arange(7) == 2))
    assert tick_of(part) == ticks
    assert counts(part.reconciled()) == counts(whole)
    supercycles = part.machine_time().supercycles
    far = abs(shift) > 33_333
    assert supercycles.stray_starts == far
    assert supercycles.source.tolist() == [0, 0, far, 0, 0, 0]


@pytest.mark.parametrize("ahead", [-5.0, -2.0, -0.7, -0.4, 0.7, 2.0, 5.0])
def test_a_logger_whose_clock_is_off_spoils_nothing(part: Span, ahead: float) -> None:
    whole, ticks = part.reconciled(), tick_of(part)
    part.logger_ahead = round(ahead * 1e6)
    assert tick_of(part) == ticks
    assert part.reconciled().supercycles == whole.supercycles
    offset = part.machine_time().supercycles.clock_offset
    assert offset == pytest.approx(ahead * 1e6, abs=1_000)


def test_a_capture_counts_by_its_own_start_where_the_log_has_none(part: Span) -> None:
    ticks = tick_of(part)
    part.logger_ahead = 700_000
    part.rows(0x0C), part.rows(0x00)
    first, last = (part.supercycles[n].start_microseconds for n in (3, 4))
    hidden = (first - 200_000, last + 2_000_000)
    part.without_seconds = hidden
    part.events[0x00] = np.delete(part.events[0x00], [3, 4])
    assert tick_of(part) == ticks
    assert part.machine_time().supercycles.source.tolist() == [0, 0, 0, 2, 1, 0]


def test_without_any_event_the_captured_starts_do(part: Span) -> None:
    whole = part.machine_time()
    part.events[0x00] = part.events[0x00][:0]
    part.log_tells_seconds = False
    machine = part.machine_time()
    assert machine.within.tolist() == whole.within.tolist()


def test_a_start_captured_some_milliseconds_late_is_the_one_of_its_reset(part: Span) -> None:
    captured = part.captured()
    late = (captured["start"].cast(pa.int64()).to_numpy() + 180_000).tolist()
    captured = captured.set_column(0, "start", pa.array(late).cast(captured.schema[0].type))
    machine, whole = part.machine_time(captured), part.machine_time()
    assert machine.within.tolist() == whole.within.tolist()
    assert machine.supercycles.recipe.tolist() == whole.supercycles.recipe.tolist()


def test_the_supercycle_that_runs_at_midnight_is_known_from_its_ticks(part: Span) -> None:
    middle = part.supercycles[1].start_microseconds + 20_000_000
    whole = part.machine_time()
    cut = whole.ticks.times >= middle
    for code, times in part.events.items():
        part.events[code] = times[times >= middle]
    part.window = Window(from_microseconds(middle), part.window.end)
    later = part.machine_time(part.captured().slice(2))
    assert later.within.tolist() == whole.within[cut].tolist()
    true = part.supercycles[1].start_microseconds
    assert abs(int(later.supercycles.start[0]) - true) < 2_000
    assert later.supercycles.recipe[0] == -1


def test_captures_of_other_days_are_passed_over(part: Span) -> None:
    captured = part.captured()
    far = captured.slice(0, 1).set_column(0, "start", pa.array([0]).cast(captured.schema[0].type))
    machine = part.machine_time(pa.concat_tables([far, captured]))
    assert machine.supercycles.start.size == len(part.supercycles)


def test_a_day_of_which_nothing_is_known_has_no_supercycle(part: Span) -> None:
    for code in range(256):
        part.events[code] = np.empty(0, dtype=np.int64)
    machine = part.machine_time(part.captured().slice(0, 0))
    assert machine.ticks.times.size == 0
    assert machine.supercycles.start.size == 0


@pytest.mark.parametrize("ticks", [15, 120, 1_500])
def test_supercycles_may_have_any_length(ticks: int) -> None:
    part = span(1, "2026-03-10", before=4, after=4, ticks=ticks)
    machine = part.machine_time()
    assert machine.within.tolist() == list(range(ticks)) * 8
