"""Elements of array devices are pulled as parameters of their own; a whole array is not, and the error says why."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake

DAY = "2026-03-10"
Lists = Callable[..., tuple[ParameterList, ...]]
OPTIONS = FetchOptions(connections=2)
MACHINE = Machine(seed=1)


@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("B:GMPSVA[2]", {"MLrn": 15}),
        ("G:PIDKI[3]", {"Lina2": 0.1}),
        ("L:D7TOR[0]", {"Ctrls": 15, "CBSDA": None}),
        ("L:D7TOR", {"Ctrls": 15, "CBSDA": None}),
        ("B:VIMIN", {"MLrn": 15}),
    ],
)
def test_elements_have_the_rates_of_the_lists_that_hold_them(
    datalogger: DataLogger, name: str, rates: dict[str, float | None]
) -> None:
    found = datalogger.logger_lists(name)
    assert {each.node: each.nominal_rate_hz for each in found} == rates


def test_each_element_has_its_own_samples(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    named = lists("Lina2 G:PIDKI[3],Lina2 g:pidki[1:3],NuMI2 E:DURL01")
    before = len(laboratory.requests)
    pull = pull_parameters(datalogger, lake, DAY, named, OPTIONS)
    names = ["G:PIDKI[3]", "G:PIDKI[1]", "G:PIDKI[2]"]
    assert [each.subject for each in pull.outcomes["Lina2"]] == names
    assert {(e.state, e.findings) for each in pull.outcomes.values() for e in each} == {
        ("complete", ())
    }
    asked = [each.device for each in laboratory.requests[before:] if each.verb == "logger_get"]
    assert sorted(asked) == sorted([*names, "E:DURL01"])
    for name in [*names, "E:DURL01"]:
        times, values = MACHINE.samples(name, day_window(DAY))
        frame = lake.parameter(name, DAY)
        assert np.array_equal(frame["time"].astype("int64"), times)
        assert np.array_equal(frame["value"].astype("f4"), values)
    again = pull_parameters(datalogger, lake, DAY, named, OPTIONS)
    assert {each.what for each in again.publication} == {"unchanged"}


def test_what_the_error_of_an_array_advises_can_be_listed_and_pulled(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    with pytest.raises(PullFailedError) as caught:
        pull_parameters(datalogger, lake, DAY, lists("Lina2 G:PIDKI"), OPTIONS)
    advised = re.search(r"list its elements, such as (\S+), instead", str(caught.value))
    assert advised is not None
    assert advised[1] == "G:PIDKI[0:3]"
    pull = pull_parameters(datalogger, lake, DAY, lists(f"Lina2 {advised[1]}"), OPTIONS)
    assert [(each.subject, each.state) for each in pull.outcomes["Lina2"]] == [
        (f"G:PIDKI[{index}]", "complete") for index in range(4)
    ]


def test_an_element_that_the_array_does_not_have_is_refused_by_name(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    pull = pull_parameters(datalogger, lake, DAY, lists("Lina2 G:PIDKI[3:4]"), OPTIONS)
    last, beyond = pull.outcomes["Lina2"]
    assert (last.state, beyond.state) == ("complete", "refused")
    assert "G:PIDKI[4]" in beyond.remark
    assert "DIO_NO_SUCH" in beyond.remark
