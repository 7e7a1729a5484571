"""Answers with lines that are no data, and answers that break off: what is asked for again, and what is said of it."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, Window, day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets_tests.acnet.services import Answer as Reply
from gmpsai_assets_tests.acnet.services import Handler, Service, cut, says, service
from gmpsai_assets_tests.fetch.asking_for import ask_for

MINUTE = Window(datetime(2026, 3, 10, 16, 0, tzinfo=UTC), datetime(2026, 3, 10, 16, 1, tzinfo=UTC))
MORNING = Window(MINUTE.start, MINUTE.start + timedelta(hours=4))
DEVICE = Parameter("MLrn", "B:VIMIN")
TWICE = RetryPolicy(attempts=2, first_delay=0, longest_delay=0)


def _lines(window: Window, rate_hz: float) -> list[bytes]:
    """Replies of a device in the notation of the laboratory, values of many digits."""
    count = int(window.seconds * rate_hz)
    times = window.start.timestamp() + 0.01 + np.arange(count) / rate_hz
    values = np.random.default_rng(3).normal(103, 1, count)
    return [b"%.6f %.5f\n" % pair for pair in zip(times, values, strict=True)]


LINES = _lines(MINUTE, 15)
CLEAN = b"".join(LINES)


def _ask(*replies: Reply, window: Window = MINUTE, rate_hz: float = 15) -> tuple[Answer, Service]:
    with service(*replies) as running, AclClient(running.url, retry=TWICE) as client:
        fetch = partial(DataLogger(client).samples, DEVICE)
        answer = ask_for(fetch, window, nominal_rate_hz=rate_hz)
    return answer, running


def _logger(
    lines: list[bytes], *, longest_seconds: float = 1e9, breaks_after: float = 1e9
) -> Reply:
    """A logger with these lines that counts the end of a window in; it may refuse long windows or break off."""
    times = np.array([float(line.split()[0]) for line in lines])

    def reply(handler: Handler) -> None:
        start, end = (
            datetime.strptime(text, "%Y-%m-%d+%H:%M:%S")
            .replace(tzinfo=ACCELERATOR_ZONE)
            .timestamp()
            for text in re.findall(r'(?:start|end)="([^"]*)"', handler.path)
        )
        part = lines[np.searchsorted(times, start) : np.searchsorted(times, end, side="right")]
        if end - start > longest_seconds:
            says(b"", 413)(handler)
        elif len(part) > breaks_after:
            body = b"".join(part[: int(breaks_after)]) + part[0][:22]
            cut(body, len(b"".join(part)))(handler)
        else:
            says(b"".join(part))(handler)

    return reply


def _clean(body: bytes = CLEAN, window: Window = MINUTE, rate_hz: float = 15) -> Answer:
    return _ask(says(body), window=window, rate_hz=rate_hz)[0]


def _kinds(answer: Answer) -> list[tuple[str, bool]]:
    return [(finding.kind, finding.repaired) for finding in answer.findings]


WARNING = b"Warning: MLrn is not responding, trying Backup\n"
SPOILT = {
    "a warning before the rows": (WARNING + CLEAN, "service message"),
    "an error after the rows": (
        b"".join(LINES[:880]) + b"ERROR: logger MLrn aborted\n",
        "irregular lines",
    ),
    "an error among the rows": (
        b"".join([*LINES[:300], b"ERROR: logger MLrn aborted\n", *LINES[300:]]),
        "irregular lines",
    ),
    "the command after all rows": (CLEAN + b"logger_get: done\n", "irregular lines"),
    "a torn line": (b"".join([*LINES[:300], LINES[300][:14], *LINES[301:]]), "irregular lines"),
    "a torn first line": (CLEAN[7:], "irregular lines"),
    "a first line of which only the value is left": (CLEAN[20:], "irregular lines"),
    "many torn lines": (
        b"".join(line[:14] + b"\n" if k % 90 == 7 else line for k, line in enumerate(LINES)),
        "irregular lines",
    ),
}


@pytest.mark.parametrize(("body", "kind"), list(SPOILT.values()), ids=list(SPOILT))
def test_lines_that_are_no_data_are_asked_about_and_what_they_cost_comes(
    body: bytes, kind: str
) -> None:
    answer, running = _ask(says(body), says(CLEAN))
    assert (answer.state, answer.table.equals(_clean().table)) == ("complete", True)
    assert (kind, True) in _kinds(answer)
    assert all(repaired for _, repaired in _kinds(answer))
    assert 2 <= len(running.targets) <= 3


@pytest.mark.parametrize(("body", "kind"), list(SPOILT.values()), ids=list(SPOILT))
def test_lines_that_are_no_data_and_come_again_are_a_finding_with_their_text(
    body: bytes, kind: str
) -> None:
    answer, running = _ask(says(body))
    (finding,) = [each for each in answer.findings if each.kind == kind]
    assert not finding.repaired
    assert "asked again" in finding.detail
    assert "aborted" in finding.detail or "aborted" not in body.decode()
    assert "not responding" in finding.detail or WARNING not in body
    assert answer.state == "complete"
    assert len(running.targets) <= 4


def test_a_message_with_every_answer_costs_one_small_request_a_device() -> None:
    body = b"Data of MLrn\n" + b"".join(_lines(MORNING, 1))
    answer, running = _ask(says(body), window=MORNING, rate_hz=1)
    assert (answer.state, answer.requests) == ("complete", 2)
    assert 'start="2026-03-10+14:45:00"' in running.targets[1]
    assert _kinds(answer) == [("service message", False)]


def test_of_a_body_that_always_breaks_off_only_the_missing_tail_is_asked_for() -> None:
    lines = _lines(MORNING, 1)
    answer, running = _ask(_logger(lines, breaks_after=6000), window=MORNING, rate_hz=1)
    assert answer.table.equals(_clean(b"".join(lines), MORNING, 1).table)
    assert (answer.state, answer.findings) == ("complete", ())
    starts = [re.findall(r'start="[^"]*[+]([^"]*)"', target)[0] for target in running.targets]
    assert starts == ["11:00:00"] * 2 + ["12:39:59"] * 2 + ["14:19:58"]


def test_a_number_that_lost_digits_at_the_break_is_never_a_sample() -> None:
    lines = _lines(MORNING, 1)
    body = b"".join(lines)
    clean = _clean(body, MORNING, 1)
    for torn in range(1, len(lines[9000])):
        part = says(body[: sum(map(len, lines[:9000])) + torn])
        answer, _ = _ask(part, part, _logger(lines), window=MORNING, rate_hz=1)
        assert answer.table.equals(clean.table), torn
        assert answer.findings == ()


def test_bodies_that_break_off_after_little_are_a_failure_and_not_asked_for_bit_by_bit() -> None:
    body = b"".join(_lines(MORNING, 1))
    answer, running = _ask(cut(body[:5000], len(body)), window=MORNING, rate_hz=1)
    assert (answer.state, answer.requests) == ("failed", 3)
    assert len(running.targets) == 6


def test_the_day_of_25_hours_is_not_continued_inside_the_hour_that_comes_twice() -> None:
    day = day_window("2026-11-01")
    lines = _lines(day, 1)
    body = b"".join(lines)
    part = says(b"".join(lines[: 3600 * 2]) + b"1793")
    answer, running = _ask(part, part, says(body), window=day, rate_hz=1)
    assert answer.table.equals(_clean(body, day, 1).table)
    assert 'start="2026-11-01+00:59:59"' in running.targets[2]


def test_values_that_differ_in_a_second_answer_are_named_and_not_published() -> None:
    changed = [line[:-6] + b"77777\n" if 100 < k < 103 else line for k, line in enumerate(LINES)]
    answer, _ = _ask(says(WARNING + CLEAN), says(b"".join(changed)))
    assert answer.state == "partial"
    (finding,) = [each for each in answer.findings if each.kind == "answers differ"]
    assert "2 times" in finding.detail
    assert answer.table.num_rows == len(LINES) + 2


def test_asking_again_counts_no_row_twice() -> None:
    twice = b"".join(line * 2 if k == 500 else line for k, line in enumerate(LINES))
    spoilt = twice.replace(LINES[600], b"").replace(LINES[601], b"").replace(LINES[602], b"")
    answer, running = _ask(says(spoilt), says(twice))
    assert len(running.targets) == 2
    assert answer.counts.exact_duplicates == 1
    assert ("gap", True) in _kinds(answer)


def test_an_end_that_counts_in_is_no_finding_however_many_pieces_a_day_comes_in() -> None:
    seconds = [b"%d.000000 5\n" % (MORNING.start.timestamp() + k) for k in range(4 * 3600 + 1)]
    answer, _ = _ask(_logger(seconds, longest_seconds=2000), window=MORNING, rate_hz=1)
    assert (answer.state, answer.table.num_rows) == ("complete", 4 * 3600)
    assert answer.counts.outside_window > 5
    assert answer.findings == ()
