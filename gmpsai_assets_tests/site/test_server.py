"""The site's server, asked over real HTTP on loopback."""

import gzip
import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gmpsai_assets.site.history import history_payload
from gmpsai_assets.site.release import HISTORY_FILE
from gmpsai_assets_tests.site.published_site import publish_site, serving_site
from gmpsai_assets_tests.site.sample_statistics import (
    days_from,
    listed_parameters,
    sample_statistics,
)
from gmpsai_assets_tests.waiting import first_line

SMALL = history_payload(sample_statistics(days_from("2026-03-01", 2)), listed_parameters())
GZIP = {"Accept-Encoding": "gzip, br"}

Answer = tuple[int, dict[str, str], bytes]


def ask(url: str, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
    """Send the path exactly as written: no client tidies it."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    connection.request(method, path, headers=headers or {})
    with connection.getresponse() as reply:
        answer = reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
    connection.close()
    return answer


@pytest.fixture
def site(tmp_path: Path) -> Path:
    publish_site(tmp_path / "site", SMALL)
    return tmp_path / "site"


@pytest.fixture
def url(site: Path) -> Iterator[str]:
    with serving_site(site) as address:
        yield address


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html?days=90d", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/site.js", "text/javascript; charset=utf-8"),
        (f"/{HISTORY_FILE}", "application/json"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_comes_with_its_type(url: str, path: str, kind: str) -> None:
    status, headers, body = ask(url, path)
    assert status == 200
    assert headers["content-type"] == kind
    assert len(body) == int(headers["content-length"]) > 0


def test_the_history_comes_compressed_to_those_who_can_read_it(url: str, site: Path) -> None:
    _, plain_headers, plain = ask(url, f"/{HISTORY_FILE}")
    _, headers, small = ask(url, f"/{HISTORY_FILE}", GZIP)
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"] == "application/json"
    assert gzip.decompress(small) == plain == (site / HISTORY_FILE).read_bytes()
    assert headers["etag"] != plain_headers["etag"]


def test_a_client_that_refuses_gzip_gets_none(url: str) -> None:
    assert "content-encoding" not in ask(url, "/site.js", {"Accept-Encoding": "gzip;q=0, br"})[1]


def test_a_file_that_did_not_change_is_not_sent_again(url: str) -> None:
    _, headers, _ = ask(url, "/plotly.min.js", GZIP)
    status, again, body = ask(url, "/plotly.min.js", GZIP | {"If-None-Match": headers["etag"]})
    assert (status, body) == (304, b"")
    assert again["cache-control"] == "no-cache"


def test_a_new_release_shows_at_once_and_plotly_keeps_its_tag(url: str, site: Path) -> None:
    before = {name: ask(url, f"/{name}")[1]["etag"] for name in ("plotly.min.js", "release.json")}
    release = publish_site(site, SMALL)
    assert json.loads(ask(url, "/release.json")[2])["id"] == release.id
    assert ask(url, "/plotly.min.js")[1]["etag"] == before["plotly.min.js"]
    assert ask(url, "/release.json")[1]["etag"] != before["release.json"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/..\\secret.txt",
        "//etc/passwd",
        "/%00",
        "/.lock",
        "/../site.releases/",
        "/index.html/",
        "/index.html%0a",
        "/%ff",
        "/no-such-file",
        "/" + "a" * 300,
        "/" + "a" * 252 + ".js",
    ],
)
def test_nothing_outside_the_release_is_served(url: str, site: Path, path: str) -> None:
    (site.parent / "secret.txt").write_text("secret")
    status, _, body = ask(url, path)
    assert status == 404
    assert b"secret" not in body


def test_head_sends_the_headers_only(url: str) -> None:
    status, headers, body = ask(url, "/", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


def test_nothing_can_be_written(url: str) -> None:
    status, headers, _ = ask(url, "/index.html", method="PUT")
    assert (status, set(headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


@pytest.mark.parametrize("accepted", [{}, GZIP])
def test_a_part_of_a_file_is_a_part_of_what_it_holds(
    url: str, site: Path, accepted: dict[str, str]
) -> None:
    whole = (site / HISTORY_FILE).read_bytes()
    for asked, start, end in [
        ("bytes=100-299", 100, 300),
        ("bytes=-50", len(whole) - 50, len(whole)),
        (f"bytes={len(whole) - 9}-", len(whole) - 9, len(whole)),
    ]:
        status, headers, body = ask(url, f"/{HISTORY_FILE}", accepted | {"Range": asked})
        assert (status, body) == (206, whole[start:end])
        assert headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"
        assert "content-encoding" not in headers
    status, headers, _ = ask(url, f"/{HISTORY_FILE}", accepted | {"Range": "bytes=99999999-"})
    assert (status, headers["content-range"]) == (416, f"bytes */{len(whole)}")


def test_a_part_of_another_release_is_not_sent(url: str, site: Path) -> None:
    tag = ask(url, "/release.json")[1]["etag"]
    part = {"Range": "bytes=0-9", "If-Range": tag}
    assert ask(url, "/release.json", part)[0] == 206
    publish_site(site, SMALL)
    status, _, body = ask(url, "/release.json", part)
    assert (status, body) == (200, (site / "release.json").read_bytes())


def test_a_download_that_began_before_new_releases_ends_well(url: str, site: Path) -> None:
    whole = (site / "plotly.min.js").read_bytes()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    connection.request("GET", "/plotly.min.js")
    with connection.getresponse() as reply:
        begun = reply.read(1000)
        for _ in range(4):  # the release that is being read is removed
            publish_site(site, SMALL)
        assert begun + reply.read() == whole
    connection.close()


def test_before_the_first_release_the_answer_says_what_to_do(tmp_path: Path) -> None:
    with serving_site(tmp_path / "site") as url:
        status, _, body = ask(url, "/")
    assert status == 404
    assert b"Nothing is published yet" in body


RUN = """
import argparse, sys
from gmpsai_assets.site.server import configure, run
parser = argparse.ArgumentParser()
configure(parser)
sys.exit(run(parser.parse_args()))
"""


IGNORING_CTRL_C = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]
"""Starts a command as `nohup ... &` in a script does."""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("start", [[], IGNORING_CTRL_C], ids=["plain", "ignoring Ctrl-C"])
def test_the_command_prints_its_address_and_ends_at_once(
    site: Path, ending: signal.Signals, start: list[str]
) -> None:
    command = [*start, sys.executable, "-c", RUN, "--directory", str(site), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        url = first_line(server).split()[-1]
        # A connection that stays open must not keep the server alive.
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        connection.request("GET", "/")
        assert connection.getresponse().read().startswith(b"<!doctype html>")
        server.send_signal(ending)
        asked = time.monotonic()
        _, errors = server.communicate(timeout=5)
        connection.close()
    assert time.monotonic() - asked < 2
    assert (server.returncode, errors) == (0, "")


def test_a_port_in_use_is_said_in_one_sentence(url: str, site: Path) -> None:
    port = str(urlsplit(url).port)
    command = [sys.executable, "-c", RUN, "--directory", str(site), "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr
