"""The emulator answers over real HTTP as the laboratory does."""

import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from time import monotonic

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import (
    ACCELERATOR_ZONE,
    Window,
    day_window,
    from_microseconds,
    to_microseconds,
)
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets_tests.emulator.laboratory import ask, event_log, logger_get, rows_of, text_of
from gmpsai_assets_tests.waiting import wait_for_end

NOW = datetime(2026, 3, 20, 12, tzinfo=ACCELERATOR_ZONE)
TEN, TEN_MINUTES_PAST = "2026-03-10 10:00:00", "2026-03-10 10:10:00"
TLG_ROW = re.compile(
    r" *(\d+)\) Event : ([0-9A-F]{2})  State ID : +(\d+)  Time :  ([\d.]+) +Machine : (.+)"
)


@pytest.fixture(scope="module")
def service() -> Iterator[EmulatorService]:
    with running_emulator(now=NOW) as running:
        yield running


def window_of(start: str, end: str) -> Window:
    local = [datetime.fromisoformat(text).replace(tzinfo=ACCELERATOR_ZONE) for text in (start, end)]
    return Window(local[0], local[1] + timedelta(microseconds=1))


@pytest.mark.parametrize("device", ["B:VIMIN", "B|GMPSSC", "B_IPHSTC", "I:IB"])
def test_the_reply_is_the_simulated_truth(service: EmulatorService, device: str) -> None:
    start, end = "2026-03-10 09:50:00", "2026-03-10 11:20:00"
    times, values = service.machine.samples(device, window_of(start, end))
    for _ in ("rendered", "from the cache"):
        rows = rows_of(text_of(service, logger_get(device, start, end)))
        assert [time for time, _ in rows] == times.tolist()
        assert np.array_equal(np.array([value for _, value in rows], dtype=np.float32), values)


def test_windows_tile_without_a_gap(service: EmulatorService) -> None:
    clocks = ["10:00:00", "10:00:30", "10:37:12.345", "11:05:00"]
    stamps = [f"2026-03-10 {clock}" for clock in clocks]
    pieces = [
        rows_of(text_of(service, logger_get("B:VIMAX", start, end)))
        for start, end in itertools.pairwise(stamps)
    ]
    whole = rows_of(text_of(service, logger_get("B:VIMAX", stamps[0], stamps[-1])))
    assert [row for piece in pieces for row in piece] == whole


def test_both_ends_of_a_window_are_in_the_reply(service: EmulatorService) -> None:
    command = logger_get("B:NGMPS", TEN, TEN_MINUTES_PAST)
    times = [time for time, _ in rows_of(text_of(service, command))]
    first, last = (from_microseconds(time).astimezone(ACCELERATOR_ZONE) for time in times[:2])
    ends = [f"{time:%Y-%m-%d %H:%M:%S.%f}" for time in (first, last)]
    assert len(rows_of(text_of(service, logger_get("B:NGMPS", *ends)))) == 2


@pytest.mark.parametrize(
    ("day", "hours"), [("2025-03-09", 23), ("2026-03-10", 24), ("2025-11-02", 25)]
)
def test_a_local_day_has_23_24_or_25_hours(service: EmulatorService, day: str, hours: int) -> None:
    after = f"{datetime.fromisoformat(day) + timedelta(days=1):%Y-%m-%d} 00:00:00"
    body = text_of(service, logger_get("B:NGMPS", f"{day} 00:00:00", after))
    assert body.count("\n") == pytest.approx(hours * 53_989.4, abs=120)
    seconds = body.splitlines()[-1].split(".")[0]
    assert int(seconds) == day_window(day).end_microseconds // 1_000_000 - 1


def test_a_time_of_the_repeated_hour_is_the_first_of_the_two(service: EmulatorService) -> None:
    command = logger_get("B:NGMPS", "2025-11-02 01:30:00", "2025-11-02 01:30:01")
    first = datetime(2025, 11, 2, 1, 30, tzinfo=ACCELERATOR_ZONE)
    found = rows_of(text_of(service, command))[0][0]
    assert found - to_microseconds(first) == pytest.approx(50_000, abs=50_000)


def test_event_replies_of_the_repeated_hour_have_no_mark(service: EmulatorService) -> None:
    command = event_log("00", "2025-11-02 00:58:00", "2025-11-02 02:02:00")
    rows = text_of(service, command).splitlines()[6:]
    clocks = [row.split()[1] for row in rows]
    assert len(rows) == pytest.approx(124, abs=2)
    assert sum(clock.startswith("01:") for clock in clocks) == pytest.approx(120, abs=1)
    assert clocks != sorted(clocks)


def test_the_future_is_never_served(service: EmulatorService) -> None:
    command = logger_get("B:NGMPS", "2026-03-20 11:59:59", "2026-03-20 13:00:00")
    for _ in range(2):
        rows = rows_of(text_of(service, command))
        assert len(rows) > 10
        assert rows[-1][0] <= service.now_microseconds()
    later = logger_get("B:NGMPS", "2026-03-21 00:00:00", "2026-03-22 00:00:00")
    assert text_of(service, later).startswith("No values")
    events = event_log("0f", "2026-03-21 00:00:00", "2026-03-22 00:00:00")
    assert text_of(service, events).startswith("No occurrences of event")


def test_the_default_notation_is_local_time_in_fixed_columns(service: EmulatorService) -> None:
    command = "logger_get/start=10-MAR-2026-10:00/end=10-MAR-2026-10:01/node=fastest+B:IMINER"
    lines = text_of(service, command).splitlines()
    assert len(lines) == pytest.approx(900, abs=2)
    for line in lines:
        assert re.fullmatch(r"10-MAR-2026 10:0\d:\d\d\.\d{3}  [ -]\d+(\.\d{1,4})?", line), line


def test_qualifiers_change_the_number(service: EmulatorService) -> None:
    window = '/start="2026-03-10+10:00:00"/end="2026-03-10+10:00:01"'
    command = f"logger_get/date_format=utc_seconds/double/units{window}/device=B:VIMIN"
    assert re.fullmatch(
        r"\d{10}\.\d{3} 103\.\d{10,} Amps", text_of(service, command).splitlines()[0]
    )


def test_stamps_are_whole_milliseconds_unless_microseconds_are_chosen(
    service: EmulatorService,
) -> None:
    """Cut, as a clock of milliseconds is read: the same samples, none of them moved over the edge of a window."""
    command = logger_get("B:VIMIN", TEN, TEN_MINUTES_PAST)
    with running_emulator(now=NOW, stamp_decimals=6) as finer:
        fine = text_of(finer, command)
        assert [time for time, _ in rows_of(fine)] == Machine(stamp_microseconds=1).samples(
            "B:VIMIN", window_of(TEN, TEN_MINUTES_PAST)
        )[0].tolist()
    lines = text_of(service, command).splitlines()
    assert all(re.fullmatch(r"\d{10}\.\d{3} [\d.]+", line) for line in lines)
    assert [(time // 1_000 * 1_000, value) for time, value in rows_of(fine)] == rows_of(
        "\n".join(lines)
    )
    assert any(time % 1_000 for time, _ in rows_of(fine))


@pytest.mark.parametrize(("node", "found"), [("MLrn", False), ("NuMI2", True), ("fastest", True)])
def test_a_device_is_on_its_node_only(service: EmulatorService, node: str, found: bool) -> None:
    body = text_of(service, logger_get("E:DURL01", TEN, TEN_MINUTES_PAST, node))
    assert body.startswith("No values") != found
    assert not found or len(rows_of(body)) == 10


def test_a_bar_must_be_sent_raw(service: EmulatorService) -> None:
    assert len(rows_of(text_of(service, logger_get("B|GMPSSC", TEN, TEN_MINUTES_PAST)))) > 8_000
    for encoded in ("B%7CGMPSSC", "B%3AVIMIN"):
        body = text_of(service, logger_get(encoded, TEN, TEN_MINUTES_PAST))
        assert body == (
            f"Invalid device name ({encoded}) in logger_get command at line 0 - DIO_NO_SUCH\n"
        )


def test_quotes_and_blanks_may_be_encoded(service: EmulatorService) -> None:
    plain = logger_get("B:VIMIN", TEN, TEN_MINUTES_PAST)
    encoded = plain.replace('"', "%22").replace("'", "%27").replace("+", "%20")
    assert text_of(service, encoded) == text_of(service, plain)


def test_the_key_may_be_left_out(service: EmulatorService) -> None:
    response, body = ask(service, "read+G:SCTIME", key="")
    assert response.status == 200
    assert body.startswith("G:SCTIME       =  ")


@pytest.mark.parametrize(
    "command",
    [
        "set+B:VIMIN+100",
        "read+B:VIMIN;set+B:VIMIN+100",
        "set/setting+B_VIMIN+100",
        "val=B:VIMIN;print+val",
        "device_list/create+devs+devices='B:VIMIN'",
        "",
    ],
)
def test_anything_but_a_known_read_is_refused(service: EmulatorService, command: str) -> None:
    before = text_of(service, "read+B_VIMIN")
    body = text_of(service, command)
    assert body.startswith("Invalid command (")
    assert body.endswith(" - CLIB_SYNTAX\n")
    assert text_of(service, "read+B_VIMIN") == before


def test_a_refused_command_is_recorded(capfd: pytest.CaptureFixture[str]) -> None:
    with running_emulator(now=NOW, verbose=True) as service:
        text_of(service, "set+B:VIMIN+100")
        text_of(service, "read+B:VIMIN")
        assert [(one.verb, one.refused) for one in service.requests] == [
            ("set", True),
            ("read", False),
        ]
    first, second = capfd.readouterr().err.splitlines()
    assert re.search(r" set B:VIMIN 200 \d+ bytes .* REFUSED$", first)
    assert re.search(r" read B:VIMIN 200 \d+ bytes", second)
    assert "REFUSED" not in second


def test_unreadable_times_and_events_are_named(service: EmulatorService) -> None:
    body = text_of(service, logger_get("B:VIMIN", "soon", "now"))
    assert "logger_get" in body
    assert body.rstrip().endswith(" - CLIB_SYNTAX")
    assert "Invalid event (zz)" in text_of(service, event_log("zz", TEN, TEN_MINUTES_PAST))
    assert "Invalid event (1ff)" in text_of(service, event_log("1ff", TEN, TEN_MINUTES_PAST))


@pytest.mark.parametrize("code", ["0C", "0c", "c"])
def test_events_are_the_simulated_truth(service: EmulatorService, code: str) -> None:
    lines = text_of(service, event_log(code, TEN, TEN_MINUTES_PAST)).splitlines()
    assert len(lines[:6]) == 6
    assert lines[5].split() == ["Date", "Time", "SC"]
    window = window_of(TEN, TEN_MINUTES_PAST)
    times, seconds = service.machine.events(0x0C, window)
    assert len(lines) == 6 + times.size
    for line, time, offset in zip(lines[6:], times.tolist(), seconds.tolist(), strict=True):
        date, clock, into = line.split()
        local = from_microseconds(time).astimezone(ACCELERATOR_ZONE)
        assert (date, clock) == ("10-MAR-2026", f"{local:%H:%M:%S.%f}"[:-3])
        assert float(into) == pytest.approx(offset, abs=1e-9)


def test_an_event_that_did_not_occur_is_answered_without_a_preamble(
    service: EmulatorService,
) -> None:
    nothing = text_of(service, event_log("ff", TEN, TEN_MINUTES_PAST))
    assert nothing == "No occurrences of event FF found\n"


def test_the_timeline_is_that_of_the_supercycle_that_runs() -> None:
    with running_emulator(now=NOW, speed=1e-6) as service:
        lines = text_of(service, "tlg_info/all_event_info").split("\n")
        running = service.machine.schedule.at(service.now_microseconds())
        assert text_of(service, "tlg_info/supercycleLength") == "Supercycle length : 60.066666\n"
        into = float(text_of(service, "read/no_name/no_units+G:SCTIME"))
        length = text_of(service, "read/no_name/no_units/setting%20G:SCTIME")
        passed = (service.now_microseconds() - running.start_microseconds) / 1e6
    assert lines[0] == "Event information :"
    assert lines[-2:] == ["", ""]
    rows = [TLG_ROW.fullmatch(line) for line in lines[1:-2]]
    assert len(rows) == len(running.recipe.entries)
    for index, (row, entry) in enumerate(zip(rows, running.recipe.entries, strict=True), start=1):
        assert row is not None
        assert (int(row[1]), int(row[2], 16), int(row[3])) == (index, entry.event, entry.state_id)
        assert float(row[4]) == pytest.approx(entry.tick / 15, rel=5e-4)
        assert row[5] == entry.machine
    assert into == pytest.approx(passed, abs=1e-3)
    assert length == "  60.066666\n"


@pytest.mark.parametrize(
    "line",
    [
        "  1) Event : 17  State ID :   5  Time :  0      Machine : Booster",
        "  4) Event : 1D  State ID :   4  Time :  .0667  Machine : Booster",
        "1168) Event : 2A  State ID :   9  Time :  59.87  Machine : Main Injector",
    ],
)
def test_the_pattern_of_these_tests_reads_verbatim_rows(line: str) -> None:
    assert TLG_ROW.fullmatch(line)


def test_an_index_over_999_shifts_its_row(service: EmulatorService) -> None:
    with running_emulator(now=NOW, seed=3) as other:
        bodies = [text_of(one, "tlg_info/all_event_info") for one in (service, other)]
    assert any("\n1000) Event" in body and "\n 99) Event" in body for body in bodies)


def test_readings_have_the_forms_of_the_laboratory(service: EmulatorService) -> None:
    assert re.fullmatch(r"B:VIMIN        =  10\d\.\d+ Amps\n", text_of(service, "read+B:VIMIN"))
    assert re.fullmatch(r"  10\d\.\d+\n", text_of(service, "read/no_name/no_units+b:vimin"))
    assert re.fullmatch(r"E:DURL01       =  \d+\.\d+ %\n", text_of(service, "read+E:DURL01"))
    assert text_of(service, "read+Z:BAD") == (
        "Invalid device name (Z:BAD) in read device command at line 0 - DIO_NO_SUCH\n"
    )


def test_the_database_answers_in_fixed_columns(service: EmulatorService) -> None:
    lines = text_of(service, "show+b:vimin/text/units/FTD").splitlines()
    assert len(lines) == 3
    assert lines[0][21:] == "Compensated min current"
    assert lines[1][21:] == "Amps"
    assert lines[2][25:32].strip() == "15 Hz"
    assert text_of(service, "show/units+b:vimin") == f"{lines[1]}\n"
    assert text_of(service, "show+Z:BAD/text/units/FTD") == (
        "Invalid device name (Z:BAD) in show command at line 0 - DIO_NO_SUCH\n"
    )


@pytest.mark.parametrize("command", ["show/whereLogged+B:VIMIN", "show/logger_lists+B:VIMIN"])
def test_the_lists_of_a_device_are_shown(service: EmulatorService, command: str) -> None:
    assert text_of(service, command) == (
        "Logger lists containing B:VIMIN (1) :\n \n"
        "Name     Node   List        Data Event\n"
        "-------- ------ ----------- ----------------------------------------------\n"
        "B:VIMIN  MLrn   15 Hz    13 p,66,true\n"
    )


def test_two_reads_may_be_asked_at_once(service: EmulatorService) -> None:
    body = text_of(service, "read+B:NGMPS;read+B_IPHSTC")
    assert body == "B:NGMPS        =  4\nB_IPHSTC       =  20 sec\n"


@pytest.mark.parametrize(("retention", "rate"), [("off", 15), ("slow", 1), ("gone", 0)])
def test_data_older_than_ten_days_may_be_gone_or_slower(retention: str, rate: int) -> None:
    with running_emulator(now=NOW, retention=retention) as service:
        old = text_of(service, logger_get("B:VIMIN", TEN, TEN_MINUTES_PAST))
        assert old.startswith("No values") == (rate == 0)
        assert rate == 0 or old.count("\n") == pytest.approx(600 * rate, rel=0.01)
        new = logger_get("B:VIMIN", "2026-03-12 10:00:00", "2026-03-12 10:10:00")
        assert text_of(service, new).count("\n") == pytest.approx(9_000, abs=20)
        edge = logger_get("B:VIMIN", "2026-03-10 11:50:00", "2026-03-10 12:10:00")
        expected = 600 * (rate + 15)
        assert text_of(service, edge).count("\n") == pytest.approx(expected, rel=0.01)
        slow = logger_get("E:DURL01", TEN, TEN_MINUTES_PAST, "NuMI2")
        assert len(rows_of(text_of(service, slow))) == 10


def test_the_clock_of_the_laboratory_can_run_fast() -> None:
    with running_emulator(now=NOW, speed=1_000_000.0) as service:
        first = service.now_microseconds()
        text_of(service, "read+G:SCTIME")
        assert service.now_microseconds() - first > 1_000_000_000
    assert first >= to_microseconds(NOW)


def test_a_connection_is_used_again(service: EmulatorService) -> None:
    connection = HTTPConnection("127.0.0.1", service.port, timeout=20)
    for _ in range(3):
        for command in ("read+B:NGMPS", logger_get("B:VIMIN", TEN, TEN_MINUTES_PAST)):
            connection.request("GET", f"/cgi-bin/acl.pl?acl={command}")
            response = connection.getresponse()
            assert response.status == 200
            response.read()
            assert not response.will_close
    connection.close()


def test_an_old_client_gets_no_chunks(service: EmulatorService) -> None:
    connection = HTTPConnection("127.0.0.1", service.port, timeout=20)
    connection._http_vsn_str = "HTTP/1.0"  # type: ignore[attr-defined]
    command = logger_get("B:VIMIN", TEN, TEN_MINUTES_PAST)
    connection.request("GET", f"/cgi-bin/acl.pl?acl={command}")
    response = connection.getresponse()
    assert response.getheader("Transfer-Encoding") is None
    assert response.read().decode() == text_of(service, command)
    connection.close()


def test_another_path_is_not_found(service: EmulatorService) -> None:
    connection = HTTPConnection("127.0.0.1", service.port, timeout=20)
    connection.request("GET", "/cgi-bin/other.pl?acl=read+G:SCTIME")
    response = connection.getresponse()
    assert response.status == 404
    response.read()
    connection.close()


def test_requests_in_parallel_get_their_own_replies(service: EmulatorService) -> None:
    devices = ["B:VIMIN", "B_VIMIN", "B:VIMAX", "I:IB"] * 2
    commands = [logger_get(device, TEN, TEN_MINUTES_PAST) for device in devices]
    expected = [text_of(service, command) for command in commands]
    found: dict[int, str] = {}

    def fetch(index: int) -> None:
        found[index] = text_of(service, commands[index])

    threads = [Thread(target=fetch, args=(index,), daemon=True) for index in range(len(commands))]
    for thread in threads:
        thread.start()
    wait_for_end(*threads)
    assert [found[index] for index in range(len(commands))] == expected


def test_a_cache_is_used_by_the_next_emulator(tmp_path: Path) -> None:
    command = logger_get("B:VIMIN", "2026-03-10 08:00:00", "2026-03-10 11:00:00")
    with running_emulator(now=NOW, cache=tmp_path) as service:
        first = text_of(service, command)
    kept = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(kept) >= 4
    with running_emulator(now=NOW, cache=tmp_path) as service:
        assert text_of(service, command) == first
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == kept
    with running_emulator(now=NOW, cache=tmp_path, seed=2) as service:
        assert text_of(service, command) != first


def test_latency_is_added_to_every_request() -> None:
    with running_emulator(now=NOW, latency=0.2) as service:
        begun = monotonic()
        text_of(service, "read+B:NGMPS")
        assert monotonic() - begun >= 0.2
