"""The emulator tells what a timeline logger would have captured of its past days."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import day_window, from_microseconds
from gmpsai_assets.acnet.replies.timeline_entries import parse_entries, recipe_identity
from gmpsai_assets.emulator.captures import captures_of
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import running_emulator
from gmpsai_assets.emulator.texts import all_event_info
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.compaction import compact
from gmpsai_assets.timeline.records import EMULATOR, Captured, Record
from gmpsai_assets_tests.emulator.laboratory import DAY, event_log, text_of

NEXT = "2026-03-11"
NOON = datetime(2026, 3, 11, 17, tzinfo=UTC)


def ask_for_starts(data: Path | None, day: str = DAY, following: str = NEXT) -> None:
    """Ask an emulator of noon on 11 March for the $00 of a day."""
    with running_emulator(EmulatorOptions(now=NOON, captures_into=data)) as service:
        text_of(service, event_log("00", f"{day} 00:00:00", f"{following} 00:00:00"))


def records_of(data: Path, day: str = DAY) -> list[Record]:
    window = day_window(day)
    return CaptureFiles(data).read(window.start, window.end)


@pytest.mark.parametrize("day", [DAY, "2026-03-08", "2026-11-01"])
def test_every_supercycle_of_the_day_is_captured_within_its_uncertainty(day: str) -> None:
    machine, window = Machine(seed=3), day_window(day)
    found = compact(window, captures_of(machine, window), machine.events(0x00, window)[0])
    assert found.coverage == 1
    assert found.captured == found.emulated
    assert found.from_tclk == 0
    assert found.gaps == ()
    assert set(found.supercycles["source"].to_pylist()) == {"emulated"}
    for each in captures_of(machine, window)[::100]:
        true = machine.supercycle_at(from_microseconds(each.start + 1_000_000))
        assert abs(each.start - true.start_microseconds) <= each.uncertainty_seconds * 1e6
        assert 0 < each.uncertainty_seconds < 0.005
        told = parse_entries(all_event_info(true.recipe).encode())
        assert each.recipe_id == recipe_identity(told)


def test_a_past_day_whose_starts_are_asked_for_has_captures_and_recipes(tmp_path: Path) -> None:
    ask_for_starts(tmp_path)
    captured = [each for each in records_of(tmp_path) if isinstance(each, Captured)]
    assert {each.origin for each in captured} == {EMULATOR}
    assert captured == captures_of(Machine(), day_window(DAY))
    for identity in {each.recipe_id for each in captured}:
        assert recipe_identity(CaptureFiles(tmp_path).recipe(identity)) == identity


def test_the_day_that_is_not_over_is_left_to_the_logger(tmp_path: Path) -> None:
    ask_for_starts(tmp_path, NEXT, "2026-03-12")
    assert records_of(tmp_path, NEXT) == []


def test_an_emulator_that_was_not_told_to_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GMPSAI_DATA_DIR", str(tmp_path))
    ask_for_starts(None)
    assert list(tmp_path.iterdir()) == []


def test_asked_again_it_keeps_the_same_and_touches_nothing_of_the_logger(tmp_path: Path) -> None:
    files = CaptureFiles(tmp_path)
    start = day_window(DAY).start_microseconds
    own = Captured(start, 0.001, 60.0, "0123456789abcdef", start, 5)
    files.append([own], start)
    contents = []
    for _ in range(2):
        ask_for_starts(tmp_path)
        contents.append({p: p.read_bytes() for p in files.folder.rglob("*") if p.is_file()})
    assert contents[0] == contents[1]
    assert records_of(tmp_path)[0] == own
    assert files.last_captured() == own
