"""A day whose values lie at both ends of a double: statistics, pictures, site and tape of it are made all the same."""

import math
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.archive.tape_mark import mark_tape_path
from gmpsai_assets.assets.completeness import completeness
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.presentation import numbers, picture
from gmpsai_assets.assets.published_json import published_json
from gmpsai_assets.assets.tape_archive import tape_archive
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.quality.pictures import NotDrawnError
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource, SiteResource, TapeResource
from gmpsai_assets_tests.tables import publish_parameters, publish_small_day

DAY = "2026-03-10"
DEVICES: dict[str, list[float | None]] = {
    "B:VIMIN": [1.7e308, -1.7e308],
    "B:VIMAX": [5e-324, 5e-324, -5e-324],
    "B:IMINER": [1.7e308] * 3,
    "B:LINFRQ": [1.7e308, -1.7e308, None, -0.0],
    "B:VIPHAS": [None, None],
    "I:MXIB": [2.0**63, 2.0**63],
}


def _rows(values: list[float | None]) -> pa.Table:
    times = day_window(DAY).start_microseconds + 66_667 * np.arange(len(values))
    return pa.table(
        {"time": pa.array(times).cast(TIME_TYPE), "value": pa.array(values, pa.float64())}
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dg.ExecuteInProcessResult:
    folder = tmp_path_factory.mktemp("extremes")
    mark_tape_path(folder / "tape")
    lake = Lake(folder / "data")
    publish_small_day(lake, DAY, ticks=3)
    publish_parameters(lake, DAY, {name: _rows(values) for name, values in DEVICES.items()})
    resources: dict[str, Any] = {
        "datalogger": DataLoggerResource(),
        "lake": LakeResource(data_dir=str(lake.root)),
        "site": SiteResource(directory=str(folder / "site")),
        "tape": TapeResource(path=str(folder / "tape")),
    }
    return dg.materialize(
        [file_statistics, completeness, published_json, tape_archive],
        partition_key=DAY,
        resources=resources,
        raise_on_error=False,
    )


def _metadata(run: dg.ExecuteInProcessResult, name: str) -> dict[str, Any]:
    (event,) = run.asset_materializations_for_node(name)
    return {key: value.value for key, value in event.metadata.items()}


def test_every_asset_of_the_day_is_made(run: dg.ExecuteInProcessResult) -> None:
    failures = [
        (event.step_key, event.step_failure_data.error)
        for event in run.all_events
        if event.is_step_failure
    ]
    assert failures == []
    assert run.success


def test_the_values_are_described(run: dg.ExecuteInProcessResult) -> None:
    lake = Lake(Path(_metadata(run, "published_json")["site"]).parent / "data")
    rows = {row["parameter"]: row for row in lake.read_day(FILE_STATISTICS, DAY).to_pylist()}
    described = {
        name: (row["value_mean"], row["value_std"], row["value_min"], row["value_max"])
        for name, row in rows.items()
    }
    assert described == {
        "B:VIMIN": (0.0, None, -1.7e308, 1.7e308),
        "B:VIMAX": (5e-324 * round(1 / 3), 5e-324, -5e-324, 5e-324),
        "B:IMINER": (1.7e308, 0.0, 1.7e308, 1.7e308),
        "B:LINFRQ": (0.0, 1.7e308, -1.7e308, 1.7e308),
        "B:VIPHAS": (None, None, None, None),
        "I:MXIB": (2.0**63, 0.0, 2.0**63, 2.0**63),
    }


def test_the_day_is_drawn_and_shown_with_finite_numbers(run: dg.ExecuteInProcessResult) -> None:
    known = _metadata(run, "file_statistics")
    assert str(known["picture"]).startswith("![parameter_data of")
    assert all(math.isfinite(each) for each in known.values() if isinstance(each, float))
    assert _metadata(run, "published_json")["days"] == 1


def test_a_picture_that_fails_is_a_warning_and_a_sentence_in_its_place(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def draw() -> bytes:
        msg = "B:WILD could not be drawn (ValueError: arange)"
        raise NotDrawnError(msg)

    with dg.build_asset_context(partition_key=DAY) as context:
        shown = picture(context, draw, f"parameter_data of {DAY}")
    assert (
        shown.value
        == f"no picture of parameter_data of {DAY}: B:WILD could not be drawn (ValueError: arange)"
    )
    assert f"no picture of parameter_data of {DAY}: B:WILD" in capfd.readouterr().err


def test_a_number_that_is_not_finite_is_no_metadata() -> None:
    assert set(numbers(good=1.7e308, lost=math.inf, none=None, nan=math.nan, whole=3)) == {
        "good",
        "whole",
    }
