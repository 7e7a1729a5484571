"""The command line of the emulator, from its arguments to the signal that ends it."""

import argparse
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.emulator.captures import capture_lines
from gmpsai_assets.emulator.command import PORT, configure, run
from gmpsai_assets.emulator.late_front_ends import LateFrontEndSyntaxError, parse_late_front_end
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.settings import EMULATOR_PORT

_CAPTURES = ["--captures-into", "/nowhere", "--captures-of"]


def arguments_of(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    configure(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_answers_and_ends_at_once(number: signal.Signals) -> None:
    words = ["--port", "0", "--now", "2026-03-20T12:00:00", "--fault", "hang,verb=show"]
    command = [sys.executable, "-m", "gmpsai_assets.emulator", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = urlsplit(process.stdout.readline().strip())
        connection = HTTPConnection(str(address.hostname), address.port, timeout=20)
        connection.request("GET", f"{address.path}?acl=read+B:NGMPS")
        assert connection.getresponse().read() == b"B:NGMPS        =  4\n"
        connection.request("GET", f"{address.path}?acl=show/text+B:NGMPS")
        started = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - started < 5
        assert process.stderr.read() == ""
        connection.close()


def test_its_own_default_port_is_the_one_that_the_settings_name() -> None:
    assert arguments_of().port == PORT == EMULATOR_PORT


def test_one_past_day_of_captures_is_written_and_left_alone_the_second_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--captures-of", "2026-03-10", "--captures-into", str(tmp_path), "--seed", "3"]
    file = tmp_path / "2026-03-10.jsonl"
    assert run(arguments_of(*words)) == 0
    assert capsys.readouterr().out == f"{file}: written\n"
    assert file.read_bytes() == b"".join(capture_lines(Machine(seed=3), day_window("2026-03-10")))
    file.write_bytes(b"recorded")
    assert run(arguments_of(*words)) == 0
    assert capsys.readouterr().out == f"{file}: it is there already and stays as it is\n"
    assert file.read_bytes() == b"recorded"


def test_a_day_of_captures_is_read_as_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments_of("--captures-of", "10-MAR-2026")
    assert "a day is written YYYY-MM-DD" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--fault", "explode"], "no fault 'explode'"),
        (["--late-front-end", "Z:BAD=14"], "no device 'Z:BAD'"),
        (["--late-front-end", "B:VIMIN=nan"], "at most 60 ms"),
        (["--late-front-end", "B:VIMIN=5,-3"], "at most 60 ms"),
        (["--supercycle-ticks", "1"], "at least 2 ticks"),
        (["--supercycle-ticks", "-901"], "at least 2 ticks"),
        (["--host", "192.0.2.1"], ""),
        (["--port", "70000"], "port must be 0-65535"),
        (["--captures-of", "2026-03-10"], "--captures-into FOLDER"),
        (
            [*_CAPTURES, "2026-03-20", "--now", "2026-03-20T23:59"],
            "2026-03-20 is not over yet in the emulated laboratory; choose an earlier day",
        ),
    ],
    ids=str,
)
def test_an_argument_that_cannot_be_used_ends_it_with_a_sentence(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments_of("--port", "0", *words)) == 2
    said = capsys.readouterr().err
    assert said.startswith("gmpsai emulator: ")
    assert reason in said


@pytest.mark.parametrize(
    "words", [["--speed", "0"], ["--speed", "nan"], ["--latency", "-1"], ["--latency", "inf"]]
)
def test_a_number_out_of_range_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        arguments_of(*words)
    assert f"argument {words[0]}: must be a" in capsys.readouterr().err


def test_the_help_explains_the_faults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments_of("--help")
    shown = capsys.readouterr().out
    assert "KIND[,key=value]" in shown
    assert "rows-487" in shown


def test_a_late_front_end_is_read() -> None:
    name, late = parse_late_front_end("b:gmps4v=14,1")
    assert (name, late.microseconds, late.jitter) == ("B:GMPS4V", 14_000, 1_000)
    assert parse_late_front_end("B:VIMIN=2.5")[1].jitter == 0


@pytest.mark.parametrize(
    "text",
    [
        *("", "B:VIMIN", "B:VIMIN=", "B:VIMIN=x", "Z:BAD=1", "B:VIMIN=1,0,0"),
        *("B:VIMIN=inf", "B:VIMIN=5,nan", "B:VIMIN=-1", "B:VIMIN=5,6", "B:VIMIN=50,11"),
    ],
)
def test_a_late_front_end_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(LateFrontEndSyntaxError):
        parse_late_front_end(text)
