"""The asset supercycle_timeline says who captured its day, and what is missing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.assets.supercycle_timeline import supercycle_timeline
from gmpsai_assets.emulator.captures import DayCaptures, capture_lines
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.records import Captured, from_line

DAY = "2026-03-10"
WINDOW = day_window(DAY)
MACHINE = Machine()


def metadata_of(data: Path) -> dict[str, Any]:
    """The metadata of the asset for the day."""
    run = dg.materialize(
        [supercycle_timeline],
        partition_key=DAY,
        resources={"lake": LakeResource(data_dir=str(data))},
        selection=[supercycle_timeline],
    )
    (event,) = run.asset_materializations_for_node("supercycle_timeline")
    return {name: value.value for name, value in event.metadata.items()}


def emulate(data: Path) -> None:
    """Have the emulator write its captures of the day."""
    assert DayCaptures(MACHINE, CaptureFiles(data).folder).write_day(DAY)


def log(data: Path, share: slice) -> None:
    """Have a logger capture a part of the day, more exactly."""
    emulated = [from_line(line.removesuffix(b"\n")) for line in capture_lines(MACHINE, WINDOW)]
    own = [
        replace(each, origin="timeline logger", uncertainty_seconds=each.uncertainty_seconds / 2)
        for each in emulated[share]
        if isinstance(each, Captured)
    ]
    CaptureFiles(data).append(own, own[0].captured_at)


def test_a_day_of_the_emulator_is_covered_and_carries_its_origin(tmp_path: Path) -> None:
    emulate(tmp_path)
    metadata = metadata_of(tmp_path)
    assert metadata["coverage"] == 1.0
    assert metadata["gaps"] == 0
    assert metadata["recipes"] == len(metadata["recipes played"].records) > 1
    assert metadata["captures"] == f"{metadata['captured']:,} by emulator"


def test_a_day_that_two_captured_names_both(tmp_path: Path) -> None:
    emulate(tmp_path)
    # In the file of the next UTC day, as the rest of a local day stands.
    log(tmp_path, slice(1200, 1438))
    metadata = metadata_of(tmp_path)
    assert metadata["coverage"] == 1.0
    others = metadata["captured"] - 238
    assert metadata["captures"] == f"{others:,} by emulator, 238 by timeline logger"


def test_a_day_that_a_logger_captured_is_its_own(tmp_path: Path) -> None:
    log(tmp_path, slice(None))
    metadata = metadata_of(tmp_path)
    assert metadata["captures"] == f"{metadata['captured']:,} by timeline logger"
    assert metadata["lost_recipes"] > 0


def test_a_day_without_any_capture_says_so(tmp_path: Path) -> None:
    metadata = metadata_of(tmp_path)
    assert metadata["captures"] == "none"
    (gap,) = metadata["gaps in the captures"].records
    assert gap.data["reason"] == "no timeline logger ran"
