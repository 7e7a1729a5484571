"""What differs between two files of the same day: samples added, removed and changed, and what is said of them.

Only comparing belongs here; what becomes of the older file belongs to ``revisions``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gmpsai_assets.acnet.tclk import event_label
from gmpsai_assets.lake.parquet import open_parquet, read_metadata, row_group_key
from gmpsai_assets.lake.row_difference import RowsDifference, rows_difference

_FOOTER_BYTES = 8
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class FileDifference:
    """How two files differ; false if they hold the same data and say the same of it.

    Attributes:
        subjects: rows that differ, by parameter or event; equal ones are left out.
        states: subjects of which another state is told, as (older, newer); None where it is not listed.
        described: names of other things that the files tell differently, such as ``nominal_rates_hz``.
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
    """
    said, says = read_metadata(older), read_metadata(newer)
    return FileDifference(
        {} if _same_bytes_of_data(older, newer) else _subjects(older, newer),
        _states(said, says),
        tuple(name for name, told in _described(said).items() if told != _described(says)[name]),
    )


def _subjects(older: Path, newer: Path) -> dict[str, RowsDifference]:
    with open_parquet(older) as old, open_parquet(newer) as new:
        if not old.schema_arrow.equals(new.schema_arrow):
            msg = f"{older} has other columns than {newer}"
            raise ValueError(msg)
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
        raise ValueError(msg)
    return groups


def _rows(file: pq.ParquetFile, group: int | None) -> pa.Table:
    columns = file.schema_arrow.names[1:]
    groups = [] if group is None else [group]
    return file.read_row_groups(groups, columns=columns, use_threads=False)


def _label(key: str | int) -> str:
    return event_label(key) if isinstance(key, int) else key


def _states(
    said: Mapping[str, Any], says: Mapping[str, Any]
) -> dict[str, tuple[str | None, str | None]]:
    old, new = (
        {each["subject"]: each["state"] for each in told.get("outcomes", ())}
        for told in (said, says)
    )
    subjects = dict.fromkeys([*old, *new])
    pairs = {name: (old.get(name), new.get(name)) for name in subjects}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _described(told: Mapping[str, Any]) -> dict[str, Any]:
    outcomes = told.get("outcomes", ())
    return {
        "window": told.get("window"),
        "node": told.get("node"),
        "order of subjects": [each["subject"] for each in outcomes],
        "nominal_rates_hz": list(told.get("nominal_rates_hz", {}).items()),
        "findings": {
            each["subject"]: [
                (finding["kind"], finding["start"], finding["end"])
                for finding in each.get("findings", ())
                if not finding["repaired"]
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
