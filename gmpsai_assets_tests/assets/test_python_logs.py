"""What the package's own code says by Python's logging is shown with the run, whichever thread said it."""

import logging
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import dagster as dg
import pytest
import yaml

from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import running_emulator
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource

DAY = "2026-03-10"


@pytest.mark.parametrize("configured", [True, False])
def test_a_request_that_is_made_again_is_in_the_event_log_of_the_run(
    tmp_path: Path, configured: bool
) -> None:
    settings = yaml.safe_load((files("gmpsai_assets") / "deploy" / "dagster.yaml").read_text())
    overrides = {"python_logs": settings["python_logs"]} if configured else {}
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "One.txt").write_text("# rate: 1/60 Hz\nNuMI2 E:DURL01\n")
    with (
        running_emulator(EmulatorOptions(now=datetime(2026, 3, 20, 18, tzinfo=UTC))) as laboratory,
        dg.instance_for_test(overrides=overrides) as instance,
    ):
        laboratory.set_faults("http-503,device=E:DURL01,verb=logger_get,first=1")
        resources = {
            "datalogger": DataLoggerResource(
                url=laboratory.url, parameter_lists=str(tmp_path / "lists")
            ),
            "lake": LakeResource(data_dir=str(tmp_path / "data")),
        }
        run = dg.materialize(
            [parameter_data],
            partition_key=DAY,
            resources=resources,
            selection=[parameter_data],
            instance=instance,
        )
        entries = instance.all_logs(run.run_id)
    said = [
        entry.user_message
        for entry in entries
        if entry.level == logging.WARNING and not entry.is_dagster_event
    ]
    assert any("503" in message for message in said) is configured, said
