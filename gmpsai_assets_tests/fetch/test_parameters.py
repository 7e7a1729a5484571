"""The pull of parameters: whole days over real HTTP, and what becomes of failures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import parameters_by_node, pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.schemas import PARAMETER_DATA

DAY = "2026-03-10"
Lists = Callable[..., tuple[ParameterList, ...]]


@pytest.mark.parametrize(
    ("day", "nominal"), [(DAY, 1_296_000), ("2026-03-08", 1_242_000), ("2026-11-01", 1_350_000)]
)
def test_a_day_holds_exactly_what_the_machine_did(
    day: str,
    nominal: int,
    datalogger: DataLogger,
    laboratory: EmulatorService,
    lake: Lake,
    lists: Lists,
) -> None:
    pull = pull_parameters(
        datalogger, lake, day, lists("MLrn B:VIMIN"), FetchOptions(connections=2)
    )
    times, values = laboratory.machine.samples("B:VIMIN", day_window(day))
    rows = lake.parameter_rows("B:VIMIN", day)
    assert abs(rows.num_rows / nominal - 1) < 1e-3
    assert np.array_equal(rows["time"].cast("int64").to_numpy(), times)
    # The service writes the shortest text of a single-precision number.
    assert np.array_equal(rows["value"].to_numpy().astype(np.float32), values)
    assert pull.outcomes["MLrn"][0].rows == rows.num_rows


def test_the_file_says_where_it_comes_from(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    (file,) = pull_parameters(
        datalogger, lake, DAY, lists("B:VIMIN,B:VIMAX,"), FetchOptions(connections=2)
    ).files
    known = read_metadata(file)
    assert known["node"] == "MLrn"
    assert known["source"] == laboratory.url
    assert known["window"] == {
        "start": "2026-03-10T05:00:00+00:00",
        "end": "2026-03-11T05:00:00+00:00",
    }
    assert known["lists"][0]["name"] == "List0"
    assert [outcome["subject"] for outcome in known["outcomes"]] == ["B:VIMIN", "B:VIMAX"]
    assert {"pulled_at", "package_version", "nominal_rates_hz"} <= known.keys()
    assert [each.parameter for each in parameter_days(lake, DAY)] == ["B:VIMIN", "B:VIMAX"]


def test_a_passing_fault_is_retried(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("http-502,first=1", "cut,first=1,skip=1")
    pull = pull_parameters(datalogger, lake, DAY, lists("B:VIMIN"), FetchOptions(connections=1))
    assert pull.outcomes["MLrn"][0].rows > 1_295_000


def test_a_failed_device_publishes_nothing_and_keeps_the_others(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    three = lists("B:VIMIN,B:VIMAX,B:GMPS4V")
    laboratory.set_faults("html,device=B:VIMAX")
    with pytest.raises(PullFailedError, match=r"1 of 3 parameters of 2026-03-10") as failed:
        pull_parameters(datalogger, lake, DAY, three, FetchOptions(connections=2))
    assert [failure.subject for failure in failed.value.failures] == ["B:VIMAX"]
    assert "web page" in str(failed.value)
    assert lake.published_days(PARAMETER_DATA) == []

    laboratory.set_faults()
    before = len(laboratory.requests)
    pull_parameters(datalogger, lake, DAY, three, FetchOptions(connections=2))
    asked = [record.device for record in laboratory.requests[before:]]
    assert asked == ["B:VIMAX"]
    (file,) = lake.day_files(PARAMETER_DATA, DAY)
    with pq.ParquetFile(file) as opened:
        assert opened.num_row_groups == 3
    assert list(lake.drafts.glob("parameter_data*")) == []


def test_no_values_is_a_fact_of_the_day_and_no_failure(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("no-values,device=B:VIMAX")
    pull = pull_parameters(
        datalogger, lake, DAY, lists("B:VIMIN,B:VIMAX"), FetchOptions(connections=2)
    )
    states = {outcome.subject: outcome.state for outcome in pull.outcomes["MLrn"]}
    assert states == {"B:VIMIN": "complete", "B:VIMAX": "no data"}
    assert "No values" in pull.outcomes["MLrn"][1].remark
    assert [each.read().num_rows > 0 for each in parameter_days(lake, DAY)] == [True, False]


def test_each_node_has_its_own_file_and_its_own_rate(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    two = lists("MLrn B:VIMIN", "# rate: 1/60 Hz,NuMI2 E:DURL01")
    pull_parameters(datalogger, lake, DAY, two, FetchOptions(connections=2))
    assert [file.name for file in lake.day_files(PARAMETER_DATA, DAY)] == [
        "MLrn.parquet",
        "NuMI2.parquet",
    ]
    rates = {each.parameter: each.nominal_rate_hz for each in parameter_days(lake, DAY)}
    assert rates == {"B:VIMIN": 15.0, "E:DURL01": pytest.approx(1 / 60)}
    assert lake.parameter_rows("E:DURL01", DAY).num_rows > 100


@pytest.mark.parametrize(
    ("fault", "count"),
    [("duplicates", "duplicates"), ("disorder", "out_of_order"), ("stars", "not_a_number")],
)
def test_bad_samples_are_counted_and_none_is_lost_or_invented(
    fault: str,
    count: str,
    datalogger: DataLogger,
    laboratory: EmulatorService,
    lake: Lake,
    lists: Lists,
) -> None:
    laboratory.set_faults(fault)
    (outcome,) = pull_parameters(
        datalogger, lake, DAY, lists("B:VIMIN"), FetchOptions(connections=1)
    ).outcomes["MLrn"]
    assert getattr(outcome, count) > 1000
    times, values = laboratory.machine.samples("B:VIMIN", day_window(DAY))
    rows = lake.parameter_rows("B:VIMIN", DAY)
    assert np.array_equal(rows["time"].cast("int64").to_numpy(), times)
    assert rows["value"].null_count == outcome.not_a_number
    found = rows["value"].to_numpy(zero_copy_only=False).astype(np.float32)
    assert np.array_equal(found[~np.isnan(found)], values[~np.isnan(found)])


def test_a_list_with_a_command_in_it_is_refused_before_any_request(
    laboratory: EmulatorService, tmp_path: Path, lists: Lists
) -> None:
    before = len(laboratory.requests)
    with pytest.raises(ValueError, match=r"List0\.txt:2: .*B:VIMIN;set"):
        lists("MLrn B:VIMAX,B:VIMIN;set+B_VIMIN+99")
    assert len(laboratory.requests) == before


def test_a_parameter_of_two_lists_is_pulled_once(lists: Lists) -> None:
    nodes = parameters_by_node(lists("B:VIMIN,B:VIMAX", "MLrn B:VIMIN,NuMI2 E:DURL01"))
    assert {node: [p.device for p in each] for node, each in nodes.items()} == {
        "MLrn": ["B:VIMIN", "B:VIMAX"],
        "NuMI2": ["E:DURL01"],
    }
