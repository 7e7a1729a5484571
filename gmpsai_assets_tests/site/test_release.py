"""Publishing: what lies in a release, and what a reader meets while it changes."""

import ctypes
import gzip
import hashlib
import json
import multiprocessing
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import plotly
import pytest

from gmpsai_assets.site.history import history_payload
from gmpsai_assets.site.publishing import (
    DRAFT_MARK,
    only_publisher,
)
from gmpsai_assets.site.release import (
    HISTORY_FILE,
    NUMBERS_FILE,
    RELEASE_FILE,
    Release,
    ReleaseError,
    history_bytes,
)
from gmpsai_assets_tests.site.published_site import publish_site
from gmpsai_assets_tests.site.sample_statistics import (
    days_from,
    listed_parameters,
    sample_statistics,
)
from gmpsai_assets_tests.waiting import first_line, somebody_waits, wait_for_end


def payload_of(days: int) -> dict[str, Any]:
    return history_payload(sample_statistics(days_from("2026-03-01", days)), listed_parameters())


SMALL = payload_of(2)


def releases_of(site: Path) -> Path:
    return site.with_name(f"{site.name}.releases")


def read_release(site: Path) -> Release:
    """What the published release says of itself."""
    return Release(**json.loads((site / RELEASE_FILE).read_bytes()))


def test_a_release_holds_the_page_plotly_and_the_history(tmp_path: Path) -> None:
    publish_site(tmp_path / "site", SMALL)
    names = {path.name for path in (tmp_path / "site").iterdir() if path.suffix != ".gz"}
    assert {"index.html", "style.css", "site.js", "plotly.min.js", "devices.json"} <= names
    assert {HISTORY_FILE, NUMBERS_FILE, RELEASE_FILE} <= names
    packaged = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    assert (tmp_path / "site" / "plotly.min.js").read_bytes() == packaged.read_bytes()


def test_the_release_describes_its_history(tmp_path: Path) -> None:
    noon = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
    release = publish_site(tmp_path / "site", SMALL, published_at=noon)
    history = (tmp_path / "site" / HISTORY_FILE).read_bytes()
    assert release == read_release(tmp_path / "site")
    assert release.published_at == "2026-03-03T18:00:00+00:00"
    assert (release.first_day, release.last_day, release.days) == ("2026-03-01", "2026-03-02", 2)
    assert release.parameters == 47
    assert release.history_bytes == len(history)
    assert release.history_sha256 == hashlib.sha256(history).hexdigest()


def test_the_same_history_is_the_same_bytes(tmp_path: Path) -> None:
    publish_site(tmp_path / "a", payload_of(2))
    publish_site(tmp_path / "b", history_bytes(payload_of(2)))
    for name in (HISTORY_FILE, f"{HISTORY_FILE}.gz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_compressed_files_hold_the_same_content(tmp_path: Path) -> None:
    publish_site(tmp_path / "site", SMALL)
    compressed = list((tmp_path / "site").glob("*.gz"))
    assert len(compressed) >= 5
    for path in compressed:
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()


def test_the_link_is_relative_so_both_folders_can_be_moved(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    release = publish_site(tmp_path / "before" / "site", SMALL)
    (tmp_path / "before").rename(tmp_path / "after")
    assert read_release(tmp_path / "after" / "site") == release


def test_numbers_that_json_does_not_know_are_refused(tmp_path: Path) -> None:
    numbers = {"days": ["2026-03-10"], "parameters": [{"mean": [float("inf")]}]}
    with pytest.raises(ReleaseError, match="daily numbers are not valid JSON"):
        publish_site(tmp_path / "site", SMALL, numbers=numbers)
    assert not (tmp_path / "site").exists()


def test_an_empty_directory_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    publish_site(tmp_path / "site", SMALL)
    assert (tmp_path / "site").is_symlink()


def test_a_directory_with_files_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.tex").write_text("dear to somebody")
    with pytest.raises(ReleaseError, match="not published by gmpsai"):
        publish_site(tmp_path / "site", SMALL)
    assert (tmp_path / "site" / "thesis.tex").read_text() == "dear to somebody"


def test_a_file_and_a_foreign_link_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("elsewhere")
    with pytest.raises(ReleaseError, match="is a file"):
        publish_site(tmp_path / "file", SMALL)
    with pytest.raises(ReleaseError, match="no release of this site"):
        publish_site(tmp_path / "link", SMALL)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"<html>", "not valid JSON"),
        (b'{"data": [NaN], "layout": {}}', "NaN is not a JSON number"),
        ({"data": [float("inf")], "layout": {}}, "not valid JSON"),
        (b"[]", "no data and layout"),
        ({"data": []}, "no data and layout"),
        ({"data": [{"name": "B:VIMIN max"}], "layout": {}}, "not a trace of days"),
    ],
)
def test_what_is_no_history_leaves_the_published_one(
    tmp_path: Path, payload: Any, reason: str
) -> None:
    before = publish_site(tmp_path / "site", SMALL)
    with pytest.raises(ReleaseError, match=reason):
        publish_site(tmp_path / "site", payload)
    assert read_release(tmp_path / "site") == before


def test_only_the_newest_releases_stay(tmp_path: Path) -> None:
    site = tmp_path / "site"
    published = [publish_site(site, SMALL).id for _ in range(5)]
    kept = sorted(path.name for path in releases_of(site).iterdir() if path.is_dir())
    assert kept == published[-3:]


def test_the_published_release_stays_even_if_the_clock_went_back(tmp_path: Path) -> None:
    site = tmp_path / "site"
    for year in (2030, 2031, 2032, 2020):
        last = publish_site(site, SMALL, published_at=datetime(year, 1, 1, tzinfo=UTC))
    assert read_release(site) == last


def test_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    site = tmp_path / "site"
    before = publish_site(site, SMALL)
    draft = releases_of(site) / f"{DRAFT_MARK}20260301T000000.000000Z-dead"
    draft.mkdir()
    (draft / "index.html").write_text("half of")
    (releases_of(site) / f"{DRAFT_MARK}link").symlink_to("nowhere")
    assert read_release(site) == before
    publish_site(site, SMALL)
    assert list(releases_of(site).glob(f"{DRAFT_MARK}*")) == []


PUBLISH_FOREVER = """
import sys
from pathlib import Path
from gmpsai_assets.site.publishing import only_publisher
while True:
    with only_publisher(Path(sys.argv[1])) as publisher:
        publisher.publish(Path(sys.argv[2]).read_bytes())
    print("published", flush=True)
"""


def test_a_killed_publisher_leaves_a_whole_release_and_no_lock(tmp_path: Path) -> None:
    site, history = tmp_path / "site", tmp_path / "history.json"
    history.write_bytes(history_bytes(SMALL))
    command = [sys.executable, "-c", PUBLISH_FOREVER, str(site), str(history)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as publisher:
        assert first_line(publisher) == "published\n"
        draft_seen = wait_for_draft(releases_of(site))
        publisher.kill()
    assert draft_seen
    assert_whole(site)
    publish_site(site, SMALL)
    assert_whole(site)


def wait_for_draft(releases: Path) -> bool:
    return any(list(releases.glob(f"{DRAFT_MARK}*")) for _ in range(200_000))


def assert_whole(site: Path) -> str:
    """Read a release as one reader does, from one directory; its checksum must fit."""
    directory = site.resolve(strict=True)
    history = (directory / HISTORY_FILE).read_bytes()
    release = json.loads((directory / RELEASE_FILE).read_bytes())
    assert release["history_sha256"] == hashlib.sha256(history).hexdigest()
    assert (directory / "plotly.min.js.gz").stat().st_size > 1_000_000
    return str(release["id"])


def test_a_reader_never_meets_a_missing_or_a_mixed_release(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish_site(site, SMALL)
    done, faults, looks = threading.Event(), list[Exception](), list[str]()

    def read() -> None:
        while not done.is_set():
            try:
                assert (site / "index.html").stat().st_size > 0
                looks.append(assert_whole(site))
            except (AssertionError, OSError) as fault:
                faults.append(fault)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        published = {publish_site(site, payload_of(1 + n % 3)).id for n in range(8)}
    finally:
        done.set()
    wait_for_end(reader)
    assert faults == []
    assert len(published.intersection(looks)) >= 3


IN_MOVED_FROM, IN_MOVED_TO, IN_DELETE = 0x40, 0x80, 0x200


def changes_in(directory: Path, action: Callable[[], object]) -> list[tuple[int, str]]:
    """What the kernel reports of names that appear in and vanish from a directory (inotify(7))."""
    kernel = ctypes.CDLL(None)
    watch = kernel.inotify_init1(os.O_NONBLOCK)
    mask = IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE
    kernel.inotify_add_watch(watch, os.fsencode(directory), mask)
    action()
    report, changes = os.read(watch, 65536), []
    os.close(watch)
    while report:
        _, change, _, length = struct.unpack_from("iIII", report)
        changes.append((change, report[16 : 16 + length].rstrip(b"\0").decode()))
        report = report[16 + length :]
    return changes


def test_the_name_of_the_site_never_vanishes(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish_site(site, SMALL)
    assert changes_in(tmp_path, lambda: publish_site(site, SMALL)) == [(IN_MOVED_TO, "site")]


def publish_some(site: Path, days: int) -> None:
    for _ in range(3):
        publish_site(site, payload_of(days))


def test_two_publishers_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    site = tmp_path / "site"
    context = multiprocessing.get_context("spawn")
    publishers = [context.Process(target=publish_some, args=(site, days)) for days in (1, 2)]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        wait_for_end(publisher)
    assert [publisher.exitcode for publisher in publishers] == [0, 0]
    assert_whole(site)
    assert list(releases_of(site).glob(f"{DRAFT_MARK}*")) == []


def test_a_publisher_reads_only_after_the_one_before_has_published(tmp_path: Path) -> None:
    site, published_days, order = tmp_path / "site", [1], list[str]()

    def second() -> None:
        with only_publisher(site) as publisher:
            order.append("second reads")
            publisher.publish(payload_of(max(published_days)))

    other = threading.Thread(target=second, daemon=True)
    with somebody_waits() as waits, only_publisher(site) as publisher:
        payload = payload_of(max(published_days))
        other.start()
        assert waits.wait(timeout=20)
        published_days.append(2)  # made while the first one works with what it read before
        publisher.publish(payload)
        order.append("first is there")
    wait_for_end(other)
    assert order == ["first is there", "second reads"]
    assert read_release(site).days == 2
