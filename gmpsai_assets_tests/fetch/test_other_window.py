"""A service that answers for another window than it was asked for is named, and its gap is not called the logger's."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.events import pull_events
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions, RequestLimits
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.schemas import EVENT_DATA
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import day_is_complete
from gmpsai_assets_tests.fetch.asking_for import ask_for

DAY = "2026-03-10"
SPRING_FORWARD, FALL_BACK = "2026-03-08", "2026-11-01"
SHORT = Window(datetime(2026, 3, 10, 16, 0, tzinfo=UTC), datetime(2026, 3, 10, 18, 0, tzinfo=UTC))
NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)

Lists = Callable[..., tuple[ParameterList, ...]]


def _device(name: str, node: str = "MLrn") -> Callable[[DataLogger, Window], object]:
    return lambda datalogger, window: datalogger.samples(Parameter(node, name), window)


def _event(code: int) -> Callable[[DataLogger, Window], object]:
    return lambda datalogger, window: datalogger.events(code, window)


FAST, SLOW = _device("B:NGMPS"), _device("E:DURL01", "NuMI2")
TICK, SPARSE = _event(0x0C), _event(0x00)


def _answer(
    datalogger: DataLogger,
    fetch: Callable[[DataLogger, Window], object],
    window: Window,
    rate: float | None = None,
    limits: RequestLimits | None = None,
) -> Answer:
    return ask_for(
        lambda part: fetch(datalogger, part),  # type: ignore[arg-type, return-value]
        window,
        nominal_rate_hz=rate,
        limits=limits,
    )


def _named(answer: Answer) -> bool:
    kinds = [each.kind for each in answer.findings]
    assert ("another window" in kinds) == ("answers for another window" in answer.remark)
    if "another window" in kinds:
        assert answer.state in ("partial", "failed")
        assert "nothing there" not in str(answer.findings)
    return "another window" in kinds


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (-18_000, "5 h earlier than was asked: does it take the times as UTC"),
        (18_000, "5 h later"),
        (-3_600, "1 h earlier"),
        (3_600, "1 h later"),
        (-300, "5 min earlier"),
        (420, "7 min later"),
        (-86_400, "24 h earlier"),
        (86_400, "24 h later"),
    ],
)
@pytest.mark.parametrize(
    ("fetch", "rate"), [(SLOW, 1 / 60), (SLOW, None), (SPARSE, None), (_event(2), 0.2)]
)
def test_a_shift_is_named_with_its_length(
    shift: int,
    words: str,
    fetch: Callable[[DataLogger, Window], object],
    rate: float | None,
    datalogger: DataLogger,
    laboratory: EmulatorService,
) -> None:
    laboratory.set_faults(f"other-window,shift={shift}")
    answer = _answer(datalogger, fetch, day_window(DAY), rate)
    assert _named(answer)
    assert words in answer.remark
    assert answer.requests <= 3


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (SPRING_FORWARD, "2026-03-07 18:00 CST", "2026-03-08 18:00 CDT"),
        (FALL_BACK, "2026-10-31 19:00 CDT", "2026-11-01 19:00 CST"),
    ],
)
def test_days_of_23_and_25_hours(
    day: str, start: str, end: str, datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    hours = -6 if day == SPRING_FORWARD else -5
    laboratory.set_faults(f"other-window,shift={hours * 3600}")
    for fetch, rate in ((SLOW, 1 / 60), (SPARSE, None)):
        answer = _answer(datalogger, fetch, day_window(day), rate)
        assert _named(answer)
        assert f"{-hours} h earlier" in answer.remark
        assert f"from about {start} to {end}" in answer.remark


def test_the_rows_inside_are_kept(datalogger: DataLogger, laboratory: EmulatorService) -> None:
    clean = _answer(datalogger, FAST, SHORT, 15.0)
    laboratory.set_faults("other-window,shift=-1800")
    shifted = _answer(datalogger, FAST, SHORT, 15.0)
    assert _named(shifted)
    assert shifted.table.equals(clean.table.slice(0, shifted.table.num_rows))
    assert shifted.table.num_rows == pytest.approx(clean.table.num_rows * 0.75, abs=5)


@pytest.mark.parametrize("shift", [-1800, 1800])
def test_a_window_that_comes_in_pieces(
    shift: int, datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    laboratory.set_faults("http-504,first=3", f"other-window,shift={shift}")
    limits = RequestLimits(smallest_span_seconds=900)
    answer = _answer(datalogger, FAST, SHORT, 15.0, limits)
    assert _named(answer)
    assert "30 min" in answer.remark


@pytest.mark.parametrize(
    "lost",
    [
        "start=2026-03-09T00:00:00,end=2026-03-10T00:00:01",
        "start=2026-03-09T00:00:00,end=2026-03-09T23:30:00",
    ],
)
def test_of_the_rows_outside_only_some_need_come(
    lost: str, datalogger: DataLogger, laboratory: EmulatorService
) -> None:
    laboratory.set_faults("other-window,shift=-18000", f"gap,device=E:DURL01,{lost}")
    answer = _answer(datalogger, SLOW, day_window(DAY), 1 / 60)
    assert _named(answer)
    assert "5 h earlier" in answer.remark
    assert answer.requests <= 8


@pytest.mark.parametrize(
    "fault",
    [
        "outside,seconds=30",
        "outside,seconds=7200",
        "gap,start=2026-03-10T20:00:00,end=2026-03-11T06:00:00",
        "gap,start=2026-03-09T20:00:00,end=2026-03-10T06:00:00",
    ],
)
@pytest.mark.parametrize(("fetch", "rate"), [(SLOW, 1 / 60), (SPARSE, None)])
def test_a_margin_or_a_gap_is_no_shift(
    fault: str,
    fetch: Callable[[DataLogger, Window], object],
    rate: float | None,
    datalogger: DataLogger,
    laboratory: EmulatorService,
) -> None:
    laboratory.set_faults(fault)
    answer = _answer(datalogger, fetch, day_window(DAY), rate)
    assert not _named(answer)
    assert answer.state == "complete"


@pytest.mark.parametrize(
    "gap",
    [
        "gap,start=2026-03-10T20:00:00,end=2026-03-11T06:00:00",
        "gap,start=2026-03-09T20:00:00,end=2026-03-10T06:00:00",
        "gap,start=2026-03-10T00:00:00,end=2026-03-11T06:00:00",
    ],
)
@pytest.mark.parametrize(("fetch", "rate"), [(SLOW, 1 / 60), (SPARSE, None)])
def test_a_margin_beside_a_real_gap_is_no_shift(
    gap: str,
    fetch: Callable[[DataLogger, Window], object],
    rate: float | None,
    datalogger: DataLogger,
    laboratory: EmulatorService,
) -> None:
    laboratory.set_faults("outside,seconds=300", gap)
    answer = _answer(datalogger, fetch, day_window(DAY), rate)
    assert not _named(answer)
    assert answer.state == ("complete" if answer.table.num_rows else "no data")


def test_a_day_is_not_published_and_says_once_what_all_devices_show(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    only = {"00", "02", "1d"}
    others = [f"no-values,event={c:02x}" for c in range(256) if f"{c:02x}" not in only]
    laboratory.set_faults(
        "other-window,shift=-18000,event=00",
        "other-window,shift=-18000,event=02",
        "other-window,shift=-18000,event=1d",
        *others,
    )
    with pytest.raises(PullFailedError) as failed:
        pull_events(datalogger, lake, DAY, FetchOptions(connections=4))
    message = str(failed.value)
    assert message.count("answers for another window, 5 h earlier") == 1
    assert "$00, $02, $1D (partial)" in message
    assert lake.published_days(EVENT_DATA) == []
    # Nothing that came from such a service is believed to be all there is, not even that there is nothing.
    laboratory.set_faults(*others)
    before = len(laboratory.requests)
    outcomes = pull_events(datalogger, lake, DAY, FetchOptions(connections=4)).outcomes
    assert len({record.device for record in laboratory.requests[before:]}) == 256
    assert {each.state for each in outcomes} == {"complete", "no data"}
    times, _ = laboratory.machine.events(0x1D, day_window(DAY))
    assert outcomes[0x1D].rows == len(times)


def test_what_is_published_on_request_is_not_the_loggers_gap(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    two = lists("# rate: 1/60 Hz,NuMI2 E:DURL01", "# rate: 1/60 Hz,NuMI2 E:DURL02")
    laboratory.set_faults("other-window,shift=-18000")
    allow = FetchOptions(connections=1, allow_partial=True)
    pull_parameters(datalogger, lake, DAY, two[:1], allow)
    ledger = day_ledger(list(parameter_days(lake, DAY)), day_window(DAY))
    assert {gap["cause"] for row in ledger for gap in row["gaps"]} == {"request"}
    result = day_is_complete(ledger, NOW)
    assert not result.passed
    assert "brings nothing more" not in result.reason
    laboratory.set_faults()
    (outcome,) = pull_parameters(
        datalogger, lake, DAY, two[:1], FetchOptions(connections=1)
    ).outcomes["NuMI2"]
    assert (outcome.state, outcome.rows) == ("complete", 1440)
