"""Samples and resets by tick, against the truth of the simulated Booster."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import Window, from_microseconds, parse_day
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.acnet.tclk import BOOSTER_RESETS
from gmpsai_assets.emulator.machine import LateFrontEnd, Machine
from gmpsai_assets.machine_time.cycles import (
    all_parameter_cycles,
    parameter_cycles,
    resets_of_ticks,
)
from gmpsai_assets.machine_time.day_of_cycles import cycle_columns
from gmpsai_assets.machine_time.ticks import day_ticks
from gmpsai_assets_tests.machine_time.simulated_span import Span, Times, span

DAYS = ("2026-03-10", "2026-03-08", "2026-11-01")
SPANS = [(seed, day) for seed in (1, 2, 3) for day in DAYS]


@dataclass(frozen=True)
class Samples:
    """Samples in memory, read like those of the lake."""

    parameter: str
    times: Times
    values: np.ndarray
    before: "Samples | None" = None
    after: "Samples | None" = None

    def read(self) -> pa.Table:
        values = pa.array(self.values.astype("f8"), from_pandas=True)
        return pa.table({"time": pa.array(self.times).cast(TIME_TYPE), "value": values})

    def last_before(self) -> pa.Table:
        return self.read().slice(0, 0) if self.before is None else self.before.read()

    def first_after(self) -> pa.Table:
        return self.read().slice(0, 0) if self.after is None else self.after.read()


def samples(part: Span, name: str, machine: Machine | None = None) -> Samples:
    """What the logger holds in a span, in milliseconds."""
    times, values = (machine or part.machine).samples(name, part.window)
    return Samples(name, times // 1000 * 1000, values)


def true_values(part: Span, name: str) -> np.ndarray:
    """The value of each tick of the span, by line tick; NaN for the one that is missed in a day."""
    ticks, _ = part.true_ticks()
    machine = part.machine
    device = machine.device(name)
    values = machine.signals.values(device, int(ticks[0]), ticks.size).astype("f8")
    day = machine.days.day_of(int(ticks[0]))
    values[ticks == machine.missed_tick(name, day)] = np.nan
    return values


@pytest.mark.parametrize(("seed", "day"), SPANS)
def test_numbers_resets_supercycles_and_recipes_are_those_of_the_machine(
    seed: int, day: str
) -> None:
    part = span(seed, day)
    rows = cycle_columns(part.machine_time(), parse_day(day))
    line_ticks, _ = part.true_ticks()
    assert (np.diff(rows["cycle"].to_numpy()) == np.diff(line_ticks)).all()
    starts = np.array([each.first_tick for each in part.supercycles]) - 1
    place = np.searchsorted(starts, line_ticks, side="right") - 1
    within = line_ticks - starts[place]
    assert rows["supercycle_tick"].to_pylist() == within.tolist()
    resets = [each.recipe.booster_resets() for each in part.supercycles]
    planned = [resets[p][w] for p, w in zip(place, within, strict=True)]
    assert rows["booster_reset"].to_pylist() == planned
    names = [part.supercycles[p].recipe.name for p in place]
    assert rows["recipe_id"].to_pylist() == names
    seen = rows["supercycle_start"].cast(pa.int64()).to_numpy()
    true = np.array([part.supercycles[p].start_microseconds for p in place])
    assert np.abs(seen - true).max() < 1_000


@pytest.mark.parametrize(("seed", "day"), SPANS)
@pytest.mark.parametrize("late", [None, LateFrontEnd(14_000, 1_000)])
def test_each_sample_stands_on_its_own_tick_even_of_a_late_front_end(
    seed: int, day: str, late: LateFrontEnd | None
) -> None:
    part = span(seed, day)
    machine = Machine(seed=seed, late={} if late is None else {"B:VIMIN": late})
    ticks = part.machine_time().ticks
    cycles = parameter_cycles(samples(part, "B:VIMIN", machine), ticks, part.window)
    values = cycles.values.to_numpy(zero_copy_only=False)
    expected = true_values(part, "B:VIMIN")
    # The sample of the first tick is taken 15 ms before it, which can be before the window.
    inside = slice(1, None)
    assert np.array_equal(values[inside], expected[inside], equal_nan=True)
    assert cycles.off_tick <= 1
    delay = 14_000 - 16_500 if late else -15_000
    assert cycles.offset.microseconds == pytest.approx(delay, abs=1_600)


def test_the_offset_gives_each_sample_its_own_time_back() -> None:
    part = span(1, "2026-03-10")
    ticks = part.machine_time().ticks
    given = samples(part, "B:VIMIN")
    cycles = parameter_cycles(given, ticks, part.window)
    held = cycles.offsets.is_valid().to_numpy(zero_copy_only=False)
    back = ticks.times[held] + cycles.offsets.drop_null().to_numpy()
    assert np.isin(back, given.times).all()
    assert back.size == given.times.size - cycles.off_tick


@pytest.mark.parametrize("late", [None, LateFrontEnd(19_000, 300)])
def test_a_sample_stamped_beyond_midnight_is_borrowed_or_declared(
    late: LateFrontEnd | None,
) -> None:
    """By itself the sample comes 15 ms ahead of its tick, from the late front end 2 ms behind it."""
    part = span(1, "2026-03-10")
    machine = Machine(seed=1, late={} if late is None else {"B:VIMIN": late})
    tick = int(part.true_ticks()[1][500 if late is None else 2_000])
    cut = from_microseconds(tick + (1_000 if late else -5_000))
    if late is None:
        part.window = Window(cut, part.window.end)
    else:
        part.window = Window(part.window.start, cut)
    whole = samples(part, "B:VIMIN", machine)
    ticks = part.machine_time().ticks
    alone = parameter_cycles(whole, ticks, part.window)
    second = timedelta(seconds=1)
    before, after = Window(part.window.start - second, part.window.start), Window(cut, cut + second)
    beside = replace(
        whole,
        before=samples(replace(part, window=before), "B:VIMIN", machine),
        after=samples(replace(part, window=after), "B:VIMIN", machine),
    )
    joined = parameter_cycles(beside, ticks, part.window)
    place = 0 if late is None else -1
    assert alone.values[place].as_py() is None
    assert alone.beyond == alone.values.null_count == 1
    assert joined.values[place].as_py() == true_values(part, "B:VIMIN")[place]
    assert joined.values.null_count == joined.beyond == 0
    assert (joined.borrowed, joined.samples) == (1, alone.samples)
    assert joined.off_tick == alone.off_tick
    assert joined.surplus == alone.surplus == 0


def test_beyond_the_length_of_a_supercycle_nothing_is_known() -> None:
    part = span(1, "2026-03-10")
    part.log_tells_seconds = False
    part.rows(0x00)
    part.events[0x00] = part.events[0x00][:0]
    rows = cycle_columns(part.machine_time(part.captured().slice(0, 1)), parse_day("2026-03-10"))
    known = np.arange(4 * 901) < 901
    for column in ("supercycle_start", "supercycle_tick", "recipe_id"):
        assert np.array_equal(rows[column].is_valid().to_numpy(), known)


@pytest.mark.parametrize("late", [None, LateFrontEnd(14_000, 1_000)])
def test_resets_stand_on_their_ticks_where_ticks_come_from_samples(
    late: LateFrontEnd | None,
) -> None:
    part = span(1, "2026-03-10")
    whole = part.machine_time()
    machine = Machine(seed=1, late={} if late is None else {"B:VIMIN": late})
    stamps = samples(part, "B:VIMIN", machine).times
    for code in (0x0C, 0x0F):
        part.events[code] = np.empty(0, dtype=np.int64)
    others = {code: part.events[code] for code in BOOSTER_RESETS}
    reset, seen, contested = resets_of_ticks(day_ticks(part.window, stamps), others)
    assert seen.sum() >= whole.reset.size - 2
    assert contested <= 1
    near = min(reset.size, whole.reset.size)
    assert np.array_equal(reset[: near - 1], whole.reset[: near - 1])


def test_values_come_through_to_the_last_bit() -> None:
    part = span(1, "2026-03-10")
    given = samples(part, "B:VIMIN")
    odd = Samples("B:VIMIN", given.times, np.linspace(0.1, 0.7, given.times.size) ** 3)
    cycles = parameter_cycles(odd, part.machine_time().ticks, part.window)
    assert set(cycles.values.drop_null().to_pylist()) <= set(odd.values.tolist())


def test_lost_doubled_and_unreadable_samples_are_told_apart() -> None:
    part = span(1, "2026-03-10")
    ticks = part.machine_time().ticks
    whole = samples(part, "B:VIMIN")
    values = whole.values.astype("f8")
    values[30] = np.nan
    times = np.delete(whole.times, [10, 11])
    values = np.delete(values, [10, 11])
    times = np.append(times, times[100] + 4_000)
    values = np.append(values, 1.0)
    order = np.argsort(times, kind="stable")
    before = parameter_cycles(whole, ticks, part.window).account()
    account = parameter_cycles(
        Samples("B:VIMIN", times[order], values[order]), ticks, part.window
    ).account()
    assert account["surplus"] == 1
    assert account["off_tick"] == before["off_tick"]
    assert account["ticks_without_sample"] == int(before["ticks_without_sample"]) + 2
    assert account["ticks_without_number"] == int(before["ticks_without_number"]) + 3
    assert account["samples"] == int(account["on_ticks"]) + 1 + int(account["off_tick"])


def test_no_sample_is_unaccounted_for_and_no_tick_dropped() -> None:
    part = span(2, "2026-11-01")
    ticks = part.machine_time().ticks
    names = ("B:VIMIN", "I:IB", "E:DURL01")
    found = all_parameter_cycles([samples(part, name) for name in names], ticks, part.window)
    assert [each.parameter for each in found] == list(names)
    for each in found:
        account = each.account()
        assert len(each.values) == len(each.offsets) == ticks.times.size
        assert account["samples"] == (
            int(account["on_ticks"]) + int(account["surplus"]) + int(account["off_tick"])
        )


def test_a_slow_device_is_no_part_of_the_clock_and_goes_to_the_nearest_tick() -> None:
    part = span(1, "2026-03-10", before=20, after=20)
    ticks = part.machine_time().ticks
    cycles = parameter_cycles(samples(part, "E:DURL01"), ticks, part.window)
    assert not cycles.offset.locked
    assert len(cycles.values.drop_null()) == cycles.samples
    assert np.abs(cycles.offsets.drop_null().to_numpy()).max() <= 33_400


def test_a_device_without_samples_is_a_column_of_nulls() -> None:
    part = span(1, "2026-03-10")
    ticks = part.machine_time().ticks
    none = Samples("B:CHG0", np.empty(0, dtype=np.int64), np.empty(0))
    cycles = parameter_cycles(none, ticks, part.window)
    assert cycles.values.null_count == cycles.offsets.null_count == ticks.times.size
    assert cycles.account()["jitter_ms"] == 0.0


def test_lost_and_doubled_resets_are_seen_on_their_ticks_alone() -> None:
    part = span(3, "2026-03-10")
    clean = part.machine_time()
    times = part.events[0x15]
    part.events[0x15] = np.sort(np.append(np.delete(times, [5, 90]), times[40] + 3_000))
    machine = part.machine_time()
    lost = np.searchsorted(clean.ticks.times, times[[5, 90]] - 5_000)
    assert np.flatnonzero(machine.reset != clean.reset).tolist() == lost.tolist()
    assert (machine.reset[lost] == 0).all()
    assert machine.contested == 1
    assert set(np.unique(clean.reset).tolist()) <= set(BOOSTER_RESETS)
