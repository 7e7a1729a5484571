"""Rows in a form that is not known: the first of them is shown, once, and what they hold is not taken as complete."""

from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import pytest

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, Window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.replies.samples import EventParser, SampleParser
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets_tests.acnet.sample_texts import sample
from gmpsai_assets_tests.acnet.services import says, service
from gmpsai_assets_tests.fetch.asking_for import ask_for

LOG_HEAD = sample("event_log_2026").partition(b"13-AUG-2026 00:00:59")[0]
HOUR = Window(datetime(2026, 3, 10, 16, tzinfo=UTC), datetime(2026, 3, 10, 17, tzinfo=UTC))

UNKNOWN = {
    "a zone word": "10-MAR-2026 {0:%H:%M:%S}.048 CDT {1:.3f}",
    "a zone word behind": "10-MAR-2026 {0:%H:%M:%S}.048 {1:.3f} CDT",
    "a zone word in the time": "10-MAR-2026 {0:%H:%M:%S}.048CDT {1:.3f}",
    "AM and PM": "10-MAR-2026 {0:%I:%M:%S}.048 AM {1:.3f}",
    "AM and PM in the time": "10-MAR-2026 {0:%I:%M:%S}.048AM {1:.3f}",
    "a German month": "10-MRZ-2026 {0:%H:%M:%S}.048 {1:.3f}",
    "a German October": "10-Okt-2026 {0:%H:%M:%S}.048 {1:.3f}",
    "a French month": "10-AVRIL-2026 {0:%H:%M:%S}.048 {1:.3f}",
    "the month as a number": "10-03-2026 {0:%H:%M:%S}.048 {1:.3f}",
    "an ISO date": "2026-03-10 {0:%H:%M:%S}.048 {1:.3f}",
    "an ISO date in one word": "2026-03-10T{0:%H:%M:%S}.048Z {1:.3f}",
    "an American date": "03/10/2026 {0:%H:%M:%S}.048 {1:.3f}",
    "a date of ctime": "Tue Mar 10 {0:%H:%M:%S} 2026 {1:.3f}",
    "two digits of a year": "10-MAR-26 {0:%H:%M:%S}.048 {1:.3f}",
    "milliseconds since 1970": "{2}000 {1:.3f}",
    "a unit behind": "{2}.048 {1:.3f} Amps",
}


def _lines(form: str, start: int = 0, stop: int = 3600) -> bytes:
    """A row a second of the hour in some form."""
    begin = HOUR.start.astimezone(ACCELERATOR_ZONE)
    seconds = int(HOUR.start.timestamp())
    return b"".join(
        f"{form}\n".format(begin + timedelta(seconds=k), 5 + 0.001 * k, seconds + k).encode()
        for k in range(start, stop)
    )


GOOD = "{2}.048000 {1:.3f}"


def _ask(*bodies: bytes) -> tuple[Answer, int]:
    retry = RetryPolicy(attempts=3, first_delay=0, longest_delay=0)
    with service(*map(says, bodies)) as running, AclClient(running.url, retry=retry) as client:
        fetch = partial(DataLogger(client).samples, Parameter("MLrn", "B:VIMIN"))
        answer = ask_for(fetch, HOUR, nominal_rate_hz=1)
        return answer, len(running.targets)


@pytest.mark.parametrize("form", UNKNOWN.values(), ids=UNKNOWN)
@pytest.mark.parametrize("parser", [SampleParser, EventParser])
def test_the_first_row_that_is_not_understood_is_shown(
    form: str, parser: type[SampleParser | EventParser]
) -> None:
    body = _lines(form)
    reader = parser("B:VIMIN on MLrn")
    with pytest.raises(errors.RowsNotUnderstood) as caught:
        for piece in (LOG_HEAD if parser is EventParser else b"", body):
            reader.feed(piece)
        reader.finish()
    first = body.partition(b"\n")[0].decode()
    assert f"came back: {first!r}" in str(caught.value)
    assert "another form" in str(caught.value)


@pytest.mark.parametrize("form", UNKNOWN.values(), ids=UNKNOWN)
def test_such_a_reply_is_asked_for_once(form: str) -> None:
    answer, requests = _ask(_lines(form))
    assert (answer.state, answer.requests, requests) == ("refused", 1, 1)
    assert _lines(form, 0, 1).decode().strip() in answer.remark


@pytest.mark.parametrize("name", UNKNOWN)
def test_such_rows_among_others_are_shown_and_their_span_is_not_complete(name: str) -> None:
    answer, requests = _ask(_lines(GOOD, 0, 1800) + _lines(UNKNOWN[name], 1800, 3600))
    assert answer.state == "partial"
    assert requests < 10
    assert answer.table.num_rows == 1800
    (lines,) = [each for each in answer.findings if each.kind == "irregular lines"]
    assert _lines(UNKNOWN[name], 1800, 1801).decode().strip() in lines.detail


def test_a_few_minutes_of_such_rows_are_not_complete_either() -> None:
    form = UNKNOWN["a zone word"]
    body = _lines(GOOD, 0, 1800) + _lines(form, 1800, 1820) + _lines(GOOD, 1820, 3600)
    answer, _ = _ask(body)
    assert answer.state == "partial"
    answer, _ = _ask(body, _lines(GOOD))
    assert (answer.state, answer.table.num_rows) == ("complete", 3600)


@pytest.mark.parametrize("month", ["MAR", "Mar", "mar", "mAR"])
def test_a_month_is_read_in_capitals_or_not(month: str) -> None:
    reader = SampleParser("B:VIMIN")
    reader.feed(f"10-{month}-2026 11:00:00.048 1.5\n".encode())
    assert reader.finish().time.tolist() == [HOUR.start_microseconds + 48_000]


@pytest.mark.parametrize("more", ["7", "7 8", "1.0 2.0 3.0"])
@pytest.mark.parametrize("place", [0, 2])
def test_a_row_of_the_event_log_with_more_columns_is_no_array_device(more: str, place: int) -> None:
    lines = [f"10-MAR-2026 11:00:0{k}.048 0.046" for k in range(4)]
    lines[place] += f" {more}"
    reader = EventParser("event $0C")
    with pytest.raises(errors.RowsNotUnderstood, match="event log hold more than date") as caught:
        reader.feed(LOG_HEAD + "".join(f"{line}\n" for line in lines).encode())
        reader.finish()
    assert "array" not in str(caught.value)
    assert lines[place] in str(caught.value)


def test_words_behind_an_event_are_named_too() -> None:
    reader = EventParser("event $0C")
    reader.feed(LOG_HEAD + b"10-MAR-2026 11:00:00.048 0.046 hardware\n")
    with pytest.raises(errors.RowsNotUnderstood, match=r"0\.046 hardware"):
        reader.finish()


def test_rows_that_are_understood_stay_exact() -> None:
    answer, requests = _ask(_lines(GOOD))
    assert (answer.state, requests) == ("complete", 1)
    expected = np.round(5 + 0.001 * np.arange(3600), 3)
    assert np.array_equal(answer.table["value"].to_numpy(), expected)
