"""The asset published_json: what it shows, and what a day that cannot be shown does to the others."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.assets.published_json import published_json
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.quality.statistics import day_statistics
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource, SiteResource
from gmpsai_assets.site.daily_numbers import YOUNGER
from gmpsai_assets.site.release import NUMBERS_FILE
from gmpsai_assets_tests.tables import publish_parameters, sample_rows

DAYS = ("2026-03-09", "2026-03-10", "2026-03-11")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three days of statistics."""
    lake = Lake(tmp_path / "data")
    for day in DAYS:
        samples = {name: sample_rows(day_window(day), 100) for name in ("B:VIMIN", "B:VIMAX")}
        publish_parameters(lake, day, samples)
        _publish(lake, day, [day_statistics(list(parameter_days(lake, day)), day_window(day))])
    return lake


def _publish(lake: Lake, day: str, parts: Sequence[pa.Table]) -> None:
    with lake.publication(FILE_STATISTICS, day) as publication:
        path = publication.file(FILE_STATISTICS.file_pattern)
        write_table(path, FILE_STATISTICS, pa.concat_tables(parts), {"day": day})


def _damage(lake: Lake, day: str) -> None:
    (file,) = lake.day_files(FILE_STATISTICS, day)
    file.write_bytes(file.read_bytes()[:50])


def _published(lake: Lake, day: str) -> tuple[dict[str, Any], dg.ExecuteInProcessResult]:
    resources = {
        "datalogger": DataLoggerResource(),
        "lake": LakeResource(data_dir=str(lake.root)),
        "site": SiteResource(directory=str(lake.root / "site")),
    }
    run = dg.materialize(
        [published_json], partition_key=day, resources=resources, raise_on_error=False
    )
    events = run.asset_materializations_for_node("published_json")
    return {name: value.value for each in events for name, value in each.metadata.items()}, run


def test_all_days_are_published(lake: Lake) -> None:
    metadata, _ = _published(lake, DAYS[1])
    assert (metadata["days"], metadata["days_left_out"], metadata["parameters"]) == (3, 0, 2)
    assert (metadata["first day"], metadata["last day"]) == (DAYS[0], DAYS[2])
    assert "days left out" not in metadata


def test_a_day_that_cannot_be_shown_is_named_and_stops_no_other(
    lake: Lake, capfd: pytest.CaptureFixture[str]
) -> None:
    _damage(lake, DAYS[0])
    _publish(lake, DAYS[1], [lake.read_day(FILE_STATISTICS, DAYS[1])] * 2)
    metadata, _ = _published(lake, DAYS[2])
    assert (metadata["days"], metadata["days_left_out"]) == (1, 2)
    rows = [record.data for record in metadata["days left out"].records]
    assert [row["day"] for row in rows] == list(DAYS[:2])
    assert "B:VIMIN more than once" in str(rows[1]["reason"])
    assert f"{DAYS[0]} cannot be shown and was left out" in capfd.readouterr().err


def test_statistics_of_before_a_column_are_shown_by_their_means(lake: Lake) -> None:
    (file,) = lake.day_files(FILE_STATISTICS, DAYS[0])
    pq.write_table(pq.ParquetFile(file).read().drop_columns(list(YOUNGER)), file)
    metadata, _ = _published(lake, DAYS[2])
    assert (metadata["days"], metadata["days_left_out"]) == (3, 0)
    shown = json.loads((lake.root / "site" / NUMBERS_FILE).read_bytes())
    assert shown["days"] == list(DAYS)
    vimin = next(one for one in shown["parameters"] if one["name"] == "B:VIMIN")
    assert (vimin["middle"], vimin["mean"]) == ("mean", [50.5] * 3)
    assert vimin["mode_share"] == [None, 0.01, 0.01]


def test_the_day_itself_must_be_shown(lake: Lake) -> None:
    _damage(lake, DAYS[2])
    for day, sentence in (
        (DAYS[2], "materialise file_statistics of 2026-03-11 again"),
        ("2026-03-12", "not published; materialise that day first"),
    ):
        _, run = _published(lake, day)
        (failure,) = [event for event in run.all_events if event.is_step_failure]
        data = failure.step_failure_data.user_failure_data
        assert data is not None
        assert sentence in str(data.description)
    assert not (lake.root / "site").exists()
