"""A damaged published file never blocks its own repair, and what it holds is never taken for something else."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.fetch.published import published_subjects
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parquet import describe, parquet_writer, read_rows_of, write_row_group
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named
from gmpsai_assets_tests.tables import sample_rows

DAY = "2026-03-10"
NAME = "MLrn.parquet"
FLIPS = 250
ROWS = {
    name: sample_rows(day_window(DAY), 3000, value)
    for name, value in (("B:VIMIN", 1.0), ("B:VIMAX", 1.5))
}


def _write(path: Path) -> None:
    with parquet_writer(path, PARAMETER_DATA) as writer:
        for name, rows in ROWS.items():
            names = pa.array([name] * rows.num_rows, pa.string()).dictionary_encode()
            write_row_group(writer, pa.table([names, *rows.columns], schema=PARAMETER_DATA.schema))
        outcomes = [
            {"subject": name, "state": "complete", "rows": rows.num_rows}
            for name, rows in ROWS.items()
        ]
        rates = dict.fromkeys(ROWS, 15.0)
        describe(writer, {"node": "MLrn", "nominal_rates_hz": rates, "outcomes": outcomes})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / NAME
    _write(path)
    return path.read_bytes()


def _damaged(whole: bytes) -> Iterator[bytes]:
    """One bit flipped; half of them in the footer, which is small; and a few lost blocks and ends."""
    chance = random.Random(11)
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    for number in range(FLIPS):
        content = bytearray(whole)
        place = chance.randrange(footer if number % 2 else 0, len(content))
        content[place] ^= 1 << chance.randrange(8)
        yield bytes(content)
    for _ in range(40):
        place = chance.randrange(len(whole) - 64)
        yield whole[:place] + bytes(64) + whole[place + 64 :]
        yield whole[:place]


def test_any_damage_is_repaired_by_publishing_again(tmp_path: Path, whole: bytes) -> None:
    replaced = 0
    for damaged in _damaged(whole):
        lake = Lake(tmp_path / "data")
        folder = lake.day_folder(PARAMETER_DATA, DAY)
        folder.mkdir(parents=True)
        (folder / NAME).write_bytes(damaged)
        with lake.publication(PARAMETER_DATA, DAY, keep_revisions=True) as publication:
            _write(publication.file(NAME))
        (published,) = publication.publish()
        for name, rows in ROWS.items():
            assert lake.parameter_rows(name, DAY).equals(rows)
        if published.what == "replaced":
            replaced += 1
            (revision,) = lake.revisions(PARAMETER_DATA, DAY, NAME)
            assert revision.file.read_bytes() == damaged
        shutil.rmtree(lake.root)
    assert replaced > FLIPS / 2


def test_rows_of_a_damaged_file_are_the_right_ones_or_none(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / NAME
    found = 0
    for damaged in _damaged(whole):
        path.write_bytes(damaged)
        published = published_subjects(tmp_path, NAME, PARAMETER_DATA.schema)
        for name, rows in ROWS.items():
            known = published.known(name, name)
            if known is not None:
                found += 1
                assert known.table.equals(rows)
    assert found > FLIPS / 2


def test_what_the_system_says_of_a_file_is_no_damage(tmp_path: Path) -> None:
    missing = tmp_path / NAME
    with pytest.raises(FileNotFoundError), damage_named(missing):
        read_rows_of(missing, "B:VIMIN")
    missing.mkdir()
    with pytest.raises(OSError, match="directory") as error, damage_named(missing):
        missing.read_bytes()
    assert not isinstance(error.value, DamagedFileError)


@pytest.mark.parametrize(
    "fault",
    [
        TypeError("unsupported operand"),
        KeyError("subject"),
        AttributeError("no attribute"),
        IndexError("out of range"),
        ValueError("a mistake"),
        ZeroDivisionError(),
        pa.ArrowTypeError("a column of ours"),
        MemoryError(),
    ],
)
def test_a_fault_of_this_program_is_no_damage(tmp_path: Path, fault: Exception) -> None:
    with pytest.raises(type(fault)) as raised, damage_named(tmp_path / NAME):
        raise fault
    assert raised.value is fault


def test_a_fault_of_this_program_hides_no_published_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        msg = "unsupported operand"
        raise TypeError(msg)

    _write(tmp_path / NAME)
    monkeypatch.setattr("gmpsai_assets.fetch.published.read_rows_of", faulty)
    published = published_subjects(tmp_path, NAME, PARAMETER_DATA.schema)
    with pytest.raises(TypeError, match="unsupported"):
        published.known("B:VIMIN", "B:VIMIN")
