"""The emulator writes capture files of its past days, and production code reads them as those of any logger."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.replies.timeline_entries import parse_entries, recipe_identity
from gmpsai_assets.emulator.captures import ORIGIN, DayCaptures, capture_lines
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import running_emulator
from gmpsai_assets.emulator.texts import all_event_info
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.day import compact
from gmpsai_assets.timeline.records import Captured, from_line, to_line
from gmpsai_assets_tests.emulator.laboratory import DAY, event_log, text_of

NEXT = "2026-03-11"
NOON = datetime(2026, 3, 11, 17, tzinfo=UTC)


def ask_for_starts(folder: Path | None, day: str = DAY, following: str = NEXT) -> None:
    """Ask an emulator of noon on 11 March for the $00 of a day."""
    with running_emulator(EmulatorOptions(now=NOON, captures_into=folder)) as service:
        text_of(service, event_log("00", f"{day} 00:00:00", f"{following} 00:00:00"))


def captured_in(data: Path, day: str = DAY) -> list[Captured]:
    """What production code reads of a day."""
    window = day_window(day)
    records = CaptureFiles(data).read(window.start, window.end)
    assert all(isinstance(each, Captured) for each in records)
    return [each for each in records if isinstance(each, Captured)]


@pytest.mark.parametrize("day", [DAY, "2026-03-08", "2026-11-01"])
def test_every_supercycle_of_the_day_is_captured_within_its_uncertainty(
    tmp_path: Path, day: str
) -> None:
    machine, window = Machine(seed=3), day_window(day)
    DayCaptures(machine, CaptureFiles(tmp_path).folder).write_day(day)
    captured = captured_in(tmp_path, day)
    found = compact(window, captured, machine.events(0x00, window)[0])
    assert found.coverage == 1
    assert found.from_tclk == 0
    assert found.gaps == ()
    for each in captured[::100]:
        true = machine.schedule.at(each.start + 1_000_000)
        assert abs(each.start - true.start_microseconds) <= each.uncertainty_seconds * 1e6
        assert 0 < each.uncertainty_seconds < 0.005
        entries = parse_entries(all_event_info(true.recipe).encode())
        assert each.recipe_id == recipe_identity(entries)
        assert CaptureFiles(tmp_path).recipe(each.recipe_id) == entries


def test_a_line_has_the_very_form_that_the_logger_writes() -> None:
    for line in capture_lines(Machine(), day_window(DAY)):
        record = from_line(line.removesuffix(b"\n"))
        assert isinstance(record, Captured)
        assert record.origin == ORIGIN
        assert to_line(record) == line


def test_a_past_day_whose_starts_are_asked_for_has_captures_and_recipes(tmp_path: Path) -> None:
    files = CaptureFiles(tmp_path)
    ask_for_starts(files.folder)
    lines = b"".join(capture_lines(Machine(), day_window(DAY)))
    assert files.day_file(day_window(DAY).start.date()).read_bytes() == lines
    recipes = {each.recipe_id for each in captured_in(tmp_path)}
    assert {path.stem for path in (files.folder / "recipes").iterdir()} == recipes
    for identity in recipes:
        assert recipe_identity(files.recipe(identity)) == identity


def test_the_day_that_is_not_over_is_left_to_the_logger(tmp_path: Path) -> None:
    ask_for_starts(tmp_path, NEXT, "2026-03-12")
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GMPSAI_DATA_DIR", str(tmp_path))
    ask_for_starts(None)
    assert list(tmp_path.iterdir()) == []


def test_a_day_of_which_a_logger_recorded_anything_stays_as_it_is(tmp_path: Path) -> None:
    files = CaptureFiles(tmp_path)
    start = day_window(DAY).start_microseconds
    own = Captured(start, 0.001, 60.0, "0123456789abcdef", start, 5)
    files.append([own], start)
    before = {path: path.read_bytes() for path in files.folder.rglob("*") if path.is_file()}
    ask_for_starts(files.folder)
    after = {path: path.read_bytes() for path in files.folder.rglob("*") if path.is_file()}
    assert after == before
    assert captured_in(tmp_path) == [own]


def test_a_day_is_written_once_and_whole_by_whoever_comes_first(tmp_path: Path) -> None:
    machine = Machine()
    writers = [DayCaptures(machine, tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        written = list(threads.map(lambda writer: writer.write_day(DAY), writers))
    assert sum(written) == 1
    content = (tmp_path / f"{DAY}.jsonl").read_bytes()
    assert content == b"".join(capture_lines(machine, day_window(DAY)))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [f"{DAY}.jsonl"]


def test_a_day_that_cannot_be_written_leaves_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "recipes").write_text("no folder")
    with pytest.raises(OSError, match="recipes"):
        DayCaptures(Machine(), tmp_path).write_day(DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["recipes"]
