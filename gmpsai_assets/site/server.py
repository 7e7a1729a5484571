"""The command ``gmpsai site``: the published release over HTTP, on loopback.

Only files of the current release are served, and only by GET and HEAD. Each file that shrinks lies in the release
compressed as well (``release``) and is sent so to whoever takes gzip: Starlette's GZipMiddleware would compress it
for each request anew, parts of files too, and under the entity tag of the plain file.
"""

import argparse
import hashlib
import re
import signal
import socket
import sys
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from gmpsai_assets.settings import SITE_PORT, PathSettingError, path_of, site_directory
from gmpsai_assets.site.into import PAGE_FOLDER

# A release is flat, but for the page's own files where a site is published into a folder. A name that starts with a
# dot, or holds another slash, can be no file of it.
# A longer name would be refused by the file system with an error of its own.
_FILE_NAME = re.compile(rf"({PAGE_FOLDER}/)?[A-Za-z0-9][A-Za-z0-9._-]{{0,199}}")
# A weight of zero means: not this one.
_GZIP = re.compile(r"gzip(;q=(1(\.0*)?|0?\.\d*[1-9]\d*))?")
# Written here, because the system's own list differs from machine to machine.
_CONTENT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_NOTHING_PUBLISHED = (
    "Nothing is published yet. The site appears with the first day: "
    "materialise published_json in Dagster.\n"
)
_NO_SUCH_FILE = "The published site has no such file.\n"
_GRACE_SECONDS = 1
"""What a download that is under way has left when the server is ended."""


def site_server(directory: Path) -> uvicorn.Server:
    """A server of the site in a directory; it needs a listening socket to run.

    The directory is a link that changes with each release. It is resolved once for each request, so a new release
    shows at once and a request never reads from two.
    """
    site = directory.absolute()

    def answer(request: Request) -> Response:
        release = site.resolve()
        name = request.scope["path"].removeprefix("/") or "index.html"
        path = release / name
        if _FILE_NAME.fullmatch(name) and path.is_file():
            return _file_response(path, request)
        sentence = _NO_SUCH_FILE if release.is_dir() else _NOTHING_PUBLISHED
        return PlainTextResponse(sentence, HTTPStatus.NOT_FOUND, {"Cache-Control": "no-store"})

    application = Starlette(routes=[Route("/{path:path}", answer)])
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def _file_response(path: Path, request: Request) -> Response:
    """A file or a range of it; a whole one compressed, if the release has it so and the client takes it."""
    headers = {
        # Keep it, but ask each time: the answer is mostly 304, and a new release shows at once.
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    sent = path.with_name(f"{path.name}.gz")
    if "range" not in request.headers and _takes_gzip(request) and sent.is_file():
        headers["Content-Encoding"] = "gzip"
    else:
        sent = path
    state = sent.stat()
    headers["ETag"] = _tag(sent, state.st_mtime_ns)
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    kind = _CONTENT_TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(sent, headers=headers, media_type=kind, stat_result=state)


def _takes_gzip(request: Request) -> bool:
    codings = request.headers.get("Accept-Encoding", "").replace(" ", "").lower().split(",")
    return any(_GZIP.fullmatch(coding) for coding in codings)


@lru_cache(maxsize=64)
def _tag(path: Path, _changed: int) -> str:
    """The entity tag of a file of a release, by its content: plotly.js keeps its tag from release to release."""
    with path.open("rb") as file:
        return f'"{hashlib.file_digest(file, "sha256").hexdigest()[:32]}"'


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``gmpsai site``."""
    parser.add_argument(
        "--directory",
        default="",
        help="the published site (default: GMPSAI_SITE_DIR, or site in the data directory)",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=int, default=SITE_PORT, help="port, 0 for a free one (default: %(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C, also where whoever started it ignores Ctrl-C. Returns the exit code."""
    written = arguments.directory
    try:
        directory = path_of(written, "--directory") if written else site_directory()
    except PathSettingError as error:
        print(f"gmpsai site: {error}", file=sys.stderr)
        return 2
    try:
        listener = socket.create_server((arguments.host, arguments.port))
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        message = (
            f"The site cannot be served on port {arguments.port} of {arguments.host}: {reason}; "
            "choose another --port"
        )
        print(message, file=sys.stderr)
        return 1
    with listener, suppress(KeyboardInterrupt):
        # uvicorn ends in good order and then raises the signal once more.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        host, port = listener.getsockname()[:2]
        print(f"The site in {directory} is at http://{host}:{port}/", flush=True)
        site_server(directory).run(sockets=[listener])
    return 0
