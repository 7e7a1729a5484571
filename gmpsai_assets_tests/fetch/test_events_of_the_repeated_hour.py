"""Events of the hour that comes twice on a day without $00: what order leaves open is named and not called whole."""

import logging
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.replies.repeated_hour import span_of_starts
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.acnet.tclk import event_label
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.day_file import DayFile
from gmpsai_assets.fetch.events import EVENTS_FILE, event_fetcher
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.publishing import DayPull, pull_and_publish
from gmpsai_assets.fetch.subjects import Subject
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets_tests.fetch.asking_for import ask_for

FALL_BACK = "2026-11-01"
WINDOW = day_window(FALL_BACK)
SELDOM, OFTEN = 0x24, 0x02


def _answer(datalogger: DataLogger, event: int) -> Answer:
    return ask_for(partial(event_fetcher(datalogger, WINDOW), event), WINDOW)


def _as_sent(laboratory: EmulatorService, event: int, rows: pa.Table) -> bool:
    times, _ = laboratory.machine.events(event, WINDOW)
    found = rows["time"].cast(pa.int64()).to_numpy()
    return len(found) == len(times) and bool(np.abs(found - times).max() <= 1000)


@pytest.mark.parametrize("fault", ["http-503,event=00", "http-403,event=00", "cut,event=00"])
def test_without_00_what_order_leaves_open_is_partial_and_named(
    datalogger: DataLogger,
    laboratory: EmulatorService,
    fault: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    laboratory.set_faults(fault)
    with caplog.at_level(logging.WARNING):
        answer = _answer(datalogger, SELDOM)
    (finding,) = [each for each in answer.findings if each.kind == "ambiguous times"]
    assert (answer.state, answer.counts.ambiguous_times) == ("partial", 26)
    assert finding.detail == (
        "26 rows of the hour that comes twice could be of either pass and stay where their order puts them; $00, "
        "which tells it, did not come"
    )
    assert "placed by order alone, as $00 did not come (try 1 of 3)" in caplog.text


def test_events_that_order_places_need_no_00(
    datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    laboratory.set_faults("http-403,event=00")
    answer = _answer(datalogger, OFTEN)
    assert (answer.state, answer.counts.ambiguous_times) == ("complete", 0)
    assert _as_sent(laboratory, OFTEN, answer.table)


def test_with_00_all_are_placed_and_it_is_asked_for_once(
    datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    before = len(laboratory.requests)
    answer = _answer(datalogger, SELDOM)
    assert (answer.state, answer.findings) == ("complete", ())
    assert _as_sent(laboratory, SELDOM, answer.table)
    assert [each.device for each in laboratory.requests[before:]] == ["24", "00"]


def test_a_log_without_any_00_leaves_them_open_for_good(
    datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    laboratory.set_faults("no-values,event=00")
    answer = _answer(datalogger, SELDOM)
    assert (answer.state, [each.kind for each in answer.findings]) == (
        "complete",
        ["ambiguous times"],
    )


def test_the_00_that_come_later_in_a_pull_serve_the_events_after(
    laboratory: EmulatorService,
) -> None:
    laboratory.set_faults("http-503,event=00,first=1")
    with AclClient(laboratory.url, retry=RetryPolicy(attempts=1)) as client:
        fetch = event_fetcher(DataLogger(client), WINDOW)
        first, second = (fetch(SELDOM, span_of_starts(WINDOW)) for _ in range(2))
    assert (first.counts.without_supercycle, second.counts.without_supercycle) == (26, 0)


def test_the_next_pull_places_them_and_asks_for_nothing_else(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    laboratory.set_faults("http-503,event=00")
    with pytest.raises(PullFailedError, match=r"1 of 2 events.*\n  \$24 \(partial\): ambiguous"):
        _pull(datalogger, lake)
    laboratory.set_faults()
    before = len(laboratory.requests)
    outcomes = _pull(datalogger, lake)
    assert [(each.state, each.ambiguous_times) for each in outcomes] == [("complete", 0)] * 2
    assert [each.device for each in laboratory.requests[before:]] == ["24", "00"]
    assert _as_sent(laboratory, SELDOM, lake.event_rows(SELDOM, FALL_BACK))


def _pull(datalogger: DataLogger, lake: Lake) -> tuple[Outcome, ...]:
    file = DayFile(
        lake,
        EVENT_DATA,
        FALL_BACK,
        name=EVENTS_FILE,
        subjects=[Subject(event_label(code), code) for code in (OFTEN, SELDOM)],
        key=int,
        fetch=event_fetcher(datalogger, WINDOW),
        origin={"source": datalogger.source},
    )
    pull = DayPull(EVENT_DATA, FALL_BACK, "events", 2, kept_days={})
    (outcomes,), _ = pull_and_publish(lake, pull, [file], FetchOptions(connections=1))
    return outcomes
