"""Samples are the same in any window, order and process."""

import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.emulator.devices import DEVICES
from gmpsai_assets.emulator.machine import LateFrontEnd, Machine, UnknownDeviceError

MACHINE = Machine(seed=1)
DAY = day_window("2026-03-10")
HOUR = Window(DAY.start, from_microseconds(DAY.start_microseconds + 3_600_000_000))
FAST = [name for name, device in DEVICES.items() if device.period_seconds is None]

DIGEST = """
from hashlib import sha256
from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.emulator.machine import Machine
start = day_window("2026-03-10").start_microseconds
window = Window(from_microseconds(start), from_microseconds(start + 3_600_000_000))
machine = Machine(seed=1)
digest = sha256()
for name in ("I:IB", "B:VIMIN", "E:DURL01"):
    times, values = machine.samples(name, window)
    digest.update(times.tobytes() + values.tobytes())
times, seconds = machine.events(0x1D, window)
digest.update(times.tobytes() + seconds.tobytes())
print(digest.hexdigest())
"""


def test_there_are_47_fast_devices_and_one_slow() -> None:
    assert len(FAST) == 47
    assert set(DEVICES) - set(FAST) == {"E:DURL01"}
    assert DEVICES["E:DURL01"].node == "NuMI2"


def test_another_process_sees_the_same_machine() -> None:
    digest = sha256()
    for name in ("I:IB", "B:VIMIN", "E:DURL01"):
        times, values = MACHINE.samples(name, HOUR)
        digest.update(times.tobytes() + values.tobytes())
    times, seconds = MACHINE.events(0x1D, HOUR)
    digest.update(times.tobytes() + seconds.tobytes())
    command = [sys.executable, "-c", DIGEST]
    other = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert other.stdout.strip() == digest.hexdigest()


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(DEVICES)),
    start=st.integers(0, 7_000_000_000),
    length=st.integers(1, 200_000_000),
)
def test_any_window_is_a_cut_of_a_wider_one(name: str, start: int, length: int) -> None:
    first = DAY.start_microseconds + start
    narrow = Window(from_microseconds(first), from_microseconds(first + length))
    wide = Window(DAY.start, from_microseconds(first + length + 5_000_000))
    times, values = MACHINE.samples(name, narrow)
    all_times, all_values = MACHINE.samples(name, wide)
    inside = (all_times >= first) & (all_times < first + length)
    assert times.tolist() == all_times[inside].tolist()
    assert values.tolist() == all_values[inside].tolist()


def test_another_seed_is_another_machine() -> None:
    assert not np.array_equal(
        Machine(seed=2).samples("B:VIMIN", HOUR)[1][:100], MACHINE.samples("B:VIMIN", HOUR)[1][:100]
    )


@pytest.mark.parametrize("name", FAST)
def test_stamps_follow_the_line_within_60_to_75_ms(name: str) -> None:
    times, values = MACHINE.samples(name, HOUR)
    assert values.dtype == np.float32
    intervals = np.diff(times)
    assert intervals.min() > 60_000
    assert np.sort(intervals)[-2] < 75_000
    assert times.size == pytest.approx(53_990, abs=30)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08", 23), ("2026-03-10", 24), ("2026-11-01", 25)]
)
def test_days_have_23_24_or_25_hours_and_one_missed_cycle(day: str, hours: int) -> None:
    window = day_window(day)
    times, _ = MACHINE.samples("B:NGMPS", window)
    assert times.size == pytest.approx(hours * 53_989.4, abs=120)
    gaps = np.flatnonzero(np.diff(times) > 100_000)
    assert gaps.size == 1
    whole, _ = MACHINE.events(0x0F, window)
    assert abs(whole.size - times.size - 1) <= 1


def test_each_device_misses_a_cycle_of_its_own() -> None:
    ticks = {MACHINE.missed_tick(name, 2_625) for name in FAST}
    assert len(ticks) == 47


def test_the_slow_device_has_one_sample_a_minute() -> None:
    times, values = MACHINE.samples("E:DURL01", DAY)
    assert times.size == 1_440
    assert np.abs(np.diff(times) - 60_000_000).max() < 30_000
    assert values.std() > 0.5


def test_a_front_end_can_be_late() -> None:
    late = Machine(seed=1, late={"B:GMPS4V": LateFrontEnd(14_000, 1_000)}, stamp_microseconds=1)
    ticks, _ = late.events(0x0F, HOUR)
    times, _ = late.samples("B:GMPS4V", HOUR)
    delay = times[5:] - ticks[np.searchsorted(ticks, times[5:]) - 1]
    assert 12_900 <= delay.min() < 13_100
    assert 14_900 < delay.max() <= 15_100
    assert np.diff(times).min() > 60_000


@pytest.mark.parametrize("name", ["B:VIMIN", "B_IPHSTC", "E:DURL01"])
def test_stamps_are_the_true_times_cut_to_milliseconds(name: str) -> None:
    times, values = MACHINE.samples(name, DAY)
    true, same = Machine(seed=1, stamp_microseconds=1).samples(name, DAY)
    assert times.tolist() == (true // 1_000 * 1_000).tolist()
    assert np.array_equal(values, same)


def test_an_unknown_device_is_named() -> None:
    with pytest.raises(UnknownDeviceError, match="Z:BAD"):
        MACHINE.samples("Z:BAD", HOUR)


def test_names_are_read_in_any_case() -> None:
    assert MACHINE.device("b:vimin").name == "B:VIMIN"
