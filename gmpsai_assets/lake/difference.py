"""What differs between two files of one day: samples added, removed and changed, and what else is recorded otherwise.

Only comparing belongs here; what becomes of the older file belongs to ``revisions``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.acnet.tclk import EVENTS, event_label
from gmpsai_assets.lake.json_objects import ForeignContentError, member
from gmpsai_assets.lake.parquet import (
    open_parquet,
    read_metadata,
    recorded_outcomes,
    row_group_key,
)
from gmpsai_assets.lake.schemas import RATE_NOT_KNOWN

_SLICE_ROWS = 1 << 17

_FIRST_TIME, _END_OF_TIMES = -62_135_596_800_000_000, 253_402_300_800_000_000
"""Years 1 to 9999, which a date can have, in microseconds since 1970 UTC."""


@dataclass(frozen=True)
class RowsDifference:
    """How the rows of one subject differ.

    Attributes:
        added: rows at a time that has no row in the older file.
        removed: rows at a time that has none in the newer one.
        changed: rows at the same time with another value.
        first: the earliest time concerned, microseconds since 1970 UTC; None if nothing differs.
        last: the latest.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    first: int | None = None
    last: int | None = None

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __add__(self, other: "RowsDifference") -> "RowsDifference":
        times = [t for t in (self.first, self.last, other.first, other.last) if t is not None]
        return RowsDifference(
            self.added + other.added,
            self.removed + other.removed,
            self.changed + other.changed,
            min(times, default=None),
            max(times, default=None),
        )

    def as_json(self) -> dict[str, int | str | None]:
        """Plain values; times as ISO text in UTC."""
        first, last = (
            None if t is None else from_microseconds(t).isoformat() for t in (self.first, self.last)
        )
        counts = {"added": self.added, "removed": self.removed, "changed": self.changed}
        return {**counts, "first": first, "last": last}


def rows_difference(older: pa.Table, newer: pa.Table) -> RowsDifference:
    """Compare two tables with ``time`` (timestamp[us, UTC], ascending) and one float64 column.

    Rows are compared as a whole: a time may occur several times. Null equals null.
    """
    if older.equals(newer):
        return RowsDifference()
    old, new = _columns(older), _columns(newer)
    total = RowsDifference()
    begun = ended = 0
    # Slice by slice, cut between two times, so that sorting needs little memory.
    while begun < len(old[0]) or ended < len(new[0]):
        until = _slice_end(old[0], begun), _slice_end(new[0], ended)
        limit = min(t for t in until if t is not None)
        next_old = int(np.searchsorted(old[0], limit, "right"))
        next_new = int(np.searchsorted(new[0], limit, "right"))
        total += _slice_difference(
            old[0][begun:next_old],
            old[1][begun:next_old],
            new[0][ended:next_new],
            new[1][ended:next_new],
        )
        begun, ended = next_old, next_new
    return total


def _slice_end(times: NDArray[np.int64], begun: int) -> int | None:
    return int(times[min(begun + _SLICE_ROWS, len(times)) - 1]) if begun < len(times) else None


def _slice_difference(
    old_time: NDArray[np.int64],
    old_value: NDArray[np.int64],
    new_time: NDArray[np.int64],
    new_value: NDArray[np.int64],
) -> RowsDifference:
    if np.array_equal(old_time, new_time) and np.array_equal(old_value, new_value):
        return RowsDifference()
    time = np.concatenate([old_time, new_time])
    value = np.concatenate([old_value, new_value])
    sign = np.repeat([-1, 1], [len(old_time), len(new_time)])
    order = np.lexsort((value, time))
    time, value, sign = time[order], value[order], sign[order]
    is_first = np.append(True, (np.diff(time) != 0) | (np.diff(value) != 0))
    starts = np.flatnonzero(is_first)
    surplus = np.add.reduceat(sign, starts)  # of each distinct row: copies in newer less in older
    times = time[starts]
    at, first_of_time = np.unique(times, return_index=True)
    gained = np.add.reduceat(np.maximum(surplus, 0), first_of_time)
    lost = np.add.reduceat(np.maximum(-surplus, 0), first_of_time)
    changed = np.minimum(gained, lost)
    concerned = at[(gained > 0) | (lost > 0)]
    if not len(concerned):
        return RowsDifference()
    return RowsDifference(
        int((gained - changed).sum()),
        int((lost - changed).sum()),
        int(changed.sum()),
        int(concerned[0]),
        int(concerned[-1]),
    )


def _columns(rows: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Times, and the bits of the values; null is the one NaN that no reply can hold."""
    value = rows.column(1).to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    return rows["time"].cast(pa.int64()).to_numpy(), value.view(np.int64)


_FOOTER_BYTES = 8
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class FileDifference:
    """How two files differ; false if they hold the same data and record the same of it.

    Attributes:
        subjects: rows that differ, by parameter or event; equal ones are left out.
        states: subjects whose recorded state differs, as (older, newer); None where it is not listed.
        described: names of other things recorded differently, such as ``nominal_rates_hz``.
    """

    subjects: Mapping[str, RowsDifference] = field(default_factory=dict)
    states: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    described: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.subjects or self.states or self.described)

    @property
    def total(self) -> RowsDifference:
        """All subjects together."""
        return sum(self.subjects.values(), RowsDifference())

    def __str__(self) -> str:
        total = self.total
        text = (
            f"{total.added} samples added, {total.removed} removed, {total.changed} changed "
            f"in {len(self.subjects)} subjects"
        )
        states = [f"{name}: {old} -> {new}" for name, (old, new) in self.states.items()]
        return "; ".join([text, *states, *(f"other {name}" for name in self.described)])

    def as_json(self) -> dict[str, Any]:
        """Plain values; times as ISO text in UTC."""
        total = self.total
        return {
            "added": total.added,
            "removed": total.removed,
            "changed": total.changed,
            "subjects": {name: rows.as_json() for name, rows in self.subjects.items()},
            "states": {name: list(pair) for name, pair in self.states.items()},
            "described": list(self.described),
        }


def file_difference(older: Path, newer: Path) -> FileDifference:
    """Compare two files of one table by content; memory stays that of one row group of each.

    The times of the pulls, the versions and the findings' wording are not content.

    What a damaged file, or one that is not of this store's making, makes it raise is named by ``damage_named``.

    Raises:
        ForeignContentError: what a file holds or says of itself is not of this store's making.
    """
    old, new = read_metadata(older), read_metadata(newer)
    difference = FileDifference(
        {} if _same_bytes_of_data(older, newer) else _subjects(older, newer),
        _states(old, new),
        tuple(name for name, known in _described(old).items() if known != _described(new)[name]),
    )
    first, last = difference.total.first or 0, difference.total.last or 0
    if first < _FIRST_TIME or last >= _END_OF_TIMES:
        msg = f"times from {first} to {last} microseconds since 1970 are no dates"
        raise ForeignContentError(msg)
    return difference


def _subjects(older: Path, newer: Path) -> dict[str, RowsDifference]:
    with open_parquet(older) as old, open_parquet(newer) as new:
        if not old.schema_arrow.equals(new.schema_arrow):
            msg = f"{older} has other columns than {newer}"
            raise ForeignContentError(msg)
        groups = _groups(old), _groups(new)
        names = dict.fromkeys([*groups[0], *groups[1]])
        found = {
            name: rows_difference(_rows(old, groups[0].get(key)), _rows(new, groups[1].get(key)))
            for name, key in ((_label(each), each) for each in names)
        }
    return {name: difference for name, difference in found.items() if difference}


def _groups(file: pq.ParquetFile) -> dict[str | int, int]:
    keys = [row_group_key(file, index) for index in range(file.num_row_groups)]
    groups = {key: index for index, key in enumerate(keys) if key is not None}
    if len(groups) != len(keys):
        msg = "a file with several subjects in one row group, or one in several"
        raise ForeignContentError(msg)
    return groups


def _rows(file: pq.ParquetFile, group: int | None) -> pa.Table:
    columns = file.schema_arrow.names[1:]
    groups = [] if group is None else [group]
    return file.read_row_groups(groups, columns=columns, use_threads=False)


def _label(key: str | int) -> str:
    if isinstance(key, int) and key not in EVENTS:
        msg = f"{key} is no TCLK event"
        raise ForeignContentError(msg)
    return event_label(key) if isinstance(key, int) else key


def _states(
    older: Mapping[str, Any], newer: Mapping[str, Any]
) -> dict[str, tuple[str | None, str | None]]:
    old, new = (
        {each["subject"]: each["state"] for each in recorded_outcomes(origin)}
        for origin in (older, newer)
    )
    subjects = dict.fromkeys([*old, *new])
    pairs = {name: (old.get(name), new.get(name)) for name in subjects}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _described(origin: Mapping[str, Any]) -> dict[str, Any]:
    outcomes = recorded_outcomes(origin)
    rates = member({"nominal_rates_hz": {}, **origin}, "nominal_rates_hz", dict)
    rates_from = member({"rates_from": {}, **origin}, "rates_from", dict)
    return {
        "window": origin.get("window"),
        "node": origin.get("node"),
        "order of subjects": [each["subject"] for each in outcomes],
        "nominal_rates_hz": list(rates.items()),
        # That there is none is known of some; files of older versions do not say it.
        "unknown rates": [
            name
            for name, rate in rates.items()
            if rate is None and rates_from.get(name, RATE_NOT_KNOWN) == RATE_NOT_KNOWN
        ],
        "findings": {
            each["subject"]: [
                (finding["kind"], finding.get("start"), finding.get("end"))
                for finding in each["findings"]
                if not finding.get("repaired", False)
            ]
            for each in outcomes
        },
    }


def _same_bytes_of_data(older: Path, newer: Path) -> bool:
    """Whether all that stands before the footers is the same; then so are all rows. The quick way out."""
    with older.open("rb") as old, newer.open("rb") as new:
        left = _data_bytes(old)
        if left != _data_bytes(new):
            return False
        if not _same_layout(older, newer):
            return False
        while left > 0:
            count = min(left, _CHUNK_BYTES)
            if old.read(count) != new.read(count):
                return False
            left -= count
    return True


def _data_bytes(file: Any) -> int:
    file.seek(-_FOOTER_BYTES, 2)
    end = file.tell()
    footer = int.from_bytes(file.read(4), "little")
    file.seek(0)
    return int(end - footer)


def _same_layout(older: Path, newer: Path) -> bool:
    old, new = pq.read_metadata(older), pq.read_metadata(newer)
    alike = old.schema.equals(new.schema) and old.num_row_groups == new.num_row_groups
    return alike and all(
        old.row_group(index).equals(new.row_group(index)) for index in range(old.num_row_groups)
    )
