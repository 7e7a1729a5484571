"""Ten clean days, both changes of the clock among them: no false alarm and not one request too many."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.tclk import event_label
from gmpsai_assets.pull.asking import Answer, ask_thoroughly

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
SUBJECTS = (
    Parameter("MLrn", "B:VIMIN"),
    Parameter("MLrn", "I:MXIB"),
    Parameter("NuMI2", "E:DURL01"),
)
RATES = {"MLrn": 15.0, "NuMI2": 1 / 60}
IRREGULAR_EVENTS = (0x00, 0x24, 0x34, 0xE7)


@pytest.mark.parametrize("day", DAYS)
def test_a_clean_day_raises_no_alarm(datalogger: DataLogger, day: str) -> None:
    window = day_window(day)

    def ask(parameter: Parameter) -> Answer:
        fetch = partial(datalogger.samples, parameter)
        return ask_thoroughly(fetch, window, nominal_rate_hz=RATES[parameter.node])

    with ThreadPoolExecutor(2) as pool:
        for parameter, answer in zip(SUBJECTS, pool.map(ask, SUBJECTS), strict=True):
            assert (answer.state, answer.requests) == ("complete", 1), parameter
            assert answer.findings == (), parameter


@pytest.mark.parametrize("day", DAYS)
def test_an_event_that_comes_seldom_raises_no_alarm(datalogger: DataLogger, day: str) -> None:
    for event in IRREGULAR_EVENTS:
        answer = ask_thoroughly(partial(datalogger.events, event), day_window(day))
        assert answer.state in ("complete", "no data")
        # A group that was switched off is asked for once more; nothing else is.
        assert {finding.kind for finding in answer.findings} <= {"quiet"}, event_label(event)
        assert answer.requests == 1 + bool(answer.findings), event_label(event)
