"""The command line of the emulator, from its arguments to the signal that ends it."""

import argparse
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from gmpsai_assets.emulator.command import configure, run
from gmpsai_assets.emulator.late_front_ends import LateFrontEndSyntaxError, parse_late_front_end
from gmpsai_assets.settings import EMULATOR_PORT
from gmpsai_assets_tests.waiting import first_line


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
        assert process.stderr is not None
        address = urlsplit(first_line(process).strip())
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


def test_the_usual_port_is_that_of_the_settings() -> None:
    assert arguments_of().port == EMULATOR_PORT


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
