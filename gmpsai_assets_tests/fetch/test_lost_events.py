"""TCLK events of which a part is lost on the way: seen by their rate or by their own pauses, and asked for again."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply, no_samples
from gmpsai_assets.acnet.tclk import FIXED_RATES_HZ, USUAL_RATES_HZ, event_label
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.checking.rows import Rows, table_of
from gmpsai_assets_tests.fetch.asking_for import ask_for

DAY = day_window("2026-03-10")
MACHINE = Machine(seed=1)
WITH_RATE = (0x02, 0x07, 0x18, 0x8F, 0x1E)
BY_OWN_PAUSES = (0x00, 0x3C, 0x11, 0xAE, 0x0A, 0xE7)
HOUR = 3_600_000_000

Loss = Callable[[Rows], Rows]


@dataclass
class EventLog:
    """The log of one event, some of whose first answers lack rows."""

    rows: Rows
    loss: Loss
    lossy_answers: int = 1
    asked: list[Window] = field(default_factory=list)

    def __call__(self, window: Window) -> SampleReply:
        self.asked.append(window)
        part = self.rows.between(window.start_microseconds, window.end_microseconds)
        if len(self.asked) <= self.lossy_answers:
            part = self.loss(part)
        if not len(part):
            return SampleReply(no_samples(), ReplyCounts(), "No occurrences of event found")
        return SampleReply(table_of(part, "supercycle_seconds"), ReplyCounts())

    def whole(self, answer: Answer) -> bool:
        """Whether every row is in the answer, once."""
        whole: bool = answer.table.equals(table_of(self.rows, "supercycle_seconds"))
        return whole


def _kept(rows: Rows, kept: np.ndarray) -> Rows:
    return Rows(rows.time[kept], rows.value[kept])


def _cut_after_a_third(rows: Rows) -> Rows:
    return Rows(rows.time[: len(rows) // 3], rows.value[: len(rows) // 3])


def _ten_hours_missing(rows: Rows) -> Rows:
    since = rows.time - DAY.start_microseconds
    return _kept(rows, (since < 7 * HOUR) | (since >= 17 * HOUR))


def _one_a_second(rows: Rows) -> Rows:
    return _kept(rows, np.diff(rows.time // 1_000_000, prepend=0) > 0)


def _log(code: int, loss: Loss = lambda rows: rows, lossy_answers: int = 1) -> EventLog:
    return EventLog(Rows(*MACHINE.events(code, DAY)), loss, lossy_answers)


def _ask(log: EventLog, code: int) -> Answer:
    rate = FIXED_RATES_HZ.get(code, USUAL_RATES_HZ.get(code))
    may_change = code in USUAL_RATES_HZ
    return ask_for(log, DAY, nominal_rate_hz=rate, rate_may_change=may_change)


@pytest.mark.parametrize("code", WITH_RATE + BY_OWN_PAUSES, ids=event_label)
@pytest.mark.parametrize("loss", [_cut_after_a_third, _ten_hours_missing])
def test_most_of_a_day_that_is_lost_is_asked_for_again_and_comes(code: int, loss: Loss) -> None:
    log = _log(code, loss)
    answer = _ask(log, code)
    assert answer.state == "complete"
    assert log.whole(answer)
    assert any(finding.repaired for finding in answer.findings)
    assert log.asked[1].seconds < DAY.seconds
    assert answer.requests <= 3


@pytest.mark.parametrize("code", BY_OWN_PAUSES, ids=event_label)
def test_an_event_that_was_switched_off_is_asked_for_again_also_beyond_the_day_and_is_complete(
    code: int,
) -> None:
    log = _log(code)
    log.rows = _cut_after_a_third(log.rows)
    answer = _ask(log, code)
    assert answer.state == "complete"
    # One more where the pause reaches the end of the day, as that of an event that comes often does.
    assert answer.requests in (2, 3)
    assert {(finding.kind, finding.repaired) for finding in answer.findings} == {("quiet", False)}
    assert log.whole(answer)


@pytest.mark.parametrize("code", [0x07, 0x18], ids=event_label)
def test_a_slower_tier_of_a_tick_event_is_noticed(code: int) -> None:
    log = _log(code, _one_a_second)
    answer = _ask(log, code)
    assert answer.state == "complete"
    assert log.whole(answer)
    assert _ask(_log(code, _one_a_second, lossy_answers=99), code).state == "partial"


def test_a_usual_rate_that_changed_with_the_operating_plan_is_no_failure() -> None:
    log = _log(0x1E)
    log.rows = _kept(log.rows, np.arange(len(log.rows)) % 5 == 0)
    answer = _ask(log, 0x1E)
    assert answer.state == "complete"
    assert log.whole(answer)
    assert [finding.kind for finding in answer.findings] == ["slower tier"]
    assert answer.requests <= 4


@pytest.mark.parametrize("code", WITH_RATE, ids=event_label)
def test_an_event_with_a_rate_that_is_said_not_to_have_come_is_asked_for_again(code: int) -> None:
    log = _log(code, lambda rows: Rows(rows.time[:0], rows.value[:0]))
    assert log.whole(_ask(log, code))
    assert len(log.asked) == 2


def test_of_clean_days_only_events_that_pause_much_longer_than_usual_are_asked_for_again() -> None:
    for code in MACHINE.tclk.codes:
        log = _log(code)
        answer = _ask(log, code)
        assert answer.state in ("complete", "no data"), event_label(code)
        assert {finding.kind for finding in answer.findings} <= {"quiet"}, event_label(code)
        assert answer.requests == 1 + bool(answer.findings), event_label(code)
        if code in FIXED_RATES_HZ or code in USUAL_RATES_HZ:
            assert answer.requests == 1, event_label(code)
