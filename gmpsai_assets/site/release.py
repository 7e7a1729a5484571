"""What lies in a release of the site: the page, plotly.js, what it draws, the history, and a file about them.

How one release takes the place of another is in ``publishing``, what the JSON holds in ``history``.
Each file that shrinks also lies there as ``<name>.gz``.
"""

import gzip
import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from gmpsai_assets import __version__
from gmpsai_assets.acnet.device_facts import DeviceFact, DeviceGroup
from gmpsai_assets.lake.atomic import sync_directory, sync_file
from gmpsai_assets.lake.json_objects import ForeignContentError, json_object, member, objects


def devices_document(facts: Mapping[str, DeviceFact]) -> dict[str, Any]:
    """Groups in order of display, and by name of the reading each device's fact.

    A unit is null where it is unknown and an empty text for a pure number.
    """
    return {
        "groups": [group.value for group in DeviceGroup],
        "devices": {
            device: {
                "description": fact.description,
                "unit": fact.unit,
                "certainty": fact.certainty.value,
                "group": fact.group.value,
            }
            for device, fact in facts.items()
        },
    }


HISTORY_FILE = "StatsHistoryBoringHolyMoly.json"
NUMBERS_FILE = "daily_numbers.json"
DEVICES_FILE = "devices.json"
RELEASE_FILE = "release.json"
PLOTLY_FILE = "plotly.min.js"

_COMPRESSED_FROM_BYTES = 1024
_COMPRESSION_LEVEL = 6


class ReleaseError(RuntimeError):
    """The site cannot be published: the place is taken, or the payload is no history."""


@dataclass(frozen=True)
class Release:
    """One published release, as in ``release.json``.

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


def numbers_bytes(numbers: Mapping[str, Any]) -> bytes:
    """What the page draws as compact JSON in UTF-8.

    Raises:
        ReleaseError: if it holds NaN or infinity.
    """
    try:
        return _compact(numbers)
    except ValueError as error:
        msg = f"the daily numbers are not valid JSON and were not published: {error}"
        raise ReleaseError(msg) from error


def _compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()


def _refuse_constant(text: str) -> float:
    msg = f"{text} is not a JSON number"
    raise ValueError(msg)


def describe_release(history: bytes, published_at: datetime) -> Release:
    """The entries of ``release.json`` for a history that is published at an aware instant, under a new id.

    Raises:
        ReleaseError: if the history holds what is not a trace of days.
    """
    try:
        traces = objects(json_object(history), "data")
        days = sorted({day for trace in traces for day in _days_of(trace)})
        parameters = {member(trace, "name", str).rpartition(" ")[0] for trace in traces}
    except ForeignContentError as error:
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


def _days_of(trace: Mapping[str, Any]) -> list[str]:
    days: list[str] = member(trace, "x", list)
    if not all(isinstance(day, str) for day in days):
        msg = f"x holds what is no text of a day: {days!r:.80}"
        raise ForeignContentError(msg)
    return days


def build_release(
    draft: Path,
    history: bytes,
    numbers: bytes,
    release: Release,
    facts: Mapping[str, DeviceFact],
) -> None:
    """Write all files of a release into a new folder, durably.

    Args:
        draft: the folder.
        history: the plotly JSON.
        numbers: the JSON that the page draws.
        release: what ``release.json`` says.
        facts: what is known of each device, by name of the reading.

    Raises:
        OSError: if the folder exists, the disk is full or the place cannot be written.
    """
    draft.mkdir()
    with as_file(files("gmpsai_assets.site") / "static") as static:
        # An editor, or another system, may have left hidden files in a clone.
        for source in sorted(static.glob("[!.]*")):
            shutil.copyfile(source, draft / source.name)
    (draft / PLOTLY_FILE).write_bytes(_plotly())
    (draft / HISTORY_FILE).write_bytes(history)
    (draft / NUMBERS_FILE).write_bytes(numbers)
    (draft / DEVICES_FILE).write_bytes(_compact(devices_document(facts)))
    (draft / RELEASE_FILE).write_bytes(_compact(asdict(release)))
    for path in sorted(draft.iterdir()):
        compress(path)
    for path in draft.iterdir():
        sync_file(path)
    sync_directory(draft)


def compress(path: Path) -> None:
    """Write a file of a release compressed beside it, if it is long enough to be worth it."""
    content = path.read_bytes()
    if len(content) >= _COMPRESSED_FROM_BYTES:
        smaller = _compressed_plotly() if path.name == PLOTLY_FILE else _compressed(content)
        path.with_name(f"{path.name}.gz").write_bytes(smaller)


def _plotly() -> bytes:
    return (files("plotly") / "package_data" / PLOTLY_FILE).read_bytes()


@cache
def _compressed_plotly() -> bytes:
    """Kept, because it takes longer than all the rest of a release and never changes."""
    return _compressed(_plotly())


def _compressed(content: bytes) -> bytes:
    """The same content always gives the same bytes: no time is written into them."""
    return gzip.compress(content, _COMPRESSION_LEVEL, mtime=0)
