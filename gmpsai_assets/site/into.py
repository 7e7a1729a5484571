"""Publishing into a folder that cannot be replaced: one that is a mount, or whose parent cannot be written.

Of such a site each file is replaced by itself, so what belongs together must not change together. The page's own files
lie in a folder that is named by their content and appears whole; the index, which names that folder, and the files of
data are replaced one by one, each whole, the index last. Whatever a killed publication leaves is a working site, and
the next one ends it. Files of others stay untouched: what is ours stands in a record, and nothing else is written over.

How a site is published that can be replaced as a whole belongs to ``publishing``, what is in one to ``release``.
"""

import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from gmpsai_assets.acnet.device_facts import DeviceFact
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.mounts import is_mount
from gmpsai_assets.site.release import (
    DEVICES_FILE,
    HISTORY_FILE,
    NUMBERS_FILE,
    PLOTLY_FILE,
    RELEASE_FILE,
    Release,
    ReleaseError,
    build_release,
    compress,
)

RECORD_FILE = ".gmpsai-site.json"
"""Names what is ours in the folder. Whoever makes it, empty, asks for publishing into a folder with other files."""

INDEX_FILE = "index.html"
PAGE_FOLDER = r"gmpsai-[0-9a-f]{12}"
"""Pattern of the folders that hold the page's own files."""

_AT_THE_TOP = (PLOTLY_FILE, HISTORY_FILE, NUMBERS_FILE, DEVICES_FILE, RELEASE_FILE, INDEX_FILE)
"""In the order in which they are replaced. Their names are fixed: other pages, and bookmarks, know them."""

_KEPT_PAGES = 3
"""The published one, and two for readers who have just loaded an older index."""

_DRAFT = ".gmpsai-draft-"


def is_published_into(site: Path) -> bool:
    """Whether a site is a folder that cannot be replaced as a whole, or one whose files are to stay."""
    if site.is_symlink() or not site.is_dir():
        return False
    return (site / RECORD_FILE).exists() or is_mount(site) or not can_be_replaced(site)


def can_be_replaced(site: Path) -> bool:
    """Whether this account may give the site's name to something else."""
    parent = site.parent
    if not os.access(parent, os.W_OK | os.X_OK):
        return False
    facts = parent.stat()
    is_ours = os.geteuid() in (0, facts.st_uid) or not os.path.lexists(site)
    # Where the sticky bit is set, only the owner of a name may change it.
    return is_ours or not facts.st_mode & stat.S_ISVTX or site.lstat().st_uid == os.geteuid()


def publish_into(
    site: Path,
    history: bytes,
    numbers: bytes,
    release: Release,
    facts: Mapping[str, DeviceFact],
) -> None:
    """Publish a release into a folder; its caller is the only publisher.

    Args:
        site: the folder.
        history: the plotly JSON.
        numbers: the JSON that the page draws.
        release: what ``release.json`` says.
        facts: what is known of each device, by name of the reading.

    Raises:
        ReleaseError: a file of somebody else has a name that is needed; nothing was changed.
        OSError: the disk is full or the folder cannot be written; what is there is a whole site.
    """
    for leftover in site.glob(f"{_DRAFT}*"):
        shutil.rmtree(leftover, ignore_errors=True)  # a reader over NFS may hold a file of it
    draft = site / f"{_DRAFT}{release.id}"
    try:
        build_release(draft, history, numbers, release, facts)
        page = _gather_page(draft)
        # A publication that was killed may have recorded what it did not come to put here.
        ours = [name for name in _read_record(site) if os.path.lexists(site / name)]
        names = [path.name for path in draft.iterdir()]
        _refuse_to_write_over(site, set(names) - set(ours))
        pages = [page, *(name for name in ours if re.fullmatch(PAGE_FOLDER, name) and name != page)]
        # First, so that whatever is put in place from here on is known as ours.
        _write_record(site, [*pages, *ours, *names])
        if not (site / page).exists():
            (draft / page).rename(site / page)
            atomic.sync_directory(site)
        for name in _AT_THE_TOP:
            _replace(draft, site, name)
        atomic.sync_directory(site)
        _remove(site, pages[_KEPT_PAGES:])
        _write_record(site, [*pages[:_KEPT_PAGES], *names])
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _gather_page(draft: Path) -> str:
    """Put the page's own files into a folder named by their content, and let the index name it; returns its name."""
    top = {name for each in _AT_THE_TOP for name in (each, f"{each}.gz")}
    own = sorted(path for path in draft.iterdir() if path.name not in top)
    digest = hashlib.sha256()
    for path in own:
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    page = draft / f"gmpsai-{digest.hexdigest()[:12]}"
    page.mkdir()
    for path in own:
        path.rename(page / path.name)
    atomic.sync_directory(page)
    names = "|".join(re.escape(path.name) for path in own)
    index = draft / INDEX_FILE
    index.write_text(
        re.sub(rf'\b(href|src)="({names})"', rf'\1="{page.name}/\2"', index.read_text())
    )
    compress(index)
    for path in draft.glob(f"{INDEX_FILE}*"):
        atomic.sync_file(path)
    return page.name


def _replace(draft: Path, site: Path, name: str) -> None:
    """Replace one file and its compressed form, or leave them if they are the same."""
    # A server may send either, so an older compressed one must not stay behind the newer plain one.
    for each in (f"{name}.gz", name):
        if not (draft / each).exists():
            (site / each).unlink(missing_ok=True)
        elif not _is_same(draft / each, site / each):
            (draft / each).replace(site / each)


def _is_same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()


def _remove(site: Path, pages: Sequence[str]) -> None:
    for name in pages:
        if (site / name).exists():
            # First out of the way by one rename: a crash then leaves a draft, not half a page.
            doomed = (site / name).rename(site / f"{_DRAFT}{name}")
            shutil.rmtree(doomed, ignore_errors=True)


def _refuse_to_write_over(site: Path, names: set[str]) -> None:
    foreign = sorted(name for name in names if os.path.lexists(site / name))
    if foreign:
        msg = (
            f"{site} holds {', '.join(foreign)}, which gmpsai did not publish; move it away, or publish elsewhere by "
            "setting GMPSAI_SITE_DIR. Nothing was changed"
        )
        raise ReleaseError(msg)


def _read_record(site: Path) -> list[str]:
    """What is ours, the newest page first."""
    try:
        text = (site / RECORD_FILE).read_text()
        names = json.loads(text)["ours"] if text.strip() else []
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{site / RECORD_FILE} cannot be read ({error!r}); remove it, and what was published there by gmpsai"
        raise ReleaseError(msg) from error
    return [str(name) for name in names]


def _write_record(site: Path, names: Sequence[str]) -> None:
    content = {
        "what": "files of gmpsai here; all others are left alone",
        "ours": list(dict.fromkeys(names)),
    }
    atomic.write_bytes(site / RECORD_FILE, json.dumps(content, indent=1).encode() + b"\n")
