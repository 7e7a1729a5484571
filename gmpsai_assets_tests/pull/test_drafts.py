"""Drafts: finished subjects survive a killed run, and are never mistaken for others."""

from pathlib import Path

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.pull.drafts import Drafts
from gmpsai_assets.pull.outcome import Outcome
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


def test_the_time_of_a_pull_is_when_it_was_first_begun(tmp_path: Path) -> None:
    assert _drafts(tmp_path).begin() == _drafts(tmp_path).begin()


def test_published_drafts_are_removed(tmp_path: Path) -> None:
    drafts = _drafts(tmp_path)
    drafts.begin()
    drafts.store(ROWS, OUTCOME)
    drafts.remove()
    assert list(tmp_path.iterdir()) == []
