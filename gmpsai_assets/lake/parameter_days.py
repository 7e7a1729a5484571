"""Reading a published day of parameter_data parameter by parameter, with what its files say of each.

For one parameter as a DataFrame there is ``Lake.parameter``; this module serves what goes through all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.parquet import read_metadata, read_rows_of
from gmpsai_assets.lake.schemas import PARAMETER_DATA


@dataclass(frozen=True)
class ParameterDay:
    """One parameter's place in a published day.

    Attributes:
        file: the file that holds it.
        node: the logger node it was pulled from.
        parameter: the device name.
        nominal_rate_hz: the rate its list says.
    """

    file: Path
    node: str
    parameter: str
    nominal_rate_hz: float

    def read(self) -> pa.Table:
        """Columns ``time`` (timestamp[us, UTC]) and ``value`` (float64); empty where there was no data."""
        return read_rows_of(self.file, self.parameter, ["time", "value"])


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
        for parameter, rate in origin["nominal_rates_hz"].items():
            yield ParameterDay(file, origin["node"], parameter, float(rate))
