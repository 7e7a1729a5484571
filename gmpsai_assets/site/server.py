"""The site on loopback: a small server that hands out the published release.

Only files of the current release are served, and only by GET and HEAD. Publishing belongs to ``release``.
"""

import argparse
import hashlib
import logging
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from urllib.parse import unquote, urlsplit

from gmpsai_assets.settings import SITE_PORT, site_directory

INDEX_FILE = "index.html"

_LOGGER = logging.getLogger(__name__)
# A release is flat. A name that starts with a dot, or holds a slash, can be no file of it.
# A longer name would be refused by the file system with an error of its own.
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
# A weight of zero means: not this one.
_GZIP = re.compile(r"gzip(;q=(1(\.0*)?|0?\.\d*[1-9]\d*))?")
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_OTHER_CONTENT_TYPE = "application/octet-stream"
_NOTHING_PUBLISHED = (
    "Nothing is published yet. The site appears with the first day: "
    "materialize published_json in Dagster.\n"
)
_NO_SUCH_FILE = "The published site has no such file.\n"


class SiteServer(ThreadingHTTPServer):
    """A server whose threads do not outlive it."""

    daemon_threads = True
    block_on_close = False

    @property
    def address(self) -> str:
        """Where a browser finds it, such as ``http://127.0.0.1:8472/``."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/"


class SiteHandler(BaseHTTPRequestHandler):
    """Answers one connection.

    The link of the site is resolved once for each request, so a new release shows at once and a
    request never reads from two.
    """

    protocol_version = "HTTP/1.1"
    server_version = "gmpsai"
    sys_version = ""
    timeout = 30

    def __init__(self, *arguments: object, directory: Path) -> None:
        self.directory = directory
        super().__init__(*arguments)  # type: ignore[arg-type] # as the server hands them over

    def do_GET(self) -> None:
        """Send a file."""
        # A reader that has gone away is no fault of the server.
        with suppress(ConnectionError):
            self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send what GET would, without the file."""
        with suppress(ConnectionError):
            self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
        """Requests are of interest only when somebody looks for them."""
        _LOGGER.debug(format, *args)

    def _answer(self, *, with_body: bool) -> None:
        release = self.directory.resolve()
        name = unquote(urlsplit(self.path).path).removeprefix("/") or INDEX_FILE
        path = release / name
        if not (_FILE_NAME.fullmatch(name) and path.is_file()):
            self._refuse(_NO_SUCH_FILE if release.is_dir() else _NOTHING_PUBLISHED, with_body)
            return
        compressed = path.with_name(f"{name}.gz")
        is_compressed = self._accepts_gzip() and compressed.is_file()
        self._send_file(
            compressed if is_compressed else path, path.suffix, is_compressed, with_body
        )

    def _accepts_gzip(self) -> bool:
        codings = self.headers.get("Accept-Encoding", "").replace(" ", "").lower().split(",")
        return any(_GZIP.fullmatch(coding) for coding in codings)

    def _send_file(self, path: Path, suffix: str, is_compressed: bool, with_body: bool) -> None:
        try:
            content, tag = _read(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            self._refuse(_NO_SUCH_FILE, with_body)
            return
        if tag in self.headers.get("If-None-Match", ""):
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self._send_caching(tag)
            self.end_headers()
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", _CONTENT_TYPES.get(suffix, _OTHER_CONTENT_TYPE))
        self.send_header("Content-Length", str(len(content)))
        if is_compressed:
            self.send_header("Content-Encoding", "gzip")
        self._send_caching(tag)
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def _send_caching(self, tag: str) -> None:
        self.send_header("ETag", tag)
        # Keep it, but ask each time: the answer is mostly 304, and a new release shows at once.
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("X-Content-Type-Options", "nosniff")

    def _refuse(self, sentence: str, with_body: bool) -> None:
        body = sentence.encode()
        self.send_response(HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(body)


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> tuple[bytes, str]:
    """Content and entity tag of a file of a release; plotly.js keeps its tag from release to release."""
    content = path.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def make_server(directory: Path, host: str = "127.0.0.1", port: int = 0) -> SiteServer:
    """A bound server that does not answer yet; port 0 lets the system choose."""
    return SiteServer((host, port), partial(SiteHandler, directory=directory.absolute()))


@contextmanager
def serving_site(directory: Path) -> Iterator[str]:
    """Serve a site on loopback for as long as the block runs; gives its address."""
    server = make_server(directory)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``gmpsai site``."""
    parser.add_argument(
        "--directory",
        type=Path,
        default=None,
        help="the published site (default: GMPSAI_SITE_DIR, or site in the data directory)",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=int, default=SITE_PORT, help="port, 0 for a free one (default: %(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; both end it at once."""
    directory = arguments.directory or site_directory()
    try:
        server = make_server(directory, arguments.host, arguments.port)
    except OSError as error:
        place = f"port {arguments.port} of {arguments.host}"
        message = f"The site cannot be served on {place}: {error.strerror}; choose another --port"
        print(message, file=sys.stderr)
        return 1
    with server:
        signal.signal(signal.SIGTERM, _interrupt)
        print(f"The site in {directory} is at {server.address}", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
