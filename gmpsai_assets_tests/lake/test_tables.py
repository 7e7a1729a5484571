"""Rows that are built for a table fit it, or are refused."""

from typing import Any

import pyarrow as pa
import pytest

from gmpsai_assets.lake.schemas import COMPLETENESS
from gmpsai_assets.lake.tables import DayTable, column, rows_table

TABLE = DayTable(
    "people",
    "people.parquet",
    pa.schema(
        [
            column("name", pa.string(), "name"),
            column(
                "gaps",
                pa.list_(pa.struct([column("start", pa.int64(), "start", "s")])),
                "gaps",
            ),
            column("place", pa.struct([column("room", pa.string(), "room")]), "place"),
        ]
    ),
)
GOOD: dict[str, Any] = {"name": "a", "gaps": [{"start": 1}], "place": {"room": "b"}}


def test_rows_that_fit_become_the_table() -> None:
    nothing = {"name": None, "gaps": None, "place": None}
    table = rows_table(TABLE, [GOOD, nothing])
    assert table.schema.equals(TABLE.schema, check_metadata=True)
    assert table.to_pylist() == [GOOD, nothing]
    assert rows_table(TABLE, []).schema.equals(TABLE.schema)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**GOOD, "nmae": "a"}, "row 1 of people has nmae"),
        ({"gaps": [], "place": None}, "row 1 of people lacks name"),
        ({**GOOD, "gaps": [{"start": 1}, {"stat": 1}]}, "gaps in row 1 of people lacks start"),
        ({**GOOD, "gaps": [{"start": 1, "end": 2}]}, "gaps in row 1 of people has end"),
        ({**GOOD, "place": {}}, "place in row 1 of people lacks room"),
    ],
)
def test_a_misspelt_or_forgotten_key_is_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rows_table(TABLE, [GOOD, row])


def test_columns_alone_will_do() -> None:
    with pytest.raises(ValueError, match="row 0 of the table lacks"):
        rows_table(COMPLETENESS.schema, [{}])
