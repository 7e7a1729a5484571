"""A simulated day has the statistics of the measured day."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.emulator.devices import DEVICES, Constant
from gmpsai_assets.emulator.line_clock import MEAN_OFFSET_MILLIHERTZ
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.regulator import ALPHA_PER_GAIN, GAMMA

MACHINE = Machine(seed=1)
DAY = day_window("2026-03-10")

# Mean, standard deviation after removing a 1 s trend, and standard deviation of 1 min means of one
# BOOSTR day (TGM-hub/beamline-twin); the tolerances are those of another day of the same machine.
TABLE = {
    "B:VIMIN": (103.41547, 0.02679, 0.01849),
    "B_VIMIN": (103.41474, 7.1e-5, 0.01775),
    "B:VIMAX": (966.10205, 0.02804, 0.01263),
    "B_VIMAX": (966.10205, 1.6e-5, 0.00714),
    "B:IMINER": (0.00155, 0.22458, 0.04056),
    # Not BOOSTR's mean, which is -8.98581: with that a day would have 1,295,8xx samples, and the measured day had
    # 1,295,713. What else that day lacked is not known, so the line carries all of it (see line_clock).
    "B:LINFRQ": (MEAN_OFFSET_MILLIHERTZ, 0.12887, 15.90266),
    "B:VIPHAS": (1.80999, 6.46e-4, 6.54e-3),
    "B:GMPS4V": (105.80213, 56.84456, 28.58198),
    "B:ACMNPG": (9.97482, 0.00404, 0.4828),
    "B:VINHBT": (0.96266, 0.00139, 0.189),
}
# Noise, median step, lowest and highest value of the magnet currents, and mean. The 1.4 s ramp is longer than the
# second whose trend is removed, so the noise is that of the ramp's shape, and only a part of the spread.
INJECTOR = {
    "I:MXIB": (1562.3, 723.9, 369.50989, 7033.55078, 3293.452),
    "I:IB": (1575.2, 897.5, 337.1875, 7065.9375, 3294.024),
    "I:MDAT40": (1562.3, 917.8, 369.41528, 7033.3862, 3293.869),
}
SETTING_RANGES = {"B_VIMIN": (103.28155, 103.50656), "B_VIMAX": (966.08002, 966.11005)}
CHANGES = {
    "B:VIMIN": 1_289_888,
    "B:VIMAX": 1_242_733,
    "B:IMINER": 1_208_515,
    "B:LINFRQ": 1_264_683,
    "B:VIPHAS": 1_289_164,
    "B:GMPS4V": 1_075_657,
    "I:MXIB": 1_278_529,
    "I:MDAT40": 1_091_196,
    "I:IB": 1_140_812,
}
EXACT_CHANGES = {"B_VIMAX": 10, "B_ACMNPG": 25, "B_VINHBT": 2, "B:ACMNPG": 25, "B:VINHBT": 2}


def day_of(name: str) -> NDArray[np.float64]:
    return MACHINE.samples(name, DAY)[1].astype(np.float64)


def noise_of(values: NDArray[np.float64]) -> float:
    """Standard deviation after a straight line was taken from every second."""
    seconds = values[: values.size // 15 * 15].reshape(-1, 15)
    place = np.arange(15) - 7
    seconds = seconds - seconds.mean(axis=1, keepdims=True)
    slope = (seconds * place).sum(axis=1, keepdims=True) / np.sum(place**2)
    return float((seconds - slope * place).std())


def drift_of(values: NDArray[np.float64]) -> float:
    return float(values[: values.size // 900 * 900].reshape(-1, 900).mean(axis=1).std())


@pytest.mark.parametrize("name", TABLE)
def test_a_day_has_the_mean_noise_and_drift_of_the_measured_day(name: str) -> None:
    mean, noise, drift = TABLE[name]
    values = day_of(name)
    spread = (noise**2 + drift**2) ** 0.5
    assert values.mean() == pytest.approx(mean, abs=max(0.25 * spread, 1e-4))
    assert noise_of(values) == pytest.approx(noise, rel=0.25)
    assert drift_of(values) == pytest.approx(drift, rel=0.35)


@pytest.mark.parametrize("name", INJECTOR)
def test_magnet_currents_have_the_noise_steps_and_range_of_the_measured_day(name: str) -> None:
    noise, step, lowest, highest, mean = INJECTOR[name]
    values = day_of(name)
    steps = np.abs(np.diff(values))
    assert noise_of(values) == pytest.approx(noise, rel=0.1)
    assert np.median(steps[steps > 0]) == pytest.approx(step, rel=0.1)
    assert values.min() == pytest.approx(lowest, abs=1.5)
    assert values.max() == pytest.approx(highest, abs=1.5)
    assert values.mean() == pytest.approx(mean, rel=0.05)


@pytest.mark.parametrize("name", SETTING_RANGES)
@pytest.mark.parametrize("day", ["2026-03-10", "2026-03-11", "2026-07-04"])
def test_settings_reach_the_extremes_of_the_measured_day(name: str, day: str) -> None:
    lowest, highest = SETTING_RANGES[name]
    values = MACHINE.samples(name, day_window(day))[1].astype(np.float64)
    narrow = 0.1 * (highest - lowest)
    assert values.min() == pytest.approx(lowest, abs=narrow)
    assert values.max() == pytest.approx(highest, abs=narrow)


def test_a_clean_day_has_as_many_samples_as_the_line_gives() -> None:
    assert 1_295_700 <= day_of("B:LINFRQ").size <= 1_295_799
    one_tick = 4_000 / 86_400  # mHz of the mean that make one tick a day
    at_the_measured_mean = (-8.98581 - MEAN_OFFSET_MILLIHERTZ) / one_tick
    assert day_of("B:LINFRQ").size + at_the_measured_mean > 1_295_799


@pytest.mark.parametrize("name", CHANGES)
def test_a_reading_changes_about_as_often_as_on_the_measured_day(name: str) -> None:
    changes = np.count_nonzero(np.diff(day_of(name)))
    assert changes == pytest.approx(CHANGES[name], rel=0.1)


@pytest.mark.parametrize("name", EXACT_CHANGES)
def test_people_change_settings_so_often_a_day(name: str) -> None:
    values = day_of(name)
    assert np.count_nonzero(np.diff(values)) == EXACT_CHANGES[name]


def test_the_minimum_loop_makes_some_850_small_steps_a_day() -> None:
    steps = np.diff(day_of("B_VIMIN"))
    steps = np.abs(steps[steps != 0])
    assert 600 < steps.size < 1_000
    assert np.median(steps) == pytest.approx(0.001, rel=0.05)


def test_ranges_are_those_of_the_measured_day() -> None:
    minimum = day_of("B:VIMIN")
    assert 100.8 < minimum.min() < 101.5
    assert 105.5 < minimum.max() < 106.1
    error = day_of("B:IMINER")
    assert -9.706 < error.min() < -8
    assert 8 < error.max() < 9.706
    voltage = day_of("B:GMPS4V")
    assert voltage.min() == pytest.approx(-5.24063, abs=1e-4)
    assert voltage.max() == pytest.approx(840.08522, abs=1e-3)


def test_constant_devices_are_constant_and_readings_equal_settings() -> None:
    constant = [name for name, device in DEVICES.items() if isinstance(device.model, Constant)]
    assert len(constant) == 28
    first = MACHINE.clock.first_tick_from(DAY.start_microseconds)
    for name in constant:
        values = MACHINE.signals.values(DEVICES[name], first, 1_000)
        assert set(values.tolist()) == {float(np.float32(DEVICES[name].model.value))}  # type: ignore[union-attr]
    assert DEVICES["B:IMAXXG"].model == DEVICES["B_IMAXXG"].model == Constant(-117.88400269)


def test_the_regulation_error_has_the_published_autocorrelation() -> None:
    error = day_of("B:IMINER")[:400_000]
    error -= error.mean()
    found = [float((error[:-lag] * error[lag:]).mean() / (error**2).mean()) for lag in (1, 2, 3)]
    assert found == pytest.approx([0.8067, 0.4440, 0.0055], abs=0.08)


def test_the_regulation_error_comes_in_steps_of_its_front_end() -> None:
    raw = day_of("B:IMINER")[:10_000] * 3200
    assert np.abs(raw - np.rint(raw)).max() < 0.01
    assert set((np.rint(raw).astype(int) % 16).tolist()) == {15}


def test_the_regulator_keeps_its_law_at_every_tick() -> None:
    first = MACHINE.clock.first_tick_from(DAY.start_microseconds)
    error, integral = MACHINE.signals.regulator.error_and_integral(first, 50_000)
    assert np.abs(np.diff(integral) - GAMMA * error[1:]).max() < 1e-12
    assert np.abs(integral).max() < 0.05
    setting = MACHINE.signals.settings.values("minimum loop", first, 50_000)
    gain = MACHINE.signals.settings.values("proportional gain", first, 50_000)
    logged = MACHINE.signals.values(DEVICES["B:VIMIN"], first, 50_000)
    law = setting - ALPHA_PER_GAIN * gain * error - integral
    agree = np.abs(logged - law) < 1e-4
    assert agree.mean() > 0.99


def test_the_injector_ramps_between_its_idle_and_its_flat_top() -> None:
    current = day_of("I:MXIB")
    assert current.min() == pytest.approx(369.5, abs=1)
    assert current.max() == pytest.approx(7033.5, abs=1)
    assert current.mean() == pytest.approx(3293, rel=0.1)
    later = day_of("I:IB")[:200_000]
    lags = [
        np.corrcoef(current[5:180_000], later[5 + lag : 180_000 + lag])[0, 1] for lag in range(4)
    ]
    assert int(np.argmax(lags)) == 1


def test_beam_is_measured_on_beam_cycles_alone() -> None:
    times, charge = MACHINE.samples("B:CHG0", DAY)
    null, _ = MACHINE.events(0x11, DAY)
    # Both as they are logged, in whole milliseconds: the tick is 16.5 ms before the reset.
    after = np.searchsorted(times, null[100:1_000] // 1_000 * 1_000 - 17_000)
    assert np.abs(charge[after]).max() < 0.1
    beam, _ = MACHINE.events(0x15, DAY)
    after = np.searchsorted(times, beam[100:1_000] - 17_000)
    assert charge[after].min() > 3
