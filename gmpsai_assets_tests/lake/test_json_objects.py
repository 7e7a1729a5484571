"""JSON of files: strict in its form, lenient in members that other versions have more or less of."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.lake.json_objects import (
    ForeignContentError,
    json_object,
    made_of,
    member,
    objects,
)


@dataclass(frozen=True)
class Kept:
    """Members of every kind that files have."""

    name: str
    count: int
    share: float
    word: Literal["one", "two"] = "one"
    least: float | None = None
    rows: tuple[int, ...] = ()
    further: dict[str, Any] = field(default_factory=dict)
    whole: bool = True


WHOLE = {"name": "x", "count": 3, "share": 0.5}


def test_members_that_are_not_known_are_ignored_and_missing_ones_have_their_defaults() -> None:
    assert made_of(Kept, {**WHOLE, "of a later version": [1]}) == Kept("x", 3, 0.5)
    later = {**WHOLE, "share": 1, "word": "three", "least": None, "rows": [1], "further": {"a": 1}}
    assert made_of(Kept, later) == Kept("x", 3, 1, "three", None, [1], {"a": 1})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": 1},
        {"count": 1.5},
        {"count": True},
        {"share": "0.5"},
        {"word": 1},
        {"least": "none"},
        {"rows": 1},
        {"further": []},
        {"whole": 1},
    ],
)
def test_a_member_of_another_kind_is_not_what_was_written(change: dict[str, Any]) -> None:
    with pytest.raises(ForeignContentError, match=next(iter(change))):
        made_of(Kept, {**WHOLE, **change})


@pytest.mark.parametrize("name", WHOLE)
def test_a_member_without_a_default_must_be_there(name: str) -> None:
    with pytest.raises(ForeignContentError, match=f"{name} is missing"):
        made_of(Kept, {each: value for each, value in WHOLE.items() if each != name})


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"1", b"null", b"\xff{}", b"[" * 100_000])
def test_what_is_no_object_is_named(content: bytes) -> None:
    with pytest.raises(ForeignContentError):
        json_object(content)


@given(st.binary(max_size=80))
def test_any_bytes_are_an_object_or_named(content: bytes) -> None:
    with suppress(ForeignContentError):
        assert isinstance(json_object(content), dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*WHOLE, "word", "least", "rows", "whole", "new"]), JSON))
def test_any_object_is_one_of_the_kind_or_named(values: dict[str, Any]) -> None:
    try:
        found = made_of(Kept, json_object(json.dumps(values)))
        objects(values, "rows")
        member(values, "word", str)
    except ForeignContentError:
        return
    assert isinstance(found.name, str)
    assert isinstance(found.count, int)
