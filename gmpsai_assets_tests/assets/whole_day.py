"""The job of a day over an emulated laboratory, with a lake, a site and a tape path of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from gmpsai_assets.archive.tape_mark import mark_tape_path
from gmpsai_assets.automation.newest_day import WHOLE_DAY
from gmpsai_assets.definitions import build_definitions
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource, SiteResource, TapeResource


def materialise_whole_day(
    folder: Path,
    url: str,
    devices: Sequence[str],
    day: str,
    *,
    raise_on_error: bool = True,
    allow_partial: bool = False,
) -> dg.ExecuteInProcessResult:
    """Materialise all assets of a day of some devices below an empty folder."""
    (folder / "lists").mkdir()
    listed = "".join(f"MLrn {name}\n" for name in devices)
    (folder / "lists" / "Devices.txt").write_text(listed)
    mark_tape_path(folder / "tape")
    resources: dict[str, Any] = {
        "datalogger": DataLoggerResource(url=url, parameter_lists=str(folder / "lists")),
        "lake": LakeResource(data_dir=str(folder / "data")),
        "site": SiteResource(directory=str(folder / "site")),
        "tape": TapeResource(path=str(folder / "tape")),
    }
    job = build_definitions(resources).resolve_job_def(WHOLE_DAY)
    config = {"ops": {"parameter_data": {"config": {"allow_partial": allow_partial}}}}
    return job.execute_in_process(
        partition_key=day, raise_on_error=raise_on_error, run_config=config
    )
