"""The ledger of whole days: exact on what the simulated machine did, and silent about clean ones."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.emulator.devices import DEVICES
from gmpsai_assets.emulator.machine import LateFrontEnd, Machine
from gmpsai_assets.lake.schemas import COMPLETENESS
from gmpsai_assets.machine_time.line_clock import LINE_FREQUENCY_DEVICE
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import day_is_complete, shortcoming
from gmpsai_assets_tests.machine_time.line_locked import Recorded, hour, ticks

MACHINE = Machine(seed=1, late={"B:GMPS4V": LateFrontEnd(14_000, 1_000)})
CLEAN_DAYS = [
    "2026-03-07",
    "2026-03-08",
    "2026-03-09",
    "2026-03-10",
    "2026-06-21",
    "2026-07-04",
    "2026-10-31",
    "2026-11-01",
    "2026-11-02",
    "2026-12-31",
]
NAMES = sorted(name for name in DEVICES if name not in (LINE_FREQUENCY_DEVICE, "E:DURL01"))
WINDOW = hour()
NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)


def _recorded(name: str, day: str) -> Recorded:
    times, values = MACHINE.samples(name, day_window(day))
    device = DEVICES[name]
    rate = 1 / device.period_seconds if device.period_seconds else 15.0
    return Recorded(name, times, device.node, rate, values=values)


def _lost_cycles(name: str, day: str) -> list[int]:
    """Where the machine lost a cycle of a device within a day, as the tick's time."""
    window = day_window(day)
    operation = MACHINE.days.day_of(MACHINE.clock.first_tick_from(window.start_microseconds))
    found = [MACHINE.missed_tick(name, number) for number in range(operation - 1, operation + 3)]
    stamps = [int(MACHINE.clock.tick_times(tick, 1)[0]) for tick in found]
    return [t for t in stamps if window.start_microseconds <= t < window.end_microseconds]


@pytest.mark.parametrize("day", CLEAN_DAYS)
def test_a_clean_day_has_no_gap_but_the_cycles_that_the_machine_lost(day: str) -> None:
    other = NAMES[CLEAN_DAYS.index(day) * 4]
    names = (LINE_FREQUENCY_DEVICE, other, "B:GMPS4V", "E:DURL01")
    ledger = day_ledger([_recorded(name, day) for name in names], day_window(day))
    ticks_of_day, _ = MACHINE.events(0x0F, day_window(day))
    for row in ledger[:3]:
        lost = _lost_cycles(row["parameter"], day)
        assert row["missing"] == len(lost) == row["gap_count"]
        for gap, tick in zip(row["gaps"], lost, strict=True):
            assert gap["start"] < tick + 30_000 < gap["start"] + gap["seconds"] * 1e6
            assert (gap["cause"], gap["scope"]) == ("source", "device")
        assert abs(row["received"] + row["missing"] - ticks_of_day.size) <= 1
        # B:LINFRQ is a measurement of its own and leaves some 1e-5 open.
        assert abs(row["unexplained"]) <= 1
        assert row["tier_seconds"] == pytest.approx(1 / 15, abs=1e-4)
    assert ledger[3]["expected"] == ledger[3]["received"] == day_window(day).hours * 60
    assert ledger[3]["gaps"] == []
    result = day_is_complete(ledger, NOW)
    assert result.passed, result.reason


def test_the_clean_days_hold_both_changes_of_the_clock() -> None:
    assert {day_window(day).hours for day in CLEAN_DAYS} == {23, 24, 25}


def test_rows_fit_the_table_and_findings_are_kept() -> None:
    finding = {"kind": "request failed", "start": None, "end": None, "detail": "no answer"}
    outcome = {"state": "partial", "duplicates": 3, "findings": [{**finding, "repaired": False}]}
    devices = [
        Recorded("B:VIMIN", ticks(WINDOW, range(500, 900)), outcome=outcome),
        Recorded("B:VIMAX", np.array([], dtype=np.int64), outcome={"state": "no data"}),
    ]
    effort = {"B:VIMIN": {"bytes_received": 7, "seconds": 0.5, "requests": 2}}
    ledger = day_ledger(devices, WINDOW, effort)
    table = pa.Table.from_pylist(ledger, schema=COMPLETENESS.schema)
    assert set(ledger[0]) == set(COMPLETENESS.schema.names)
    first, second = table.to_pylist()
    assert (first["state"], first["missing"], first["duplicates"]) == ("partial", 400, 3)
    assert first["gaps"][0]["cause"] == "request"
    ten_days = timedelta(days=10)
    assert first["gaps"][0]["obtainable_until"] == first["gaps"][0]["start"] + ten_days
    assert first["obtainable_until"] == first["gaps"][0]["obtainable_until"]
    assert second["gaps"][0]["obtainable_until"] is second["obtainable_until"] is None
    assert first["findings"][0]["detail"] == "no answer"
    assert (first["bytes_received"], first["seconds_spent"], first["requests"]) == (7, 0.5, 2)
    assert (second["state"], second["received"], second["missing"]) == ("no data", 0, 54_000)
    assert second["first_sample"] is None
    assert second["bytes_received"] is None


def test_expected_is_received_and_missing_and_what_is_not_explained() -> None:
    lost = [list(range(n * 700, n * 800)) for n in range(5)]
    ledger = day_ledger(
        [Recorded(f"B:X{i}", ticks(WINDOW, each)) for i, each in enumerate(lost)], WINDOW
    )
    for row, each in zip(ledger, lost, strict=True):
        assert row["missing"] == len(each) == sum(gap["missing"] for gap in row["gaps"])
        assert row["expected"] == row["received"] + row["missing"] + row["unexplained"]
        assert row["unexplained"] == 0


def test_one_wild_reading_of_the_line_spoils_no_other_device() -> None:
    offsets = np.zeros(54_000)
    offsets[30_000] = 1e9
    line = Recorded(LINE_FREQUENCY_DEVICE, ticks(WINDOW), values=offsets)
    ledger = day_ledger([line, Recorded("B:VIMIN", ticks(WINDOW))], WINDOW)
    assert [row["expected"] for row in ledger] == [54_000, 54_000]
    assert [row["line_readings_left_out"] for row in ledger] == [1, 1]
    assert day_is_complete(ledger, NOW).passed


def test_of_a_device_without_a_known_rate_nothing_is_expected_and_nothing_missing() -> None:
    seen = ticks(WINDOW, period=17e6)
    finding = {"kind": "request failed", "start": int(seen[9]), "end": None, "detail": "no answer"}
    devices = [
        Recorded("E:DURL01", seen, node="NuMI2", nominal_rate_hz=None),
        Recorded(
            "E:CUT",
            seen,
            nominal_rate_hz=None,
            outcome={"state": "partial", "findings": [finding]},
        ),
        Recorded("B:VIMIN", ticks(WINDOW, range(900, 1_800))),
    ]
    irregular, cut, regular = ledger = day_ledger(devices, WINDOW)
    unknown = ("expected", "missing", "unexplained", "completeness", "gap_count")
    assert [irregular[name] for name in unknown] == [None] * 5
    assert (irregular["state"], irregular["received"], irregular["gaps"]) == ("complete", 212, [])
    assert irregular["obtainable_until"] is None
    assert cut["obtainable_until"] == int(seen[9]) + 10 * 86_400_000_000
    # It has no say in whether a gap is one of its node or of all.
    assert [gap["scope"] for gap in regular["gaps"]] == ["device"]
    assert [shortcoming(row) for row in ledger[:2]] == ["", "partial"]
    result = day_is_complete(ledger[:2], NOW)
    assert result.numbers["devices_of_unknown_rate"] == 2
    assert (
        "E:CUT: partial. samples that may be missing can be fetched until 2026-03-20 00:0"
        in result.reason
    )
    pa.Table.from_pylist(ledger, schema=COMPLETENESS.schema)


def test_each_shortcoming_is_put_into_words() -> None:
    devices = {
        "a gap of 60.1 s": Recorded("B:A", ticks(WINDOW, range(900, 1_800))),
        "no data": Recorded("B:B", np.array([], dtype=np.int64)),
        "one sample in 1 s instead of 0.0667 s": Recorded("B:C", ticks(WINDOW, period=1e6)),
        "3,600 of 54,000 samples missing": Recorded("B:D", ticks(WINDOW, range(0, 54_000, 15))),
        "54,000 more samples than the clock": Recorded("B:E", np.repeat(ticks(WINDOW), 2)),
        "partial": Recorded("B:F", ticks(WINDOW), outcome={"state": "partial"}),
    }
    ledger = day_ledger(list(devices.values()), WINDOW)
    for words, row in zip(devices, ledger, strict=True):
        assert words in shortcoming(row)
    result = day_is_complete(ledger, NOW)
    assert not result.passed
    assert result.reason.startswith("6 of 6 devices: B:A: a gap of")
    assert result.numbers["devices_without_data"] == 1
    assert result.numbers["longest_gap_seconds"] == 3_600


def test_many_short_devices_are_counted_and_ten_of_them_named() -> None:
    empty = np.array([], dtype=np.int64)
    ledger = day_ledger([Recorded(f"B:X{n}", empty) for n in range(12)], WINDOW)
    reason = day_is_complete(ledger, NOW).reason
    assert reason.endswith("B:X9: no data; and 2 more. pulling again brings nothing more")


def test_a_day_without_devices_is_not_complete() -> None:
    assert not day_is_complete(day_ledger([], WINDOW), NOW).passed
