"""Connections to the emulator: requests become commands, answers become bytes.

Here are HTTP, and the faults that break a connection. What is answered is decided in ``answers``.
"""

import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Protocol, cast

from gmpsai_assets.emulator import texts
from gmpsai_assets.emulator.answers import Answer, Answers
from gmpsai_assets.emulator.faults import Fault, FaultBook
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.request import (
    READ_ONLY_VERBS,
    Command,
    CommandSyntaxError,
    decode_query,
    split_commands,
)
from gmpsai_assets.emulator.streams import Part, contents

ACL_PATH = "/cgi-bin/acl.pl"
_SHORT_REPLY = 64 * 1024


@dataclass(frozen=True)
class RequestRecord:
    """One request.

    Attributes:
        query: what came after the question mark, as sent.
        verb: its first command; empty if it could not be read.
        device: the device, or the event in hexadecimal.
        refused: whether it is no read-only command, so nothing is done.
    """

    query: str
    verb: str
    device: str
    refused: bool = False


@dataclass(frozen=True)
class ReplyRecord:
    """What was sent for a request.

    Attributes:
        status: HTTP status; 0 if nothing was sent.
        sent_bytes: bytes of the body.
        seconds: how long it took.
    """

    status: int
    sent_bytes: int
    seconds: float


class BrokenOffError(ConnectionError):
    """A fault broke the connection off; there is nothing more to send."""


class Laboratory(Protocol):
    """What a connection needs of the service behind it."""

    options: EmulatorOptions
    answers: Answers
    faults: FaultBook
    ended: Event

    def begin(self, request: RequestRecord) -> None:
        """Remember a request, before a byte of its answer is sent."""

    def end(self, request: RequestRecord, reply: ReplyRecord) -> None:
        """Write what became of it."""


class AclServer(ThreadingHTTPServer):
    """The web server: one daemon thread per connection.

    Args:
        address: host and port.
        laboratory: the service behind it.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "GmpsaiEmulator"
    disable_nagle_algorithm = True
    timeout = 120

    def do_GET(self) -> None:
        """Answer one request."""
        laboratory = cast("AclServer", self.server).laboratory
        started = time.monotonic()
        self.status_sent, self.body_bytes = 0, 0
        path, _, query = self.path.partition("?")
        commands = _commands_of(query)
        request = _record_of(query, commands)
        laboratory.begin(request)
        try:
            if path not in {ACL_PATH, "/cgi-bin/acl"}:
                self._send_page(404)
                return
            laboratory.ended.wait(laboratory.options.latency)
            self._answer(laboratory, query, commands)
        except BrokenOffError:
            self.close_connection = True
        finally:
            seconds = time.monotonic() - started
            laboratory.end(request, ReplyRecord(self.status_sent, self.body_bytes, seconds))

    def log_message(self, *_: object) -> None:
        """The service writes its own line per request."""

    def _answer(self, laboratory: Laboratory, query: str, commands: list[Command]) -> None:
        if not commands or commands[0].verb not in READ_ONLY_VERBS:
            text = commands[0].text if commands else decode_query(query)
            self._send_answer(laboratory, Answer(iter([texts.invalid_command(text).encode()])), [])
            return
        met = [
            laboratory.faults.meeting(laboratory.answers.target(command)) for command in commands
        ]
        faults = [fault for found in met for fault in found]
        if self._broken_before(laboratory, faults):
            return
        answers = [laboratory.answers.answer(*pair) for pair in zip(commands, met, strict=True)]
        parts = (part for answer in answers for part in answer.parts)
        self._send_answer(laboratory, Answer(parts, answers[0].content_type), faults)

    def _broken_before(self, laboratory: Laboratory, faults: list[Fault]) -> bool:
        """Whether a fault has taken the place of the answer."""
        for fault in faults:
            if fault.kind == "hang":
                laboratory.ended.wait(fault.number("delay"))
                raise BrokenOffError
            if fault.status is not None:
                self._send_page(fault.status)
                return True
        return False

    def _send_page(self, status: int) -> None:
        reason = self.responses.get(status, ("Error",))[0]
        body = texts.WEB_PAGE.format(title=f"{status} {reason}").encode()
        self._start_reply(status, "text/html", len(body))
        self._write(body)

    def _send_answer(self, laboratory: Laboratory, answer: Answer, faults: list[Fault]) -> None:
        """Short replies with their length, long ones in chunks as they come."""
        breaking = [fault for fault in faults if fault.kind in {"slow", "cut", "short"}]
        if breaking:
            self._send_broken(laboratory, answer, breaking[0])
            return
        held = bytearray()
        started = False
        for part in answer.parts:
            if isinstance(part, bytes) and len(held) + len(part) <= _SHORT_REPLY:
                held += part
                continue
            with nullcontext() if isinstance(part, bytes) else part.file:
                if not started:
                    self._start_reply(200, answer.content_type, None)
                    started = True
                self._send_chunk(bytes(held))
                held.clear()
                self._send_chunk(part)
        if not started:
            self._start_reply(200, answer.content_type, len(held))
            self._write(bytes(held))
            return
        self._send_chunk(bytes(held))
        if self.chunked:
            self._write_raw(b"0\r\n\r\n")

    def _send_broken(self, laboratory: Laboratory, answer: Answer, fault: Fault) -> None:
        body = b"".join(contents(part) for part in answer.parts)
        lines = int(fault.number("lines"))
        limit = int(fault.number("bytes"))
        if limit >= len(body):  # the fault must show in a short reply, too
            limit = len(body) // 2
        if fault.kind == "short":
            whole = b"".join(body.splitlines(keepends=True)[:lines])
            body = whole or body[:limit].removesuffix(b"\n")
        self._start_reply(200, answer.content_type, len(body))
        if fault.kind == "short":
            self._write(body)
        elif fault.kind == "cut":
            self._write(body[:limit])
            raise BrokenOffError
        else:
            pace = max(1, int(fault.number("rate") / 10))
            for place in range(0, len(body), pace):
                self._write(body[place : place + pace])
                if laboratory.ended.wait(0.1):
                    raise BrokenOffError

    def _start_reply(self, status: int, content_type: str, length: int | None) -> None:
        self.chunked = length is None and self.request_version != "HTTP/1.0"
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if length is not None:
            self.send_header("Content-Length", str(length))
        elif self.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.close_connection = True
        self.end_headers()
        self.status_sent = status

    def _send_chunk(self, part: Part) -> None:
        size = len(part) if isinstance(part, bytes) else part.size
        if not size:
            return
        if self.chunked:
            self._write_raw(f"{size:x}\r\n".encode())
        if isinstance(part, bytes):
            self._write(part)
        else:
            self.connection.sendfile(part.file, count=size)
            self.body_bytes += size
        if self.chunked:
            self._write_raw(b"\r\n")

    def _write(self, body: bytes) -> None:
        self._write_raw(body)
        self.body_bytes += len(body)

    def _write_raw(self, data: bytes) -> None:
        self.connection.sendall(data)


def _commands_of(query: str) -> list[Command]:
    """The commands of a query; the first that is not read-only alone if there is one."""
    try:
        commands = split_commands(decode_query(query))
    except CommandSyntaxError:
        return []
    refused = [command for command in commands if command.verb not in READ_ONLY_VERBS]
    return refused[:1] or commands


def _record_of(query: str, commands: list[Command]) -> RequestRecord:
    if not commands:
        return RequestRecord(query, verb="", device="")
    command = commands[0]
    device = command.device or command.qualifiers.get("event", "")
    return RequestRecord(query, command.verb, device, command.verb not in READ_ONLY_VERBS)
