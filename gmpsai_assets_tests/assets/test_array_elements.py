"""Elements of array devices through all assets of a day: each is a parameter like any other, by its own name."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import numpy as np
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import running_emulator
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets.machine_time.tables import CYCLE_OFFSETS, CYCLE_PARAMETERS, CYCLES
from gmpsai_assets.site.release import DEVICES_FILE, HISTORY_FILE
from gmpsai_assets_tests.assets.whole_day import materialise_whole_day

pytestmark = pytest.mark.system

DAY = "2026-03-08"
LISTED = ("B:GMPSVA[3]", "B:VIMIN", "b:gmpsva[0:3]")
NAMES = ("B:GMPSVA[3]", "B:VIMIN", "B:GMPSVA[0]", "B:GMPSVA[1]", "B:GMPSVA[2]")
MACHINE = Machine(seed=1)


@dataclass(frozen=True)
class Day:
    """What the day left."""

    run: dg.ExecuteInProcessResult
    folder: Path

    @property
    def lake(self) -> Lake:
        """The tables."""
        return Lake(self.folder / "data")

    def metadata(self, asset: str) -> dict[str, Any]:
        """What the UI shows of an asset."""
        (event,) = self.run.asset_materializations_for_node(asset)
        return {name: value.value for name, value in event.metadata.items()}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("arrays")
    with running_emulator(EmulatorOptions(now=datetime(2026, 11, 20, 18, tzinfo=UTC))) as service:
        yield Day(materialise_whole_day(folder, service.url, LISTED, DAY), folder)


def test_every_asset_is_made_and_the_day_is_complete(day: Day) -> None:
    assert day.run.success
    assert all(each.passed for each in day.run.get_asset_check_evaluations())
    known = day.metadata("parameter_data")
    assert (known["parameters"], known["state_complete"]) == (5, 5)
    rows = [record.data["subject"] for record in known["parameters by device"].records]
    assert rows == list(NAMES)
    shown = {record.data["parameter"]: record.data["unit"] for record in known["preview"].records}
    assert shown == dict.fromkeys(NAMES, "Volt") | {"B:VIMIN": "Amps"}


@pytest.mark.parametrize("name", NAMES)
def test_samples_ledger_statistics_and_cycles_are_those_of_the_machine(day: Day, name: str) -> None:
    times, values = MACHINE.samples(name, day_window(DAY))
    frame = day.lake.parameter(name, DAY)
    assert np.array_equal(frame["time"].astype("int64"), times)
    assert np.array_equal(frame["value"].astype("f4"), values)
    ledger = frame.attrs["completeness"]
    assert (ledger["parameter"], ledger["received"], ledger["missing"]) == (name, times.size, 1)
    (row,) = [
        each
        for each in day.lake.read_day(FILE_STATISTICS, DAY).to_pylist()
        if each["parameter"] == name
    ]
    assert row["value_mean"] == pytest.approx(frame["value"].mean(), rel=1e-9)
    assert (row["value_min"], row["value_max"]) == (frame["value"].min(), frame["value"].max())
    cycles = day.lake.read_day(CYCLES, DAY)[name].drop_null().to_numpy()
    assert np.array_equal(cycles, frame["value"].to_numpy()[-cycles.size :])
    assert times.size - cycles.size <= 1
    assert name in day.lake.read_day(CYCLE_OFFSETS, DAY).schema.names
    assert name in day.lake.read_day(CYCLE_PARAMETERS, DAY)["parameter"].to_pylist()


def test_elements_are_columns_and_names_in_the_views(day: Day) -> None:
    with duckdb.connect(str(day.lake.catalogue), read_only=True) as connection:
        means = connection.execute(
            'select avg("B:GMPSVA[3]"), avg("B:GMPSVA[0]") from named_cycles'
        ).fetchone()
        rows = connection.execute(
            "select parameter, count(*) from samples_with_completeness "
            "where parameter like 'B:GMPSVA[%' and missing = 1 group by parameter order by parameter"
        ).fetchall()
        gaps = connection.execute("select distinct parameter from gaps").fetchall()
    assert means == pytest.approx((99.8, 101.3), abs=1)
    assert [name for name, _ in rows] == sorted(set(NAMES) - {"B:VIMIN"})
    assert {name for (name,) in gaps} == set(NAMES)


def test_elements_share_the_description_of_their_device(day: Day) -> None:
    kept = json.loads((day.folder / "lists" / "devices.json").read_text())["devices"]
    assert set(kept) == {"B:GMPSVA", "B:VIMIN"}
    rows = [record.data for record in day.metadata("device_catalogue")["preview"].records]
    assert [(row["device"], row["unit"]) for row in rows] == [
        ("B:GMPSVA", "Volt"),
        ("B:VIMIN", "Amps"),
    ]


def test_the_site_has_each_element(day: Day) -> None:
    history = json.loads((day.folder / "site" / HISTORY_FILE).read_text())
    assert [trace["name"] for trace in history["data"][::5]] == [f"{name} max" for name in NAMES]
    facts = json.loads((day.folder / "site" / DEVICES_FILE).read_text())["devices"]
    assert facts["B:GMPSVA"]["unit"] == "Volt"
