"""Loading one device-day as a DataFrame."""

import sys
import time
from pathlib import Path

from gmpsai_assets.lake.day_store import Lake


def seconds_to_load(data: Path, day: str, parameter: str) -> float:
    """The best of five loads, each opening the file anew."""
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        frame = Lake(data).parameter(parameter, day)
        best = min(best, time.perf_counter() - begun)
        assert len(frame) > 1_000_000
    return best


if __name__ == "__main__":
    print(seconds_to_load(Path(sys.argv[1]), sys.argv[2], "B:VIMIN"))
