"""Whatever the bytes of a reply, and however many: bounded memory, bounded time, and an error with a name."""

import subprocess
import sys
import time
from contextlib import suppress
from functools import partial

import pytest

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.replies.device_database import parse_device_description
from gmpsai_assets.acnet.replies.lines import LARGEST_SHORT_REPLY_BYTES, LONGEST_LINE_BYTES
from gmpsai_assets.acnet.replies.logger_lists import parse_logger_lists
from gmpsai_assets.acnet.replies.readings import parse_reading
from gmpsai_assets.acnet.replies.samples import EventParser, SampleParser
from gmpsai_assets.acnet.replies.timeline_entries import parse_entries
from gmpsai_assets_tests.acnet.endless_replies import BODIES, QUESTIONS, endless, gzip_bomb
from gmpsai_assets_tests.acnet.sample_texts import sample
from gmpsai_assets_tests.acnet.services import service

MOST_MEGABYTES = 150
"""Of 40 MB of text; before it was bounded, 2 to 4 GB."""
MOST_SECONDS = 20.0
"""Of this process, for 1 MB: whatever takes the square of the length takes hours."""


@pytest.mark.system
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_reply_of_40_megabytes_costs_little_memory(question: str) -> None:
    answers = [*(endless(*body) for body in BODIES.values()), gzip_bomb()]
    module = "gmpsai_assets_tests.acnet.endless_replies"
    with service(*answers) as running:
        command = [sys.executable, "-m", module, running.url, question]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    results = [line.split("\t") for line in done.stdout.splitlines()]
    assert [name for name, *_ in results] == [*BODIES, "gzip bomb"]
    for name, said, megabytes, _ in results:
        assert int(megabytes) < MOST_MEGABYTES, name
        assert said != "data" or " after a" in name or "end with" in name


@pytest.mark.parametrize("name", BODIES)
def test_a_long_reply_is_read_in_time_that_grows_with_its_length(name: str) -> None:
    start, repeated = BODIES[name]
    body = start + repeated * (LARGEST_SHORT_REPLY_BYTES // len(repeated))
    body = body[:LARGEST_SHORT_REPLY_BYTES]
    with pytest.raises(errors.AcnetError):
        parse_reading(body, "subject")
    lists = partial(parse_logger_lists, device="B:VIMIN")
    for parse in (parse_entries, lists, parse_device_description):
        started = time.process_time()
        with suppress(errors.AcnetError):
            parse(body, "subject")
        assert time.process_time() - started < MOST_SECONDS, parse


@pytest.mark.parametrize("parser", [SampleParser, EventParser])
@pytest.mark.parametrize("piece", [b"x", b" ", b"1583816400.048 1", b"<", b"\xff\x00"])
def test_a_line_that_does_not_end_is_an_error_as_soon_as_it_is_too_long(
    parser: type[SampleParser | EventParser], piece: bytes
) -> None:
    reader, fed = parser("B:VIMIN"), 0
    with pytest.raises(errors.UnreadableReply, match="a line is longer than 65536 bytes") as caught:
        while fed < 4 * LONGEST_LINE_BYTES:
            reader.feed(piece * 1000)
            fed += 1000 * len(piece)
    assert LONGEST_LINE_BYTES - 1000 * len(piece) <= fed <= LONGEST_LINE_BYTES
    assert len(str(caught.value)) < 500


def test_a_web_page_in_one_long_line_is_named_as_one() -> None:
    reader = SampleParser("B:VIMIN")
    with pytest.raises(errors.WebPageReply, match="Busy"):
        reader.feed(b"<html><head><title>Busy</title></head>" + b"<p>text</p>" * 10_000)


def test_lines_up_to_the_limit_are_read_on() -> None:
    rows = sample("logger_get_utc_seconds")
    reader = SampleParser("B:VIMIN")
    for piece in (rows, b"x" * (LONGEST_LINE_BYTES - 1), b"\n", rows):
        reader.feed(piece)
    assert len(reader.finish().time) == 10


def test_a_line_of_many_numbers_is_tried_in_one_way() -> None:
    reader = SampleParser("B:VIMIN")
    reader.feed(b"1583816400.048 1" + b" 11" * 40 + b" x\n")
    with pytest.raises(errors.UnreadableReply):
        reader.finish()
