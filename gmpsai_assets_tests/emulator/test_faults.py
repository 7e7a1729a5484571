"""Every fault that can be asked for, over real HTTP."""

import time
from collections.abc import Iterator
from datetime import datetime
from http.client import IncompleteRead, RemoteDisconnected

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, to_microseconds
from gmpsai_assets.emulator.faults import FaultSyntaxError, parse_fault
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.emulator.texts import ERROR_TEXTS
from gmpsai_assets_tests.emulator.laboratory import ask, event_log, logger_get, rows_of, text_of

NOW = datetime(2026, 3, 20, 12, tzinfo=ACCELERATOR_ZONE)
START, END = "2026-03-10 10:00:00", "2026-03-10 10:10:00"
VIMIN = logger_get("B:VIMIN", START, END)
SECOND = 1_000_000


@pytest.fixture(scope="module")
def service() -> Iterator[EmulatorService]:
    with running_emulator(now=NOW) as running:
        yield running


@pytest.fixture(scope="module")
def clean(service: EmulatorService) -> list[tuple[int, str]]:
    return rows_of(text_of(service, VIMIN))


@pytest.fixture(autouse=True)
def no_faults(service: EmulatorService) -> Iterator[None]:
    yield
    service.set_faults()


def local(text: str) -> int:
    return to_microseconds(datetime.fromisoformat(text).replace(tzinfo=ACCELERATOR_ZONE))


@pytest.mark.parametrize("status", [500, 502, 403])
def test_a_status_comes_with_a_web_page(service: EmulatorService, status: int) -> None:
    service.set_faults(f"http-{status},device=B:VIMIN,first=2")
    for expected in (status, status, 200):
        response, body = ask(service, VIMIN)
        assert response.status == expected
        assert body.startswith("<html>") == (expected != 200)
    assert text_of(service, logger_get("B:VIMAX", START, END))


def test_a_request_may_hang(service: EmulatorService) -> None:
    service.set_faults("hang,delay=0.3,verb=read")
    started = time.monotonic()
    with pytest.raises(RemoteDisconnected):
        ask(service, "read+G:SCTIME")
    assert time.monotonic() - started >= 0.3


def test_a_request_that_hangs_does_not_outlive_the_service() -> None:
    with running_emulator(now=NOW, faults=("hang",)) as hanging, pytest.raises(TimeoutError):
        ask_briefly(hanging)


def ask_briefly(service: EmulatorService) -> None:
    from http.client import HTTPConnection  # noqa: PLC0415 - a client with another timeout

    connection = HTTPConnection("127.0.0.1", service.port, timeout=0.2)
    try:
        connection.request("GET", "/cgi-bin/acl.pl?acl=read+G:SCTIME")
        connection.getresponse()
    finally:
        connection.close()


def test_bytes_may_come_slowly(service: EmulatorService) -> None:
    service.set_faults("slow,rate=5000")
    command = logger_get("B:VIMIN", START, "2026-03-10 10:00:05")
    started = time.monotonic()
    slow = text_of(service, command)
    assert time.monotonic() - started >= 0.3
    service.set_faults()
    assert slow == text_of(service, command)


def test_a_connection_may_be_cut_in_the_middle(service: EmulatorService) -> None:
    service.set_faults("cut,bytes=5000")
    with pytest.raises(IncompleteRead) as broken:
        ask(service, VIMIN)
    assert len(broken.value.partial) == 5_000


def test_a_body_may_be_short_with_a_clean_end(service: EmulatorService) -> None:
    service.set_faults("short,bytes=5000")
    response, body = ask(service, VIMIN)
    assert response.status == 200
    assert len(body) == 5_000
    service.set_faults()
    assert text_of(service, VIMIN).startswith(body)


@pytest.mark.parametrize("kind", ["cut", "short"])
def test_a_reply_shorter_than_the_limit_is_broken_in_its_middle(
    service: EmulatorService, kind: str
) -> None:
    whole = text_of(service, "read+B:NGMPS")
    service.set_faults(f"{kind},verb=read")
    if kind == "short":
        assert ask(service, "read+B:NGMPS")[1] == whole[: len(whole) // 2]
    else:
        with pytest.raises(IncompleteRead) as caught:
            ask(service, "read+B:NGMPS")
        assert caught.value.partial == whole[: len(whole) // 2].encode()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("hang,bytes=3", "delay"),
        ("http-500,rate=5", "skip"),
        ("cut,delay=3", "bytes"),
        ("no-values,every=10", "skip"),
        ("stars,step=2", "every"),
        ("gap,every=2", "seconds"),
        ("http-504,seconds=60", "skip"),
    ],
)
def test_a_key_of_another_kind_is_refused_with_those_of_this_one(text: str, keys: str) -> None:
    with pytest.raises(FaultSyntaxError, match=rf"keys of {text.partition(',')[0]} are .*{keys}$"):
        parse_fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "hang,delay=-1",
        "hang,delay=nan",
        "cut,bytes=inf",
        "gap,seconds=-5",
        "gap,first=-1",
        "gap,skip=-1",
    ],
)
def test_a_number_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(FaultSyntaxError, match="negative"):
        parse_fault(text)


def test_a_web_page_may_come_with_status_200(service: EmulatorService) -> None:
    service.set_faults("html")
    response, body = ask(service, VIMIN)
    assert response.status == 200
    assert response.getheader("Content-Type") == "text/html"
    assert "<h1>" in body


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("dio-no-such", "(B:VIMIN) in read device command at line 0 - DIO_NO_SUCH"),
        ("clib-syntax", "at line 1 - CLIB_SYNTAX"),
        ("dio-noatt", "Error determining status text in read device command at line 1 - B:VIMIN"),
        ("dpm-pend", "DPM_PEND"),
        ("message", "! message"),
        ("echo", "logger_get/date_format='utc_seconds'"),
    ],
)
def test_each_error_text_can_be_had(service: EmulatorService, name: str, part: str) -> None:
    service.set_faults(f"error-{name}")
    body = text_of(service, VIMIN)
    assert part in body
    assert body.count("\n") == 1


def test_all_error_texts_are_tested() -> None:
    assert set(ERROR_TEXTS) == {
        "dio-no-such",
        "clib-syntax",
        "dio-noatt",
        "dpm-pend",
        "message",
        "echo",
    }


def test_no_values_can_be_had(service: EmulatorService) -> None:
    service.set_faults("no-values,device=b:vimin")
    assert text_of(service, VIMIN) == "No values found\n"


def test_values_may_be_stars(service: EmulatorService, clean: list[tuple[int, str]]) -> None:
    service.set_faults("stars,every=100,start=2026-03-10T10:01:00,seconds=60")
    rows = rows_of(text_of(service, VIMIN))
    stars = [time for time, value in rows if value == "*****"]
    assert len(stars) == pytest.approx(9, abs=1)
    assert local("2026-03-10 10:01:00") <= stars[0]
    assert stars[-1] < local("2026-03-10 10:02:00")
    assert [time for time, _ in rows] == [time for time, _ in clean]


def test_rows_may_come_twice(service: EmulatorService, clean: list[tuple[int, str]]) -> None:
    service.set_faults("duplicates,every=500")
    rows = rows_of(text_of(service, VIMIN))
    assert len(rows) == len(clean) + 18
    assert sorted(set(rows)) == clean
    assert rows == sorted(rows)


def test_rows_may_be_out_of_order(service: EmulatorService, clean: list[tuple[int, str]]) -> None:
    service.set_faults("disorder,every=500")
    rows = rows_of(text_of(service, VIMIN))
    assert rows != clean
    assert sorted(rows) == clean
    assert sum(rows[i] != clean[i] for i in range(len(rows))) == 36


def test_there_may_be_a_gap(service: EmulatorService, clean: list[tuple[int, str]]) -> None:
    service.set_faults("gap,device=B:VIMIN,start=2026-03-10T10:02:00,seconds=30")
    first, after = local("2026-03-10 10:02:00"), local("2026-03-10 10:02:30")
    kept = [row for row in clean if not first <= row[0] < after]
    assert rows_of(text_of(service, VIMIN)) == kept
    other = logger_get("B:VIMIN", "2026-03-10 11:00:00", "2026-03-10 11:01:00")
    assert len(rows_of(text_of(service, other))) == pytest.approx(900, abs=2)


def test_a_gap_without_a_window_is_in_the_middle(service: EmulatorService) -> None:
    service.set_faults("gap,seconds=10")
    times = [time for time, _ in rows_of(text_of(service, VIMIN))]
    widest = max(range(1, len(times)), key=lambda place: times[place] - times[place - 1])
    assert times[widest] - times[widest - 1] == pytest.approx(10 * SECOND, abs=SECOND)
    assert times[widest - 1] == pytest.approx(local("2026-03-10 10:05:00"), abs=SECOND)


def test_the_time_into_the_supercycle_may_stand_still(service: EmulatorService) -> None:
    command = "read/no_name/no_units+G:SCTIME"
    first = text_of(service, command)
    service.set_faults("frozen,device=G:SCTIME")
    frozen = {text_of(service, command) for _ in range(3)}
    assert len(frozen) == 1
    service.set_faults()
    assert first not in frozen
    assert text_of(service, command) not in frozen


def test_a_value_may_be_frozen(service: EmulatorService, clean: list[tuple[int, str]]) -> None:
    service.set_faults("frozen,start=2026-03-10T10:02:00,end=2026-03-10T10:03:00")
    rows = rows_of(text_of(service, VIMIN))
    assert [time for time, _ in rows] == [time for time, _ in clean]
    first, after = local("2026-03-10 10:02:00"), local("2026-03-10 10:03:00")
    frozen = {value for time, value in rows if first <= time < after}
    assert len(frozen) == 1
    assert [row for row in rows if row[0] < first] == [row for row in clean if row[0] < first]


def test_the_tier_may_be_slower(service: EmulatorService, clean: list[tuple[int, str]]) -> None:
    service.set_faults("tier-1s")
    rows = rows_of(text_of(service, VIMIN))
    assert len(rows) == 600
    assert set(rows) <= set(clean)


def test_a_reply_may_end_after_487_rows(
    service: EmulatorService, clean: list[tuple[int, str]]
) -> None:
    service.set_faults("rows-487")
    assert rows_of(text_of(service, VIMIN)) == clean[:487]


def test_the_clock_may_step(service: EmulatorService, clean: list[tuple[int, str]]) -> None:
    service.set_faults("clock-step,step=5,start=2026-03-10T10:04:00")
    times = [time for time, _ in rows_of(text_of(service, VIMIN))]
    first, end = local("2026-03-10 10:04:00"), local(END)
    moved = [time if time < first else time + 5 * SECOND for time, _ in clean]
    assert times == [time for time in moved if time <= end]


def test_a_clock_that_steps_back_brings_rows_out_of_order(service: EmulatorService) -> None:
    service.set_faults("clock-step,step=-5")
    times = [time for time, _ in rows_of(text_of(service, VIMIN))]
    assert times != sorted(times)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("crlf", "\n", "\r\n"),
        ("tabs", " ", "\t"),
        ("spaces", " ", "    "),
    ],
)
def test_the_notation_may_vary(
    service: EmulatorService, kind: str, before: str, after: str
) -> None:
    plain = text_of(service, VIMIN)
    service.set_faults(kind)
    found = text_of(service, VIMIN)
    assert found != plain
    assert found.replace("  \n", "\n") == plain.replace(before, after)


def test_rows_may_have_a_line_before_them(service: EmulatorService) -> None:
    plain = text_of(service, VIMIN)
    service.set_faults("preamble")
    assert text_of(service, VIMIN).split("\n", 1)[1] == plain


def test_rows_may_be_wrapped_in_html(service: EmulatorService) -> None:
    plain = text_of(service, VIMIN)
    service.set_faults("pre")
    response, body = ask(service, VIMIN)
    assert response.getheader("Content-Type") == "text/html"
    assert body == f"<html><body><pre>\n{plain}</pre></body></html>\n"


def test_events_have_faults_too(service: EmulatorService) -> None:
    command = event_log("0c", START, END)
    plain = text_of(service, command).splitlines()
    service.set_faults("gap,event=0C,seconds=60", "duplicates,event=0c,every=1000", "stars")
    found = text_of(service, command).splitlines()
    assert len(found) == pytest.approx(len(plain) - 900 + 9, abs=3)
    service.set_faults("http-500,event=0d")
    assert text_of(service, command).splitlines() == plain


def test_faults_of_a_window_meet_requests_that_touch_it(service: EmulatorService) -> None:
    service.set_faults("http-500,start=2026-03-10T10:10:00,seconds=60")
    assert ask(service, VIMIN)[0].status == 500
    assert ask(service, logger_get("B:VIMIN", START, "2026-03-10 10:09:59"))[0].status == 200
    assert (
        ask(service, logger_get("B:VIMIN", "2026-03-10 10:11:00", "2026-03-10 10:12:00"))[0].status
        == 200
    )
    assert ask(service, "read+G:SCTIME")[0].status == 200


def test_some_requests_may_pass_first(service: EmulatorService) -> None:
    service.set_faults("http-500,skip=1,first=1")
    assert [ask(service, "read+B:NGMPS")[0].status for _ in range(3)] == [200, 500, 200]


def test_faults_are_not_kept_in_the_cache(
    service: EmulatorService, clean: list[tuple[int, str]]
) -> None:
    service.set_faults("duplicates")
    assert rows_of(text_of(service, VIMIN)) != clean
    service.set_faults()
    assert rows_of(text_of(service, VIMIN)) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "explode",
        "http-200",
        "http-x",
        "gap,device",
        "gap,colour=red",
        "gap,first=two",
        "gap,start=soon",
        "gap,event=zz",
        "gap,first=1,first=2",
    ],
)
def test_an_unknown_fault_is_named(text: str) -> None:
    with pytest.raises(FaultSyntaxError, match="fault"):
        parse_fault(text)


@settings(deadline=None)
@given(
    first=st.integers(0, 99),
    skip=st.integers(0, 99),
    device=st.sampled_from(["", "B:VIMIN", "b|gmpssc"]),
)
def test_a_fault_is_read_back(first: int, skip: int, device: str) -> None:
    fault = parse_fault(f"gap,first={first},skip={skip},device={device}, seconds=7")
    assert (fault.first, fault.skip, fault.device) == (first, skip, device.upper())
    assert fault.number("seconds") == 7


def test_the_window_of_a_fault_is_local_time_unless_it_says_otherwise() -> None:
    assert parse_fault("gap,start=2026-03-10T10:00:00").start == local("2026-03-10 10:00:00")
    assert parse_fault("gap,start=2026-03-10T15:00:00Z").start == local("2026-03-10 10:00:00")
    fault = parse_fault("gap,start=2026-03-10T10:00:00,seconds=1.5")
    assert fault.start is not None
    assert fault.end == fault.start + 1_500_000


@pytest.mark.parametrize(("kind", "seconds"), [("tier-1s", 1), ("tier-5min", 300)])
def test_a_slower_tier_has_one_row_a_stretch_over_all_blocks(
    service: EmulatorService, kind: str, seconds: int
) -> None:
    service.set_faults(kind)
    start = "2026-03-10 10:00:00"
    rows = rows_of(text_of(service, logger_get("B:VIMIN", start, "2026-03-10 14:00:00")))
    stretches = [time // (seconds * 1_000_000) for time, _ in rows]
    assert len(set(stretches)) == len(stretches)
    assert len(stretches) in (4 * 3600 // seconds, 4 * 3600 // seconds + 1)


@pytest.mark.parametrize(("kind", "word"), [("nan", "NaN"), ("inf", "Infinity"), ("text", "Off")])
def test_a_word_stands_for_a_value(service: EmulatorService, kind: str, word: str) -> None:
    service.set_faults(f"{kind},every=100")
    body = text_of(service, logger_get("B:VIMIN", "2026-03-10 10:00:00", "2026-03-10 10:01:00"))
    words = [value for _, value in rows_of(body) if value == word]
    assert len(words) == 9


def test_rows_outside_the_window_and_texts_around_the_rows(service: EmulatorService) -> None:
    command = logger_get("B:VIMIN", "2026-03-10 10:00:00", "2026-03-10 10:01:00")
    clean = text_of(service, command)
    service.set_faults("outside")
    wider = text_of(service, command)
    assert clean in wider
    assert len(wider.splitlines()) > 1.9 * len(clean.splitlines())
    service.set_faults("warning", "aborted")
    around = text_of(service, command).splitlines()
    assert (around[0][:8], around[-1]) == ("Warning:", "ERROR: logger aborted")
    service.set_faults("torn")
    torn = text_of(service, command).splitlines()
    assert len(torn) == len(clean.splitlines()) - 1


@pytest.mark.parametrize("shift", [-300, 300])
def test_the_answer_may_be_to_another_window(service: EmulatorService, shift: int) -> None:
    minute = "2026-03-10 10:{:02}:00".format
    meant = logger_get("B:VIMIN", minute(10 + shift // 60), minute(20 + shift // 60))
    expected = text_of(service, meant)
    service.set_faults(f"other-window,shift={shift}")
    assert text_of(service, logger_get("B:VIMIN", minute(10), minute(20))) == expected


def test_an_end_of_the_rows_may_be_cut(
    service: EmulatorService, clean: list[tuple[int, str]]
) -> None:
    service.set_faults("no-tail,rows=5")
    assert rows_of(text_of(service, VIMIN)) == clean[:-5]
    service.set_faults("no-head")
    assert rows_of(text_of(service, VIMIN)) == clean[8:]
    service.set_faults(f"no-tail,over={len(clean)}")
    assert rows_of(text_of(service, VIMIN)) == clean
