"""Recipe identity and the start of a supercycle."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from gmpsai_assets.acnet.replies.timeline import parse_timeline
from gmpsai_assets.acnet.supercycle import SupercycleReading, recipe_id, supercycle_start
from gmpsai_assets.acnet.tclk import BOOSTER_RESETS, TCLK_EVENTS, event_label, event_meaning
from gmpsai_assets_tests.acnet.sample_texts import sample

TIMELINE = parse_timeline(sample("tlg_all_event_info"))


def test_a_recipe_is_known_by_its_content_alone() -> None:
    identity = recipe_id(TIMELINE)
    assert len(identity) == 16
    chunked = pa.concat_tables([TIMELINE.slice(0, 7), TIMELINE.slice(7)])
    wider = chunked.append_column("extra", pa.nulls(chunked.num_rows))
    turned = wider.select(wider.column_names[::-1])
    assert recipe_id(chunked) == recipe_id(turned) == identity


def test_another_recipe_has_another_identity() -> None:
    states = TIMELINE["state_id"].to_pylist()
    states[500] += 1
    changed = TIMELINE.set_column(2, "state_id", pa.array(states, pa.int32()))
    assert len({recipe_id(t) for t in (TIMELINE, changed, TIMELINE.slice(0, 1073))}) == 3


def test_the_start_is_counted_from_the_middle_of_the_round_trip() -> None:
    asked = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
    reading = SupercycleReading(60.066666, 12.25, asked, asked + timedelta(seconds=0.5))
    assert supercycle_start(reading) == asked - timedelta(seconds=12)


def test_the_catalogue_holds_the_documented_events() -> None:
    assert len(TCLK_EVENTS) == 50
    assert list(TCLK_EVENTS) == sorted(TCLK_EVENTS)
    assert [event_label(code) for code in BOOSTER_RESETS] == [
        "$11", "$12", "$13", "$14", "$15", "$16", "$17", "$19", "$1C", "$1D",
    ]  # fmt: skip
    assert "supercycle" in event_meaning(0)
    assert event_meaning(0xFF) == ""
    with pytest.raises(ValueError, match="0 to 255"):
        event_label(256)
