"""A site that is a folder which must stay: a mount, one in a parent that cannot be written, one with other files."""

import errno
import gzip
import hashlib
import json
import os
import re
import shutil
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from gmpsai_assets.lake import mounts
from gmpsai_assets.site import into
from gmpsai_assets.site.into import RECORD_FILE
from gmpsai_assets.site.release import HISTORY_FILE, RELEASE_FILE, ReleaseError, history_bytes
from gmpsai_assets_tests.accounts import FIRST, IS_ROOT, SECOND, as_account, group_folder
from gmpsai_assets_tests.mounts import bound, mounted, mounted_for_test, remounted
from gmpsai_assets_tests.site.published_site import publish_site, serving_site
from gmpsai_assets_tests.site.test_release import SMALL, payload_of, read_release
from gmpsai_assets_tests.waiting import wait_for_end

FOREIGN = {
    ".htaccess": "Require all granted",
    "favicon.ico": "icon",
    "lost+found": None,
    "older": None,
    "older/index.html": "of the webmaster",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """A site that is a mount."""
    (tmp_path / "site").mkdir()
    with mounted_for_test(tmp_path / "site") as place:
        yield place


def _put_foreign(site: Path) -> None:
    for name, text in FOREIGN.items():
        if text is None:
            (site / name).mkdir()
        else:
            (site / name).write_text(text)


def _assert_foreign_untouched(site: Path) -> None:
    for name, text in FOREIGN.items():
        assert (site / name).is_dir() if text is None else (site / name).read_text() == text


def _assert_whole(site: Path) -> str:
    """All that the index names is there and belongs together; returns the page's folder."""
    # A server sends either; one that was killed between them has left two whole pages.
    _page_of(site, gzip.decompress((site / "index.html.gz").read_bytes()).decode())
    page = _page_of(site, (site / "index.html").read_text())
    json.loads((site / HISTORY_FILE).read_bytes())
    json.loads((site / RELEASE_FILE).read_bytes())
    assert (site / "plotly.min.js").stat().st_size > 1_000_000
    return page


def _page_of(site: Path, index: str) -> str:
    named = set(re.findall(r'(?:href|src)="([^"#]+)"', index))
    assert {name.rpartition("/")[2] for name in named} >= {"style.css", "site.js", "icon.svg"}
    for name in named:
        assert (site / name).stat().st_size > 0
    (page,) = {str(name).partition("/")[0] for name in named if "/" in name}
    for script in (site / page).glob("*.js"):
        for other in re.findall(r'from "\./([a-z]+\.js)"', script.read_text()):
            assert (site / page / other).is_file()
    return page


def _assert_done(site: Path) -> None:
    """Whole, and the data are those of the release; nothing is left that is not recorded or foreign."""
    page = _assert_whole(site)
    history = (site / HISTORY_FILE).read_bytes()
    assert read_release(site).history_sha256 == hashlib.sha256(history).hexdigest()
    for path in site.glob("*.gz"):
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()
    ours = json.loads((site / RECORD_FILE).read_text())["ours"]
    assert page in ours
    there = {path.name for path in site.iterdir()}
    assert there == {*ours, RECORD_FILE, *(name for name in FOREIGN if name in there)}


@pytest.mark.mounts
def test_a_mount_is_published_into_and_its_other_files_stay(site: Path) -> None:
    _put_foreign(site)
    for days in (1, 2, 2):
        published = publish_site(site, payload_of(days))
        assert read_release(site) == published
        _assert_done(site)
        _assert_foreign_untouched(site)
    assert [path.name for path in site.parent.iterdir()] == ["site"]


@pytest.mark.mounts
def test_a_mount_of_another_folder_of_the_same_disk_is_one(tmp_path: Path) -> None:
    place = tmp_path / "with blanks"
    for folder in (tmp_path / "web", place):
        folder.mkdir()
    with bound(tmp_path / "web", place):
        assert not os.path.ismount(place)
        publish_site(place, SMALL)
    _assert_done(tmp_path / "web")
    assert list(place.iterdir()) == []


def test_a_folder_in_a_parent_that_cannot_be_written_is_published_into() -> None:
    with group_folder() as parent:
        site = parent / "site"
        site.mkdir()
        site.chmod(0o2775)
        if IS_ROOT:
            shutil.chown(site, FIRST, site.stat().st_gid)
            shutil.chown(site, group=parent.stat().st_gid)
        _put_foreign(site)
        parent.chmod(0o2555)
        for account in (FIRST, SECOND, FIRST):
            as_account(account, lambda: publish_site(site, SMALL))
            _assert_done(site)
            _assert_foreign_untouched(site)
        parent.chmod(0o2775)
        as_account(
            FIRST, lambda: publish_site(site, SMALL)
        )  # what was published into stays a folder
        _assert_done(site)


def _as_link(site: Path) -> None:
    publish_site(site, SMALL)


def _not_there(site: Path) -> None:
    """Nobody has made it."""


@pytest.mark.parametrize("make", [_as_link, _not_there])
def test_a_name_that_cannot_be_given_to_a_release_says_how(make: object) -> None:
    assert callable(make)
    with group_folder() as parent:
        make(parent / "site")
        parent.chmod(0o2555)
        sentence = rf"may not write {parent}\. Let the owner of that make {parent}/site a folder"
        with pytest.raises(AssertionError, match=f"ReleaseError: .*{sentence}"):
            as_account(SECOND, lambda: publish_site(parent / "site", SMALL))
        parent.chmod(0o2775)


def test_a_name_of_somebody_else_in_a_sticky_folder_says_how() -> None:
    with group_folder() as parent:
        as_account(FIRST, lambda: publish_site(parent / "site", SMALL))
        parent.chmod(0o3777)
        before = read_release(parent / "site")
        if IS_ROOT:
            with pytest.raises(AssertionError, match=r"ReleaseError: .* may not write"):
                as_account(SECOND, lambda: publish_site(parent / "site", SMALL))
            assert read_release(parent / "site") == before
        as_account(FIRST, lambda: publish_site(parent / "site", SMALL))
        assert read_release(parent / "site").id > before.id


def test_whoever_makes_the_record_publishes_beside_other_files(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    _put_foreign(site)
    with pytest.raises(ReleaseError, match=rf"make an empty file {RECORD_FILE} in it"):
        publish_site(site, SMALL)
    (site / RECORD_FILE).touch()
    publish_site(site, SMALL)
    _assert_done(site)
    _assert_foreign_untouched(site)


@pytest.mark.mounts
@pytest.mark.parametrize("name", ["index.html", "devices.json", "plotly.min.js.gz"])
def test_a_file_of_somebody_else_is_never_written_over(site: Path, name: str) -> None:
    (site / name).write_text("of the webmaster")
    with pytest.raises(ReleaseError, match=rf"holds {name}, which gmpsai did not publish; move it"):
        publish_site(site, SMALL)
    assert [path.name for path in site.iterdir()] == [name]
    assert (site / name).read_text() == "of the webmaster"
    (site / name).unlink()
    publish_site(site, SMALL)
    _assert_done(site)


@pytest.mark.mounts
def test_a_record_that_is_damaged_is_named(site: Path) -> None:
    publish_site(site, SMALL)
    (site / RECORD_FILE).write_text('{"ours": ')
    with pytest.raises(ReleaseError, match=rf"{RECORD_FILE} cannot be read"):
        publish_site(site, SMALL)
    _assert_whole(site)


class _Killed(BaseException):
    """As if the process had ended."""


def _killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends before the given one of all renames and removals; nothing is tidied up."""
    steps = iter(range(1000))

    def dying(call: object) -> object:
        def instead(*arguments: object, **options: object) -> object:
            if next(steps) >= step:
                raise _Killed
            assert callable(call)
            return call(*arguments, **options)

        return instead

    monkeypatch.setattr(Path, "replace", dying(Path.replace))
    monkeypatch.setattr(Path, "rename", dying(Path.rename))
    monkeypatch.setattr(shutil, "rmtree", dying(shutil.rmtree))


@pytest.mark.mounts
@pytest.mark.parametrize("before", [False, True], ids=["the first", "a later one"])
def test_a_publication_that_is_killed_anywhere_leaves_a_whole_site_and_the_next_one_ends_it(
    site: Path, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put_foreign(site)
    ended, step = False, 0
    while not ended:
        if before:
            publish_site(site, payload_of(1))
        with monkeypatch.context() as patched:
            patched.setattr(into, "_KEPT_PAGES", 1)
            # Another page each time, so that all is replaced and an older one is removed.
            patched.setattr(into, "_gather_page", _with_another_page(into._gather_page, step))
            _killed_at(step, patched)
            try:
                publish_site(site, payload_of(2))
                ended = True
            except _Killed:
                step += 1
        if before or (site / "index.html").exists():
            _assert_whole(site)
        publish_site(site, payload_of(3))
        _assert_done(site)
        _assert_foreign_untouched(site)
        if not before:
            for name in json.loads((site / RECORD_FILE).read_text())["ours"]:
                path = site / name
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            (site / RECORD_FILE).write_text("")
    assert step > 10


def _with_another_page(gather: object, number: int) -> object:
    def gathered(draft: Path) -> str:
        (draft / "number.js").write_text(str(number))
        assert callable(gather)
        return str(gather(draft))

    return gathered


@pytest.mark.mounts
def test_a_reader_meets_a_whole_page_and_whole_files_at_all_times(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gather = into._gather_page
    publish_site(site, SMALL)
    done, faults, pages = threading.Event(), list[Exception](), set[str]()

    def read() -> None:
        while not done.is_set():
            try:
                index = (site / "index.html").read_text()
                page = re.findall(r'src="([^"/]+)/site\.js"', index)[0]
                pages.add(page)
                for name in ("style.css", "site.js", "numbers.js", "icon.svg"):
                    assert (site / page / name).stat().st_size > 0
                for name in (HISTORY_FILE, RELEASE_FILE, "devices.json"):
                    json.loads((site / name).read_bytes())
                    compressed = site / f"{name}.gz"
                    if name != RELEASE_FILE:
                        json.loads(gzip.decompress(compressed.read_bytes()))
            except (AssertionError, OSError, ValueError, IndexError) as fault:
                faults.append(fault)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        for number in range(6):
            monkeypatch.setattr(into, "_gather_page", _with_another_page(gather, number))
            publish_site(site, payload_of(1 + number % 3))
    finally:
        done.set()
    wait_for_end(reader)
    assert faults == []
    assert len(pages) >= 3


@pytest.mark.mounts
def test_pages_of_the_last_three_indexes_stay(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gather, pages = into._gather_page, list[str]()
    for number in range(5):
        monkeypatch.setattr(into, "_gather_page", _with_another_page(gather, number))
        publish_site(site, SMALL)
        pages.append(_assert_whole(site))
    assert {path.name for path in site.glob("gmpsai-*")} == set(pages[-3:])
    _assert_done(site)


@pytest.mark.mounts
def test_what_has_not_changed_is_not_written_again(site: Path) -> None:
    publish_site(site, SMALL)
    page = _assert_whole(site)
    names = ("plotly.min.js", "plotly.min.js.gz", "index.html", HISTORY_FILE, f"{page}/site.js")
    before = [(site / name).stat().st_ino for name in names]
    publish_site(site, history_bytes(SMALL))
    assert [(site / name).stat().st_ino for name in names] == before


@pytest.mark.mounts
def test_its_own_server_serves_it(site: Path) -> None:
    publish_site(site, SMALL)
    page = _assert_whole(site)
    with serving_site(site) as url:
        for name in ("", f"{page}/site.js", "plotly.min.js", HISTORY_FILE):
            with urllib.request.urlopen(f"{url}{name}", timeout=20) as reply:
                assert reply.read() == (site / (name or "index.html")).read_bytes()
        for name in (RECORD_FILE, f"{page}/../{RECORD_FILE}", f"{page}/.x", "older/index.html"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{url}{name}", timeout=20)


@pytest.mark.mounts
def test_a_mount_that_cannot_be_written_is_an_error_and_stays_whole(site: Path) -> None:
    publish_site(site, SMALL)
    remounted(site, "ro")
    with pytest.raises(OSError, match="Read-only file system"):
        publish_site(site, SMALL)
    _assert_done(site)


@pytest.mark.mounts
def test_a_full_mount_is_an_error_and_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    with mounted(tmp_path / "site", "size=9m") as site:
        publish_site(site, SMALL)
        with pytest.raises(OSError, match="No space left"):
            publish_site(site, SMALL)
        _assert_done(site)


def test_what_others_put_beside_the_releases_of_a_site_stays(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish_site(site, SMALL)
    others = [site.with_name("site.releases") / name for name in ("lost+found", ".snapshot", "0")]
    for each in others:
        each.mkdir()
    for _ in range(4):
        publish_site(site, SMALL)
    assert all(each.is_dir() for each in others)


@pytest.mark.mounts
@pytest.mark.parametrize("mounts", [False, True], ids=["a link", "a mount"])
def test_releases_on_another_disk_than_the_name_of_the_site_work(
    tmp_path: Path, mounts: bool
) -> None:
    site, other = tmp_path / "site", tmp_path / "disk"
    other.mkdir()
    with mounted(other):
        releases = site.with_name("site.releases")
        if mounts:
            releases.mkdir()
        else:
            releases.symlink_to(other)
        with bound(other, releases) if mounts else nullcontext():
            for days in (1, 2):
                published = publish_site(site, payload_of(days))
                assert read_release(site) == published
            assert {path.name for path in tmp_path.iterdir()} == {"site", "site.releases", "disk"}


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_disk_without_symbolic_links_says_how(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def symlink(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "symlink", symlink)
    site = tmp_path / "site"
    sentence = rf"without symbolic links, so {site} can be none\. Make {site} a folder"
    with pytest.raises(ReleaseError, match=sentence):
        publish_site(site, SMALL)
    site.mkdir()
    (site / RECORD_FILE).touch()
    publish_site(site, SMALL)
    _assert_done(site)


@pytest.mark.mounts
def test_a_mount_that_is_missing_is_no_place_to_publish_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "web folder"
    site.mkdir()
    table = tmp_path / "fstab"
    table.write_text(
        f"# mounts\n\nnone {site} tmpfs noauto 0 0\n".replace(" folder", r"\040folder")
    )
    monkeypatch.setattr(mounts, "_TO_BE_MOUNTED", table)
    for replaceable in (True, False):
        with monkeypatch.context() as patched:
            patched.setattr(into, "can_be_replaced", lambda _, answer=replaceable: answer)
            for place in (site, site / "below"):
                with pytest.raises(ReleaseError, match=f"{site} is not mounted; mount it"):
                    publish_site(place, SMALL)
        assert list(site.iterdir()) == []
    with mounted(site):
        publish_site(site, SMALL)
        _assert_done(site)
