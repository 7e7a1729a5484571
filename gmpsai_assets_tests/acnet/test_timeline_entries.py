"""The identity of a recipe."""

from gmpsai_assets.acnet.replies.timeline_entries import parse_entries, recipe_identity
from gmpsai_assets_tests.acnet.sample_texts import sample

TIMELINE = sample("tlg_all_event_info")


def test_a_recipe_is_known_by_its_content_alone() -> None:
    identity = recipe_identity(parse_entries(TIMELINE))
    assert len(identity) == 16
    in_other_words = TIMELINE.replace(b" .0667", b"0.06670").replace(b"\n", b"\r\n")
    assert recipe_identity(parse_entries(in_other_words)) == identity


def test_another_recipe_has_another_identity() -> None:
    entries = parse_entries(TIMELINE)
    changed = list(entries)
    changed[500] = entries[500]._replace(state_id=entries[500].state_id + 1)
    assert len({recipe_identity(each) for each in (entries, changed, entries[:1073])}) == 3
