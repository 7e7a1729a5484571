"""The pull of a whole day against the bare loop on the same, already rendered, replies.

Each is run twice, in turns, and the better one counts: single runs say more of the machine than of the pull.
"""

import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.measuring import Measured, measure, service
from benchmarks.twins import write_lists

LONG_DAY = "2026-11-01"
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

    def dagster_alone(self) -> Measured:
        """`dagster asset materialize` of an asset that does nothing."""
        nothing = ["benchmarks.nothing", "--select", "nothing", "--partition", self.day]
        return measure([*_ASSET, *nothing], self.environment)

    def compared(self, asset: str, what: str) -> "Compared":
        """An asset against its bare loop; the first run leaves its files in ``data``."""
        runs = []
        for number, folder in enumerate(("data", "data_again")):
            into = {"GMPSAI_DATA_DIR": str(self.folder / folder)}
            bare, nothing = self.bare(what), self.dagster_alone()
            ours = materialise(asset, self.day, {**self.environment, **into})
            runs.append((ours.seconds - nothing.seconds, bare.seconds, ours.peak_megabytes))
            if number:
                shutil.rmtree(self.folder / folder)
        net, bare_seconds, megabytes = zip(*runs, strict=True)
        return Compared(min(net), min(bare_seconds), max(megabytes))

    def peak(self, asset: str, day: str, name: str, **environment: str) -> float:
        """Peak memory in megabytes of a pull into a lake of its own, which is removed."""
        folder = self.folder / name
        into = {**self.environment, "GMPSAI_DATA_DIR": str(folder), **environment}
        ran = materialise(asset, day, into)
        shutil.rmtree(folder)
        return ran.peak_megabytes


@dataclass(frozen=True)
class Compared:
    """The better of two runs each: ours less Dagster, the bare loop; and the larger peak of ours."""

    net_seconds: float
    bare_seconds: float
    peak_megabytes: float

    def judged(self, what: str, limit: float) -> Judged:
        """The ratio of both as a line of the report."""
        remark = f"{self.net_seconds:.1f} s against {self.bare_seconds:.1f} s"
        return Judged(what, self.net_seconds / self.bare_seconds, limit, "x", remark)


def pulls(bench: PullBench) -> tuple[list[Judged], float]:
    """Time, memory and size of the pulls; and the net seconds of parameter_data."""
    parameters = bench.compared("parameter_data", "parameters")
    events = bench.compared("event_data", "events")
    folder = bench.folder / "data" / "parameter_data" / f"day={bench.day}"
    (file,) = folder.glob("*.parquet")
    rows, size = pq.read_metadata(file).num_rows, file.stat().st_size
    judged = [
        parameters.judged("parameter_data of a day / bare loop", 1.35),
        Judged(
            "published file / pandas HDF5 (24 bytes a row)",
            size / (24 * rows),
            0.25,
            "x",
            f"{size / 1e6:.0f} MB, {rows:,} rows",
        ),
        events.judged("event_data of a day / fetching and splitting its text", 1.5),
        _with_latency(bench, parameters.bare_seconds),
        *_memory(bench, parameters.peak_megabytes, events.peak_megabytes),
    ]
    return judged, parameters.net_seconds


def _with_latency(bench: PullBench, bare_seconds: float) -> Judged:
    into = {"GMPSAI_ACL_URL": bench.slow_url, "GMPSAI_DATA_DIR": str(bench.folder / "slow_data")}
    ours = materialise("parameter_data", bench.day, {**bench.environment, **into})
    net = ours.seconds - bench.dagster_alone().seconds
    bound = bench.latency * math.ceil(47 / 4) + bare_seconds
    return Judged(
        f"parameter_data with {bench.latency} s latency / latency bound + bare loop",
        net / bound,
        1.3,
        "x",
        f"{net:.1f} s against {bound:.1f} s",
    )


def _memory(bench: PullBench, parameters: float, events: float) -> list[Judged]:
    """Peaks of whole processes: a day of 24 h and of 25 h, 47 devices and 94, and the events."""
    longer = bench.peak("parameter_data", LONG_DAY, "long_data")
    devices = write_lists(bench.folder / "twin_lists")
    with service("benchmarks.twins", bench.url) as url:
        lists = str(bench.folder / "twin_lists")
        more = bench.peak(
            "parameter_data",
            bench.day,
            "twin_data",
            GMPSAI_ACL_URL=url,
            GMPSAI_PARAMETER_LISTS=lists,
        )
    return [
        Judged("peak memory of parameter_data, 47 devices, 24 h", parameters, 450, "MB", ""),
        Judged("peak memory of parameter_data, 47 devices, 25 h", longer, 450, "MB", LONG_DAY),
        Judged(f"peak memory of parameter_data, {devices} devices, 24 h", more, 450, "MB", ""),
        Judged("peak memory of event_data, 256 codes", events, 500, "MB", "its picture included"),
    ]
