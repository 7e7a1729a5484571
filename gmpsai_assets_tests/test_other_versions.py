"""Files of another version: what it adds is ignored, what it lacks has a default, and nothing counts as damaged."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry, recipe_identity
from gmpsai_assets.archive.archiving import Manifest, parse_manifest
from gmpsai_assets.archive.tape import Fingerprint, Stored
from gmpsai_assets.archive.tape_mark import TapeError
from gmpsai_assets.fetch.device_database import read_descriptions
from gmpsai_assets.fetch.drafts import Drafts
from gmpsai_assets.fetch.outcome import Finding, Outcome
from gmpsai_assets.fetch.progress import ProgressFile, read_progress
from gmpsai_assets.fetch.published import published_subjects
from gmpsai_assets.fetch.publishing import read_pull_log
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.difference import file_difference
from gmpsai_assets.lake.json_objects import ForeignContentError
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.lake.parquet import write_table
from gmpsai_assets.lake.schemas import COMPLETENESS, PARAMETER_DATA
from gmpsai_assets.launch.display import read_step, recording_steps, step_path
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import day_is_complete
from gmpsai_assets.timeline.capture_files import CaptureFiles, RecipeLostError
from gmpsai_assets.timeline.heartbeat import Heartbeat, read_heartbeat
from gmpsai_assets.timeline.records import Captured, from_line, sealed, to_line, unsealed
from gmpsai_assets_tests.tables import sample_rows

DAY = "2026-03-10"
NOW = datetime(2026, 3, 12, tzinfo=UTC)
ROWS = sample_rows(day_window(DAY), 300)
LATER: dict[str, Any] = {"of a later version": {"with": [1, None]}}


def _changed(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))


def test_an_outcome_with_more_or_less_of_it_is_read() -> None:
    finding = {"kind": "gap", "start": 1, "end": 2, "detail": "x", "repaired": True}
    outcome = Outcome("B:VIMIN", "complete", rows=3, findings=(Finding(**finding),))  # type: ignore[arg-type]
    recorded = json.loads(json.dumps(asdict(outcome)))
    later = {**recorded, **LATER, "findings": [{**finding, **LATER}]}
    assert Outcome.from_metadata(later) == outcome
    least = Outcome.from_metadata(
        {"subject": "B:X", "state": "complete", "findings": [{"kind": "gap"}]}
    )
    assert least == Outcome("B:X", "complete", findings=(Finding("gap", None, None, ""),))
    with pytest.raises(ForeignContentError, match="state is missing"):
        Outcome.from_metadata({"subject": "B:X"})


def test_a_state_and_a_kind_that_are_not_known_here_stop_no_reader(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    (folder := lake.day_folder(PARAMETER_DATA, DAY)).mkdir(parents=True)
    novel = {"kind": "novel", **LATER}
    outcomes = [
        {"subject": "B:VIMIN", "state": "settled", "rows": 300, "findings": [novel], **LATER},
        {"subject": "B:VIMAX", "state": "no data", "remark": "No values"},
    ]
    origin = {
        "node": "MLrn",
        "nominal_rates_hz": {"B:VIMIN": 15.0, "B:VIMAX": 15.0},
        "outcomes": outcomes,
        **LATER,
    }
    names = pa.array(["B:VIMIN"] * ROWS.num_rows).dictionary_encode()
    table = pa.table([names, *ROWS.columns], schema=PARAMETER_DATA.schema)
    file = folder / "MLrn.parquet"
    write_table(file, PARAMETER_DATA, table, origin)

    published = published_subjects(folder, file.name, PARAMETER_DATA.schema)
    known = published.known("B:VIMIN", "B:VIMIN")
    assert known is not None
    assert known.table.equals(ROWS)
    assert (known.outcome.state, known.outcome.findings[0].kind) == ("partial", "novel")
    assert not file_difference(file, file)
    ledger = day_ledger(list(parameter_days(lake, DAY)), day_window(DAY))
    assert [row["state"] for row in ledger] == ["settled", "no data"]
    assert day_is_complete(ledger, NOW).result == "fail"
    pa.Table.from_pylist(ledger, schema=COMPLETENESS.schema)


def test_a_draft_of_a_later_version_is_used_and_none_is_lost_by_a_fault_of_this_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drafts() -> Drafts:
        return Drafts(tmp_path, "parameter_data", DAY, {"source": "x"})

    drafts().begin()
    outcome = Outcome("B:VIMIN", "complete", rows=300)
    with monkeypatch.context() as later:
        later.setattr("gmpsai_assets.fetch.drafts.asdict", lambda each: {**asdict(each), **LATER})
        drafts().store(ROWS, outcome)
    kept = drafts().load("B:VIMIN")
    assert kept is not None
    assert kept.outcome == outcome
    with monkeypatch.context() as faulty:
        faulty.setattr("gmpsai_assets.fetch.drafts.json_object", lambda text: text.no_such_name)
        with pytest.raises(AttributeError):
            drafts().load("B:VIMIN")
    assert drafts().load("B:VIMIN") is not None


def test_progress_and_steps_are_read(tmp_path: Path) -> None:
    progress = ProgressFile(tmp_path, "parameter_data", DAY, 3)
    _changed(progress.path, lambda found: found.update(LATER))
    found = read_progress(progress.path)
    assert found is not None
    assert found.total == 3
    with recording_steps(tmp_path, DAY, 2) as record:
        record("completeness")
        _changed(step_path(tmp_path, DAY), lambda found: found.update(LATER))
        step = read_step(step_path(tmp_path, DAY))
    assert step is not None
    assert step.name == "completeness"


def test_a_manifest_is_read_and_one_that_lacks_what_counts_is_named() -> None:
    stored = Stored("2026/03/x.parquet", Fingerprint(3, "00000001", "ab"), existed=True)
    document = json.loads(Manifest(DAY, 0, NOW, (stored,)).to_bytes())
    document = {**document, **LATER, "files": [{**each, **LATER} for each in document["files"]]}
    found = parse_manifest(json.dumps(document).encode(), "manifest.json", 0)
    assert found == Manifest(DAY, 0, NOW, (stored,))
    for broken in (
        {**document, "files": [{"name": "x"}]},
        {**document, "files": None},
        {**document, "archived_at": "yesterday"},
        {name: value for name, value in document.items() if name != "day"},
        [document],
    ):
        with pytest.raises(TapeError, match="cannot be read as a manifest"):
            parse_manifest(json.dumps(broken).encode(), "manifest.json", 0)


def test_a_heartbeat_is_read(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.json"
    beat = Heartbeat("2026-03-12T00:00:00+00:00", 7, "boot 1", "host", "")
    path.write_text(json.dumps({**asdict(beat), **LATER}))
    assert read_heartbeat(path) == beat
    broken_ones: list[Any] = [{}, {**asdict(beat), "process": "seven"}, []]
    for broken in broken_ones:
        path.write_text(json.dumps(broken))
        with pytest.raises(ValueError, match="is no heartbeat"):
            read_heartbeat(path)


def test_a_capture_is_read_and_one_without_its_start_is_none() -> None:
    captured = Captured(1_773_118_800_000_000, 0.01, 60.0, "ab", 1_773_118_801_000_000, 5)
    values = unsealed(to_line(captured).rstrip())
    assert values is not None
    assert from_line(sealed({**values, **LATER}).rstrip()) == captured
    del values["origin"]
    assert from_line(sealed(values).rstrip()) == captured
    for broken in ({"start": None}, {"start": "2026-03-10T05:00:00"}, {"readings": "five"}):
        assert from_line(sealed({**values, **broken}).rstrip()) is None
    del values["start"]
    assert from_line(sealed(values).rstrip()) is None
    assert from_line(sealed({**values, "kind": ["captured"]}).rstrip()) is None


def test_a_recipe_is_read(tmp_path: Path) -> None:
    entries = (RecipeEntry(1, 0x17, 5, 0.0, "Booster"), RecipeEntry(2, 0x1D, 4, 1, "Booster"))
    files, identity = CaptureFiles(tmp_path), recipe_identity(entries)
    files.keep_recipe(identity, entries)
    (file,) = (files.folder / "recipes").iterdir()
    _changed(file, lambda found: found.update(LATER))
    assert files.recipe(identity) == entries
    broken_ones: list[Any] = [[[1, 2]], [[1, "17", 5, 0.0, "Booster"]], {}, None]
    for broken in broken_ones:
        file.write_text(json.dumps({"entries": broken}))
        with pytest.raises(RecipeLostError):
            files.recipe(identity)


def test_descriptions_are_read_and_who_writes_one_by_hand_need_not_say_where_it_is_from(
    tmp_path: Path,
) -> None:
    file = tmp_path / "devices.json"
    entry = {"description": "Hadron monitor", "unit": "V"}
    file.write_text(json.dumps({"devices": {"E:HADC02": {**entry, **LATER}}, **LATER}))
    found = read_descriptions(file)
    assert not found.damaged
    assert (found.fact("E:HADC02").description, found.fact("E:HADC02").unit) == tuple(
        entry.values()
    )
    entries: list[Any] = [[], {"E:HADC02": "V"}, {"E:X": {}}, None]
    for broken in [{"devices": each} for each in entries] + [{}]:
        file.write_text(json.dumps(broken))
        assert read_descriptions(file).damaged


@pytest.mark.parametrize("content", ["{", "[]", '{"B:VIMIN": 3}'])
def test_a_damaged_pull_log_says_nothing_and_stops_nothing(tmp_path: Path, content: str) -> None:
    log = tmp_path / "day.json"
    log.write_text(content)
    assert read_pull_log(log) == {}
