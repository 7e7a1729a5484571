"""A service that cuts an end off each answer: what it cut is got all the same, or the day is not called complete."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.checking.rows import Rows, rows_of, table_of
from gmpsai_assets.fetch.options import RequestLimits
from gmpsai_assets_tests.fetch.asking_for import ask_for

DAY = day_window("2026-03-10")
SHORT = Window(datetime(2026, 3, 10, 16, 0, tzinfo=UTC), datetime(2026, 3, 10, 18, 0, tzinfo=UTC))
SOON = DAY.end + timedelta(minutes=5)

Fetch = Callable[[DataLogger, Window], SampleReply]


def _device(name: str, node: str = "MLrn") -> Fetch:
    return lambda datalogger, window: datalogger.samples(Parameter(node, name), window)


FAST, SLOW = _device("B:NGMPS"), _device("E:DURL01", "NuMI2")


def _five_seconds(datalogger: DataLogger, window: Window) -> SampleReply:
    return datalogger.events(2, window)


CASES = [
    pytest.param(SLOW, DAY, 1 / 60, 0, id="a minute"),
    pytest.param(FAST, SHORT, 15.0, 0, id="15 Hz"),
    pytest.param(_five_seconds, DAY, 0.2, 0, id="event"),
    pytest.param(SLOW, DAY, 1 / 60, 300, id="only long replies"),
]


def _answer(
    datalogger: DataLogger,
    fetch: Fetch,
    window: Window,
    rate: float,
    now: datetime | None = None,
    limits: RequestLimits | None = None,
) -> Answer:
    return ask_for(
        lambda part: fetch(datalogger, part),
        window,
        nominal_rate_hz=rate,
        limits=limits,
        now=lambda: now or datetime(2026, 11, 20, tzinfo=UTC),
    )


@pytest.mark.parametrize(("fetch", "window", "rate", "over"), CASES)
@pytest.mark.parametrize("end", ["no-tail", "no-head"])
@pytest.mark.parametrize("rows", [4, 8, 40])
def test_what_is_cut_off_each_answer_comes_all_the_same(
    rows: int,
    end: str,
    fetch: Fetch,
    window: Window,
    rate: float,
    over: int,
    datalogger: DataLogger,
    laboratory: EmulatorService,
) -> None:
    clean = _answer(datalogger, fetch, window, rate)
    assert (clean.state, clean.requests) == ("complete", 1)
    laboratory.set_faults(f"{end},rows={rows},over={over}")
    answer = _answer(datalogger, fetch, window, rate)
    assert answer.state == "complete"
    assert answer.table.equals(clean.table)
    assert answer.requests <= 6
    if not over:
        assert "answers cut" in [each.kind for each in answer.findings]
        assert all(each.repaired for each in answer.findings)


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("end", ["no-tail", "no-head"])
def test_of_a_slow_device_single_samples_count(
    end: str, rows: int, datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    clean = _answer(datalogger, SLOW, DAY, 1 / 60)
    laboratory.set_faults(f"{end},rows={rows}")
    answer = _answer(datalogger, SLOW, DAY, 1 / 60)
    assert answer.state == "complete"
    assert answer.table.equals(clean.table)


@pytest.mark.parametrize("minutes", [5, 15, 360, 1440])
@pytest.mark.parametrize("phase", [0, 0.5])
@pytest.mark.parametrize(("head", "tail"), [(0, 1), (1, 0), (0, 2), (2, 0)])
def test_whatever_the_rate_of_a_slow_device(
    head: int, tail: int, phase: float, minutes: int
) -> None:
    period = minutes * 60_000_000
    count = round(DAY.seconds / 60 / minutes)
    first = DAY.start_microseconds + round(phase * period) - 10 * count * period
    held = Rows(first + period * np.arange(21 * count), np.arange(21.0 * count))

    def fetch(window: Window) -> SampleReply:
        rows = held.between(window.start_microseconds, window.end_microseconds)
        kept = slice(head, max(head, len(rows) - tail))
        return SampleReply(
            table_of(Rows(rows.time[kept], rows.value[kept]), "value"), ReplyCounts()
        )

    answer = ask_for(fetch, DAY, nominal_rate_hz=1e6 / period)
    wanted = held.between(DAY.start_microseconds, DAY.end_microseconds)
    assert np.array_equal(rows_of(answer.table).time, wanted.time)
    assert answer.state == "complete"
    assert "answers cut" in [each.kind for each in answer.findings]


@pytest.mark.parametrize("end", ["no-tail", "no-head"])
def test_what_is_cut_at_the_seams_of_pieces_comes_too(
    end: str, datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    clean = _answer(datalogger, FAST, SHORT, 15.0)
    laboratory.set_faults("http-504,first=3", f"{end},rows=50")
    limits = RequestLimits(smallest_span_seconds=900)
    answer = _answer(datalogger, FAST, SHORT, 15.0, limits=limits)
    assert answer.state == "complete"
    assert answer.table.equals(clean.table)


def test_what_is_cut_and_cannot_be_asked_for_yet_is_not_complete(
    datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    laboratory.set_faults("no-tail,rows=8")
    answer = _answer(datalogger, SLOW, DAY, 1 / 60, now=SOON)
    assert answer.state == "partial"
    (finding,) = answer.findings
    assert finding.kind == "tail missing"
    assert "cuts the end" in finding.detail
    assert "ask again after 2026-03-11 00:" in finding.detail
    later = _answer(datalogger, SLOW, DAY, 1 / 60, now=DAY.end + timedelta(hours=1))
    assert (later.state, later.table.num_rows) == ("complete", 1440)


@pytest.mark.parametrize("now", [SOON, None])
@pytest.mark.parametrize(
    "gap",
    [
        "start=2026-03-10T22:00:00,end=2026-03-11T09:00:00",
        "start=2026-03-10T22:00:00,end=2026-03-11T00:00:00",
        "start=2026-03-09T22:00:00,end=2026-03-10T02:00:00",
    ],
)
def test_what_the_logger_has_not_is_its_own_at_once(
    gap: str, now: datetime | None, datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    laboratory.set_faults(f"gap,{gap}")
    answer = _answer(datalogger, SLOW, DAY, 1 / 60, now=now)
    assert (answer.state, answer.requests) == ("complete", 3)
    (finding,) = answer.findings
    assert finding.kind in ("gap", "tail missing")
    assert "the logger has nothing there" in finding.detail
