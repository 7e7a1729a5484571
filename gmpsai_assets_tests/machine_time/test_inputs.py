"""A day's inputs are opened once, and all that is made of them comes from those very files."""

import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from gmpsai_assets.lake.day_store import DayNotPublishedError, Lake
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA, RECIPES, SUPERCYCLES
from gmpsai_assets.lake.stored_file import StoredFile
from gmpsai_assets.lake.tables import DayTable
from gmpsai_assets.machine_time.day_of_cycles import CYCLES_ARE_MADE_OF, build_cycles
from gmpsai_assets.machine_time.inputs import MachineTimeInputs, open_inputs
from gmpsai_assets.machine_time.reconciled_day import (
    RECONCILIATION_IS_MADE_OF,
    build_reconciliation,
)
from gmpsai_assets.machine_time.tables import (
    CYCLE_OFFSETS,
    CYCLE_PARAMETERS,
    CYCLES,
    RECONCILED_CODES,
    RECONCILED_EVENTS,
    RECONCILED_SUPERCYCLES,
)
from gmpsai_assets_tests.machine_time.published_lake import publish_span
from gmpsai_assets_tests.machine_time.simulated_span import span

DAY, BEFORE = "2026-03-10", "2026-03-09"
PARAMETERS = ("B:VIMIN", "I:IB")
SOURCES = (PARAMETER_DATA, EVENT_DATA, SUPERCYCLES, RECIPES)
CYCLE_TABLES = (CYCLES, CYCLE_OFFSETS, CYCLE_PARAMETERS)
RECONCILED_TABLES = (RECONCILED_EVENTS, RECONCILED_CODES, RECONCILED_SUPERCYCLES)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A day and the one before."""
    lake = Lake(tmp_path)
    for day in (BEFORE, DAY):
        publish_span(lake, day, span(1, day), PARAMETERS)
    return lake


def build(lake: Lake, tables: tuple[DayTable, ...], inputs: MachineTimeInputs) -> None:
    """What is made of these tables."""
    if tables is CYCLES_ARE_MADE_OF:
        build_cycles(lake, inputs)
    else:
        build_reconciliation(lake, inputs)


def contents(lake: Lake, tables: tuple[DayTable, ...]) -> list[bytes]:
    return [file.read_bytes() for table in tables for file in lake.day_files(table, DAY)]


@pytest.mark.parametrize(
    ("made_of", "made"),
    [(CYCLES_ARE_MADE_OF, CYCLE_TABLES), (RECONCILIATION_IS_MADE_OF, RECONCILED_TABLES)],
    ids=["cycles", "reconciliation"],
)
def test_each_file_is_opened_once_and_never_again(
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    made_of: tuple[DayTable, ...],
    made: tuple[DayTable, ...],
) -> None:
    opens: Counter[Path] = Counter()

    class Counted(pa.OSFile):  # type: ignore[misc]
        def __init__(self, path: str) -> None:
            opens[Path(path)] += 1

    monkeypatch.setattr(pa, "OSFile", Counted)
    inputs = open_inputs(lake, DAY, made_of)
    days = (BEFORE, DAY)
    files = [file for day in days for table in made_of for file in lake.day_files(table, day)]
    assert opens == Counter(files)
    # With the files gone, whatever opened one again would fail.
    for table in SOURCES:
        shutil.rmtree(lake.root / table.name)
    build(lake, made_of, inputs)
    assert opens == Counter(files)
    assert all(lake.read_day(table, DAY).num_rows for table in made)


@pytest.mark.parametrize(
    ("made_of", "made"),
    [(CYCLES_ARE_MADE_OF, CYCLE_TABLES), (RECONCILIATION_IS_MADE_OF, RECONCILED_TABLES)],
    ids=["cycles", "reconciliation"],
)
def test_what_is_published_meanwhile_is_not_mixed_in(
    lake: Lake, made_of: tuple[DayTable, ...], made: tuple[DayTable, ...]
) -> None:
    build(lake, made_of, open_inputs(lake, DAY, made_of))
    first = contents(lake, made)
    inputs = open_inputs(lake, DAY, made_of)
    other = span(1, DAY, before=1, after=1)
    publish_span(lake, DAY, other, PARAMETERS)
    build(lake, made_of, inputs)
    assert contents(lake, made) == first
    build(lake, made_of, open_inputs(lake, DAY, made_of))
    assert contents(lake, made) != first


def test_the_origin_has_the_digests_of_what_was_opened_and_all_files_carry_it(lake: Lake) -> None:
    opened = {
        table.name: StoredFile(lake.day_files(table, DAY)[0]).digest for table in CYCLES_ARE_MADE_OF
    }
    inputs = open_inputs(lake, DAY, CYCLES_ARE_MADE_OF)
    publish_span(lake, DAY, span(1, DAY, before=1, after=1), PARAMETERS)
    build_cycles(lake, inputs)
    origins = [read_metadata(file) for table in CYCLE_TABLES for file in lake.day_files(table, DAY)]
    assert origins == [origins[0]] * 3
    made_from = {name.partition("/")[0]: digest for name, digest in origins[0]["made_from"].items()}
    assert made_from == opened
    (before,) = lake.day_files(EVENT_DATA, BEFORE)
    neighbours = origins[0]["neighbouring_days"]
    assert neighbours[f"event_data of {BEFORE}"] == {before.name: StoredFile(before).digest}
    assert neighbours["parameter_data of 2026-03-11"] == "not published"
    assert inputs.neighbours == {
        **{f"{table.name} of {BEFORE}": "read" for table in CYCLES_ARE_MADE_OF},
        "parameter_data of 2026-03-11": "not published",
    }


def test_events_are_read_from_a_second_before_the_day_where_that_is_published(lake: Lake) -> None:
    inputs = open_inputs(lake, DAY, RECONCILIATION_IS_MADE_OF)
    assert inputs.window.start_microseconds - inputs.read_from == 1_000_000
    shutil.rmtree(lake.day_folder(EVENT_DATA, BEFORE))
    inputs = open_inputs(lake, DAY, RECONCILIATION_IS_MADE_OF)
    assert inputs.window.start_microseconds == inputs.read_from


@pytest.mark.parametrize("table", RECONCILIATION_IS_MADE_OF, ids=lambda table: table.name)
def test_a_table_that_is_not_there_is_named(lake: Lake, table: DayTable) -> None:
    shutil.rmtree(lake.day_folder(table, DAY))
    with pytest.raises(DayNotPublishedError, match=f"{table.name} of {DAY} is not published"):
        open_inputs(lake, DAY, RECONCILIATION_IS_MADE_OF)
