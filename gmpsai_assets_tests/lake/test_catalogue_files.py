"""What the catalogue costs, what it leaves out, and where it can be opened: damage, strange paths, a moved lake."""

import datetime
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.assets.catalogue import make_catalogue
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import DAY_TABLES, EVENT_DATA, PARAMETER_DATA
from gmpsai_assets.lake.tables import DayTable
from gmpsai_assets.machine_time.tables import CYCLES, MACHINE_TIME_TABLES, cycles_table
from gmpsai_assets_tests.catalogues import refreshed_catalogue
from gmpsai_assets_tests.tables import publish_parameters, publish_ticks, sample_rows

DAYS = ("2026-03-09", "2026-03-10", "2026-03-11", "2026-04-10")


def _rows(catalogue: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(catalogue), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _days(catalogue: Path, table: str = "event_data") -> list[object]:
    return [
        row[0] for row in _rows(catalogue, f"select distinct day::varchar from {table} order by 1")
    ]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    store = Lake(tmp_path / "data")
    for day in DAYS:
        publish_ticks(store, day, 3)
    return store


def _only_file(lake: Lake, day: str) -> Path:
    (file,) = lake.day_files(EVENT_DATA, day)
    return file


def test_a_damaged_file_costs_only_itself_and_is_named(lake: Lake) -> None:
    make_catalogue(lake)
    _only_file(lake, DAYS[1]).write_bytes(b"not a Parquet file at all")
    made = make_catalogue(lake)
    name = f"event_data/day={DAYS[1]}/events.parquet"
    assert list(made.files.unreadable) == [name]
    assert "is damaged" in made.files.unreadable[name]
    assert _rows(made.path, "select file from unreadable_files") == [(name,)]
    assert _days(made.path) == [DAYS[0], *DAYS[2:]]
    publish_ticks(lake, "2026-05-01", 3)
    publish_ticks(lake, "2025-03-10", 3)
    assert _days(made.path) == ["2025-03-10", DAYS[0], *DAYS[2:], "2026-05-01"]
    publish_ticks(lake, DAYS[1], 3)
    assert make_catalogue(lake).files.unreadable == {}
    assert DAYS[1] in _days(lake.catalogue)


def test_the_other_files_of_a_damaged_day_are_read(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for day in DAYS[:2]:
        publish_parameters(lake, day, {"B:VIMIN": sample_rows(day_window(day), 3)})
    folder = lake.day_folder(PARAMETER_DATA, DAYS[0])
    (folder / "BRF[1].parquet").write_bytes((folder / "MLrn.parquet").read_bytes())
    (folder / "MLrn.parquet").write_bytes(b"")
    query = "select node, count(*) from samples_with_completeness group by all order by all"
    assert _rows(refreshed_catalogue(lake), query) == [("BRF[1]", 3), ("MLrn", 3)]
    # The only day that is left may be the damaged one.
    shutil.rmtree(lake.day_folder(PARAMETER_DATA, DAYS[1]))
    assert _rows(refreshed_catalogue(lake), query) == [("BRF[1]", 3)]
    (folder / "BRF[1].parquet").unlink()
    assert _rows(refreshed_catalogue(lake), query) == []


def test_what_another_system_or_program_left_in_a_day_is_passed_over_and_named(lake: Lake) -> None:
    folder = _only_file(lake, DAYS[0]).parent
    (folder / "._events.parquet").write_bytes(b"\0\5\26\7")
    write_table(folder / "notes.parquet", _NOTES, pa.table({"note": ["x"]}), {})
    made = make_catalogue(lake)
    assert [Path(path).name for path in made.files.unreadable] == [
        "._events.parquet",
        "notes.parquet",
    ]
    assert "no column event" in made.files.unreadable[f"event_data/day={DAYS[0]}/notes.parquet"]
    assert _days(made.path) == list(DAYS)


_NOTES = DayTable("notes", "*.parquet", pa.schema([pa.field("note", pa.string())]))


def test_only_what_is_new_or_has_changed_is_opened(lake: Lake) -> None:
    assert make_catalogue(lake).files.looked_at == len(DAYS)
    assert make_catalogue(lake).files.looked_at == 0
    publish_ticks(lake, "2026-05-01", 3)
    publish_ticks(lake, DAYS[0], 4)
    assert make_catalogue(lake).files.looked_at == 2
    # DuckDB opens no file either: damage that no file system shows is met by the first query, not by the catalogue.
    file = _only_file(lake, DAYS[0])
    facts = file.stat()
    file.write_bytes(bytes(facts.st_size))
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    made = make_catalogue(lake)
    assert (made.files.looked_at, made.files.unreadable) == (0, {})
    (lake.root / "catalogue_files.parquet").write_bytes(b"lost")
    made = make_catalogue(lake)
    assert (made.files.looked_at, len(made.files.unreadable)) == (5, 1)


def test_the_thousandth_day_costs_as_much_as_the_tenth(tmp_path: Path) -> None:
    lake, templates = Lake(tmp_path / "data"), _templates(tmp_path)
    seconds = {}
    for days in (10, 1000):
        _copy_days(lake, templates, days)
        make_catalogue(lake)
        tries = []
        for _ in range(3):
            begun = time.process_time()
            assert make_catalogue(lake).files.looked_at == 0
            tries.append(time.process_time() - begun)
        seconds[days] = min(tries)
    # Hundred times the files: to list them takes some 0.2 ms a day, to open them it would be 4 ms.
    assert seconds[1000] < 4 * seconds[10]
    assert _rows(lake.catalogue, "select count(distinct day) from cycles") == [(1000,)]


def _templates(folder: Path) -> dict[DayTable, Path]:
    """A file of one empty row of each table."""
    made = {}
    for table in (*DAY_TABLES, *MACHINE_TIME_TABLES):
        path = folder / f"{table.name}.parquet"
        write_table(path, table, pa.Table.from_pylist([{}], schema=table.schema), {})
        made[table] = path
    return made


def _copy_days(lake: Lake, templates: dict[DayTable, Path], days: int) -> None:
    for number in range(days):
        day = (datetime.date(2020, 1, 1) + datetime.timedelta(number)).isoformat()
        for table, path in templates.items():
            target = lake.day_folder(table, day) / table.file_pattern.replace("*", "MLrn")
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                os.link(path, target)


def test_a_day_with_other_parameters_adds_their_columns_and_no_footer_is_read_again(
    tmp_path: Path,
) -> None:
    lake = Lake(tmp_path)
    for day, parameters in ((DAYS[0], ["B:VIMIN"]), (DAYS[1], ["B:VIMAX", 'I:"IB']), (DAYS[2], [])):
        wide = cycles_table(parameters)
        with lake.publication(CYCLES, day) as publication:
            row = {"cycle": 1, **dict.fromkeys(parameters, 2.5)}
            rows = pa.Table.from_pylist([row], schema=wide.schema)
            write_table(publication.file(CYCLES.file_pattern), wide, rows, {})
    for looked_at in (3, 0):
        made = make_catalogue(lake)
        assert made.files.looked_at == looked_at
        query = 'select "B:VIMIN", "B:VIMAX", "I:""IB" from cycles order by day'
        assert _rows(made.path, query) == [(2.5, None, None), (None, 2.5, 2.5), (None,) * 3]


@pytest.mark.parametrize("name", ["o'brien", "we[i]rd *", "day=2020-01-01", "a b;--"])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    lake = Lake(tmp_path / name / "data")
    publish_ticks(lake, DAYS[0], 3)
    publish_ticks(lake, DAYS[1], 3)
    _only_file(lake, DAYS[1]).write_bytes(b"")
    assert _days(refreshed_catalogue(lake)) == [DAYS[0]]


def test_a_lake_that_was_copied_elsewhere_shows_its_own_files(lake: Lake, tmp_path: Path) -> None:
    refreshed_catalogue(lake)
    copy = Lake(tmp_path / "other [place]" / "day=2020-01-01")
    shutil.copytree(lake.root, copy.root)
    publish_ticks(copy, "2026-05-01", 3)
    assert _days(copy.catalogue) == [*DAYS, "2026-05-01"]
    shutil.rmtree(lake.root)
    assert _days(copy.catalogue) == [*DAYS, "2026-05-01"]


def test_a_notebook_opens_the_catalogue_by_a_relative_path(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed_catalogue(lake)
    moved = lake.root.with_name("moved")
    lake.root.rename(moved)
    monkeypatch.chdir(moved.parent)
    with duckdb.connect("moved/gmpsai.duckdb", read_only=True) as connection:
        monkeypatch.chdir("/")
        assert connection.execute("select count(*) from event_data").fetchone() == (12,)


def test_an_attached_catalogue_shows_the_lake_that_it_was_made_for(lake: Lake) -> None:
    path = refreshed_catalogue(lake)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as lake (read_only)")
        assert connection.execute("select count(*) from lake.unreadable_files").fetchone() == (0,)
        query = "select count(*) from lake.parameter_data"
        assert connection.execute(query).fetchone() == (0,)
        connection.execute("use lake")
        assert connection.execute("select count(*) from event_data").fetchone() == (12,)


def test_a_catalogue_alone_in_another_folder_fails_and_is_not_empty(
    lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "laptop" / "gmpsai.duckdb"
    path.parent.mkdir()
    shutil.copy(refreshed_catalogue(lake), path)
    with pytest.raises(duckdb.IOException, match="No files found"):
        _rows(path, "select * from event_data")


def test_what_a_program_left_that_died_while_it_wrote_to_the_catalogue_is_removed(
    lake: Lake,
) -> None:
    path = refreshed_catalogue(lake)
    die = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute('create table x (y int)'); os._exit(0)"
    subprocess.run([sys.executable, "-c", die, str(path)], check=True, timeout=60)
    left_over = path.with_name("gmpsai.duckdb.wal")
    assert left_over.exists()
    refreshed_catalogue(lake)
    assert not left_over.exists()
    assert _days(path) == list(DAYS)


def test_a_query_for_one_day_opens_no_file_of_another(lake: Lake) -> None:
    path = refreshed_catalogue(lake)
    _only_file(lake, DAYS[1]).write_bytes(b"damaged since")
    assert _rows(path, f"select count(*) from event_data where day = '{DAYS[0]}'") == [(3,)]
    with pytest.raises(duckdb.Error, match=f"day={DAYS[1]}/events"):
        _rows(path, "select count(*) from event_data where day > '2026-01-01'")
