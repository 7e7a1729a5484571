"""The pull of a whole day against the bare loop on the same, already rendered, replies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Measured, measure

_ASSET = ["-m", "dagster", "asset", "materialize", "-m"]


@dataclass(frozen=True)
class Judged:
    """One line of the report: a measured value, its limit, and what was measured."""

    what: str
    value: float
    limit: float
    unit: str
    remark: str

    @property
    def good(self) -> bool:
        """Whether the limit is kept."""
        return self.value <= self.limit


def materialise(asset: str, day: str, environment: Mapping[str, str]) -> Measured:
    """`dagster asset materialize` of one asset of the platform."""
    return measure(
        [*_ASSET, "gmpsai_assets.definitions", "--select", asset, "--partition", day], environment
    )


def empty_asset(environment: Mapping[str, str], day: str) -> Measured:
    """The same command on an asset that does nothing: what Dagster itself takes."""
    return measure(
        [*_ASSET, "benchmarks.nothing", "--select", "nothing", "--partition", day], environment
    )


def parameter_pull(
    day: str, url: str, folder: Path, environment: Mapping[str, str]
) -> list[Judged]:
    """Time and memory of parameter_data, and the size of its file."""
    bare = measure(
        ["-m", "benchmarks.bare", "parameters", url, day, str(folder / "bare.parquet")], environment
    )
    nothing = empty_asset(environment, day)
    ours = materialise("parameter_data", day, environment)
    net = ours.seconds - nothing.seconds
    (file,) = (folder / "data" / "parameter_data" / f"day={day}").glob("*.parquet")
    rows = 47 * 1_295_700
    return [
        Judged(
            "parameter_data of a day / bare loop",
            net / bare.seconds,
            1.35,
            "x",
            f"{net:.1f} s against {bare.seconds:.1f} s",
        ),
        Judged("peak memory of that process", ours.peak_megabytes, 450, "MB", "whole process"),
        Judged(
            "published file / pandas HDF5 (24 bytes a row)",
            file.stat().st_size / (24 * rows),
            0.25,
            "x",
            f"{file.stat().st_size / 1e6:.0f} MB",
        ),
    ]


def event_pull(day: str, url: str, folder: Path, environment: Mapping[str, str]) -> list[Judged]:
    """Time of event_data."""
    bare = measure(["-m", "benchmarks.bare", "events", url, day, str(folder / "none")], environment)
    nothing = empty_asset(environment, day)
    ours = materialise("event_data", day, environment)
    net = ours.seconds - nothing.seconds
    return [
        Judged(
            "event_data of a day / fetching and splitting its text",
            net / bare.seconds,
            1.5,
            "x",
            f"{net:.1f} s against {bare.seconds:.1f} s",
        )
    ]
