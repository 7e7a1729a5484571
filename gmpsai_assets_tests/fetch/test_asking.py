"""One subject asked for thoroughly: how many requests a fault takes, and what is never asked."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window, day_window, is_repeated_local_time
from gmpsai_assets.acnet.errors import (
    ConnectionFailed,
    DeviceRefused,
    HttpRefused,
    HttpUnavailable,
    ReplyTimeout,
    ReplyTooLarge,
)
from gmpsai_assets.acnet.replies.sample_reply import (
    OutsideRows,
    ReplyCounts,
    SampleReply,
    no_samples,
)
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.asking.asker import ServiceHealth
from gmpsai_assets.fetch.checking.findings import findings_in_rows
from gmpsai_assets.fetch.checking.rows import Rows, rows_of, table_of
from gmpsai_assets.fetch.checking.tiers import tier_seconds
from gmpsai_assets.fetch.options import RequestLimits
from gmpsai_assets_tests.fetch.asking_for import ask_for

DAY = day_window("2026-03-10")
FALL_BACK = day_window("2026-11-01")
Fault = Callable[[Window], None]


class Logger:
    """A logger that holds a row a second, and misbehaves as a test says."""

    def __init__(self, day: Window, fault: Fault = lambda _: None) -> None:
        seconds = int(day.seconds)
        self.rows = Rows(
            day.start_microseconds + np.arange(seconds, dtype=np.int64) * 1_000_000 + 5,
            np.random.default_rng(7).normal(size=seconds),
        )
        self.fault = fault
        self.asked: list[Window] = []

    def __call__(self, window: Window) -> SampleReply:
        self.asked.append(window)
        self.fault(window)
        part = self.rows.between(window.start_microseconds, window.end_microseconds)
        if not len(part):
            return SampleReply(no_samples(), ReplyCounts(), "No values found")
        return SampleReply(table_of(part, "value"), ReplyCounts(), bytes=len(part))

    def answer(self, window: Window = DAY, limits: RequestLimits | None = None) -> Answer:
        """Ask for a day."""
        return ask_for(self, window, nominal_rate_hz=1.0, limits=limits)

    def missing_in(self, answer: Answer) -> int:
        """How many rows did not come; none may come that it does not hold."""
        assert np.isin(answer.table["time"].cast("int64").to_numpy(), self.rows.time).all()
        return len(self.rows) - int(answer.table.num_rows)


def _longer_than(hours: float) -> Fault:
    def fault(window: Window) -> None:
        if window.hours > hours:
            msg = "silent"
            raise ReplyTimeout(msg)

    return fault


def _touching(start: datetime, minutes: float) -> Fault:
    end = start + timedelta(minutes=minutes)

    def fault(window: Window) -> None:
        if window.start < end and start < window.end:
            raise HttpUnavailable(502)

    return fault


def _raising(error: Exception) -> Fault:
    def fault(_: Window) -> None:
        raise error

    return fault


def test_a_whole_answer_takes_one_request() -> None:
    logger = Logger(DAY)
    answer = logger.answer()
    assert (answer.state, answer.requests, answer.findings) == ("complete", 1, ())
    assert answer.bytes == 86_400
    assert answer.tier_seconds == 1.0


@pytest.mark.parametrize("day", [DAY, FALL_BACK])
@pytest.mark.parametrize("hours", [12, 2.5])
def test_a_window_that_is_too_long_comes_in_pieces(day: Window, hours: float) -> None:
    logger = Logger(day, _longer_than(hours))
    answer = logger.answer(day)
    assert answer.state == "complete"
    assert logger.missing_in(answer) == 0
    assert answer.requests < 2.5 * day.hours / hours + 12
    for window in logger.asked:
        assert not is_repeated_local_time(window.start)
        assert not is_repeated_local_time(window.end)


@pytest.mark.parametrize("hour", [5, 12, 20, 28])
def test_a_place_that_fails_is_narrowed_down_and_named(hour: int) -> None:
    start = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=hour)
    logger = Logger(DAY, _touching(start, 5))
    answer = logger.answer()
    assert answer.state == "partial"
    (failed,) = answer.findings
    assert failed.kind == "request failed"
    assert failed.start is not None
    assert failed.end is not None
    assert failed.start <= start.timestamp() * 1e6 <= failed.end
    assert logger.missing_in(answer) == (failed.end - failed.start) // 1_000_000 < 3600
    assert answer.requests < 25


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 24 * 60), st.integers(1, 180))
def test_whatever_fails_in_november_all_else_comes(minute: int, length: int) -> None:
    fault = _touching(FALL_BACK.start + timedelta(minutes=minute), length)
    logger = Logger(FALL_BACK, fault)
    answer = logger.answer(FALL_BACK)
    spans = [(f.start, f.end) for f in answer.findings if f.start and f.end]
    assert logger.missing_in(answer) == sum((end - start) // 1_000_000 for start, end in spans)
    assert answer.state in ("partial", "failed")


@pytest.mark.parametrize(
    ("error", "state", "requests"),
    [
        (ConnectionFailed("nobody there"), "failed", 1),
        (HttpUnavailable(503), "failed", 3),
        (ReplyTimeout("silent"), "failed", 3),
        (DeviceRefused("DIO_NO_SUCH"), "refused", 1),
        (HttpRefused(403), "refused", 1),
        (HttpRefused(413), "refused", 3),
        (ReplyTooLarge("too long"), "refused", 3),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_service_that_never_answers_is_not_asked_for_long(
    error: Exception, state: str, requests: int
) -> None:
    answer = Logger(DAY, _raising(error)).answer()
    assert (answer.state, answer.requests, answer.table.num_rows) == (state, requests, 0)
    assert str(error) in answer.remark


def test_when_nothing_answers_any_subject_no_smaller_spans_are_tried() -> None:
    health = ServiceHealth()
    requests = [
        ask_for(
            Logger(DAY, _raising(HttpUnavailable(502))), DAY, nominal_rate_hz=1.0, health=health
        ).requests
        for _ in range(6)
    ]
    assert requests == [3, 3, 3, 3, 1, 1]
    Logger(DAY).answer()
    ask_for(Logger(DAY), DAY, nominal_rate_hz=1.0, health=health)
    again = Logger(DAY, _raising(HttpUnavailable(502)))
    assert ask_for(again, DAY, nominal_rate_hz=1.0, health=health).requests == 3


def test_a_service_that_seems_down_is_tried_once_a_subject_and_the_error_says_so() -> None:
    attempts = 0
    policy = RetryPolicy(attempts=5, sleep=lambda _: None)

    def attempt() -> SampleReply:
        nonlocal attempts
        attempts += 1
        msg = "silent"
        raise ReplyTimeout(msg)

    health = ServiceHealth()
    counts, remarks = [], []
    for _ in range(8):
        before = attempts
        answer = ask_for(lambda _: policy.run(attempt), DAY, nominal_rate_hz=1.0, health=health)
        counts.append(attempts - before)
        remarks.append(answer.remark)
    assert counts == [15, 15, 15, 15, 1, 1, 1, 1]
    assert "seems down" not in remarks[0]
    assert "The service seems down: the last 16 requests all failed." in remarks[-1]


def test_the_number_of_requests_has_a_limit() -> None:
    logger = Logger(DAY, _longer_than(0.3))
    answer = logger.answer(limits=RequestLimits(most_requests=20))
    assert answer.state == "partial"
    assert answer.requests <= 20
    assert logger.missing_in(answer) > 0


def test_the_time_for_a_subject_has_a_limit() -> None:
    answer = Logger(DAY, _longer_than(2)).answer(limits=RequestLimits(longest_seconds=0))
    assert (answer.state, answer.requests) == ("partial", 2)


def test_what_the_logger_never_had_is_its_own() -> None:
    logger = Logger(DAY)
    kept = np.delete(np.arange(86_400), slice(40_000, 40_600))
    logger.rows = Rows(logger.rows.time[kept], logger.rows.value[kept])
    answer = logger.answer()
    assert (answer.state, answer.requests) == ("complete", 2)
    (gap,) = answer.findings
    assert (gap.kind, gap.repaired) == ("gap", False)
    assert logger.asked[1].seconds < 620


def test_many_gaps_are_asked_for_together() -> None:
    logger = Logger(DAY)
    kept = np.flatnonzero(np.arange(86_400) % 1000 > 20)
    logger.rows = Rows(logger.rows.time[kept], logger.rows.value[kept])
    answer = logger.answer()
    assert (answer.state, answer.requests) == ("complete", 2)
    assert len(answer.findings) == 40
    assert "more" in answer.findings[-1].detail


def test_nothing_of_a_device_is_asked_twice_and_of_an_event_once() -> None:
    logger = Logger(DAY)
    other = day_window("2026-03-12")
    assert logger.answer(other).state == "no data"
    assert len(logger.asked) == 2
    answer = ask_for(logger, other)
    assert (answer.state, answer.requests, answer.remark) == ("no data", 1, "No values found")


def test_rows_of_another_day_alone_are_a_failure() -> None:
    first = DAY.start_microseconds - 86_400_000_000
    outside = OutsideRows(900, 0, first, DAY.start_microseconds - 96_000_000)

    def fetch(_: Window) -> SampleReply:
        return SampleReply(no_samples(), ReplyCounts(outside_window=900), outside=outside)

    answer = ask_for(fetch, DAY)
    assert answer.state == "failed"
    assert "another window, 24 h earlier" in answer.remark


def test_an_answer_without_findings_is_handed_on_as_it_came() -> None:
    table = table_of(Logger(DAY).rows, "value")
    answer = ask_for(lambda _: SampleReply(table, ReplyCounts()), DAY, nominal_rate_hz=1.0)
    assert answer.table is table
    assert rows_of(answer.table).without_number == 0


def test_one_subject_is_looked_through_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking through a day takes half of its memory again; four at once would take that four times."""
    inside: list[str] = []
    another = threading.Event()

    def awaiting_another(work: Callable[..., object]) -> Callable[..., object]:
        def looked_through(*arguments: object) -> object:
            inside.append(work.__name__)
            if len(inside) > 1:
                another.set()
            another.wait(timeout=0.25)
            inside.pop()
            return work(*arguments)

        return looked_through

    asking = "gmpsai_assets.fetch.asking"
    monkeypatch.setattr(f"{asking}.refetch.findings_in_rows", awaiting_another(findings_in_rows))
    monkeypatch.setattr(f"{asking}.ask.tier_seconds", awaiting_another(tier_seconds))
    loggers = [Logger(DAY) for _ in range(4)]
    with ThreadPoolExecutor(len(loggers)) as pool:
        answers = list(pool.map(Logger.answer, loggers))
    assert [answer.state for answer in answers] == ["complete"] * 4
    assert not another.is_set()


@pytest.mark.parametrize(
    "limits",
    [{"smallest_span_seconds": 0}, {"most_requests": 0}, {"most_repeats": -1}],
    ids=str,
)
def test_limits_that_make_no_sense_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one request"):
        RequestLimits(**limits)
