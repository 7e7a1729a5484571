"""Two days of a lake that meet at midnight, made in any order: what each takes from the other, and says of it."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.assets.cycles import cycles
from gmpsai_assets.assets.timeline_reconciliation import timeline_reconciliation
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.machine_time.tables import CYCLES, RECONCILED_CODES
from gmpsai_assets.resources.stores import LakeResource
from gmpsai_assets_tests.machine_time.published_lake import publish_span
from gmpsai_assets_tests.machine_time.simulated_span import Span

DAYS = ("2026-03-10", "2026-03-11")
PARAMETERS = ("B:VIMIN", "B|GMPSSC")
MIDNIGHT = day_window(DAYS[1]).start_microseconds


def machine_with_a_tick_at_midnight() -> Machine:
    """One whose first $0C of the second day comes so soon that its samples are stamped on the first."""
    for seed in range(100):
        machine = Machine(seed=seed, supercycle_ticks=120)
        first = machine.events(0x0C, day_window(DAYS[1]))[0][0] - MIDNIGHT
        if 3_000 < first < 10_000:
            return machine
    msg = "no seed has a tick so near to midnight"
    raise LookupError(msg)


def publish(lake: Lake, machine: Machine, day: str) -> None:
    """Some supercycles beside midnight as all that there is of a day."""
    number = machine.schedule.at(MIDNIGHT).number
    # The first tick of a supercycle comes 50 ms before its $00.
    begins, ends = (
        machine.schedule.supercycle(number + n).start_microseconds - 90_000 for n in (-3, 4)
    )
    bounds = (begins, MIDNIGHT) if day == DAYS[0] else (MIDNIGHT, ends)
    window = Window(*map(from_microseconds, bounds))
    last = number + (0 if day == DAYS[0] else 3)
    supercycles = [machine.schedule.supercycle(n) for n in range(number - 3, last + 1)]
    part = Span(machine, window, window, supercycles)
    part.recipe_of = [each.recipe.name for each in part.supercycles]
    publish_span(lake, day, part, PARAMETERS)


def made(lake: Lake, asset: dg.AssetsDefinition, day: str) -> dict[str, Any]:
    """Metadata of an asset, made anew."""
    resources = {"lake": LakeResource(data_dir=str(lake.root))}
    run = dg.materialize([asset], partition_key=day, resources=resources, selection=[asset])
    (event,) = run.asset_materializations_for_node(asset.key.to_user_string())
    return {name: value.value for name, value in event.metadata.items()}


@pytest.fixture
def machine() -> Machine:
    return machine_with_a_tick_at_midnight()


def test_a_day_takes_from_its_neighbour_what_belongs_to_its_ticks_and_says_so(
    tmp_path: Path, machine: Machine
) -> None:
    lake = Lake(tmp_path)
    publish(lake, machine, DAYS[1])
    alone = made(lake, cycles, DAYS[1])
    assert alone["neighbouring days"][f"parameter_data of {DAYS[0]}"] == "not published"
    assert alone["cells_beyond_midnight"] == len(PARAMETERS)
    assert alone["samples_borrowed"] == 0
    first = lake.read_day(CYCLES, DAYS[1]).slice(0, 1).to_pylist()[0]
    assert [first[name] for name in (*PARAMETERS, "recipe_id")] == [None] * 3
    assert first["supercycle_start"] is not None

    publish(lake, machine, DAYS[0])
    joined = made(lake, cycles, DAYS[1])
    assert set(joined["neighbouring days"].values()) == {"read", "not published"}
    assert joined["neighbouring days"][f"parameter_data of {DAYS[0]}"] == "read"
    assert joined["cells_beyond_midnight"] == 0
    assert joined["samples_borrowed"] == len(PARAMETERS)
    assert joined["ticks_without_recipe"] == 0
    first = lake.read_day(CYCLES, DAYS[1]).slice(0, 1).to_pylist()[0]
    assert None not in first.values()


def test_days_are_reconciled_in_any_order_and_invent_nothing(
    tmp_path: Path, machine: Machine
) -> None:
    lake = Lake(tmp_path)
    publish(lake, machine, DAYS[1])
    alone = made(lake, timeline_reconciliation, DAYS[1])
    assert alone["missing"] == alone["unplanned"] == 0
    publish(lake, machine, DAYS[0])
    both = [made(lake, timeline_reconciliation, day) for day in DAYS]
    assert [day["missing"] + day["unplanned"] for day in both] == [0, 0]
    assert both[0]["left_to_next"] == both[1]["read_before"] > 0
    rows = lake.read_day(RECONCILED_CODES, DAYS[1]).to_pylist()
    assert sum(row["planned"] for row in rows) == both[1]["matched"] > alone["matched"]
