"""The schemas say for every column what it is."""

import pyarrow as pa
import pytest

from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.lake.tables import DayTable, column_description


@pytest.mark.parametrize("table", DAY_TABLES, ids=lambda table: table.name)
def test_every_column_is_described_and_every_time_is_utc(table: DayTable) -> None:
    for field in table.schema:
        assert column_description(field), field.name
        if pa.types.is_timestamp(field.type):
            assert field.type == TIME_TYPE
