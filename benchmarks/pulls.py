"""The pull of a whole day against the bare loop on the same, already rendered, replies."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

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


@dataclass(frozen=True)
class PullBench:
    """What the pulls of one day are measured with.

    Attributes:
        day: the partition key.
        url: a service that has all replies rendered.
        slow_url: the same with ``latency`` seconds added to every request.
        latency: seconds.
        folder: scratch; the lake lies in its ``data``.
        environment: variables of the platform.
    """

    day: str
    url: str
    slow_url: str
    latency: float
    folder: Path
    environment: Mapping[str, str]

    def bare(self, what: str) -> Measured:
        """The bare loop over parameters or events."""
        target = str(self.folder / f"bare_{what}")
        return measure(["-m", "benchmarks.bare", what, self.url, self.day, target], {})

    def net_seconds(self, asset: str, **environment: str) -> tuple[float, Measured]:
        """Time of an asset less that of an empty one, and all of its measurement."""
        both = {**self.environment, **environment}
        nothing = measure(
            [*_ASSET, "benchmarks.nothing", "--select", "nothing", "--partition", self.day], both
        )
        ours = materialise(asset, self.day, both)
        return ours.seconds - nothing.seconds, ours


def pulls(bench: PullBench) -> tuple[list[Judged], float]:
    """Time, memory and size of the pulls; and the net seconds of parameter_data."""
    bare = bench.bare("parameters")
    net, ours = bench.net_seconds("parameter_data")
    folder = bench.folder / "data" / "parameter_data" / f"day={bench.day}"
    (file,) = folder.glob("*.parquet")
    rows = pq.read_metadata(file).num_rows
    bare_events = bench.bare("events")
    net_events, _ = bench.net_seconds("event_data")
    slow, _ = bench.net_seconds(
        "parameter_data",
        GMPSAI_ACL_URL=bench.slow_url,
        GMPSAI_DATA_DIR=str(bench.folder / "slow_data"),
    )
    bound = bench.latency * math.ceil(47 / 4) + bare.seconds
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
            f"{file.stat().st_size / 1e6:.0f} MB, {rows:,} rows",
        ),
        Judged(
            "event_data of a day / fetching and splitting its text",
            net_events / bare_events.seconds,
            1.5,
            "x",
            f"{net_events:.1f} s against {bare_events.seconds:.1f} s",
        ),
        Judged(
            f"parameter_data with {bench.latency} s latency / latency bound + bare loop",
            slow / bound,
            1.3,
            "x",
            f"{slow:.1f} s against {bound:.1f} s",
        ),
    ], net
