"""Reading a published day of parameter_data parameter by parameter, with what its files say of each.

For one parameter as a DataFrame there is ``Lake.parameter``; this module serves what goes through all of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import recorded_outcomes
from gmpsai_assets.lake.schemas import PARAMETER_DATA, RATE_NOT_KNOWN
from gmpsai_assets.lake.stored_file import StoredFile


@dataclass(frozen=True)
class ParameterDay:
    """One parameter's place in a published day.

    Attributes:
        file: the open file that holds it.
        node: the logger node it was pulled from.
        parameter: the device name.
        nominal_rate_hz: the rate it is logged at; None if that is not known.
        kept_days: how long its logger keeps a sample, days.
        outcome: what the pull recorded of it: state, counts and findings; empty where nothing was recorded.
        rate_from: where its rate is known from, in words, or ``unknown``; None in a file that does not say.
    """

    file: StoredFile
    node: str
    parameter: str
    nominal_rate_hz: float | None
    kept_days: float = KEPT_DAYS
    outcome: Mapping[str, Any] = field(default_factory=dict)
    rate_from: str | None = None

    def read(self) -> pa.Table:
        """Columns ``time`` (timestamp[us, UTC]) and ``value`` (float64); empty where there was no data."""
        return self.file.rows_of(self.parameter, ["time", "value"])

    def times(self) -> NDArray[np.int64]:
        """The time stamps alone, microseconds since 1970 UTC, sorted; a tenth of the work of ``read``."""
        column = self.file.rows_of(self.parameter, ["time"])["time"]
        times: NDArray[np.int64] = column.cast(pa.int64()).to_numpy()
        return times

    def without_number(self) -> int:
        """How many samples hold no number: what the pull recorded, or, where it recorded nothing, counted."""
        recorded = self.outcome.get("not_a_number")
        return int(self.read()["value"].null_count if recorded is None else recorded)


def parameter_days(lake: Lake, day: str) -> Iterator[ParameterDay]:
    """All parameters of a day in list order, those without samples included.

    Each file is opened once, so that all of its parameters are of one pull even if it is replaced meanwhile.

    Raises:
        DayNotPublishedError: if the day has not been published.
    """
    for file in lake.open_files(PARAMETER_DATA, day):
        yield from parameters_of(file)


def parameters_of(file: StoredFile) -> Iterator[ParameterDay]:
    """The parameters of one open file in list order."""
    origin = file.origin
    outcomes = {each["subject"]: each for each in recorded_outcomes(origin)}
    rates_from = origin.get("rates_from", {})
    for parameter, rate in origin["nominal_rates_hz"].items():
        outcome = outcomes.get(parameter, {})
        kept = float(origin.get("kept_days", {}).get(parameter, KEPT_DAYS))
        # Files of versions before this was recorded have no rate where it was unknown or is none: nothing says which.
        rate_from = rates_from.get(parameter, RATE_NOT_KNOWN if rate is None else None)
        yield ParameterDay(file, origin["node"], parameter, rate, kept, outcome, rate_from)


def files_of(parameters: Iterable[ParameterDay]) -> list[StoredFile]:
    """The files that hold them, each once."""
    return list(dict.fromkeys(each.file for each in parameters))
