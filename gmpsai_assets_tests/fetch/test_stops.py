"""What ends a pull ends it at once: nothing more is asked, whatever the reason, and what came is kept."""

import errno
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList, read_parameter_lists
from gmpsai_assets.acnet.tclk import FIXED_RATES_HZ
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.events import pull_events
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.publication import DayNotStoredError
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA
from gmpsai_assets.settings import PACKAGED_LISTS
from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

DAY = "2026-03-10"
CONNECTIONS = 4
OPTIONS = FetchOptions(connections=CONNECTIONS)
FULL = OSError(errno.ENOSPC, "No space left on device")

Lists = Callable[..., tuple[ParameterList, ...]]
Pull = Callable[[DataLogger, Lake], object]


def _devices(datalogger: DataLogger, lake: Lake) -> object:
    return pull_parameters(datalogger, lake, DAY, read_parameter_lists(PACKAGED_LISTS), OPTIONS)


def _events(datalogger: DataLogger, lake: Lake) -> object:
    return pull_events(datalogger, lake, DAY, OPTIONS)


def _failing_at(
    monkeypatch: pytest.MonkeyPatch, laboratory: EmulatorService, number: int, error: Exception
) -> list[int]:
    """Let the storing of so many drafts go well and the next one fail; how many requests there were then."""
    lock, calls, asked = threading.Lock(), [0], list[int]()
    store = Drafts.store

    def stored(drafts: Drafts, *given: object) -> None:
        with lock:
            calls[0] += 1
            fails = calls[0] > number
            if fails and not asked:
                asked.append(len(laboratory.requests))
        if fails:
            raise error
        store(drafts, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Drafts, "store", stored)
    return asked


@pytest.mark.parametrize(
    ("pull", "number"),
    [(_events, 0), (_events, 128), (_events, 255), (_devices, 0), (_devices, 23), (_devices, 46)],
)
def test_nothing_is_asked_after_the_disk_is_full(
    pull: Pull,
    number: int,
    datalogger: DataLogger,
    laboratory: EmulatorService,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laboratory.set_faults("no-values")
    asked = _failing_at(monkeypatch, laboratory, number, FULL)
    with pytest.raises(DayNotStoredError, match="no space left"):
        pull(datalogger, lake)
    assert len(laboratory.requests) <= asked[0] + CONNECTIONS - 1
    assert len(list(lake.drafts.rglob("*.arrow"))) == number


def test_nothing_is_asked_after_an_error_of_our_own(
    datalogger: DataLogger,
    laboratory: EmulatorService,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laboratory.set_faults("no-values")
    asked = _failing_at(monkeypatch, laboratory, 3, TypeError("a mistake in the code"))
    with pytest.raises(TypeError, match="a mistake in the code"):
        _events(datalogger, lake)
    assert len(laboratory.requests) <= asked[0] + CONNECTIONS - 1


@contextmanager
def _ended_from_outside(
    laboratory: EmulatorService, number: signal.Signals, requests: int
) -> Iterator[None]:
    """Send this process a signal as soon as there were so many requests."""
    enough = len(laboratory.requests) + requests

    def watch() -> None:
        while len(laboratory.requests) < enough:
            threading.Event().wait(0.01)
        os.kill(os.getpid(), number)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield
    wait_for_end(watcher)


def _terminated(number: int, frame: FrameType | None) -> None:
    """What Dagster does in a run that is terminated."""
    raise DagsterExecutionInterruptedError


@pytest.mark.parametrize(
    ("number", "ends"),
    [
        (signal.SIGINT, KeyboardInterrupt),
        (signal.SIGTERM, DagsterExecutionInterruptedError),
    ],
)
def test_whoever_ends_a_run_does_not_wait_for_replies_that_hang(
    number: signal.Signals,
    ends: type[BaseException],
    laboratory: EmulatorService,
    lake: Lake,
) -> None:
    laboratory.set_faults(*(f"hang,event={code:02x}" for code in range(8, 256)), "no-values")
    answered = 8 + sum(
        code in FIXED_RATES_HZ for code in range(8)
    )  # what has a rate is asked twice
    before = signal.signal(signal.SIGTERM, _terminated)
    first = len(laboratory.requests)
    try:
        with (
            AclClient(laboratory.url, read_timeout=LIMIT_SECONDS) as patient,
            _ended_from_outside(laboratory, number, answered + CONNECTIONS),
            pytest.raises(ends),
        ):
            _events(DataLogger(patient), lake)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(laboratory.requests) == first + answered + CONNECTIONS
    assert len(list(lake.drafts.rglob("*.arrow"))) == 8
    assert lake.published_days(EVENT_DATA) == []


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("pull", [_events, _devices])
@pytest.mark.parametrize("good", [0, 30])
def test_a_service_that_refuses_everything_is_not_asked_by_every_subject(
    status: int,
    pull: Pull,
    good: int,
    datalogger: DataLogger,
    laboratory: EmulatorService,
    lake: Lake,
) -> None:
    laboratory.set_faults(f"http-{status},skip={good}", f"no-values,first={good}")
    before = len(laboratory.requests)
    with pytest.raises(PullFailedError) as failed:
        pull(datalogger, lake)
    # Two subjects in a row, and those that were under way; a good answer that comes late begins the count anew.
    assert len(laboratory.requests) <= before + good + (
        2 * CONNECTIONS if good else CONNECTIONS + 1
    )
    message = str(failed.value)
    assert message.count(f"HTTP status {status}") == 1
    assert "were not asked" in message
    assert failed.value.failures == ()
    asked = len(laboratory.requests)
    laboratory.set_faults("no-values")
    pull(datalogger, lake)
    assert len(laboratory.requests) > asked


def test_what_came_before_a_service_refused_everything_is_published_on_request(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    good = 20
    laboratory.set_faults(f"http-403,skip={good}", f"no-values,first={good}")
    before = len(laboratory.requests)
    allow = FetchOptions(connections=CONNECTIONS, allow_partial=True)
    outcomes = pull_events(datalogger, lake, DAY, allow).outcomes
    assert len(laboratory.requests) <= before + good + 2 * CONNECTIONS
    states = [each.state for each in outcomes]
    assert set(states) == {"no data", "refused", "failed"}
    assert {each.remark for each in outcomes if each.state == "failed"} == {
        "not asked: all was stopped by HTTP status 403"
    }
    laboratory.set_faults("no-values")
    outcomes = pull_events(datalogger, lake, DAY, OPTIONS).outcomes
    assert {each.state for each in outcomes} == {"no data"}


def test_a_service_that_refuses_one_name_is_asked_for_the_others(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    laboratory.set_faults("http-403,event=11", "no-values")
    outcomes = pull_events(datalogger, lake, DAY, OPTIONS).outcomes
    assert [each.subject for each in outcomes if each.state == "refused"] == ["$11"]
    assert {each.state for each in outcomes} == {"refused", "no data"}


REFUSALS = ("error-dio-no-such", "error-dio-noatt", "http-403", "error-echo")


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_refused_device_does_not_cost_the_others(
    fault: str, datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    three = lists("B:VIMIN,B:VIMAX,B:NGMPS")
    laboratory.set_faults(f"{fault},device=B:VIMAX", "no-values,device=B:NGMPS")
    before = len(laboratory.requests)
    pull = pull_parameters(datalogger, lake, DAY, three, FetchOptions(connections=1))
    states = [each.state for each in pull.outcomes["MLrn"]]
    assert states == ["complete", "refused", "no data"]
    asked = [record.device for record in laboratory.requests[before:]]
    assert asked.count("B:VIMAX") == (3 if fault == "error-echo" else 1)

    # The next pull asks the refused one again, and what it brings stays when it is refused anew.
    laboratory.set_faults("no-values,device=B:NGMPS")
    (_, whole, _) = pull_parameters(
        datalogger, lake, DAY, three, FetchOptions(connections=2)
    ).outcomes["MLrn"]
    assert (whole.state, whole.rows > 1_290_000) == ("complete", True)
    laboratory.set_faults(f"{fault},device=B:VIMAX")
    (_, again, _) = pull_parameters(
        datalogger, lake, DAY, three, FetchOptions(connections=2)
    ).outcomes["MLrn"]
    assert again.kept_rows == whole.rows == lake.parameter_rows("B:VIMAX", DAY).num_rows
    replacing = FetchOptions(connections=2, replace_with_less=True)
    pull_parameters(datalogger, lake, DAY, three, replacing)
    assert lake.parameter_rows("B:VIMAX", DAY).num_rows == whole.rows


def test_a_day_of_which_most_is_refused_is_held_back_and_says_why(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    three = lists("B:VIMIN,B:VIMAX,B:NGMPS")
    laboratory.set_faults(
        "error-dio-no-such,device=B:VIMIN", "error-dio-no-such,device=B:VIMAX", "no-values"
    )
    with pytest.raises(PullFailedError, match=r"2 of 3 parameters(.|\n)*more than half") as failed:
        pull_parameters(datalogger, lake, DAY, three, FetchOptions(connections=1))
    assert [each.subject for each in failed.value.failures] == ["B:VIMIN", "B:VIMAX"]
    assert lake.published_days(PARAMETER_DATA) == []
