"""A list without a rate: the service is asked for it, then the published days; unknown, it is never called complete."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.acnet.replies.logger_lists import LoggerList
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.fetch.rates import Rate, nominal_rates
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import read_metadata, read_rows_of, write_table
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import Result, day_is_complete, shortcoming
from gmpsai_assets_tests.acnet.services import Answer, says, service

DAY = "2026-03-10"
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


ALWAYS = "http-503,verb=show"
"""The service does not say a rate, whatever is tried."""


def _pull(
    datalogger: DataLogger, lake: Lake, lists: tuple[ParameterList, ...], day: str = DAY
) -> Outcome:
    pull = pull_parameters(datalogger, lake, day, lists, FetchOptions(connections=2))
    ((outcome,),) = pull.outcomes.values()
    return outcome


def _judged(lake: Lake, day: str = DAY) -> tuple[dict[str, Any], Result]:
    (row,) = rows = day_ledger(list(parameter_days(lake, day)), day_window(day))
    return row, day_is_complete(rows, datetime(2026, 3, 12, tzinfo=UTC))


@contextmanager
def _asked(laboratory: EmulatorService) -> Iterator[list[str]]:
    """The verbs of the requests that were made within the block."""
    before, verbs = len(laboratory.requests), list[str]()
    yield verbs
    verbs += [request.verb for request in laboratory.requests[before:]]


def test_a_day_of_an_unknown_rate_is_published_and_is_not_evaluable(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults(ALWAYS, "gap,device=E:DURL01,start=2026-03-10T06:00:00,seconds=21600")
    outcome = _pull(datalogger, lake, lists("NuMI2 E:DURL01"))
    assert (outcome.state, outcome.is_unjudged, outcome.rows) == ("partial", True, 1_080)
    assert "the service does not say it" in outcome.reason
    row, result = _judged(lake)
    assert (row["state"], row["rate_from"], row["expected"]) == ("partial", "unknown", None)
    assert row["tier_seconds"] == pytest.approx(60, rel=1e-3)
    assert shortcoming(row) == "rate unknown, not evaluable"
    assert (result.result, result.passed) == ("not evaluable", False)
    assert result.reason.startswith("not evaluable: 1 of 1 devices: E:DURL01: rate unknown")
    assert result.numbers["devices_short"] == 0


@pytest.mark.parametrize("gap", [False, True])
def test_the_next_pull_judges_what_is_published_and_asks_for_what_is_missing_alone(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists, gap: bool
) -> None:
    lost = "gap,device=E:DURL01,start=2026-03-10T06:00:00,seconds=21600"
    laboratory.set_faults(ALWAYS, *[lost] * gap)
    _pull(datalogger, lake, lists("NuMI2 E:DURL01"))
    laboratory.set_faults()
    with _asked(laboratory) as verbs:
        outcome = _pull(datalogger, lake, lists("NuMI2 E:DURL01"))
    assert verbs == ["show", *["logger_get"] * gap]
    assert (outcome.state, outcome.rows) == ("complete", 1_440)
    row, result = _judged(lake)
    assert (row["state"], row["rate_from"], row["missing"]) == ("complete", "logger lists", 0)
    assert result.passed, result.reason


def test_of_a_known_rate_a_day_with_six_hours_missing_does_not_pass(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    _pull(datalogger, lake, lists("NuMI2 E:DURL01"), "2026-03-09")
    laboratory.set_faults(ALWAYS, "gap,device=E:DURL01,start=2026-03-10T06:00:00,seconds=21600")
    outcome = _pull(datalogger, lake, lists("NuMI2 E:DURL01"))
    assert [each.kind for each in outcome.findings] == ["gap"]
    row, result = _judged(lake)
    assert (row["rate_from"], row["missing"]) == ("published day 2026-03-09", 360)
    assert result.result == "fail"
    assert "a gap of 21,6" in result.reason
    laboratory.set_faults(ALWAYS)
    _pull(datalogger, lake, lists("NuMI2 E:DURL01"), "2026-03-11")
    assert _judged(lake, "2026-03-11")[0]["rate_from"] == "published day 2026-03-09"


def test_the_day_itself_knows_its_rate_and_a_later_one_that_of_a_day_that_is_filled_in(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    _pull(datalogger, lake, lists("NuMI2 E:DURL01"))
    (file,) = lake.day_files(PARAMETER_DATA, DAY)
    before = file.read_bytes()
    laboratory.set_faults(ALWAYS)
    assert _pull(datalogger, lake, lists("NuMI2 E:DURL01")).state == "complete"
    assert file.read_bytes() == before
    assert _pull(datalogger, lake, lists("NuMI2 E:DURL01"), "2026-03-09").state == "complete"
    assert _judged(lake, "2026-03-09")[0]["rate_from"] == f"published day {DAY}"


def test_a_device_on_event_lists_alone_has_no_rate_and_that_is_known(
    datalogger: DataLogger, lake: Lake, lists: Lists, laboratory: EmulatorService
) -> None:
    table = _table("NuMI2 Event 7 e,0A,e,0", "Backup 15 Hz 13 p,66,true")
    with _saying(laboratory, says(table)) as other:
        outcome = _pull(other, lake, lists("NuMI2 E:DURL01"))
    assert (outcome.state, outcome.findings) == ("complete", ())
    row, result = _judged(lake)
    assert (row["rate_from"], row["expected"], shortcoming(row)) == ("event lists", None, "")
    assert result.passed
    assert result.reason.endswith(
        "E:DURL01: no rate, so judged by whether all answers came and by their own pauses"
    )
    laboratory.set_faults(ALWAYS)
    assert _pull(datalogger, lake, lists("NuMI2 E:DURL01"), "2026-03-11").state == "complete"


def test_a_day_of_an_older_version_learns_that_a_device_has_no_rate(
    lake: Lake, lists: Lists, laboratory: EmulatorService
) -> None:
    with _saying(laboratory, says(_table("NuMI2 Event 7 e,0A,e,0"))) as other:
        _pull(other, lake, lists("NuMI2 E:DURL01"))
        (file,) = lake.day_files(PARAMETER_DATA, DAY)
        origin = read_metadata(file)
        del origin["rates_from"]
        write_table(file, PARAMETER_DATA, read_rows_of(file, "E:DURL01"), origin)
        assert _judged(lake)[1].result == "not evaluable"
        _pull(other, lake, lists("NuMI2 E:DURL01"))
    assert _judged(lake)[1].result == "pass"
    (revision,) = lake.revisions(PARAMETER_DATA, DAY, file.name)
    assert revision.record["difference"]["described"] == ["unknown rates"]


def test_a_rate_that_differs_from_the_days_before_is_taken_and_named(
    datalogger: DataLogger, lake: Lake, lists: Lists, laboratory: EmulatorService
) -> None:
    with _saying(laboratory, says(_table("NuMI2 1 Sec 3 p,1000,true"))) as other:
        options = FetchOptions(connections=1, allow_partial=True)
        pull_parameters(other, lake, "2026-03-09", lists("NuMI2 E:DURL01"), options)
    outcome = _pull(datalogger, lake, lists("NuMI2 E:DURL01"))
    ((kind, detail),) = [(each.kind, each.detail) for each in outcome.findings]
    assert (outcome.state, kind) == ("complete", "rate changed")
    assert detail == (
        "the logger lists say 0.0166667 Hz, and the published day 2026-03-09 had 1 Hz"
    )
    (file,) = lake.day_files(PARAMETER_DATA, DAY)
    before = file.read_bytes()
    assert [each.kind for each in _pull(datalogger, lake, lists("NuMI2 E:DURL01")).findings] == [
        "rate changed"
    ]
    assert file.read_bytes() == before


def _held_by_another(datalogger: DataLogger, lake: Lake, two: tuple[ParameterList, ...]) -> None:
    """A pull whose second device fails, so that the first one stays a draft."""
    with pytest.raises(PullFailedError, match="1 of 2 parameters"):
        pull_parameters(datalogger, lake, DAY, two, FetchOptions(connections=1))


@pytest.mark.parametrize("known_first", [True, False])
def test_a_draft_is_judged_by_what_is_known_when_it_is_continued(
    datalogger: DataLogger,
    laboratory: EmulatorService,
    lake: Lake,
    lists: Lists,
    known_first: bool,
) -> None:
    two = lists("NuMI2 E:DURL01,MLrn B:VIMAX")
    failing = "http-503,verb=logger_get,device=B:VIMAX"
    lost = "gap,device=E:DURL01,start=2026-03-10T06:00:00,seconds=21600"
    laboratory.set_faults(failing, lost, *[] if known_first else [ALWAYS])
    _held_by_another(datalogger, lake, two)
    laboratory.set_faults(failing, lost, *[ALWAYS] if known_first else [])
    before = len(laboratory.requests)
    pull = pull_parameters(
        datalogger, lake, DAY, two, FetchOptions(connections=1, allow_partial=True)
    )
    (outcome,) = pull.outcomes["NuMI2"]
    assert outcome.is_unjudged is known_first
    assert outcome.rows == 1_080
    kinds = [each.kind for each in outcome.findings]
    assert ("gap" in kinds, "rate unknown" in kinds) == (not known_first, known_first)
    asked = [each for each in laboratory.requests[before:] if each.device == "E:DURL01"]
    windows = [unquote(each.query) for each in asked if each.verb == "logger_get"]
    assert len(windows) == 1
    assert "2026-03-10+00:00:00" not in windows[0]


def test_what_came_only_in_part_holds_the_day_back_whatever_its_rate(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults(ALWAYS, "http-503,verb=logger_get,start=2026-03-10T10:00:00,seconds=3600")
    with pytest.raises(PullFailedError, match=r"E:DURL01 \(partial\)"):
        _pull(datalogger, lake, lists("NuMI2 E:DURL01"))


@pytest.mark.parametrize(
    ("rows", "rate", "known_from"),
    [
        (["NuMI2 15 Hz 13 p,66,true"], 15, "logger lists"),
        (["Backup 15 Hz 13 p,66,true", "NuMI2 1 Min 2 p,60000,true"], 1 / 60, "logger lists"),
        (
            ["NuMI2 15 Sec 1 p,15000,true", "NuMI2 Event 7 e,0A,e,0", "numi2 1 Hz 3 p,1000"],
            1,
            "logger lists",
        ),
        (["NuMI2 1 Day 3 p,86400000,true"], 1 / 86_400, "logger lists"),
        (["NuMI2 Event 7 e,0A,e,0"], None, "event lists"),
        (["NuMI2 Event 7 e,03,h,5", "NuMI2 Client 1 client"], None, "event lists"),
        (["Backup 15 Hz 13 p,66,true"], None, "unknown"),
        ([], None, "unknown"),
        (["NuMI2 often 13 p,66,true"], 15, "logger lists"),
        (["NuMI2 often 13 now"], None, "unknown"),
    ],
)
def test_the_fastest_periodic_list_of_the_node_counts(
    rows: list[str], rate: float | None, known_from: str, lists: Lists, lake: Lake
) -> None:
    found = _rates(lake, lists("NuMI2 E:DURL01"), says(_table(*rows)))
    assert [(each.hertz, each.known_from) for each in found] == [(rate, known_from)]


def test_the_node_fastest_has_the_fastest_list_of_all(lists: Lists, lake: Lake) -> None:
    table = _table("Backup 15 Hz 13 p,66,true", "NuMI2 1 Min 2 p,60000,true")
    (rate,) = _rates(lake, lists("fastest E:DURL01"), says(table))
    assert rate.hertz == 15


def test_an_answer_about_another_device_says_no_rate(lists: Lists, lake: Lake) -> None:
    table = _table("NuMI2 15 Hz 13 p,66,true").replace(b"E:DURL01", b"E:DURL09")
    (rate,) = _rates(lake, lists("NuMI2 E:DURL01"), says(table))
    assert not rate.is_known
    assert "the lists are those of E:DURL09" in rate.why_unknown


THREE = "NuMI2 E:DURL01,NuMI2 E:DURL02,NuMI2 E:DURL03"


def test_a_service_that_fails_for_a_moment_leaves_no_device_without_its_rate(
    lists: Lists, lake: Lake
) -> None:
    table = _table("NuMI2 15 Hz 13 p,66,true")
    answers = [
        says(b"", 503),
        *(says(table.replace(b"E:DURL01", f"E:DURL0{n}".encode())) for n in (2, 3, 1)),
    ]
    found = _rates(lake, lists(THREE), *answers)
    assert [each.hertz for each in found] == [15, 15, 15]


@pytest.mark.parametrize("status", [503, 403])
def test_a_service_that_is_down_is_asked_for_three_rates_only(
    lists: Lists, lake: Lake, status: int
) -> None:
    four = lists(f"{THREE},NuMI2 E:DURL04,NuMI2 E:DURL05")
    with service(says(b"", status)) as running, _client(running.url) as client:
        found = nominal_rates(DataLogger(client), lake, DAY, four[0].parameters, four)
        assert len(running.targets) == 3
    assert [each.known_from for each in found.values()] == ["unknown"] * 5


def _rates(lake: Lake, lists: tuple[ParameterList, ...], *answers: Answer) -> list[Rate]:
    with service(*answers) as running, _client(running.url) as client:
        found = nominal_rates(DataLogger(client), lake, DAY, lists[0].parameters, lists)
    return list(found.values())


def _client(url: str) -> AclClient:
    return AclClient(url, retry=RetryPolicy(attempts=1))


def _table(*rows: str) -> bytes:
    text = TABLE.format(count=len(rows), rows="\n".join(f"E:DURL01 {row}" for row in rows))
    return text.encode()


class _OtherLists(DataLogger):
    """A service whose samples come from one place and whose logger lists from another."""

    def __init__(self, samples: AclClient, lists: AclClient) -> None:
        super().__init__(samples)
        self._lists = DataLogger(lists)

    def logger_lists(self, device: str) -> tuple[LoggerList, ...]:
        return self._lists.logger_lists(device)


@contextmanager
def _saying(laboratory: EmulatorService, answer: Answer) -> Iterator[DataLogger]:
    with (
        service(answer) as running,
        _client(running.url) as lists,
        AclClient(laboratory.url) as samples,
    ):
        yield _OtherLists(samples, lists)
