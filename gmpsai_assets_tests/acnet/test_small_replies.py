"""Timeline, readings, logger lists and device texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.replies.device_database import (
    DeviceDescription,
    parse_device_description,
)
from gmpsai_assets.acnet.replies.readings import (
    Reading,
    parse_number,
    parse_reading,
)
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry, parse_entries
from gmpsai_assets_tests.acnet.sample_texts import error_lines, sample

TIMELINE = sample("tlg_all_event_info")


def test_the_recorded_timeline_is_read_past_entry_999() -> None:
    entries = parse_entries(TIMELINE)
    assert len(entries) == 1074
    assert entries[3] == RecipeEntry(4, 0x1D, 4, 0.0667, "Booster")
    assert entries[15].machine == "Main Injector"
    assert entries[1073].offset_seconds == 60.0
    assert {entry.event for entry in entries[999:]} >= {0x15, 0x1D, 0x1C}


@pytest.mark.parametrize(
    "body",
    [
        TIMELINE.replace(b"\n", b"\r\n"),
        b"<html><body><pre>" + TIMELINE + b"</pre></body></html>",
        b"\n\n" + TIMELINE.partition(b"\n")[2],
    ],
)
def test_variants_of_the_timeline_are_the_same(body: bytes) -> None:
    assert parse_entries(body) == parse_entries(TIMELINE)


def test_a_missing_entry_is_named() -> None:
    lines = TIMELINE.splitlines(keepends=True)
    with pytest.raises(errors.UnreadableReply, match="entry 500 is missing, 501 came"):
        parse_entries(b"".join(lines[:500] + lines[501:]))


def test_an_entry_that_is_not_understood_is_named() -> None:
    with pytest.raises(errors.UnreadableReply, match="entry 2 is not understood"):
        parse_entries(TIMELINE.replace(b"Event : E3", b"Event : XY", 1))


@pytest.mark.parametrize("length", [len(TIMELINE) - 3, len(TIMELINE) - 20, 40_001, 40_020])
def test_a_cut_timeline_is_never_read(length: int) -> None:
    with pytest.raises((errors.TruncatedReply, errors.UnreadableReply)):
        parse_entries(TIMELINE[:length])


@pytest.mark.parametrize("line", error_lines())
def test_errors_in_place_of_small_replies_are_named(line: bytes) -> None:
    for parse in (parse_reading, parse_number, parse_device_description):
        with pytest.raises(errors.AcnetError, match=r"^subject: "):
            parse(line, "subject")
    with pytest.raises(errors.AcnetError):
        parse_entries(line)


@pytest.mark.parametrize(
    ("body", "reading"),
    [
        (b"M:OUTTMP       =  12.34 DegF\n", Reading("M:OUTTMP", 12.34, "12.34", "DegF")),
        (b"G:AMANDA       =  66\r\n", Reading("G:AMANDA", 66.0, "66")),
        (b"  12.68\n", Reading("", 12.68, "12.68")),
        (
            b"Z:ACLTST alarm maximum = 50 blip\n",
            Reading("Z:ACLTST alarm maximum", 50.0, "50", "blip"),
        ),
        (b"N:LGXS is on = False\n", Reading("N:LGXS is on", None, "False")),
        (b"<pre>\n! hint\n -.5e1 \n</pre>\n", Reading("", -5.0, "-.5e1")),
    ],
)
def test_readings_are_read_in_their_forms(body: bytes, reading: Reading) -> None:
    assert parse_reading(body, "subject") == reading


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", errors.EmptyReply),
        (b"1\n2\n", errors.UnreadableReply),
        (b"1 2 3\n", errors.SeveralValues),
        (b"Device is busy\n", errors.UnreadableReply),
        (b"nan\n", errors.UnreadableReply),
        (b"1e999\n", errors.UnreadableReply),
    ],
)
def test_what_is_no_reading_is_named(body: bytes, kind: type[errors.AcnetError]) -> None:
    with pytest.raises(kind):
        parse_reading(body, "subject")


def test_words_are_no_number() -> None:
    with pytest.raises(errors.UnreadableReply, match="words"):
        parse_number(b"N:LGXS is on = False\n", "subject")
    with pytest.raises(errors.UnreadableReply, match="words"):
        parse_number(b"502 overload\n", "subject")


def test_device_texts_are_read_by_column() -> None:
    body = (
        b"E:HADC02 text      = Hadron monitor 2\n"
        b"E:HADC02 units     = Volt\n"
        b"E:HADC02 FTD           = 15 Hz  \n"
    )
    assert parse_device_description(body, "s") == DeviceDescription("Hadron monitor 2", "Volt")
    with pytest.raises(errors.UnreadableReply):
        parse_device_description(b"E:HADC02\n", "s")


@given(st.binary(max_size=300) | st.sampled_from(["1) Event : ", "= 5", "---- x"]).map(str.encode))
def test_any_bytes_give_a_value_or_a_named_error(body: bytes) -> None:
    for parse in (
        parse_reading,
        parse_device_description,
        parse_entries,
    ):
        try:
            found = parse(body, "subject")
        except errors.AcnetError:
            continue
        assert isinstance(found, Reading | float | tuple | DeviceDescription)
