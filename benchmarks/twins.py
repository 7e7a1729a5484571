"""A laboratory of twice as many devices: each of the emulator's has a twin, and both give the same samples.

``python -m benchmarks.twins URL`` prints its own address. Only memory may be measured through it: it hands replies on
and so takes time of its own.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from gmpsai_assets.acnet.connections import open_session
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets.settings import parameter_lists_directory

TWIN = "-TWIN"


def write_lists(folder: Path) -> int:
    """Write a list of all devices at 15 Hz and their twins; how many there are."""
    folder.mkdir()
    fast = [
        p
        for each in read_parameter_lists(parameter_lists_directory())
        for p in each.parameters
        if each.nominal_rate_hz == 15
    ]
    names = [f"{p.node} {p.device}{end}\n" for end in ("", TWIN) for p in fast]
    (folder / "Twins.txt").write_text("# rate: 15 Hz\n" + "".join(names))
    return len(names)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    url = ""

    def do_GET(self) -> None:
        """Ask the emulator for the device itself and hand its answer on."""
        query = self.path.partition("?")[2].replace(TWIN, "")
        with open_session(1) as session, session.get(f"{self.url}?{query}", stream=True) as reply:
            self.send_response(reply.status_code)
            self.send_header("Content-Type", reply.headers["Content-Type"])
            self.end_headers()
            for piece in reply.iter_content(1 << 18):
                self.wfile.write(piece)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def main() -> None:
    """Serve until the process is ended."""
    _Handler.url = sys.argv[1]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(f"http://127.0.0.1:{server.server_port}/cgi-bin/acl.pl", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
