"""Drafts: finished subjects survive a killed run, and are never mistaken for others."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.fetch.drafts import Drafts, remove_drafts
from gmpsai_assets.fetch.outcome import Finding, Outcome
from gmpsai_assets_tests.tables import sample_rows

DAY = "2026-03-10"
ROWS = sample_rows(day_window(DAY), 100)
OUTCOME = Outcome("B|GMPSSC", "complete", rows=100, duplicates=2, remark="ü")


def _drafts(tmp_path: Path, **origin: str) -> Drafts:
    return Drafts(tmp_path, "parameter_data", DAY, {"source": "http://127.0.0.1/acl", **origin})


def test_a_draft_comes_back_with_its_outcome(tmp_path: Path) -> None:
    _drafts(tmp_path).begin()
    _drafts(tmp_path).store(ROWS, OUTCOME)
    kept = _drafts(tmp_path).load("B|GMPSSC")
    assert kept is not None
    assert kept[0].equals(ROWS)
    assert kept[1] == OUTCOME


def test_a_draft_of_another_source_is_foreign(tmp_path: Path) -> None:
    _drafts(tmp_path).begin()
    _drafts(tmp_path).store(ROWS, OUTCOME)
    assert _drafts(tmp_path, source="http://127.0.0.2/acl").load("B|GMPSSC") is None
    assert _drafts(tmp_path, lists="another").load("B|GMPSSC") is None


@pytest.mark.parametrize("kept", [0, 1, 7, 200, 0.5, 0.99])
def test_a_torn_draft_is_removed_and_fetched_again(tmp_path: Path, kept: float) -> None:
    drafts = _drafts(tmp_path)
    drafts.begin()
    drafts.store(ROWS, OUTCOME)
    (path,) = tmp_path.rglob("*.arrow")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    assert drafts.load("B|GMPSSC") is None
    assert not path.exists()


@pytest.mark.parametrize("place", [0.3, 0.6])
def test_a_draft_whose_bytes_were_lost_though_its_length_is_right_is_torn(
    tmp_path: Path, place: float
) -> None:
    _drafts(tmp_path).begin()
    _drafts(tmp_path).store(ROWS, OUTCOME)
    (path,) = tmp_path.rglob("*.arrow")
    content = bytearray(path.read_bytes())
    begun = int(place * len(content))
    content[begun : begun + 64] = bytes(64)
    path.write_bytes(content)
    assert _drafts(tmp_path).load("B|GMPSSC") is None
    assert not path.exists()


def test_a_draft_with_any_damage_is_removed_and_never_another_one(tmp_path: Path) -> None:
    rows = sample_rows(day_window(DAY), 60)
    finding = Finding("gap", 1_773_118_800_000_000, 1_773_118_900_000_000, "asked again")
    drafts = _drafts(tmp_path)
    begun = drafts.begin(lambda: datetime(2026, 3, 12, 8, tzinfo=UTC))
    drafts.store(rows, replace(OUTCOME, rows=60, findings=(finding,)))
    (path,) = tmp_path.rglob("*.arrow")
    whole = path.read_bytes()
    chance = random.Random(5)
    places = [*range(0, len(whole), 7), *(chance.randrange(len(whole)) for _ in range(500))]
    for place in places:
        damaged = bytearray(whole)
        if chance.random() < 0.3:
            damaged[place : place + 64] = bytes(len(damaged[place : place + 64]))
        else:
            damaged[place] ^= 1 << chance.randrange(8)
        if damaged == whole:
            continue
        path.write_bytes(damaged)
        assert _drafts(tmp_path).load("B|GMPSSC") is None, f"byte {place}"
        assert not path.exists()
    path.write_bytes(whole)
    assert _drafts(tmp_path).load("B|GMPSSC") is not None
    assert _drafts(tmp_path).begin() == begun


def test_a_damaged_note_of_the_begin_is_never_another_time(tmp_path: Path) -> None:
    now, later = datetime(2026, 3, 12, 8, tzinfo=UTC), datetime(2026, 3, 13, 8, tzinfo=UTC)
    _drafts(tmp_path).begin(lambda: now)
    (note,) = tmp_path.rglob("pull.json")
    whole = note.read_bytes()
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        note.write_bytes(damaged)
        assert _drafts(tmp_path).begin(lambda: later) in (now, later), f"bit {bit}"


def test_a_draft_of_another_source_in_the_place_of_this_one_is_removed(tmp_path: Path) -> None:
    _drafts(tmp_path).begin()
    _drafts(tmp_path).store(ROWS, OUTCOME)
    (path,) = tmp_path.rglob("*.arrow")
    _drafts(tmp_path, lists="another").begin()
    (elsewhere,) = (
        note.parent for note in tmp_path.rglob("pull.json") if note.parent != path.parent
    )
    path.rename(elsewhere / path.name)
    assert _drafts(tmp_path, lists="another").load("B|GMPSSC") is None


def test_a_draft_under_the_name_of_another_subject_is_torn(tmp_path: Path) -> None:
    _drafts(tmp_path).begin()
    _drafts(tmp_path).store(ROWS, OUTCOME)
    (path,) = tmp_path.rglob("*.arrow")
    path.rename(path.with_name(b"B:VIMIN".hex() + ".arrow"))
    assert _drafts(tmp_path).load("B:VIMIN") is None


def test_a_draft_with_nulls_comes_back(tmp_path: Path) -> None:
    rows = ROWS.set_column(1, "value", pa.array([None, 1.5] * 50))
    _drafts(tmp_path).begin()
    _drafts(tmp_path).store(pa.concat_tables([rows.slice(0, 33), rows.slice(33)]), OUTCOME)
    kept = _drafts(tmp_path).load("B|GMPSSC")
    assert kept is not None
    assert kept[0].equals(rows)


def test_the_time_of_a_pull_is_when_it_was_first_begun(tmp_path: Path) -> None:
    assert _drafts(tmp_path).begin() == _drafts(tmp_path).begin()


def test_published_drafts_are_removed(tmp_path: Path) -> None:
    drafts = _drafts(tmp_path)
    drafts.begin()
    drafts.store(ROWS, OUTCOME)
    of_another_list = _drafts(tmp_path, lists="another")
    of_another_list.begin()
    of_another_day = Drafts(tmp_path, "parameter_data", "2026-03-11", {})
    of_another_day.begin()
    remove_drafts(tmp_path, "parameter_data", DAY)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith("parameter_data-2026-03-11-")
