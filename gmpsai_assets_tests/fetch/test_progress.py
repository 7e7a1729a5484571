"""The progress of a pull: each subject counts once, whatever becomes of it, and only what comes now is speed."""

from pathlib import Path

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.asking.asker import ServiceHealth
from gmpsai_assets.fetch.day_file import DayFile
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.progress import Progress, ProgressFile, read_progress
from gmpsai_assets.fetch.subjects import Subject
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import PARAMETER_DATA

DAY = "2026-03-10"
DEVICES = ("B:VIMIN", "B:NGMPS", "B:VIMAX")


def _pulled(source: DataLogger, folder: Path) -> tuple[Progress, list[str]]:
    """The last state written, and the devices that failed."""
    file = DayFile(
        Lake(folder),
        PARAMETER_DATA,
        DAY,
        name="MLrn.parquet",
        subjects=[Subject(each, Parameter("MLrn", each), 15.0) for each in DEVICES],
        key=lambda parameter: parameter.device,
        fetch=source.samples,
        origin={"source": source.source},
    )
    with ProgressFile(folder, "parameter_data", DAY, len(DEVICES)) as state:
        _, failures = file.pull(
            folder / "MLrn.parquet", FetchOptions(connections=2), state, ServiceHealth()
        )
        progress = read_progress(state.path)
    assert progress is not None
    return progress, [failure.subject for failure in failures]


def test_a_failed_device_counts_and_a_kept_draft_is_no_speed(
    datalogger: DataLogger, laboratory: EmulatorService, tmp_path: Path
) -> None:
    laboratory.set_faults("html,device=B:NGMPS")
    first, failed = _pulled(datalogger, tmp_path)
    assert failed == ["B:NGMPS"]
    assert (first.done, first.total, first.fetched) == (3, 3, 3)
    assert first.bytes_received > 60_000_000
    laboratory.set_faults()
    second, failed = _pulled(datalogger, tmp_path)
    assert failed == []
    assert (second.done, second.fetched) == (3, 1)
    assert 0 < second.bytes_received < first.bytes_received
    assert second.rows > first.rows
