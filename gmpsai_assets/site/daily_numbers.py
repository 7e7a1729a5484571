"""What the site's own page draws: the numbers of every parameter and published day, and which of them stands for a day.

The mode of a value that hardly comes twice is noise: of B:LINFRQ it jumps from -36 to -11 mHz between days whose means
are -12.0 and -11.4 mHz. So the mean stands for a day, and the mode only where there are few values and one of them
holds most of the day: of a flag, a status word, or a setting that somebody turns now and then. The plotly JSON keeps
the mode, as its readers know it (``history``).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gmpsai_assets.site.history import STATISTICS, DayGrids, Grid, day_grids, finite_or_none

FEW_VALUES = 64
"""A parameter of more different values in a day is a continuous one; chosen. Flags have two, and B:ACMNPG, which people
turn, 17; B_VIMIN, which the regulator steps along, has 91, and a digitised reading such as B:IMINER 2,000."""

SAMPLES_A_VALUE = 10
"""Samples that there must be for each different value on the average, so that one of them can be called frequent;
chosen. A day of five samples has few values whatever it is."""

MAJORITY = 0.5
"""The mode must be this share of the numbers: then it is the median as well, and no other value can come as often by
chance. B_VIMAX has 7 values a day, the most frequent in a third of the samples: which one it is, is noise."""

ADDED = ("value_mean", "value_median", "numbers", "value_mode_samples", "value_distinct")
"""Columns of the statistics that are read beside those of the history."""

YOUNGER = ("value_mode_samples", "value_distinct")
"""Those of them that statistics made by an older version lack."""

COLUMNS = (*STATISTICS, *ADDED)

_DRAWN = {
    "mean": "value_mean",
    "median": "value_median",
    "mode": "value_mode",
    "std": "value_std",
    "min": "value_min",
    "max": "value_max",
}


def daily_numbers(statistics: pa.Table, parameters: Sequence[str]) -> dict[str, Any]:
    """The numbers of every parameter on all published days.

    Args:
        statistics: as for ``history_payload``, with the further columns of ``ADDED``.
        parameters: the parameters in list order.

    Returns:
        ``days``: the local days, sorted. ``parameters``: for each its ``name``; ``middle``, the one that stands for a
        day, ``mean`` or ``mode``; and by name the numbers, each as long as ``days``, None where there is none:
        ``mean``, ``median``, ``mode``, ``std``, ``min``, ``max``, and ``mode_share``, the share of the day's numbers
        that are the mode.

    Raises:
        HistoryError: as ``history_payload``.
    """
    grids = day_grids(statistics, parameters)
    drawn = {name: grids.of(column) for name, column in _DRAWN.items()}
    numbers, mode_samples = grids.of("numbers"), grids.of("value_mode_samples")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        drawn["mode_share"] = mode_samples / numbers
    few = _have_few_values(grids, numbers, drawn["mode_share"])
    return {
        "days": grids.days,
        "parameters": [
            {
                "name": name,
                "middle": "mode" if few[row] or is_status_word(name) else "mean",
                **{key: finite_or_none(grid[row]) for key, grid in drawn.items()},
            }
            for row, name in enumerate(grids.names)
        ],
    }


def is_status_word(parameter: str) -> bool:
    """Whether the name is that of a status, whose bits have a meaning and no mean."""
    return parameter[1:2] == "|"


def _have_few_values(grids: DayGrids, numbers: Grid, share: Grid) -> npt.NDArray[np.bool_]:
    """Which parameters have few values on each of their days; not those of which it is unknown how many they have."""
    distinct = grids.of("value_distinct")
    # Of a day that older statistics describe this much is known.
    constant = grids.of("value_min") == grids.of("value_max")
    distinct = np.where(np.isnan(distinct) & constant, 1.0, distinct)
    share = np.where(np.isnan(share) & constant, 1.0, share)
    few = (distinct <= FEW_VALUES) & (numbers / SAMPLES_A_VALUE >= distinct) & (share >= MAJORITY)
    without = np.isnan(numbers) | (numbers == 0)
    every_day: npt.NDArray[np.bool_] = (few | without).all(axis=1) & ~without.all(axis=1)
    return every_day
