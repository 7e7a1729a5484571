"""Array devices: elements with values of their own, arrays and ranges with several values on a line."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.emulator.arrays import ARRAYS, devices_named
from gmpsai_assets.emulator.devices import DEVICES
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.options import parse_late_front_end
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets_tests.emulator.laboratory import logger_get, rows_of, text_of

MACHINE = Machine(seed=1)
START = day_window("2026-03-10").start_microseconds
HOUR = Window(from_microseconds(START), from_microseconds(START + 3_600_000_000))
TEN = "2026-03-10 00:00:00", "2026-03-10 00:10:00"
NODES = {"B:GMPSVA": "MLrn", "L:D7TOR": "Ctrls", "G:PIDKI": "Lina2"}


@pytest.fixture(scope="module")
def service() -> Iterator[EmulatorService]:
    with running_emulator(now=datetime(2026, 3, 12, 18, tzinfo=UTC)) as running:
        yield running


def test_no_array_is_a_device_of_one_value() -> None:
    assert not set(ARRAYS) & set(DEVICES)
    assert {name: len(array.elements) for name, array in ARRAYS.items()} == {
        "B:GMPSVA": 4,
        "L:D7TOR": 2,
        "G:PIDKI": 4,
    }


@pytest.mark.parametrize("name", ARRAYS)
def test_elements_are_stamped_together_and_have_values_of_their_own(name: str) -> None:
    elements = [MACHINE.samples(each.name, HOUR) for each in ARRAYS[name].elements]
    for times, values in elements[1:]:
        assert np.array_equal(times, elements[0][0])
        assert abs(np.corrcoef(values, elements[0][1])[0, 1]) < 0.9
        assert np.mean(values == elements[0][1]) < 0.01


@pytest.mark.parametrize(
    ("name", "elements"),
    [
        ("B:GMPSVA[2]", ["B:GMPSVA[2]"]),
        ("B:GMPSVA[1:2]", ["B:GMPSVA[1]", "B:GMPSVA[2]"]),
        ("L:D7TOR", ["L:D7TOR[0]", "L:D7TOR[1]"]),
        ("L:D7TOR[]", ["L:D7TOR[0]", "L:D7TOR[1]"]),
        ("L:D7TOR[1:]", ["L:D7TOR[1]"]),
        ("B:VIMIN", ["B:VIMIN"]),
        ("B:VIMIN[0]", []),
        ("L:D7TOR[2]", []),
        ("L:D7TOR[0:2]", []),
        ("L:D7TOR[1:0]", []),
        ("L:D7TOR[-1]", []),
        ("L:D7TOR{0:4}", []),
        (f"L:D7TOR[{'9' * 5000}]", []),
    ],
)
def test_a_name_stands_for_its_elements(name: str, elements: list[str]) -> None:
    assert [each.name for each in devices_named(name)] == elements


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_answers_with_the_values_of_its_elements_on_a_line(
    service: EmulatorService, name: str
) -> None:
    node = NODES[name]
    elements = [
        rows_of(text_of(service, logger_get(each.name, *TEN, node)))
        for each in ARRAYS[name].elements
    ]
    assert len(elements[0]) > 50
    for asked in (name, f"{name}[0:{len(elements) - 1}]"):
        lines = text_of(service, logger_get(asked, *TEN, node)).splitlines()
        assert [line.split()[1:] for line in lines] == [
            [value for _, value in row] for row in zip(*elements, strict=True)
        ]
        assert [line.split()[0] for line in lines][:2] == [
            f"{time / 1e6:.3f}" for time, _ in elements[0][:2]
        ]


def test_an_element_that_is_not_there_is_refused(service: EmulatorService) -> None:
    refused = "Invalid device name (L:D7TOR[2]) in {} command at line 0 - DIO_NO_SUCH\n"
    assert text_of(service, logger_get("L:D7TOR[2]", *TEN, "Ctrls")) == refused.format("logger_get")
    assert text_of(service, "show+L:D7TOR[2]/text/units/FTD") == refused.format("show")
    assert text_of(service, "read+L:D7TOR[2]") == refused.format("read device")


def test_escaped_brackets_are_another_name(service: EmulatorService) -> None:
    body = text_of(service, logger_get("L:D7TOR%5B1%5D", *TEN, "Ctrls"))
    assert body.startswith("Invalid device name (L:D7TOR%5B1%5D)")


def test_an_array_is_read_as_a_whole_or_by_element(service: EmulatorService) -> None:
    name, _, values = text_of(service, "read+l:d7tor").partition("=")
    assert name.strip() == "L:D7TOR"
    assert len(values.split()) == 3
    assert values.split()[-1] == "mA"
    assert float(text_of(service, "read/no_name/no_units+L:D7TOR[1]")) > 10


def test_the_database_knows_the_array(service: EmulatorService) -> None:
    described = text_of(service, "show+B:GMPSVA/text/units/FTD")
    assert described.splitlines()[0] == "B:GMPSVA text      = Supply voltages, 1 to 4"
    assert text_of(service, "show+B:GMPSVA[3]/text/units/FTD") == described


def test_the_lists_of_an_array_name_what_they_hold(service: EmulatorService) -> None:
    assert text_of(service, "show/whereLogged+L:D7TOR") == (
        "Logger lists containing L:D7TOR (2) :\n \n"
        "Name         Node   List        Data Event\n"
        "------------ ------ ----------- ----------------------------------------------\n"
        "L:D7TOR      Ctrls  15 Hz    13 p,66,true\n"
        "L:D7TOR[0:1] CBSDA  Client    1 client\n"
    )
    assert text_of(service, "show/whereLogged+G:PIDKI[3]").splitlines()[4:] == [
        "G:PIDKI[3] Lina2  10 Sec    4 p,10000,true"
    ]
    assert "(0)" in text_of(service, "show/whereLogged+B:GMPSVA[3]").splitlines()[0]


def test_faults_and_late_front_ends_meet_elements(service: EmulatorService) -> None:
    service.set_faults("stars,device=G:PIDKI[2]")
    try:
        met, other = (
            text_of(service, logger_get(f"G:PIDKI[{index}]", *TEN, "Lina2")) for index in (2, 1)
        )
    finally:
        service.set_faults()
    assert "*" in met
    assert "*" not in other
    name, late = parse_late_front_end("b:gmpsva=14")
    machine = Machine(seed=1, late={name: late}, stamp_microseconds=1)
    ticks, _ = machine.events(0x0F, HOUR)
    times, _ = machine.samples("B:GMPSVA[3]", HOUR)
    delay = times[5:] - ticks[np.searchsorted(ticks, times[5:]) - 1]
    assert set(delay) == {14_000}
