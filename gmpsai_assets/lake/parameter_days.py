"""Reading a published day of parameter_data parameter by parameter, with what its files say of each.

For one parameter as a DataFrame there is ``Lake.parameter``; this module serves what goes through all of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.parquet import read_metadata, read_rows_of, row_group_key
from gmpsai_assets.lake.schemas import PARAMETER_DATA


@dataclass(frozen=True)
class ParameterDay:
    """One parameter's place in a published day.

    Attributes:
        file: the file that holds it.
        node: the logger node it was pulled from.
        parameter: the device name.
        nominal_rate_hz: the rate it is logged at; None if that is not known.
        kept_days: how long its logger keeps a sample, days.
        outcome: what the pull recorded of it: state, counts and findings; empty where nothing was recorded.
    """

    file: Path
    node: str
    parameter: str
    nominal_rate_hz: float | None
    kept_days: float = KEPT_DAYS
    outcome: Mapping[str, Any] = field(default_factory=dict)

    def read(self) -> pa.Table:
        """Columns ``time`` (timestamp[us, UTC]) and ``value`` (float64); empty where there was no data."""
        return read_rows_of(self.file, self.parameter, ["time", "value"])

    def times(self) -> NDArray[np.int64]:
        """The time stamps alone, microseconds since 1970 UTC, sorted; a tenth of the work of ``read``."""
        with pq.ParquetFile(self.file, memory_map=True) as file:
            keys = [row_group_key(file, index) for index in range(file.num_row_groups)]
            mixed = None in keys
            groups = [index for index, key in enumerate(keys) if key == self.parameter]
            column = None if mixed else file.read_row_groups(groups, columns=["time"])["time"]
        if column is None:
            column = read_rows_of(self.file, self.parameter, ["time"])["time"]
        times: NDArray[np.int64] = column.cast(pa.int64()).to_numpy()
        return times


def parameter_days(lake: Lake, day: str) -> Iterator[ParameterDay]:
    """All parameters of a day in list order, those without samples included.

    Raises:
        DayNotPublishedError: if the day has not been published.
    """
    files = lake.day_files(PARAMETER_DATA, day)
    if not files:
        msg = f"parameter_data of {day} is not published; materialise that day first"
        raise DayNotPublishedError(msg)
    for file in files:
        origin = read_metadata(file)
        outcomes = {each["subject"]: each for each in origin.get("outcomes", ())}
        for parameter, rate in origin["nominal_rates_hz"].items():
            outcome = outcomes.get(parameter, {})
            kept = float(origin.get("kept_days", {}).get(parameter, KEPT_DAYS))
            yield ParameterDay(file, origin["node"], parameter, rate, kept, outcome)
