"""The capture files survive what machines do to files."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import from_microseconds
from gmpsai_assets.timeline.capture_files import (
    AnotherLoggerError,
    CaptureFiles,
    RecipeLostError,
)
from gmpsai_assets.timeline.records import Captured, Record, sealed, to_line
from gmpsai_assets_tests.timeline.simulated import BEGIN, captured_in, recipe

RECORD = Captured(BEGIN, 0.001, 60.066666, "0123456789abcdef", BEGIN + 1_000_000, 5)
THREE = [replace(RECORD, start=BEGIN + n * 60_000_000) for n in range(3)]


@pytest.fixture
def files(tmp_path: Path) -> CaptureFiles:
    return CaptureFiles(tmp_path)


def _day_file(files: CaptureFiles) -> Path:
    return files.day_file(from_microseconds(BEGIN).date())


def test_appended_records_are_read_in_order(files: CaptureFiles, tmp_path: Path) -> None:
    for record in THREE:
        files.append([record], record.start)
    assert captured_in(tmp_path) == THREE
    assert files.last_captured() == THREE[-1]


def test_a_crash_at_any_byte_loses_at_most_the_record_in_hand(
    files: CaptureFiles, tmp_path: Path
) -> None:
    whole = b"".join(map(to_line, THREE[:2]))
    third = to_line(THREE[2])
    path = _day_file(files)
    path.parent.mkdir(parents=True)
    further = replace(RECORD, start=BEGIN + 600_000_000)
    for length in range(len(third) + 1):
        path.write_bytes(whole + third[:length])
        survived = THREE[:3] if length == len(third) else THREE[:2]
        assert captured_in(tmp_path) == survived
        assert files.last_captured() == survived[-1]
        files.append([further], BEGIN)
        assert captured_in(tmp_path) == [*survived, further]


@pytest.mark.parametrize("rest", [b"\0" * 5000, b"\0" * 200_000, b"no line\n" * 20_000, b"\n\n"])
def test_what_a_power_cut_leaves_behind_the_last_line_is_cut_off(
    files: CaptureFiles, tmp_path: Path, rest: bytes
) -> None:
    files.append(THREE[:2], BEGIN)
    with _day_file(files).open("ab") as file:
        file.write(rest)
    assert captured_in(tmp_path) == THREE[:2]
    files.append(THREE[2:], BEGIN)
    assert captured_in(tmp_path) == THREE
    assert _day_file(files).read_bytes() == b"".join(map(to_line, THREE))


def test_damage_in_the_middle_costs_only_the_damaged_line(
    files: CaptureFiles, tmp_path: Path
) -> None:
    files.append(THREE, BEGIN)
    content = bytearray(_day_file(files).read_bytes())
    content[len(content) // 2] ^= 0xFF
    _day_file(files).write_bytes(content)
    files.append([RECORD], BEGIN)
    assert captured_in(tmp_path) == [THREE[0], THREE[2], RECORD]


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """Within the block files cannot grow beyond this size, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_an_error_and_leaves_whole_lines(
    files: CaptureFiles, tmp_path: Path
) -> None:
    files.append(THREE[:2], BEGIN)
    size = _day_file(files).stat().st_size
    with _largest_file(size + 50), pytest.raises(OSError, match="too large"):
        files.append(THREE[2:], BEGIN)
    assert _day_file(files).stat().st_size == size
    files.append(THREE[2:], BEGIN)
    assert captured_in(tmp_path) == THREE


def test_each_utc_day_has_its_file(files: CaptureFiles) -> None:
    records: list[Record] = []
    for day in range(3):
        records.append(replace(RECORD, start=BEGIN + day * 86_400_000_000))
        files.append(records[-1:], BEGIN + day * 86_400_000_000)
    names = sorted(path.name for path in files.folder.glob("*.jsonl"))
    assert names == ["2026-03-10.jsonl", "2026-03-11.jsonl", "2026-03-12.jsonl"]
    first, last = from_microseconds(BEGIN), from_microseconds(BEGIN + 86_400_000_000)
    assert files.read(first, last) == records[:2]


def test_a_recipe_is_kept_once_and_read_back(files: CaptureFiles) -> None:
    timeline = recipe(7)
    for _ in range(2):
        files.keep_recipe(timeline.recipe_id, timeline.entries)
    assert files.recipe(timeline.recipe_id) == timeline.entries
    (path,) = (files.folder / "recipes").iterdir()
    path.write_bytes(path.read_bytes().replace(b"Main", b"Mein"))
    with pytest.raises(RecipeLostError, match="does not hold the recipe"):
        files.recipe(timeline.recipe_id)
    path.write_bytes(b"{}")
    with pytest.raises(RecipeLostError, match="cannot be read"):
        files.recipe(timeline.recipe_id)


@pytest.mark.parametrize("damage", [b"{}", b"", b"\0" * 400])
def test_a_damaged_recipe_is_written_anew_by_the_next_logger(
    files: CaptureFiles, damage: bytes
) -> None:
    timeline = recipe(7)
    files.keep_recipe(timeline.recipe_id, timeline.entries)
    (path,) = (files.folder / "recipes").iterdir()
    path.write_bytes(damage)
    CaptureFiles(files.data_directory).keep_recipe(timeline.recipe_id, timeline.entries)
    assert files.recipe(timeline.recipe_id) == timeline.entries
    path.unlink()
    files.keep_recipe(timeline.recipe_id, timeline.entries)
    assert files.recipe(timeline.recipe_id) == timeline.entries


def test_a_sealed_line_of_another_form_does_not_end_a_logger(
    files: CaptureFiles, tmp_path: Path
) -> None:
    files.append(THREE, BEGIN)
    with _day_file(files).open("ab") as file:
        file.write(sealed({"kind": "captured", "begun": "2026-03-10T05:00:00Z"}))
    assert files.last_captured() == THREE[-1]
    assert captured_in(tmp_path) == THREE


def test_there_is_one_writer_at_a_time(files: CaptureFiles) -> None:
    with (
        files.only_writer(),
        pytest.raises(AnotherLoggerError, match=f"process {os.getpid()},.*stop it first"),
        files.only_writer(),
    ):
        pytest.fail("the second writer was let in")
    with files.only_writer():
        assert files.last_captured() is None
