"""One source for a data directory: remembered from the first answer on, another one refused, moved only by a person."""

import json
import os
import subprocess
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmpsai_assets.acnet.addresses import same_service
from gmpsai_assets.lake.parquet import METADATA_KEY
from gmpsai_assets.lake.source import (
    AnotherSourceError,
    Source,
    SourceFileError,
    accept_source,
    known_source,
    refuse_another_source,
    remember_source,
    source_file,
    start_own_source,
)
from gmpsai_assets_tests.processes import processes
from gmpsai_assets_tests.waiting import wait_for_end

URL = "https://www-ad.test/cgi-bin/acl.pl"
OTHER = "http://127.0.0.1:8471/cgi-bin/acl.pl"
STARTER = "the starter"


@pytest.mark.parametrize(
    "same",
    [
        "https://reader:secret@www-ad.test/cgi-bin/acl.pl",
        "https://WWW-AD.test/cgi-bin/acl.pl",
        "https://www-ad.test./cgi-bin/acl.pl",
        "https://www-ad.test:443/cgi-bin/acl.pl",
        "http://www-ad.test:80/cgi-bin/acl.pl",
        "http://www-ad.test/cgi-bin/acl.pl",
        "https://www-ad.test/cgi-bin/acl.pl/",
        "https://www-ad.test/cgi-bin/acl.pl?acl=",
        "https://www-ad.test/cgi%2Dbin/acl.pl",
        " https://www-ad.test/cgi-bin/acl.pl ",
    ],
)
def test_what_makes_no_other_source(same: str, tmp_path: Path) -> None:
    remember_source(tmp_path, URL)
    refuse_another_source(tmp_path, same)
    remember_source(tmp_path, same)
    assert known_source(tmp_path) is not None


@pytest.mark.parametrize(
    "other",
    [
        OTHER,
        "https://www-bd.test/cgi-bin/acl.pl",
        "https://www-ad.test:8443/cgi-bin/acl.pl",
        "https://www-ad.test/cgi-bin/test/acl.pl",
        "https://www-ad.test/CGI-BIN/acl.pl",
        "https://www-ad.test/",
    ],
)
def test_what_makes_another_source(other: str, tmp_path: Path) -> None:
    remember_source(tmp_path, URL)
    before = source_file(tmp_path).read_bytes()
    for refused in (refuse_another_source, remember_source):
        with pytest.raises(AnotherSourceError) as caught:
            refused(tmp_path, other.replace("//", "//reader:sesame@"))
        for words in (URL, f"gmpsai source --accept {other}", "GMPSAI_DATA_DIR", str(tmp_path)):
            assert words in str(caught.value)
        assert "sesame" not in str(caught.value)
    assert source_file(tmp_path).read_bytes() == before


def test_the_names_of_this_machine_are_one() -> None:
    assert same_service(OTHER, OTHER.replace("127.0.0.1", "localhost"))
    assert same_service(OTHER, OTHER.replace("127.0.0.1", "[::1]"))
    assert not same_service(OTHER, OTHER.replace("8471", "8472"))


def test_asking_alone_binds_nothing_and_no_login_is_kept(tmp_path: Path) -> None:
    refuse_another_source(tmp_path, URL)
    assert list(tmp_path.iterdir()) == []
    remember_source(tmp_path, URL.replace("//", "//reader:sesame@"))
    assert b"sesame" not in source_file(tmp_path).read_bytes()
    assert json.loads(source_file(tmp_path).read_bytes())["url"] == URL


def _remember(root: Path, url: str, begin: Barrier) -> None:
    begin.wait(60)
    try:
        remember_source(root, url)
    except AnotherSourceError:
        sys.exit(3)


def test_of_two_processes_at_once_the_first_one_wins(tmp_path: Path) -> None:
    context = processes()
    for attempt in range(5):
        root = tmp_path / str(attempt)
        begin = context.Barrier(4)
        urls = [f"http://host{n}.test/acl.pl" for n in range(4)]
        running = [context.Process(target=_remember, args=(root, url, begin)) for url in urls]
        for process in running:
            process.start()
        wait_for_end(*running)
        assert sorted(process.exitcode or 0 for process in running) == [0, 3, 3, 3]
        (winner,) = [
            url for url, process in zip(urls, running, strict=True) if not process.exitcode
        ]
        known = known_source(root)
        assert known is not None
        assert known.url == winner


def _pulled(root: Path, day: str, source: str | None, written: int) -> Path:
    """A file as an older version left it."""
    path = root / "parameter_data" / f"day={day}" / "MLrn.parquet"
    path.parent.mkdir(parents=True)
    origin = {} if source is None else {METADATA_KEY: json.dumps({"source": source}).encode()}
    pq.write_table(pa.table({"x": [1]}).replace_schema_metadata(origin), path)
    os.utime(path, (written, written))
    return path


def test_a_lake_of_an_older_version_takes_its_source_from_its_newest_file(tmp_path: Path) -> None:
    _pulled(tmp_path, "2026-03-12", OTHER, 1_000)
    _pulled(tmp_path, "2026-03-10", URL, 2_000)
    _pulled(tmp_path, "2026-03-11", None, 3_000)
    damaged = _pulled(tmp_path, "2026-03-13", OTHER, 4_000)
    damaged.write_bytes(b"PAR1")
    known = known_source(tmp_path)
    assert known == Source(URL)
    with pytest.raises(AnotherSourceError):
        remember_source(tmp_path, OTHER)
    assert not source_file(tmp_path).exists()
    remember_source(tmp_path, URL)
    known = known_source(tmp_path)
    assert known is not None
    assert known.is_recorded


def test_a_person_accepts_another_address_and_what_was_before_is_kept(tmp_path: Path) -> None:
    remember_source(tmp_path, OTHER)
    accept_source(tmp_path, URL)
    refuse_another_source(tmp_path, URL)
    with pytest.raises(AnotherSourceError):
        refuse_another_source(tmp_path, OTHER)
    known = known_source(tmp_path)
    assert known is not None
    assert [each["source"] for each in known.earlier] == [OTHER]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"url": 5}', b"\xff"])
def test_a_file_that_cannot_be_read_is_named_with_the_way_out(
    content: bytes, tmp_path: Path
) -> None:
    source_file(tmp_path).write_bytes(content)
    with pytest.raises(SourceFileError, match="gmpsai source --accept"):
        refuse_another_source(tmp_path, URL)
    accept_source(tmp_path, URL)
    refuse_another_source(tmp_path, URL)


def test_what_a_later_version_adds_to_the_file_is_passed_over(tmp_path: Path) -> None:
    remember_source(tmp_path, URL)
    content = json.loads(source_file(tmp_path).read_bytes())
    source_file(tmp_path).write_text(json.dumps({**content, "colour": "blue"}))
    refuse_another_source(tmp_path, URL)


def _start_in_a_process(root: Path, url: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; from pathlib import Path; from gmpsai_assets.lake.source import *; "
        f"start_own_source(Path(sys.argv[1]), sys.argv[2], {STARTER!r})"
    )
    command = [sys.executable, "-c", code, str(root), url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_an_own_service_may_be_at_another_address_each_time(tmp_path: Path) -> None:
    assert _start_in_a_process(tmp_path, OTHER).returncode == 0
    known = known_source(tmp_path)
    assert known is not None
    assert not known.runs
    # Whatever is at that address now, as the end of a tunnel, is not what was started there.
    with pytest.raises(AnotherSourceError, match="does not run now"):
        refuse_another_source(tmp_path, OTHER)
    moved = OTHER.replace("8471", "9000")
    start_own_source(tmp_path, moved, STARTER)
    refuse_another_source(tmp_path, moved)
    remember_source(tmp_path, moved)
    for other in (OTHER, URL):
        with pytest.raises(AnotherSourceError, match=f"the service that {STARTER} starts"):
            refuse_another_source(tmp_path, other)
    # The other start is refused while this process lives.
    assert "another the starter" in _start_in_a_process(tmp_path, OTHER).stderr


def test_an_own_service_and_one_at_an_address_never_share_a_directory(tmp_path: Path) -> None:
    remember_source(tmp_path, OTHER)
    with pytest.raises(AnotherSourceError, match="Set GMPSAI_ACL_URL to"):
        start_own_source(tmp_path, OTHER, STARTER)
    start_own_source(tmp_path, OTHER, STARTER, adopt=True)
    refuse_another_source(tmp_path, OTHER)
    accept_source(tmp_path, OTHER)
    with pytest.raises(AnotherSourceError):
        start_own_source(tmp_path, OTHER, STARTER)
