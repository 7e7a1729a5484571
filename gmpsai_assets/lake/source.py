"""The one source of a data directory: the service whose answers it holds, remembered from the first of them on.

Whoever asks a service for a lake refuses another one first (``refuse_another_source``) and remembers it with the
first answer that is kept (``remember_source``): an address with a slip of the pen, which answers nothing, is not
remembered. A lake of an older version takes its source from its newest pulled files. That the service has moved is for
a person to say (``accept_source``). A program that starts the service itself, at an address that changes, says so at
each start (``start_own_source``); such a service and one that is merely found at an address are never the same.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gmpsai_assets.acnet.addresses import same_service, without_secrets
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.locks import exclusive
from gmpsai_assets.lake.processes import process_started

_FILE = "source.json"
_PULLED = ("parameter_data", "event_data")
"""Tables whose files name the service that they come from."""


class AnotherSourceError(RuntimeError):
    """The data directory holds what another service has answered; nothing was asked or changed."""


class SourceFileError(RuntimeError):
    """What the data directory remembers of its source cannot be read."""


@dataclass(frozen=True)
class Source:
    """The service of a data directory.

    Attributes:
        url: its address, without a login.
        since: when it became the source; ISO, UTC; empty where only older files tell of it.
        started_by: the program that starts it, at an address of its choice; empty for a service that is just there.
        process: the number of that program while it runs.
        process_started: distinguishes it from a later process of that number.
        earlier: addresses that a person has replaced, with the time, the oldest first.
    """

    url: str
    since: str = ""
    started_by: str = ""
    process: int = 0
    process_started: str = ""
    earlier: tuple[Mapping[str, str], ...] = ()

    def __str__(self) -> str:
        return f"the service that {self.started_by} starts" if self.started_by else self.url

    @property
    def is_recorded(self) -> bool:
        """Whether the directory remembers it, and not only its older files tell of it."""
        return bool(self.since)

    @property
    def runs(self) -> bool:
        """Whether the program that starts it is there; always so for a service that is just there."""
        return not self.started_by or (
            bool(self.process_started) and process_started(self.process) == self.process_started
        )

    def is_at(self, url: str) -> bool:
        """Whether an address is that of this service."""
        return same_service(self.url, url) and self.runs


def source_file(root: Path) -> Path:
    """Where a data directory remembers its source."""
    return root / _FILE


def known_source(root: Path) -> Source | None:
    """The source of a data directory; None if it holds nothing of any service yet.

    Raises:
        SourceFileError: it cannot be read.
    """
    recorded = _recorded(root)
    if recorded is not None:
        return recorded
    url = next(_urls_of_files(root), None)
    return None if url is None else Source(without_secrets(url))


def refuse_another_source(root: Path, url: str) -> None:
    """Make sure that a service is the source of a data directory, or that this has none yet; before it is asked.

    Args:
        root: the data directory.
        url: the address of the service.

    Raises:
        AnotherSourceError: it holds what another service has answered.
        SourceFileError: what it remembers cannot be read.
    """
    _compare(root, known_source(root), url)


def remember_source(root: Path, url: str) -> None:
    """The same, and from now on it is the source; called before an answer is kept. Of two at once the first one wins.

    Raises:
        AnotherSourceError: another service is the source, perhaps since a moment ago.
        SourceFileError: what it remembers cannot be read.
        OSError: it cannot be written.
    """
    known = _recorded(root)
    if known is not None:
        _compare(root, known, url)
        return
    with exclusive(_lock(root)):
        _compare(root, known_source(root), url)
        if _recorded(root) is None:
            _write(root, Source(without_secrets(url), _now()))


def accept_source(root: Path, url: str, started_by: str = "") -> Source:
    """Make a service the source whatever was before: a person knows that it is the same one at another address.

    Args:
        root: the data directory.
        url: its address; empty for one that is started.
        started_by: the program that starts it, if one does.

    Returns:
        The source now; its ``earlier`` ends with what it was.

    Raises:
        OSError: it cannot be written.
    """
    with exclusive(_lock(root)):
        try:
            known = known_source(root)
        except SourceFileError:
            known = None
        accepted = Source(without_secrets(url), _now(), started_by, earlier=_earlier(known))
        _write(root, accepted)
    return accepted


def start_own_source(root: Path, url: str, started_by: str, *, adopt: bool = False) -> None:
    """Remember where the service is that this process starts, for as long as this process lives.

    Args:
        root: the data directory.
        url: the address of the service this time.
        started_by: the name of this program.
        adopt: whether what is there belongs to it, though it was written before that was remembered.

    Raises:
        AnotherSourceError: the directory holds what a service has answered that is not of this program.
        SourceFileError: what it remembers cannot be read.
        OSError: it cannot be written.
    """
    with exclusive(_lock(root)):
        known = known_source(root)
        own = Source(url, _now(), started_by, os.getpid(), process_started(os.getpid()))
        if known is not None and not adopt:
            if known.started_by != started_by:
                raise AnotherSourceError(_refusal(root, known, str(own)))
            if known.runs and known.process != own.process:
                msg = f"another {started_by}, process {known.process}, works on {root} already; stop it first"
                raise AnotherSourceError(msg)
            own = replace(own, since=known.since, earlier=known.earlier)
        _write(root, own)


def _compare(root: Path, known: Source | None, url: str) -> None:
    if known is not None and not known.is_at(url):
        asked = without_secrets(url)
        raise AnotherSourceError(_refusal(root, known, asked, asked))


def _refusal(root: Path, known: Source, asked: str, address: str = "ADDRESS") -> str:
    end = "" if known.runs else ", which does not run now"
    step = (
        f"Start {known.started_by} without GMPSAI_ACL_URL"
        if known.started_by
        else f"Set GMPSAI_ACL_URL to {known}"
    )
    return (
        f"{root} holds what came from {known}{end}, and nothing of {asked} is mixed with it. {step}, or give the other "
        "service a data directory of its own with GMPSAI_DATA_DIR. If it is the same service at a new address: "
        f"`gmpsai source --accept {address}`"
    )


def _recorded(root: Path) -> Source | None:
    path = source_file(root)
    try:
        return _parsed(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        msg = (
            f"{path} cannot be read ({error}), so nobody knows whose answers lie beside it; write it anew with "
            "`gmpsai source --accept ADDRESS`"
        )
        raise SourceFileError(msg) from error


def _parsed(text: bytes) -> Source:
    """The source as it was written; what a later version adds is passed over."""
    content = json.loads(text)
    known = {each.name: content[each.name] for each in fields(Source) if each.name in content}
    if not isinstance(known.get("url"), str):
        msg = "it names no address"
        raise TypeError(msg)
    return Source(**{**known, "earlier": tuple(known.get("earlier", ()))})


def _write(root: Path, source: Source) -> None:
    atomic.write_bytes(source_file(root), json.dumps(asdict(source), indent=1).encode() + b"\n")


def _lock(root: Path) -> Path:
    return root / "drafts" / "locks" / "source.lock"


def _earlier(known: Source | None) -> tuple[Mapping[str, str], ...]:
    if known is None:
        return ()
    return (*known.earlier, {"source": str(known), "until": _now()})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _urls_of_files(root: Path) -> Iterator[str]:
    """The services that pulled files name, the newest file first."""
    files = [file for table in _PULLED for file in root.glob(f"{table}/day=*/*.parquet")]
    if not files:
        return
    # Imported here: the timeline logger, a small process, comes by on an older lake once.
    import pyarrow as pa  # noqa: PLC0415

    from gmpsai_assets.lake.parquet import read_metadata  # noqa: PLC0415

    for file in sorted(files, key=_written, reverse=True):
        try:
            origin: dict[str, Any] = read_metadata(file)
        except (OSError, ValueError, pa.ArrowException):
            continue  # damaged, or of another program: it says nothing
        if isinstance(origin.get("source"), str):
            yield origin["source"]


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
