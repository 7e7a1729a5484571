"""Publishing the site: a new release is built whole, then the site's name is switched over to it.

Here are the lock of a site, the switch, and the removal of old releases; what lies in a release is in ``release``.
Any web server that follows symbolic links can serve the folder.

``<site>`` is a symbolic link to ``<site>.releases/<id>``. It changes with one rename, so a reader always meets
one whole release. A folder that cannot be replaced by a link is published ``into``.
"""

import errno
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gmpsai_assets.acnet.device_facts import DEVICE_FACTS, DeviceFact
from gmpsai_assets.lake.atomic import put_folder, put_link
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.mounts import missing_mount
from gmpsai_assets.site.into import (
    RECORD_FILE,
    can_be_replaced,
    is_published_into,
    publish_into,
)
from gmpsai_assets.site.release import (
    Release,
    ReleaseError,
    build_release,
    describe_release,
    history_bytes,
    numbers_bytes,
)

KEPT_RELEASES = 3
"""The published one, and two for readers that looked up the link before it changed."""

NO_NUMBERS: Mapping[str, Any] = {"days": [], "parameters": []}
"""What ``daily_numbers`` gives where no day is published."""

DRAFT_MARK = ".draft-"
"""Begins the name of what is being built or removed; no release begins so."""

_RELEASE = re.compile(r"\d{8}T\d{6}[.]\d{6}Z-[0-9a-f]{8}")
"""The names of releases; what others put into their folder is none."""

_WAY_OUT = "remove it, or publish elsewhere by setting GMPSAI_SITE_DIR"


class Publisher:
    """Whoever may publish a site at the moment; from ``only_publisher``.

    Args:
        site_directory: name of the site.
        releases: folder of its releases; None if it is published into.
    """

    def __init__(self, site_directory: Path, releases: Path | None) -> None:
        self._site, self._releases = site_directory, releases

    def publish(
        self,
        payload: dict[str, Any] | bytes,
        *,
        numbers: Mapping[str, Any] = NO_NUMBERS,
        facts: Mapping[str, DeviceFact] = DEVICE_FACTS,
        published_at: datetime | None = None,
    ) -> Release:
        """Publish a history and the page that shows it.

        The newest three releases are kept, so a reader that has just looked up the link can still finish.

        Args:
            payload: from ``history_payload``, or such a document as JSON text in UTF-8.
            numbers: what the page draws, from ``daily_numbers``; without it the page says that there is no day.
            facts: what is known of each device, by name of the reading.
            published_at: aware instant of publication; now, if not given.

        Raises:
            ReleaseError: if the place holds something that was not published here, or the payload is not a
                history. What was published before stays as it is.
            OSError: if the disk is full or the place cannot be written; likewise.
        """
        history, drawn = history_bytes(payload), numbers_bytes(numbers)
        release = describe_release(history, published_at or datetime.now(UTC))
        if self._releases is None:
            publish_into(self._site, history, drawn, release, facts)
            return release
        _refuse_foreign_place(self._site, self._releases)
        _remove_drafts(self._releases)
        draft = self._releases / f"{DRAFT_MARK}{release.id}"
        build_release(draft, history, drawn, release, facts)
        put_folder(draft, self._releases / release.id)
        _switch(self._site, self._releases, release.id)
        _remove_old(self._releases, current=release.id)
        return release


@contextmanager
def only_publisher(site_directory: Path) -> Iterator[Publisher]:
    """Wait until nobody else publishes this site, and keep others waiting until the block ends.

    What a history is made of must be read within the block: read before, it may be older than what another
    publisher has published meanwhile, and would take its place.

    Args:
        site_directory: name of the site. Free, an empty directory, a link made here before, or a directory that is
            published into.

    Raises:
        ReleaseError: if the name can never be given to a release, by this account.
        OSError: if the place cannot be written.
    """
    missing = missing_mount(site_directory)
    if missing is not None:
        msg = f"{missing} is not mounted; mount it, or publish {site_directory} elsewhere by setting GMPSAI_SITE_DIR"
        raise ReleaseError(msg)
    if is_published_into(site_directory):
        with exclusive(site_directory / ".gmpsai-site.lock"):
            yield Publisher(site_directory, None)
        return
    _require_replaceable(site_directory)
    releases = site_directory.with_name(f"{site_directory.name}.releases")
    with exclusive(releases / f"{site_directory.name}.lock"):
        yield Publisher(site_directory, releases)


def _require_replaceable(site_directory: Path) -> None:
    if site_directory.parent.is_dir() and not can_be_replaced(site_directory):
        msg = (
            f"{site_directory} cannot be given to a release: this account may not write {site_directory.parent}. "
            f"Let the owner of that make {site_directory} a folder that this account may write, and it is published "
            "into; or publish elsewhere by setting GMPSAI_SITE_DIR"
        )
        raise ReleaseError(msg)


def _refuse_foreign_place(site_directory: Path, releases: Path) -> None:
    """Make sure that switching the name destroys nothing.

    Raises:
        ReleaseError: if the name is a file, a directory with content, or somebody else's link.
    """
    if site_directory.is_symlink():
        target = site_directory.parent / site_directory.readlink()
        if target.parent != releases:
            msg = (
                f"{site_directory} links to {target}, which is no release of this site; {_WAY_OUT}"
            )
            raise ReleaseError(msg)
    elif site_directory.is_dir():
        if any(site_directory.iterdir()):
            msg = (
                f"{site_directory} holds files that were not published by gmpsai; {_WAY_OUT}. To publish beside them, "
                f"make an empty file {RECORD_FILE} in it"
            )
            raise ReleaseError(msg)
    elif site_directory.exists():
        msg = f"{site_directory} is a file; {_WAY_OUT}"
        raise ReleaseError(msg)


def _switch(site_directory: Path, releases: Path, release_id: str) -> None:
    if site_directory.is_dir() and not site_directory.is_symlink():
        site_directory.rmdir()
    try:
        put_link(_new_link(releases / f"{DRAFT_MARK}link", releases, release_id), site_directory)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The releases are on another disk than the name.
        beside = site_directory.with_name(f".{site_directory.name}{DRAFT_MARK}link")
        beside.unlink(missing_ok=True)
        put_link(_new_link(beside, releases, release_id), site_directory)


_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems without symbolic links answer."""


def _new_link(link: Path, releases: Path, release_id: str) -> Path:
    try:
        # Relative, so that the site and its releases may be moved together.
        link.symlink_to(Path(releases.name) / release_id)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        site = releases.with_suffix("")
        msg = (
            f"{link.parent} lies on a file system without symbolic links, so {site} can be none. Make {site} a folder "
            f"with an empty file {RECORD_FILE} in it, and it is published into"
        )
        raise ReleaseError(msg) from error
    return link


def _remove_drafts(releases: Path) -> None:
    """Under the lock nobody builds, so every draft is what a crash left."""
    for leftover in releases.glob(f"{DRAFT_MARK}*"):
        if leftover.is_symlink():
            leftover.unlink()
        else:
            shutil.rmtree(leftover, ignore_errors=True)  # a reader over NFS may hold a file of it


def _remove_old(releases: Path, current: str) -> None:
    names = (path.name for path in releases.iterdir() if _RELEASE.fullmatch(path.name))
    others = sorted(name for name in names if name != current)
    for name in others[: -(KEPT_RELEASES - 1)]:
        # First out of the way by one rename: a crash then leaves a draft, not half a release.
        doomed = (releases / name).rename(releases / f"{DRAFT_MARK}{name}")
        shutil.rmtree(doomed, ignore_errors=True)
