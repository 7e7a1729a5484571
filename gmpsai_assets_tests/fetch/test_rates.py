"""A list without a rate: the service is asked for it, and where it names none nothing is expected."""

from collections.abc import Callable

import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import nominal_rates, pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets_tests.acnet.services import says, service

DAY = "2026-03-10"
SLOW = Parameter("NuMI2", "E:DURL01")
TABLE = """Logger lists containing E:DURL01 ({count}) :

Name     Node   List        Data Event
-------- ------ ----------- ----------------------------------------------
{rows}
"""
Lists = Callable[..., tuple[ParameterList, ...]]


def test_the_service_names_the_rate_that_the_list_does_not(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    before = len(laboratory.requests)
    pull = pull_parameters(
        datalogger, lake, DAY, lists("NuMI2 E:DURL01"), FetchOptions(connections=2)
    )
    ((outcome,),) = pull.outcomes.values()
    assert (outcome.state, outcome.findings) == ("complete", ())
    verbs = [request.verb for request in laboratory.requests[before:]]
    assert verbs == ["show", "logger_get"]
    (device,) = parameter_days(lake, DAY)
    assert device.nominal_rate_hz == pytest.approx(1 / 60)


def test_the_list_of_the_gmps_takes_one_request_for_a_device(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    before = len(laboratory.requests)
    pull_parameters(
        datalogger, lake, DAY, lists("B:VIMIN,MLrn B:VIMAX"), FetchOptions(connections=2)
    )
    assert [request.verb for request in laboratory.requests[before:]] == ["logger_get"] * 2


def test_a_rate_that_nobody_knows_leaves_the_day_whole_and_expects_nothing(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("error-dio-no-such,device=E:DURL01,first=1")
    pull = pull_parameters(
        datalogger, lake, DAY, lists("NuMI2 E:DURL01"), FetchOptions(connections=2)
    )
    ((outcome,),) = pull.outcomes.values()
    assert (outcome.state, outcome.rows) == ("complete", 1_440)
    (row,) = day_ledger(list(parameter_days(lake, DAY)), day_window(DAY))
    assert (row["received"], row["expected"], row["missing"]) == (1_440, None, None)
    assert row["tier_seconds"] == pytest.approx(60, rel=1e-3)


@pytest.mark.parametrize(
    ("rows", "rate"),
    [
        (["NuMI2 15 Hz 13 p,66,true"], 15),
        (["Backup 15 Hz 13 p,66,true", "NuMI2 1 Min 2 p,60000,true"], 1 / 60),
        (["NuMI2 15 Sec 1 p,15000,true", "NuMI2 Event 7 e,0A,e,0", "numi2 1 Hz 3 p,1000"], 1),
        (["NuMI2 Event 7 e,0A,e,0"], None),
        (["Backup 15 Hz 13 p,66,true"], None),
        (["NuMI2 often 13 p,66,true"], None),
    ],
)
def test_the_fastest_periodic_list_of_the_node_counts(
    rows: list[str], rate: float | None, lists: Lists
) -> None:
    text = TABLE.format(count=len(rows), rows="\n".join(f"E:DURL01 {row}" for row in rows))
    with service(says(text.encode())) as running, AclClient(running.url) as client:
        found = nominal_rates(DataLogger(client), [SLOW], lists("NuMI2 E:DURL01"))
    assert found == {SLOW: rate}


def test_a_service_that_does_not_answer_is_asked_for_one_rate_only(lists: Lists) -> None:
    three = lists("NuMI2 E:DURL01,NuMI2 E:DURL02,NuMI2 E:DURL03")
    once = RetryPolicy(attempts=1)
    with service(says(b"", 503)) as running, AclClient(running.url, retry=once) as client:
        found = nominal_rates(DataLogger(client), three[0].parameters, three)
        assert len(running.targets) == 1
    assert list(found.values()) == [None] * 3
