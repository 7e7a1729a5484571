"""Lines of the capture files: whole or refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.timeline.records import (
    Captured,
    Gap,
    Record,
    Running,
    from_line,
    sealed,
    to_line,
)

instants = st.integers(0, 4_000_000_000_000_000)
seconds = st.floats(0, 600, allow_nan=False)
records = st.one_of(
    st.builds(Captured, instants, seconds, seconds, st.text(), instants, st.integers(1, 9)),
    st.builds(Gap, instants, instants, st.text()),
    st.builds(Running, instants, st.sampled_from(["started", "stopped"]), st.integers(1, 1 << 22)),
)
RECORD = Captured(
    1_773_118_800_123_456, 0.001, 60.066666, "0123456789abcdef", 1_773_118_801_000_000, 5
)


@given(records)
def test_a_record_is_the_same_after_a_line(record: Record) -> None:
    line = to_line(record)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert from_line(line[:-1]) == record


def test_a_line_is_json_that_people_can_read() -> None:
    values = json.loads(to_line(RECORD))
    assert values["start"] == "2026-03-10T05:00:00.123456Z"
    assert values["kind"] == "captured"
    assert values["length_seconds"] == 60.066666


def test_no_part_of_a_line_passes_as_a_record() -> None:
    line = to_line(RECORD)[:-1]
    assert [n for n in range(len(line)) if from_line(line[:n]) is not None] == []


def test_no_changed_byte_passes_as_a_record() -> None:
    line = bytearray(to_line(RECORD)[:-1])
    for place in range(len(line)):
        line[place] ^= 0x01
        assert from_line(bytes(line)) is None
        line[place] ^= 0x01


@given(st.binary(max_size=400))
def test_any_bytes_are_no_record(line: bytes) -> None:
    assert from_line(line) is None


@pytest.mark.parametrize("kind", ["", "later", "recipe"])
def test_a_kind_of_a_later_version_is_passed_over(kind: str) -> None:
    assert from_line(sealed({"kind": kind})[:-1]) is None


@pytest.mark.parametrize("change", [{"length_seconds": None}, {"start": 7}, {"start": "soon"}])
def test_a_line_of_another_form_is_passed_over(change: dict[str, object]) -> None:
    values = json.loads(to_line(RECORD)) | change
    del values["check"]
    whole = {name: value for name, value in values.items() if value is not None}
    assert from_line(sealed(whole)[:-1]) is None


def test_a_line_without_an_origin_is_of_a_timeline_logger() -> None:
    values = json.loads(to_line(RECORD))
    del values["check"], values["origin"]
    assert from_line(sealed(values | {"more": 1})[:-1]) == RECORD
