"""Small services on loopback that answer, or misbehave, exactly as a test says."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Gives the answers of its service, one a request, the last one again and again."""

    protocol_version = "HTTP/1.1"
    service: "Service"

    def do_GET(self) -> None:
        self.service.targets.append(self.path)
        self.service.headers.append(dict(self.headers.items()))
        with self.service.lock:
            answers = self.service.answers
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is inherited)
        """Say nothing."""


@dataclass
class Service:
    """A running service: what it will answer, and what it was asked."""

    url: str
    answers: list[Answer]
    targets: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def service(*answers: Answer) -> Iterator[Service]:
    """A service on a free port of loopback that gives these answers."""
    handler = type("ServiceHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    running = Service(f"http://127.0.0.1:{server.server_address[1]}/cgi-bin/acl.pl", list(answers))
    handler.service = running  # type: ignore[attr-defined]
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        wait_for_end(thread)


def says(body: bytes, status: int = 200, **headers: str) -> Answer:
    """A whole answer with its length."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def cut(body: bytes, announced: int) -> Answer:
    """An answer whose connection ends before its announced length."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(announced))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


def cut_chunks(body: bytes) -> Answer:
    """A chunked answer without its last chunk."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
        handler.close_connection = True

    return answer


def trickles(piece: bytes, pause: Callable[[], object], times: int) -> Answer:
    """An answer that comes piece by piece, with a pause after each."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(piece) * times))
        handler.end_headers()
        try:
            for _ in range(times):
                handler.wfile.write(piece)
                pause()
        except OSError:
            handler.close_connection = True

    return answer


def silent(until: threading.Event) -> Answer:
    """No answer before the event is set."""

    def answer(handler: Handler) -> None:
        until.wait(60)
        handler.close_connection = True

    return answer


def redirects(location: str) -> Answer:
    """An answer that sends the request elsewhere."""
    return says(b"moved", 302, Location=location)


@contextmanager
def raw_wire() -> Iterator[tuple[str, list[bytes]]]:
    """A socket that keeps the bytes of the first request as they came, and answers one sample."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(LIMIT_SECONDS)
    received: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(LIMIT_SECONDS)
            data = b""
            while not data.endswith(b"\r\n\r\n"):
                more = connection.recv(65536)
                assert more, "the connection was closed within a request"
                data += more
            received.append(data)
            body = b"1583816400.048000 1\n"
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/cgi-bin/acl.pl", received
    finally:
        wait_for_end(thread)
        listener.close()


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
