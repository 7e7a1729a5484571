"""Publishing the site: a new folder is built whole, then the site's name is switched over to it.

Here belong building, switching and tidying of releases. What the JSON holds is said in ``history``; who reads
the folder is of no concern here: any web server that follows symbolic links may.

``<site>`` is a symbolic link to ``<site>.releases/<id>``. It changes with one rename, so a reader always meets
one whole release. Each file that shrinks also lies there as ``<name>.gz``.
"""

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from gmpsai_assets import __version__
from gmpsai_assets.site.devices import devices_document

HISTORY_FILE = "StatsHistoryBoringHolyMoly.json"
DEVICES_FILE = "devices.json"
RELEASE_FILE = "release.json"
PLOTLY_FILE = "plotly.min.js"
KEPT_RELEASES = 3
DRAFT_MARK = ".draft-"

_COMPRESSED_FROM_BYTES = 1024
_COMPRESSION_LEVEL = 6
_WAY_OUT = "remove it, or publish elsewhere by setting GMPSAI_SITE_DIR"


class ReleaseError(RuntimeError):
    """The site cannot be published: the place is taken, or the payload is no history."""


@dataclass(frozen=True)
class Release:
    """One published release, as ``release.json`` tells it.

    Attributes:
        id: name of its folder; later releases sort later.
        published_at: ISO 8601, UTC.
        first_day: first local day of the history, None if there is none.
        last_day: last local day.
        days: number of published days.
        parameters: number of parameters.
        history_bytes: size of the JSON.
        history_sha256: checksum of the JSON, hexadecimal.
        package_version: of gmpsai_assets.
        plotly_version: of the package that plotly.min.js was taken from.
    """

    id: str
    published_at: str
    first_day: str | None
    last_day: str | None
    days: int
    parameters: int
    history_bytes: int
    history_sha256: str
    package_version: str
    plotly_version: str


def publish_site(
    site_directory: Path, payload: dict[str, Any] | bytes, *, published_at: datetime | None = None
) -> Release:
    """Publish a history and the page that shows it.

    Two publishers at once wait for each other; the later one stays. The newest three releases
    are kept, so a reader that has just looked up the link can still finish.

    Args:
        site_directory: name of the site. Free, an empty directory, or a link made here before.
        payload: from ``history_payload``, or such a document as JSON text in UTF-8.
        published_at: aware instant of publication; now, if not given.

    Raises:
        ReleaseError: if the place holds something that was not published by this function, or
            the payload is not a history. What was published before stays as it is.
        OSError: if the disk is full or the place cannot be written; likewise.
    """
    history = history_bytes(payload)
    release = _describe(history, published_at or datetime.now(UTC))
    releases = site_directory.with_name(f"{site_directory.name}.releases")
    releases.mkdir(parents=True, exist_ok=True)
    with _only_publisher(releases):
        refuse_foreign_place(site_directory, releases)
        _remove_drafts(releases)
        draft = releases / f"{DRAFT_MARK}{release.id}"
        _build(draft, history, release)
        draft.rename(releases / release.id)
        _sync_directory(releases)
        _switch(site_directory, releases, release.id)
        _remove_old(releases, current=release.id)
    return release


def history_bytes(payload: dict[str, Any] | bytes) -> bytes:
    """The history as compact JSON in UTF-8: the same bytes for the same payload.

    Raises:
        ReleaseError: if it is not JSON, holds NaN or infinity, or lacks ``data`` or ``layout``.
    """
    try:
        text = payload if isinstance(payload, bytes) else _compact(payload)
        document = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        msg = f"the history is not valid JSON and was not published: {error}"
        raise ReleaseError(msg) from error
    if not (isinstance(document, dict) and {"data", "layout"} <= document.keys()):
        msg = "the history has no data and layout, as a plotly document must; it was not published"
        raise ReleaseError(msg)
    return text


def read_release(site_directory: Path) -> Release | None:
    """The release that is published now; None if there is none."""
    try:
        return Release(**json.loads((site_directory / RELEASE_FILE).read_bytes()))
    except FileNotFoundError:
        return None


def refuse_foreign_place(site_directory: Path, releases: Path) -> None:
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
            msg = f"{site_directory} holds files that were not published by gmpsai; {_WAY_OUT}"
            raise ReleaseError(msg)
    elif site_directory.exists():
        msg = f"{site_directory} is a file; {_WAY_OUT}"
        raise ReleaseError(msg)


def _compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()


def _refuse_constant(text: str) -> float:
    msg = f"{text} is not a JSON number"
    raise ValueError(msg)


def _describe(history: bytes, published_at: datetime) -> Release:
    try:
        traces = json.loads(history)["data"]
        days = sorted({day for trace in traces for day in trace["x"]})
        parameters = {trace["name"].rpartition(" ")[0] for trace in traces}
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"the history holds what is not a trace of days, and was not published: {error!r}"
        raise ReleaseError(msg) from error
    instant = published_at.astimezone(UTC)
    return Release(
        id=f"{instant:%Y%m%dT%H%M%S.%f}Z-{uuid.uuid4().hex[:8]}",
        published_at=instant.isoformat(timespec="seconds"),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        days=len(days),
        parameters=len(parameters),
        history_bytes=len(history),
        history_sha256=hashlib.sha256(history).hexdigest(),
        package_version=__version__,
        plotly_version=version("plotly"),
    )


@contextmanager
def _only_publisher(releases: Path) -> Iterator[None]:
    """Hold the lock of this site; the kernel frees it when the process ends, however it ends."""
    with (releases / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(draft: Path, history: bytes, release: Release) -> None:
    draft.mkdir()
    with as_file(files("gmpsai_assets.site") / "static") as static:
        for source in sorted(static.iterdir()):
            shutil.copyfile(source, draft / source.name)
    (draft / PLOTLY_FILE).write_bytes(_plotly())
    (draft / HISTORY_FILE).write_bytes(history)
    (draft / DEVICES_FILE).write_bytes(_compact(devices_document()))
    (draft / RELEASE_FILE).write_bytes(_compact(asdict(release)))
    for path in sorted(draft.iterdir()):
        content = path.read_bytes()
        if len(content) >= _COMPRESSED_FROM_BYTES:
            smaller = _compressed_plotly() if path.name == PLOTLY_FILE else _compressed(content)
            path.with_name(f"{path.name}.gz").write_bytes(smaller)
    for path in draft.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    _sync_directory(draft)


def _plotly() -> bytes:
    return (files("plotly") / "package_data" / PLOTLY_FILE).read_bytes()


@cache
def _compressed_plotly() -> bytes:
    """Kept, because it takes longer than all the rest of a release and never changes."""
    return _compressed(_plotly())


def _compressed(content: bytes) -> bytes:
    """The same content always gives the same bytes: no time is written into them."""
    return gzip.compress(content, _COMPRESSION_LEVEL, mtime=0)


def _switch(site_directory: Path, releases: Path, release_id: str) -> None:
    if site_directory.is_dir() and not site_directory.is_symlink():
        site_directory.rmdir()
    link = releases / f"{DRAFT_MARK}link"
    # Relative, so that the site and its releases may be moved together.
    link.symlink_to(Path(releases.name) / release_id)
    link.replace(site_directory)
    _sync_directory(site_directory.parent)


def _remove_drafts(releases: Path) -> None:
    """Under the lock nobody builds, so every draft is what a crash left."""
    for leftover in releases.glob(f"{DRAFT_MARK}*"):
        if leftover.is_symlink():
            leftover.unlink()
        else:
            shutil.rmtree(leftover)


def _remove_old(releases: Path, current: str) -> None:
    others = sorted(p.name for p in releases.iterdir() if p.is_dir() and p.name != current)
    for name in others[: -(KEPT_RELEASES - 1)]:
        # First out of the way by one rename: a crash then leaves a draft, not half a release.
        doomed = (releases / name).rename(releases / f"{DRAFT_MARK}{name}")
        shutil.rmtree(doomed)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
