"""Replies that do not end well, 40 MB each, and a program that asks for them and says how much memory that took.

``python -m gmpsai_assets_tests.acnet.endless_replies URL QUESTION`` prints the error, the peak in MB above what the
process had before, and the seconds it took.
"""

import gzip
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.timeline.clock import StopSwitch
from gmpsai_assets.timeline.source import AclTimelineSource
from gmpsai_assets_tests.acnet.services import Answer, Handler

MEGABYTE = 1_000_000
LENGTH = 40 * MEGABYTE
PIECE = 1 << 16

_ROW = b"1583816400.048 103.4\n"
_EVENT = b"10-MAR-2026 00:00:00.048 0.1\n"
_MANY_NUMBERS = b"1583816400.048 1" + b" 11" * 200 + b" x\n"

BODIES: dict[str, tuple[bytes, bytes]] = {
    "no line end": (b"", b"abc "),
    "blanks": (b"", b" "),
    "line ends": (b"", b"\n"),
    "carriage returns": (b"", b"\r"),
    "rows that end with a carriage return": (b"", _ROW.replace(b"\n", b"\r")),
    "one endless number": (b"1583816400.048 1", b"1"),
    "zeros before a time": (b"", b"0"),
    "opening brackets": (b"", b"<"),
    "opening brackets on lines": (b"", b"<\n"),
    "tags": (b"", b"<a>"),
    "tags on lines": (b"", b"<a\n"),
    "lines before the rows": (b"", b"a line that is no row\n"),
    "short lines before the rows": (b"", b"x\n"),
    "lines after a row": (_ROW, b"a line that is no row, and the next is none\n"),
    "lines after an event": (_EVENT, b"a line that is no row, and the next is none\n"),
    "blank lines after a row": (_ROW, b"\n"),
    "a line without end after a row": (_ROW, b"x"),
    "rows in another form": (b"", b"10-MAR-2026 00:00:00.048 CST 103.4\n"),
    "rows of many numbers": (b"", _MANY_NUMBERS),
    "no values, far apart": (b"a", b"\nno value\n" + b"\n" * 500),
    "error codes that do not end": (b" - A", b"_A"),
    "entries": (b"", b"1) Event : 00 State ID : 1 Time : 1 Machine : x\n"),
    "an entry with an endless number": (b"1) Event : 00 State ID : 1 Time : 1", b"1"),
    "table rows": (b"----\n", b"B:VIMIN MLrn 15 Hz 13 p,66,true\n"),
    "a reading without end": (b"B:VIMIN = ", b"1 "),
}


def endless(start: bytes, repeated: bytes) -> Answer:
    """An answer of 40 MB that is sent in pieces, so that it lies in no memory as a whole."""
    piece = repeated * (PIECE // len(repeated) + 1)

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(LENGTH))
        handler.end_headers()
        left = LENGTH - len(start)
        try:
            handler.wfile.write(start)
            while left > 0:
                handler.wfile.write(piece[:left])
                left -= len(piece)
        except OSError:
            handler.close_connection = True

    return answer


def gzip_bomb() -> Answer:
    """Half a megabyte that is 400 MB when it is unpacked, though nobody said that it may be packed."""
    packed = gzip.compress(b"\n" * (400 * MEGABYTE), compresslevel=9)

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        try:
            handler.wfile.write(packed)
        except OSError:
            handler.close_connection = True

    return answer


WINDOW = Window(datetime(2026, 3, 10, 6, tzinfo=UTC), datetime(2026, 3, 11, 5, tzinfo=UTC))


def _questions(client: AclClient) -> dict[str, Callable[[], object]]:
    datalogger = DataLogger(client)
    timeline = AclTimelineSource(client, lambda: 0, StopSwitch(), lambda: None)
    return {
        "samples": lambda: datalogger.samples(Parameter("MLrn", "B:VIMIN"), WINDOW),
        "events": lambda: datalogger.events(0x0C, WINDOW),
        "logger lists": lambda: datalogger.logger_lists("B:VIMIN"),
        "device texts": lambda: datalogger.device_description("B:VIMIN"),
        "timeline": timeline.timeline,
        "reading": timeline.elapsed,
        "length": timeline.length,
    }


QUESTIONS = ("samples", "events", "logger lists", "device texts", "timeline", "reading", "length")


def _peak() -> float:
    """MB that this process had at most; ``getrusage`` would tell the peak of the one that started it."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def main(url: str, question: str) -> None:
    """Ask once for every reply that the service gives."""
    retry = RetryPolicy(attempts=1, first_delay=0, longest_delay=0)
    with AclClient(url, retry=retry) as client:
        ask = _questions(client)[question]
        before = _peak()
        for name in (*BODIES, "gzip bomb"):
            started = time.monotonic()
            try:
                ask()
                said = "data"
            except AcnetError as error:
                said = type(error).__name__
            seconds = time.monotonic() - started
            print(f"{name}\t{said}\t{_peak() - before:.0f}\t{seconds:.1f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
