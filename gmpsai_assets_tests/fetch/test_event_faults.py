"""Faults against a whole day of an event of five seconds and of one without a rate, over the emulator."""

from functools import partial

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.tclk import FIXED_RATES_HZ, event_label
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets_tests.fetch.asking_for import ask_for

DAY = day_window("2026-03-10")
EVENTS = (0x02, 0x3C, 0x00)
LOSSES = ("gap,start=2026-03-10T08:00:00,seconds=36000", "short,bytes=20000", "aborted", "torn")


def _ask(datalogger: DataLogger, code: int) -> Answer:
    fetch = partial(datalogger.events, code)
    return ask_for(fetch, DAY, nominal_rate_hz=FIXED_RATES_HZ.get(code))


@pytest.mark.parametrize("code", EVENTS, ids=event_label)
@pytest.mark.parametrize("fault", LOSSES, ids=lambda fault: fault.partition(",")[0])
def test_what_a_fault_takes_away_once_comes_when_asked_for_again(
    datalogger: DataLogger, laboratory: EmulatorService, code: int, fault: str
) -> None:
    clean = _ask(datalogger, code)
    assert (clean.state, clean.requests, clean.findings) == ("complete", 1, ())
    laboratory.set_faults(f"{fault},first=1")
    answer = _ask(datalogger, code)
    assert answer.state == "complete"
    assert answer.table.equals(clean.table)
    assert answer.requests <= 3


@pytest.mark.parametrize("code", EVENTS, ids=event_label)
def test_a_gap_that_stays_is_named(
    datalogger: DataLogger, laboratory: EmulatorService, code: int
) -> None:
    laboratory.set_faults(LOSSES[0])
    answer = _ask(datalogger, code)
    assert (answer.state, answer.requests) == ("complete", 2)
    (finding,) = answer.findings
    assert finding.kind == ("gap" if code in FIXED_RATES_HZ else "quiet")
    assert "asked again" in finding.detail
