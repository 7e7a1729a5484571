"""Ten clean days, both changes of the clock among them: no false alarm and not one request too many."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList
from gmpsai_assets.acnet.tclk import (
    FIXED_RATES_HZ,
    NOMINAL_TICK_HZ,
    USUAL_RATES_HZ,
    event_label,
)
from gmpsai_assets.emulator.devices import DEVICES
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.checking.findings import Expectation, findings_in_rows, without_numbers
from gmpsai_assets.fetch.checking.rows import Rows
from gmpsai_assets.fetch.events import event_fetcher, pull_events
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.machine_time.line_clock import expected_ticks, line_clock
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import day_is_complete, ticks_match_the_window
from gmpsai_assets_tests.fetch.asking_for import ask_for

pytestmark = pytest.mark.system

DAYS = (
    "2026-01-01",
    "2026-03-08",
    "2026-03-10",
    "2026-04-17",
    "2026-05-30",
    "2026-07-04",
    "2026-08-21",
    "2026-09-12",
    "2026-10-31",
    "2026-11-01",
)
CHANGES = ("2026-03-08", "2026-11-01")
SUBJECTS = (
    Parameter("MLrn", "B:VIMIN"),
    Parameter("MLrn", "I:MXIB"),
    Parameter("NuMI2", "E:DURL01"),
)
RATES = {"MLrn": 15.0, "NuMI2": 1 / 60}
IRREGULAR_EVENTS = (0x00, 0x24, 0x34, 0xE7)
FAST_AND_SLOW = "MLrn B:LINFRQ,MLrn B:NGMPS,MLrn B_VIMIN,MLrn I:IB,MLrn B:GMPS4V"


@pytest.mark.parametrize("day", DAYS)
def test_a_clean_day_raises_no_alarm(datalogger: DataLogger, day: str) -> None:
    window = day_window(day)

    def ask(parameter: Parameter) -> Answer:
        fetch = partial(datalogger.samples, parameter)
        return ask_for(fetch, window, nominal_rate_hz=RATES[parameter.node])

    with ThreadPoolExecutor(2) as pool:
        for parameter, answer in zip(SUBJECTS, pool.map(ask, SUBJECTS), strict=True):
            assert (answer.state, answer.requests) == ("complete", 1), parameter
            assert answer.findings == (), parameter


@pytest.mark.parametrize("day", DAYS)
def test_an_event_that_comes_seldom_raises_no_alarm(datalogger: DataLogger, day: str) -> None:
    fetch = event_fetcher(datalogger, day_window(day))
    for event in IRREGULAR_EVENTS:
        answer = ask_for(partial(fetch, event), day_window(day))
        assert answer.state in ("complete", "no data")
        # A group that was switched off is asked for once more; nothing else is.
        assert {finding.kind for finding in answer.findings} <= {"quiet"}, event_label(event)
        assert answer.requests == 1 + bool(answer.findings), event_label(event)


@pytest.mark.parametrize(
    ("day", "seed", "every"),
    [(day, 1 + place % 3, 1 if day in CHANGES else 6) for place, day in enumerate(DAYS)],
)
def test_no_row_that_the_machine_logs_is_a_finding(day: str, seed: int, every: int) -> None:
    """All devices on the days of 23 and 25 hours, every sixth on the others."""
    machine, window = Machine(seed), day_window(day)
    for device in list(DEVICES.values())[seed % every :: every]:
        times, values = machine.samples(device.name, window)
        rows = Rows(times, values.astype(np.float64))
        period = 1e6 * (device.period_seconds or 1 / 15)
        assert findings_in_rows(rows, Expectation(window, period)) == [], device.name
        assert without_numbers(rows) == [], device.name


@pytest.mark.parametrize("day", DAYS)
def test_events_that_come_by_a_rate_have_no_findings(day: str) -> None:
    machine, window = Machine(2 + DAYS.index(day) % 2), day_window(day)
    for code, rate in (FIXED_RATES_HZ | USUAL_RATES_HZ).items():
        rows = Rows(*machine.events(code, window))
        assert findings_in_rows(rows, Expectation(window, 1e6 / rate)) == [], event_label(code)


@pytest.mark.parametrize("day", CHANGES)
def test_the_whole_way_of_a_clean_day_raises_no_alarm(
    datalogger: DataLogger, lake: Lake, lists: Callable[..., tuple[ParameterList, ...]], day: str
) -> None:
    window = day_window(day)
    pull = pull_parameters(
        datalogger,
        lake,
        day,
        lists(FAST_AND_SLOW, "# rate: 1/60 Hz,NuMI2 E:DURL01"),
        FetchOptions(connections=2),
    )
    outcomes = [outcome for each in pull.outcomes.values() for outcome in each]
    assert {(each.state, each.requests, each.findings) for each in outcomes} == {
        ("complete", 1, ())
    }
    ledger = day_ledger(list(parameter_days(lake, day)), window)
    result = day_is_complete(ledger, window.end + timedelta(hours=1))
    assert result.passed, result.reason
    events = pull_events(datalogger, lake, day, FetchOptions(connections=2)).outcomes
    assert {finding.kind for each in events for finding in each.findings} <= {"quiet"}
    assert {each.state for each in events} == {"complete", "no data"}
    again = [each.subject for each in events if each.requests > 1]
    rated = {event_label(code) for code in FIXED_RATES_HZ}
    assert not rated & set(again)
    assert sum(each.requests for each in events) == 256 + len(again)
    assert len(again) == sum(bool(each.findings) for each in events)
    ticks = next(each.rows for each in events if each.subject == "$0C")
    expected = expected_ticks(line_clock(window), NOMINAL_TICK_HZ)
    assert ticks_match_the_window(ticks, expected).passed
