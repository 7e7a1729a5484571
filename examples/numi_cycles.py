"""NuMI cycles of one day with five parameters: into a DataFrame, and onto a picture.

    python examples/numi_cycles.py data 2026-03-10 numi.png

Each row is one Booster cycle with beam for NuMI; the parameters of a row are samples of that very cycle.
"""

import sys
from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gmpsai_assets.acnet.tclk import BEAM_USERS

PARAMETERS = ["B:VIMIN", "B_VIMIN", "B:IMINER", "B:VIMAX", "B:LINFRQ"]
NUMI_RESETS = [code for code, user in BEAM_USERS.items() if user == "NuMI"]


def numi_cycles(data: Path, day: str) -> pd.DataFrame:
    """One row per NuMI cycle, indexed by cycle number: time (UTC), place in the supercycle, five parameters."""
    return pd.read_parquet(
        data / "cycles" / f"day={day}" / "cycles.parquet",
        columns=["cycle", "time", "recipe_id", "supercycle_tick", "booster_reset", *PARAMETERS],
        filters=[("booster_reset", "in", NUMI_RESETS)],
        partitioning=None,
    ).set_index("cycle")


def draw(cycles: pd.DataFrame, title: str, picture: Path) -> None:
    """Each parameter over local time, one point per cycle."""
    figure = Figure(figsize=(10, 9), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    local = cycles["time"].dt.tz_convert("America/Chicago").dt.tz_localize(None)
    axes = figure.subplots(len(PARAMETERS), 1, sharex=True)
    for axis, name in zip(axes, PARAMETERS, strict=True):
        axis.plot(local, cycles[name], ",", color="#2563a8")
        axis.set_ylabel(name)
    axes[-1].set_xlabel("local time")
    figure.suptitle(title)
    figure.savefig(picture)


def main(data: str, day: str, picture: str) -> None:
    """Load, print and draw."""
    cycles = numi_cycles(Path(data), day)
    print(cycles[PARAMETERS].describe().to_string())
    draw(cycles, f"{len(cycles):,} NuMI cycles of {day}", Path(picture))


if __name__ == "__main__":
    main(*sys.argv[1:])
