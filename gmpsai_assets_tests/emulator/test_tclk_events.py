"""TCLK events follow the plan and the cadences of the laboratory."""

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.emulator.machine import Machine

MACHINE = Machine(seed=1)
DAY = day_window("2026-03-10")
DOCUMENTED = (
    "00 04 0C 0E 11 12 13 14 15 16 17 19 1A 1B 1C 1D 20 21 23 29 2A 2B 2D 2E 30 32 80 85 8E 90 91"
    " 93 94 A5 AC AE BE BF DE E0 E1 E2 E3 E9 EA F1"
)


def hour(start: int = 0) -> Window:
    first = DAY.start_microseconds + start * 3_600_000_000
    return Window(from_microseconds(first), from_microseconds(first + 3_600_000_000))


def hours_of_every_recipe() -> list[Window]:
    """An hour from the first supercycle that runs each recipe."""
    numbers = np.arange(600_000, 660_000, dtype=np.int64)
    index = MACHINE.schedule.recipe_index(numbers)
    _, firsts = np.unique(index, return_index=True)
    starts = [MACHINE.schedule.supercycle(int(numbers[first])) for first in firsts]
    return [
        Window(
            from_microseconds(start.start_microseconds - 100_000),
            from_microseconds(start.start_microseconds + 3_600_000_000),
        )
        for start in starts
    ]


def test_all_46_documented_codes_and_more_occur_in_some_program() -> None:
    codes = {int(code, 16) for code in DOCUMENTED.split()}
    assert len(codes) == 46
    windows = hours_of_every_recipe()
    assert len(windows) == 4
    seen = {
        code
        for window in windows
        for code in MACHINE.tclk.codes
        if MACHINE.events(code, window)[0].size
    }
    assert codes <= seen
    assert len(seen) > 100


def test_about_93_codes_occur_on_an_ordinary_day() -> None:
    day = day_window("2026-03-12")
    seen = [code for code in MACHINE.tclk.codes if MACHINE.events(code, day)[0].size]
    assert 85 <= len(seen) <= 100


@pytest.mark.parametrize("code", MACHINE.tclk.codes)
def test_windows_tile_and_times_ascend(code: int) -> None:
    whole, whole_offsets = MACHINE.events(code, Window(hour(3).start, hour(4).end))
    assert (np.diff(whole) >= 0).all()
    parts = [MACHINE.events(code, hour(number)) for number in (3, 4)]
    assert np.concatenate([times for times, _ in parts]).tolist() == whole.tolist()
    assert np.concatenate([offset for _, offset in parts]).tolist() == whole_offsets.tolist()


def test_the_line_events_of_every_tick_keep_their_distances() -> None:
    line, _ = MACHINE.events(0x0F, hour())
    twin, _ = MACHINE.events(0x07, hour())
    assert line.tolist() == twin.tolist()
    aligned, _ = MACHINE.events(0x0C, hour())
    later, _ = MACHINE.events(0x18, hour())
    delays = aligned[np.searchsorted(aligned, line[:-1])] - line[:-1]
    assert np.abs(delays - 16_500).max() < 10
    assert np.abs(later[np.searchsorted(later, line[:-1])] - line[:-1] - 19_500).max() < 10


def test_every_tick_has_exactly_one_booster_reset() -> None:
    resets = (0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x19, 0x1C, 0x1D)
    times = np.sort(np.concatenate([MACHINE.events(code, hour())[0] for code in resets]))
    intervals = np.diff(times)
    assert intervals.min() > 65_000
    assert intervals.max() < 68_500


def test_the_resets_of_the_first_tick_come_before_their_supercycle() -> None:
    starts, offsets = MACHINE.events(0x00, hour())
    assert (offsets == -0.000001).all()
    early = []
    for code in (0x1D, 0x12, 0x13, 0x15, 0x17, 0x11):
        times, seconds = MACHINE.events(code, hour())
        assert (seconds > -0.0503).all()
        early.append(times[seconds < -0.001])
    first_resets = np.sort(np.concatenate(early))
    following = starts[np.searchsorted(starts, first_resets)[:-1]] + 1
    assert np.isin(first_resets[:-1] // 1_000_000 - following // 1_000_000, (-1, 0)).all()
    assert set(np.rint((following - first_resets[:-1]) / 100).tolist()) <= {490, 491, 501, 502, 503}


def test_other_events_carry_the_time_since_the_last_supercycle_reset() -> None:
    starts, _ = MACHINE.events(0x00, Window(hour(0).start, hour(2).end))
    for code in (0x0C, 0x10, 0x8F, 0x02, 0xA5, 0x7A):
        times, seconds = MACHINE.events(code, hour(1))
        last = starts[np.searchsorted(starts, times, side="right") - 1] + 1
        assert np.rint(seconds * 1e6).astype(np.int64).tolist() == (times - last).tolist()


def test_the_gps_second_comes_on_the_second() -> None:
    times, _ = MACHINE.events(0x8F, hour())
    assert times.size == 3_600
    assert (times % 1_000_000 == 0).all()


def test_timers_have_the_offsets_of_2019() -> None:
    spill = MACHINE.events(0x32, DAY)[1]
    assert set(spill.tolist()) == {0.000001}
    assert set(MACHINE.events(0x3C, hour())[1].tolist()) == {40.000004}


def test_the_plan_is_what_is_seen() -> None:
    for supercycle in MACHINE.supercycles(hour())[2:6]:
        start = from_microseconds(supercycle.start_microseconds - 60_000)
        end = MACHINE.schedule.supercycle(supercycle.number + 1).start_microseconds - 60_000
        window = Window(start, from_microseconds(end))
        planned = supercycle.recipe.entries
        for code in {entry.event for entry in planned}:
            ticks = [entry.tick for entry in planned if entry.event == code]
            booster = next(entry.machine == "Booster" for entry in planned if entry.event == code)
            _, seconds = MACHINE.events(code, window)
            expected = np.array(ticks) / 15 - (0.0667 if booster else 0)
            assert seconds.size == len(ticks), f"{code:02X}"
            assert (seconds - expected > -0.001).all()
            assert (seconds - expected < 0.04).all()


def test_a_day_has_events_by_the_million() -> None:
    total = sum(MACHINE.events(code, hour())[0].size for code in MACHINE.tclk.codes)
    assert 270_000 < total < 360_000


def test_supercycles_may_be_shorter() -> None:
    machine = Machine(seed=1, supercycle_ticks=315)
    starts, _ = machine.events(0x00, hour())
    assert np.diff(starts).mean() == pytest.approx(21.004e6, abs=3_000)
    assert machine.events(0x3C, hour())[0].size == 0
