"""One file of a day: its subjects are fetched, kept as drafts, and written as one row group each, in order.

Parameters of a node and TCLK events are both pulled this way. What becomes of the day's files is in ``publishing``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa

from gmpsai_assets import __version__
from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.ask import Asking
from gmpsai_assets.fetch.collect import Request, collect
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.known import (
    ContradictionError,
    Known,
    PublishedSubjects,
    published_subjects,
    united,
)
from gmpsai_assets.fetch.outcome import Failure, Outcome
from gmpsai_assets.fetch.progress import ProgressFile
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, write_row_group
from gmpsai_assets.lake.tables import DayTable

Item = TypeVar("Item")


@dataclass(frozen=True)
class Pulled:
    """What became of the subjects of one file, each kind in the order asked for."""

    outcomes: tuple[Outcome, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Manner:
    """How a pull is done; nothing of it changes what the data are.

    Attributes:
        connections: requests that may run at a time.
        asking: how patiently each subject is asked for; None for the usual patience.
        allow_partial: publish what there is, marked partial, where something could not be fetched.
        replace_with_less: publish what the service has now, even where more is published.
        now: tells the present moment, aware; the file says when its pull was begun.
    """

    connections: int
    asking: Asking | None = None
    allow_partial: bool = False
    replace_with_less: bool = False
    now: Callable[[], datetime] = utc_now


@dataclass(frozen=True)
class DayFile(Generic[Item]):
    """A file that is still to be pulled.

    Attributes:
        lake: where it will lie.
        table: the table it belongs to; the first column is the same throughout a row group.
        day: the partition key.
        name: the file's name.
        requests: the subjects, in the order of the row groups.
        key: the value of the first column for an item.
        fetch: sends the request for one item and a window; raises ``AcnetError``.
        origin: what else is known of the source; part of the file metadata and of the drafts' identity.
    """

    lake: Lake
    table: DayTable
    day: str
    name: str
    requests: Sequence[Request[Item]]
    key: Callable[[Item], str | int]
    fetch: Callable[[Item, Window], SampleReply]
    origin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def window(self) -> Window:
        """The local day in UTC."""
        return day_window(self.day)

    def pull(self, path: Path, manner: Manner, progress: ProgressFile) -> Pulled:
        """Fetch what has no draft yet, unite it with what is published, and write the file to ``path``.

        The bytes of the file depend on the answers, on what is published, and on the time at which the pull was
        first begun, not on how often it was interrupted. After a failure the others are still fetched, but the file
        is worthless and must not be published.

        Raises:
            OSError: the disk is full or not writable.
        """
        drafts = Drafts(self.lake.drafts, self.table.name, self.day, self._known())
        begun = drafts.begin(manner.now)
        published = self._published(manner)
        outcomes: list[Outcome] = []
        failures: list[Failure] = []
        with parquet_writer(path, self.table) as writer:
            for request, outcome in self._collected(drafts, manner, progress):
                if isinstance(outcome, Failure):
                    failures.append(outcome)
                    continue
                try:
                    known = self._united(request, drafts, published)
                except ContradictionError as error:
                    failures.append(_contradiction(outcome, error))
                    continue
                outcomes.append(known.outcome)
                if not failures:
                    write_row_group(writer, self._rows(request, known.table))
            counts = [outcome.as_metadata() for outcome in outcomes]
            describe(writer, {**self._known(), "pulled_at": begun.isoformat(), "outcomes": counts})
        return Pulled(tuple(outcomes), tuple(failures))

    def _published(self, manner: Manner) -> PublishedSubjects:
        if manner.replace_with_less:
            return PublishedSubjects()
        folder = self.lake.day_folder(self.table, self.day)
        return published_subjects(folder, self.name, self.table.schema)

    def _collected(
        self, drafts: Drafts, manner: Manner, progress: ProgressFile
    ) -> "zip[tuple[Request[Item], Outcome | Failure]]":
        collected = collect(
            self.requests,
            self.fetch,
            window=self.window,
            drafts=drafts,
            connections=manner.connections,
            progress=progress,
            asking=manner.asking,
            allow_partial=manner.allow_partial,
        )
        return zip(self.requests, collected, strict=True)

    def _known(self) -> dict[str, Any]:
        window = {"start": self.window.start.isoformat(), "end": self.window.end.isoformat()}
        return {**self.origin, "window": window, "package_version": __version__}

    def _united(
        self, request: Request[Item], drafts: Drafts, published: PublishedSubjects
    ) -> Known:
        fetched = drafts.load(request.subject)
        if fetched is None:
            msg = f"the draft of {request.subject} vanished while {self.day} was being written"
            raise FileNotFoundError(msg)
        newer = Known(*fetched)
        older = published.known(request.subject, self.key(request.item))
        return newer if older is None else united(older, newer, request.expected(self.window))

    def _rows(self, request: Request[Item], rows: pa.Table) -> pa.Table:
        key = _constant(self.key(request.item), rows.num_rows, self.table.schema.field(0).type)
        return pa.table([key, *rows.columns], schema=self.table.schema)


def _contradiction(outcome: Outcome, error: ContradictionError) -> Failure:
    reason = (
        f"{error}: the clocks of the two pulls differ, and what is published stays. If the service is right, "
        "materialise the day with replace_with_less; the published samples are then kept as a revision"
    )
    return Failure(outcome.subject, reason, outcome.state)


def _constant(value: str | int, count: int, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_dictionary(kind):
        return pa.repeat(pa.scalar(value, kind), count)
    indices = pa.array(np.zeros(count, kind.index_type.to_pandas_dtype()))
    return pa.DictionaryArray.from_arrays(indices, pa.array([value], kind.value_type), safe=False)
