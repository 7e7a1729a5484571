"""The two pulling assets as Dagster runs them: their config, what they show, and what they never show."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gmpsai_assets.assets.completeness import completeness
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource

DAY = "2026-03-10"
PASSWORD = "s3cret-Pass"
LISTS = {"Fast": "MLrn B:VIMIN\nMLrn B:VIMAX\n", "Slow": "# rate: 1/60 Hz\nNuMI2 E:DURL01\n"}

Materialise = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture(scope="module")
def laboratory() -> Iterator[EmulatorService]:
    with running_emulator(EmulatorOptions(now=datetime(2026, 11, 20, 18, tzinfo=UTC))) as service:
        yield service


@pytest.fixture
def materialise(
    laboratory: EmulatorService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Materialise]:
    """Run one asset against the emulator; failures are returned, not raised."""
    folder = tmp_path / "lists"
    folder.mkdir()
    for name, text in LISTS.items():
        (folder / f"{name}.txt").write_text(text)
    login = laboratory.url.replace("http://", f"http://operator:{PASSWORD}@")
    monkeypatch.setenv("GMPSAI_ACL_URL", login)

    def run(asset: dg.AssetsDefinition, **config: bool) -> dg.ExecuteInProcessResult:
        resources: dict[str, Any] = {
            "datalogger": DataLoggerResource(parameter_lists=str(folder)),
            "lake": LakeResource(data_dir=str(tmp_path / "data")),
        }
        name = asset.key.to_user_string()
        return dg.materialize(
            [asset],
            resources=resources,
            partition_key=DAY,
            run_config={"ops": {name: {"config": config}}} if config else {},
            raise_on_error=False,
        )

    yield run
    laboratory.set_faults()


def _metadata(run: dg.ExecuteInProcessResult, asset: dg.AssetsDefinition) -> dict[str, Any]:
    (event,) = run.asset_materializations_for_node(asset.key.to_user_string())
    return {name: value.value for name, value in event.metadata.items()}


def _failure(run: dg.ExecuteInProcessResult) -> tuple[str, dict[str, Any]]:
    (event,) = [each for each in run.all_events if each.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None
    return str(data.description), {name: value.value for name, value in data.metadata.items()}


def _everything_told(run: dg.ExecuteInProcessResult) -> str:
    return json.dumps([repr(event) for event in run.all_events])


def test_all_runs_on_a_data_directory_share_the_slots_of_the_service(
    materialise: Materialise, tmp_path: Path
) -> None:
    assert materialise(parameter_data).success
    (service,) = (tmp_path / "data" / "service_slots").iterdir()
    slots = {file.name for file in service.iterdir()} - {"turn"}
    assert slots
    assert slots <= {f"slot-{number}" for number in range(DataLoggerResource().max_connections)}


def test_a_clean_day_says_so_in_numbers(materialise: Materialise) -> None:
    known = _metadata(materialise(parameter_data), parameter_data)
    assert (known["state_complete"], known["state_failed"], known["requests"]) == (3, 0, 3)
    assert (known["findings"], known["findings_repaired"]) == (0, 0)
    rows = known["parameters by device"].records
    assert [float(str(row.data["tier_seconds"])) for row in rows] == pytest.approx(
        [0.0667, 0.0667, 60], rel=0.01
    )


def test_a_list_of_another_node_is_a_file_of_one_line(
    laboratory: EmulatorService, materialise: Materialise, tmp_path: Path
) -> None:
    (tmp_path / "lists" / "Slow.txt").write_text("NuMI2 E:DURL01\n")
    before = len(laboratory.requests)
    known = _metadata(materialise(parameter_data), parameter_data)
    assert (known["state_complete"], known["findings"]) == (3, 0)
    # One request more than devices: the service is asked for the rate that the list does not say.
    verbs = [request.verb for request in laboratory.requests[before:]]
    assert sorted(verbs) == ["logger_get"] * 3 + ["show"]
    ledger = _metadata(materialise(completeness), completeness)
    (row,) = (r.data for r in ledger["devices"].records if r.data["parameter"] == "E:DURL01")
    assert (row["node"], row["state"]) == ("NuMI2", "complete")
    assert str(row["expected"]).strip() == str(row["received"]).strip() == "1,440"
    assert "lacking" not in ledger


def test_a_device_that_is_not_whole_is_named_with_its_reason_and_the_next_step(
    laboratory: EmulatorService, materialise: Materialise
) -> None:
    laboratory.set_faults("hex-words,device=B:VIMAX", "error-dio-no-such,device=B:VIMIN")
    run = materialise(parameter_data)
    assert not run.success
    description, metadata = _failure(run)
    for words in ("B:VIMAX (partial)", "another notation", "kept as drafts"):
        assert words in description
    for words in ("B:VIMIN (refused)", "DIO_NO_SUCH", "parameter list"):
        assert words in description
    assert "the logger forgot that time on 20" in description
    row, _ = metadata["not whole"].records
    assert str(row.data["what is missing"]) in description
    assert (row.data["subject"], row.data["state"]) == ("B:VIMAX", "partial")


def test_a_refused_device_is_left_out_and_the_check_says_what_the_service_said(
    laboratory: EmulatorService, materialise: Materialise
) -> None:
    laboratory.set_faults("error-dio-no-such,device=B:VIMAX", "no-values,device=B:VIMIN")
    known = _metadata(materialise(parameter_data), parameter_data)
    assert (known["state_refused"], known["state_complete"]) == (1, 1)
    ledger = _metadata(materialise(completeness), completeness)
    (row,) = (r.data for r in ledger["devices"].records if r.data["parameter"] == "B:VIMAX")
    assert (row["state"], row["received"].strip()) == ("refused", "0")
    (lacks,) = (r.data for r in ledger["lacking"].records if r.data["parameter"] == "B:VIMAX")
    for words in ("refused", "Invalid device name (B:VIMAX)", "DIO_NO_SUCH"):
        assert words in lacks["lacks"]


def test_a_partial_day_is_published_if_the_run_config_allows_it(
    laboratory: EmulatorService, materialise: Materialise
) -> None:
    laboratory.set_faults(
        "tier-1s,device=B:VIMAX", "gap,device=B:VIMIN,first=1", "no-values,device=E:DURL01"
    )
    assert not materialise(parameter_data).success
    run = materialise(parameter_data, allow_partial=True)
    known = _metadata(run, parameter_data)
    counts = [known[f"state_{state}"] for state in ("complete", "partial", "no_data")]
    assert counts == [1, 1, 1]
    rows = [row.data for row in known["findings table"].records]
    shown = [(row["subject"], row["finding"], row["repaired"]) for row in rows]
    assert shown == [("B:VIMAX", "slower tier", "no"), ("B:VIMIN", "gap", "yes")]
    assert rows[1]["from"].replace("\xa0", " ").startswith("2026-03-10 11:59:59")
    assert rows[1]["from"].endswith("CDT")


def test_a_password_is_shown_nowhere(
    laboratory: EmulatorService, materialise: Materialise, capfd: pytest.CaptureFixture[str]
) -> None:
    good = materialise(parameter_data)
    assert _metadata(good, parameter_data)["source"] == laboratory.url
    laboratory.set_faults("http-403")
    bad = materialise(event_data)
    assert "outside the laboratory" in _failure(bad)[0]
    captured = capfd.readouterr()
    for text in (_everything_told(good), _everything_told(bad), captured.out, captured.err):
        assert PASSWORD not in text
    assert "parameter_data" in captured.err
