"""Another server that speaks the protocol, asked by the command line of Dagster: no client knows the emulator."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from gmpsai_assets_tests.waiting import wait_for_end

pytestmark = pytest.mark.system

DAY = "2026-11-01"
LOCAL = ZoneInfo("America/Chicago")


class MinuteLogger(BaseHTTPRequestHandler):
    """Logs one value a minute, the minute of the hour, and knows no other command."""

    asked: list[str] = []  # noqa: RUF012 - shared by all connections on purpose

    def do_GET(self) -> None:
        command = unquote(self.path.partition("?acl=")[2])
        self.asked.append(command)
        times = re.findall(r'"(\d{4}-\d\d-\d\d)[+ ](\d\d:\d\d:\d\d)"', command)
        start, end = (
            int(datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=LOCAL).timestamp())
            for day, time in times
        )
        stamps = range(start + -start % 60, end + 1, 60)
        body = "".join(f"{stamp}.000 {stamp // 60 % 60}\n" for stamp in stamps).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
        pass


@contextmanager
def _serving() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), MinuteLogger) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/cgi-bin/acl.pl"
        finally:
            server.shutdown()
            wait_for_end(thread)


def test_a_day_is_pulled_from_another_service_by_the_command_of_the_readme(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "Slow.txt").write_text("# rate: 1/60 Hz\nNuMI2 E:DURL01\n")
    options = ["--select", "parameter_data", "--partition", DAY]
    command = ["-m", "dagster", "asset", "materialize", "-m", "gmpsai_assets.definitions"]
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("GMPSAI_", "DAGSTER_"))}
    with _serving() as url:
        done = subprocess.run(
            [sys.executable, *command, *options],
            env={
                **outside,
                "GMPSAI_ACL_URL": url,
                "GMPSAI_DATA_DIR": str(tmp_path / "data"),
                "GMPSAI_PARAMETER_LISTS": str(tmp_path / "lists"),
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    (file,) = (tmp_path / "data" / "parameter_data" / f"day={DAY}").iterdir()
    assert file.name == "NuMI2.parquet"
    rows = pq.ParquetFile(file).read()
    assert rows.num_rows == 25 * 60
    assert rows["value"].to_pylist() == [float(minute) for _ in range(25) for minute in range(60)]
    assert all(command.startswith("logger_get/") for command in MinuteLogger.asked)
