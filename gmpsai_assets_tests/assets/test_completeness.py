"""The asset completeness and its check, as Dagster runs them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.assets.completeness import ADD_UP, completeness
from gmpsai_assets.checks.day_checks import day_is_complete
from gmpsai_assets.definitions import build_definitions
from gmpsai_assets.fetch.publishing import write_pull_log
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import COMPLETENESS, PARAMETER_DATA
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets_tests.tables import publish_parameters, sample_rows

DAY = "2026-03-10"
WHOLE = 1_296_000


def _materialised(
    data: Path,
    samples: dict[str, int],
    outcomes: Sequence[Mapping[str, Any]] = (),
    rates: Mapping[str, float | None] | None = None,
) -> tuple[dict[str, Any], dg.ExecuteInProcessResult]:
    """Publish devices with so many samples from midnight on, and run the asset with its check."""
    window = day_window(DAY)
    rows = {name: sample_rows(window, count) for name, count in samples.items()}
    publish_parameters(Lake(data), DAY, rows, outcomes, rates)
    resources = {"lake": LakeResource(data_dir=str(data))}
    definitions = build_definitions(resources)
    job = dg.define_asset_job("ledger", selection=dg.AssetSelection.assets(completeness))
    definitions = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job]))
    run = definitions.resolve_job_def("ledger").execute_in_process(partition_key=DAY)
    (event,) = run.asset_materializations_for_node("completeness")
    return {name: value.value for name, value in event.metadata.items()}, run


def _check_result(run: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    (result,) = run.get_asset_check_evaluations()
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_complete_day_passes_and_has_its_numbers(data: Path) -> None:
    metadata, run = _materialised(data, {"B:VIMIN": WHOLE - 6, "B:VIMAX": WHOLE - 6})
    # Samples 66.667 ms apart gain 6 ticks a day on a nominal line.
    assert metadata["expected"] == 2 * WHOLE
    assert metadata["missing"] == 0
    assert "timeline" not in metadata
    result = _check_result(run)
    assert result.passed
    assert result.check_name == day_is_complete.check_key.name
    assert result.severity == dg.AssetCheckSeverity.WARN


def test_what_is_missing_stands_at_the_top_and_the_sums_at_the_end(data: Path) -> None:
    metadata, run = _materialised(data, {"B:VIMIN": WHOLE - 6, "B:VIMAX": 9_000, "B:NGMPS": 0})
    lacking = [record.data for record in metadata["lacking"].records]
    assert [row["parameter"] for row in lacking] == ["B:NGMPS", "B:VIMAX"]
    assert lacking[0]["lacks"] == "no data"
    assert "a gap of" in str(lacking[1]["lacks"])
    devices = [record.data for record in metadata["devices"].records]
    assert [row["parameter"] for row in devices] == ["B:NGMPS", "B:VIMAX", "B:VIMIN", "all"]
    assert _number(devices[3]["received"]) == WHOLE - 6 + 9_000
    gaps = [record.data for record in metadata["gaps"].records]
    assert tuple(gaps[0])[:6] == (
        "parameter",
        "start",
        "seconds",
        "cause",
        "scope",
        "obtainable_until",
    )
    assert _plain(gaps[0]["start"]) == "00:00:00 CDT"
    order = [name for name in metadata if name in ("lacking", "gaps", "timeline", "devices")]
    assert order == ["lacking", "gaps", "timeline", "devices"]
    assert [gap["parameter"] for gap in gaps] == ["B:NGMPS", "B:VIMAX"]
    assert metadata["timeline"].startswith("![gaps of 2026-03-10](data:image/png;base64,")
    result = _check_result(run)
    assert not result.passed
    assert "B:NGMPS: no data" in str(result.description)
    assert run.success


@pytest.mark.parametrize("unknown", [False, True])
def test_the_counts_of_the_page_add_up(data: Path, unknown: bool) -> None:
    devices = {"B:VIMIN": WHOLE - 6, "B:VIMAX": 9_000, "B:NGMPS": 100}
    rates: dict[str, float | None] = {"B:NGMPS": None} if unknown else {}
    metadata, _ = _materialised(data, devices, rates=rates)
    rows = [record.data for record in metadata["devices"].records]
    counts = [[row[name] for name in ADD_UP] for row in rows]
    whole = [[_number(each) for each in row] for row in counts if row[0] is not None]
    assert len(whole) == (3 if unknown else 4)
    assert rows[-1]["parameter"] == ("all of known rate" if unknown else "all")
    for expected, received, missing, unexplained in whole:
        assert expected - missing - unexplained == received
    assert [metadata[name] for name in ADD_UP] == whole[-1]
    assert metadata["gap_count"] > 0


def _plain(cell: object) -> str:
    """What a cell says, without the spaces that align it."""
    return str(cell).replace("\xa0", " ").strip()


def _number(cell: object) -> int:
    return int(_plain(cell).replace(",", ""))


def test_what_can_still_be_fetched_is_told_with_its_deadline(data: Path) -> None:
    # The day is read from a file, so its deadline is far behind the clock of any later run of this test.
    failed = {"kind": "request failed", "start": None, "end": None, "detail": "no answer"}
    outcome = {"subject": "B:VIMAX", "state": "partial", "findings": [failed]}
    metadata, run = _materialised(
        data, {"B:VIMIN": WHOLE - 6, "B:VIMAX": 9_000}, outcomes=[outcome]
    )
    assert (metadata["obtainable"], metadata["hours_left"]) == (0, 0)
    (first,) = (record.data for record in metadata["lacking"].records)
    assert (first["parameter"], _plain(first["obtainable_until"])) == (
        "B:VIMAX",
        "2026-03-20 00:09 CDT",
    )
    (gap,) = (record.data for record in metadata["gaps"].records)
    assert gap["obtainable_until"] == first["obtainable_until"]
    result = _check_result(run)
    assert "samples missing for good: the logger forgot that time on 2026-03-20" in str(
        result.description
    )
    assert result.metadata["hours_left"].value == 0


def test_a_day_that_cannot_be_judged_warns_and_says_so(data: Path) -> None:
    unknown = {"kind": "rate unknown", "start": None, "end": None, "detail": "no answer"}
    outcome = {"subject": "B:VIMIN", "state": "partial", "findings": [unknown]}
    metadata, run = _materialised(
        data, {"B:VIMIN": 9_000}, outcomes=[outcome], rates={"B:VIMIN": None}
    )
    assert metadata["devices_not_evaluable"] == 1
    assert metadata["lacking"].records[0].data["lacks"] == "rate unknown, not evaluable"
    result = _check_result(run)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.metadata["result"].value == "not evaluable"
    assert str(result.description).startswith(
        "not evaluable: 1 of 1 devices: B:VIMIN: rate unknown"
    )


def test_a_second_count_of_the_same_day_gives_the_same_file(data: Path) -> None:
    def published() -> bytes:
        _materialised(data, {"B:VIMIN": 9_000})
        (file,) = Lake(data).day_files(COMPLETENESS, DAY)
        return file.read_bytes()

    assert published() == published()


def test_what_the_pull_took_stands_beside_the_counts(data: Path) -> None:
    lake = Lake(data)
    effort = {"B:VIMIN": {"bytes_received": 1_000.0, "seconds": 0.25, "requests": 2.0}}
    write_pull_log(lake.pull_log_file(PARAMETER_DATA, DAY), effort)
    _materialised(data, {"B:VIMIN": 9_000, "B:VIMAX": 9_000})
    first, second = lake.read_day(COMPLETENESS, DAY).to_pylist()
    found = [first[name] for name in ("bytes_received", "seconds_spent", "requests")]
    assert found == [1_000, 0.25, 2]
    assert second["requests"] is None


def test_a_frame_comes_with_the_row_of_its_ledger(data: Path) -> None:
    _materialised(data, {"B:VIMIN": 9_000})
    frame = Lake(data).parameter("B:VIMIN", DAY)
    assert frame.attrs["completeness"]["received"] == len(frame) == 9_000
    assert frame.attrs["completeness"]["gaps"][0]["missing"] == 1_287_000
    frame.to_parquet(data / "saved.parquet")


def test_a_day_that_was_not_pulled_is_an_explained_failure(data: Path) -> None:
    context = dg.build_asset_context(partition_key=DAY)
    with pytest.raises(dg.Failure, match="materialise that day first"):
        completeness(context, lake=LakeResource(data_dir=str(data)))
