"""Days of which something did not come: what is published, what is kept, and how a later pull completes it."""

from collections.abc import Callable

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.events import pull_events
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA

pytestmark = pytest.mark.system

DAY = "2026-03-10"
FALL_BACK = "2026-11-01"
FIVE = "B:VIMIN,B:VIMAX,B:NGMPS,B:GMPS4V,I:IB"
FIVE_FAULTS = (
    "http-504,device=B:VIMAX,start=2026-03-10T12:00:00,seconds=60",
    "no-values,device=B:NGMPS",
    "error-dio-no-such,device=B:GMPS4V",
    "html,device=I:IB",
)

Lists = Callable[..., tuple[ParameterList, ...]]


def _asked(laboratory: EmulatorService, before: int) -> set[str]:
    return {record.device for record in laboratory.requests[before:]}


def test_all_are_tried_and_the_error_says_what_to_do_next(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults(*FIVE_FAULTS)
    with pytest.raises(PullFailedError, match=r"3 of 5 parameters of 2026-03-10") as failed:
        pull_parameters(datalogger, lake, DAY, lists(FIVE), FetchOptions(connections=2))
    states = {failure.subject: failure.state for failure in failed.value.failures}
    assert states == {"B:VIMAX": "partial", "B:GMPS4V": "refused", "I:IB": "failed"}
    message = str(failed.value)
    for words in ("HTTP status 504", "DIO_NO_SUCH", "web page", "allow_partial", "parameter list"):
        assert words in message
    assert lake.published_days(PARAMETER_DATA) == []

    laboratory.set_faults()
    before = len(laboratory.requests)
    pull = pull_parameters(datalogger, lake, DAY, lists(FIVE), FetchOptions(connections=2))
    assert _asked(laboratory, before) == {"B:VIMAX", "B:GMPS4V", "I:IB"}
    assert [each.state for each in pull.outcomes["MLrn"]].count("complete") == 4


def test_a_partial_day_is_published_on_request_and_completed_later(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults(*FIVE_FAULTS)
    pull = pull_parameters(
        datalogger, lake, DAY, lists(FIVE), FetchOptions(connections=2, allow_partial=True)
    )
    states = {each.subject: each.state for each in pull.outcomes["MLrn"]}
    assert list(states.values()) == ["complete", "partial", "no data", "refused", "failed"]
    rows = {each.parameter: each.read().num_rows for each in parameter_days(lake, DAY)}
    assert rows["B:VIMIN"] > rows["B:VIMAX"] > 1_250_000
    assert [rows[name] for name in ("B:NGMPS", "B:GMPS4V", "I:IB")] == [0, 0, 0]
    (file,) = pull.files
    kept = {one["subject"]: Outcome(**one) for one in read_metadata(file)["outcomes"]}
    assert {name: outcome.state for name, outcome in kept.items()} == states
    (finding,) = kept["B:VIMAX"].findings
    assert (finding.kind, finding.repaired) == ("request failed", False)
    assert "DIO_NO_SUCH" in kept["B:GMPS4V"].remark

    laboratory.set_faults()
    whole = pull_parameters(datalogger, lake, DAY, lists(FIVE), FetchOptions(connections=2))
    assert [each.state for each in whole.outcomes["MLrn"]] == ["complete"] * 5
    assert lake.parameter_rows("B:VIMAX", DAY).num_rows == rows["B:VIMIN"]


def test_a_partial_draft_is_not_taken_for_a_finished_one(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("tier-1s,device=B:VIMAX")
    with pytest.raises(PullFailedError, match="slower tier"):
        pull_parameters(
            datalogger, lake, DAY, lists("B:VIMIN,B:VIMAX"), FetchOptions(connections=2)
        )
    laboratory.set_faults("rows-487,first=1")
    before = len(laboratory.requests)
    pull = pull_parameters(
        datalogger, lake, DAY, lists("B:VIMIN,B:VIMAX"), FetchOptions(connections=2)
    )
    assert _asked(laboratory, before) == {"B:VIMAX"}
    repaired = pull.outcomes["MLrn"][1]
    assert (repaired.state, repaired.requests) == ("complete", 2)
    assert [(each.kind, each.repaired) for each in repaired.findings] == [("row limit", True)]
    assert repaired.rows > 1_295_000


def test_what_came_of_a_partial_device_is_kept_and_only_the_rest_is_asked_for(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    one = lists("B:VIMAX")
    laboratory.set_faults("http-504,start=2026-03-10T12:00:00,seconds=60")
    before = len(laboratory.requests)
    with pytest.raises(PullFailedError, match="what came of the partial ones"):
        pull_parameters(datalogger, lake, DAY, one, FetchOptions(connections=1))
    whole_day = laboratory.requests[before].query
    # The day after, the logger has nothing but a slower tier of it, except for the minutes that failed.
    laboratory.set_faults(
        "tier-1s,start=2026-03-10T00:00:00,end=2026-03-10T11:30:00",
        "tier-1s,start=2026-03-10T12:30:00,end=2026-03-11T00:00:00",
    )
    before = len(laboratory.requests)
    (outcome,) = pull_parameters(datalogger, lake, DAY, one, FetchOptions(connections=1)).outcomes[
        "MLrn"
    ]
    asked = laboratory.requests[before:]
    assert (outcome.state, outcome.findings, outcome.kept_rows) == ("complete", (), 0)
    assert whole_day not in {record.query for record in asked}
    times, _ = laboratory.machine.samples("B:VIMAX", day_window(DAY))
    assert np.array_equal(lake.parameter_rows("B:VIMAX", DAY)["time"].cast("int64"), times)
    assert outcome.requests > len(asked)


def test_what_came_of_a_partial_device_is_not_given_up_for_a_slower_tier(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    one = lists("B:VIMAX")
    laboratory.set_faults("http-504,start=2026-03-10T12:00:00,seconds=60")
    with pytest.raises(PullFailedError):
        pull_parameters(datalogger, lake, DAY, one, FetchOptions(connections=1))
    for fault in ("tier-1s", "http-500", "http-403"):
        laboratory.set_faults(fault)
        with pytest.raises(PullFailedError, match=r"B:VIMAX \(partial\)"):
            pull_parameters(datalogger, lake, DAY, one, FetchOptions(connections=1))
    (outcome,) = pull_parameters(
        datalogger, lake, DAY, one, FetchOptions(connections=1, allow_partial=True)
    ).outcomes["MLrn"]
    assert outcome.state == "partial"
    assert lake.parameter_rows("B:VIMAX", DAY).num_rows == outcome.rows > 1_270_000


def test_the_day_with_the_repeated_hour_comes_whole_in_pieces(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    clean = pull_parameters(
        datalogger, lake, FALL_BACK, lists("B:VIMIN"), FetchOptions(connections=1)
    )
    rows = lake.parameter_rows("B:VIMIN", FALL_BACK)
    laboratory.set_faults("http-504,first=3")
    lake.day_files(PARAMETER_DATA, FALL_BACK)[0].unlink()
    pieces = pull_parameters(
        datalogger, lake, FALL_BACK, lists("B:VIMIN"), FetchOptions(connections=1)
    )
    assert (clean.outcomes["MLrn"][0].requests, pieces.outcomes["MLrn"][0].requests) == (1, 4)
    assert lake.parameter_rows("B:VIMIN", FALL_BACK).equals(rows)


def test_events_come_whole_in_pieces_or_are_named(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    quiet = [f"no-values,event={code:02x}" for code in range(256) if code not in (0, 2, 0x0C)]
    laboratory.set_faults("http-504,event=02,start=2026-11-01T00:59:00,seconds=30", *quiet)
    with pytest.raises(PullFailedError, match=r"1 of 256 events(.|\n)*\$02 \(partial\)"):
        pull_events(datalogger, lake, FALL_BACK, FetchOptions(connections=2))
    assert lake.published_days(EVENT_DATA) == []
    partial = pull_events(
        datalogger, lake, FALL_BACK, FetchOptions(connections=2, allow_partial=True)
    )
    assert partial.outcomes[2].state == "partial"
    times, _ = laboratory.machine.events(2, day_window(FALL_BACK))
    assert 0 < partial.outcomes[2].rows < len(times)

    laboratory.set_faults("rows-487,event=02,first=1", "gap,event=0c,first=1,skip=1", *quiet)
    whole = pull_events(datalogger, lake, FALL_BACK, FetchOptions(connections=2))
    assert [whole.outcomes[code].state for code in (0, 2, 0x0C)] == ["complete"] * 3
    assert [each.kind for each in whole.outcomes[2].findings] == ["row limit"]
    assert whole.outcomes[2].rows == len(times)
