"""How the tests of the emulator talk to it: plain HTTP, with the query sent exactly as written."""

from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

from gmpsai_assets.emulator.service import EmulatorService

DAY = "2026-03-10"


def logger_get(device: str, start: str, end: str, node: str = "MLrn") -> str:
    """The command of the daily pull for one device; ``start`` and ``end`` are local."""
    return (
        "logger_get/date_format='utc_seconds'/ignore_db_format"
        f'/start="{start}"/end="{end}"/node={node}+{device}'.replace(" ", "+")
    )


def event_log(event: str, start: str, end: str) -> str:
    """The command of the daily pull for one TCLK event; ``start`` and ``end`` are local."""
    return f'event_log/start_time="{start}"/stop_time="{end}"/event={event}'.replace(" ", "+")


def ask(service: EmulatorService, command: str, *, key: str = "acl=") -> tuple[HTTPResponse, str]:
    """The response and its body; nothing in the command is encoded."""
    address = urlsplit(service.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=20)
    try:
        connection.putrequest("GET", f"{address.path}?{key}{command}")
        connection.endheaders()
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


def text_of(service: EmulatorService, command: str) -> str:
    """The body of a reply that must have status 200."""
    response, body = ask(service, command)
    assert response.status == 200, body
    return body


def rows_of(body: str) -> list[tuple[int, str]]:
    """Rows of a ``utc_seconds`` reply: microseconds since 1970, and the text of the value."""
    rows = []
    for line in body.splitlines():
        stamp, value = line.split()
        seconds, micros = stamp.split(".")
        rows.append((int(seconds) * 1_000_000 + int(micros.ljust(6, "0")), value))
    return rows
