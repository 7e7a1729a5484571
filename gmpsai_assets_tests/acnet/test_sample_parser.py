"""Samples out of logger_get replies: recorded ones, known variants, and any bytes at all."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.replies.lines import plain
from gmpsai_assets.acnet.replies.ragged_rows import read_ragged
from gmpsai_assets.acnet.replies.reader import ParsedRows, RowReader
from gmpsai_assets.acnet.replies.rows import Form, read_fast
from gmpsai_assets.acnet.replies.samples import ParsedSamples, SampleParser
from gmpsai_assets_tests.acnet.sample_texts import error_lines, sample

FIRST = 1583816400048000


def parse(*chunks: bytes) -> ParsedSamples:
    parser = SampleParser("B:VIMIN on MLrn")
    for chunk in chunks:
        parser.feed(chunk)
    return parser.finish()


def rows_of(parsed: ParsedSamples) -> list[tuple[int, float | None]]:
    values = [None if math.isnan(value) else value for value in parsed.value.tolist()]
    return list(zip(parsed.time.tolist(), values, strict=True))


THREE = [
    (FIRST, 103.37957),
    (FIRST + 66650, 103.42123),
    (FIRST + 133300, 103.42545),
]


def test_recorded_epoch_seconds_are_exact() -> None:
    parsed = parse(sample("logger_get_utc_seconds"))
    assert rows_of(parsed)[:3] == THREE
    assert len(parsed.time) == 5
    assert parsed.last_line_complete


def test_recorded_local_dates_are_placed_in_utc() -> None:
    parsed = parse(sample("logger_get_default_date"))
    expected = [(FIRST, 103.37957), (FIRST + 66000, 103.42123), (FIRST + 133000, -103.42545)]
    assert rows_of(parsed) == expected


def test_recorded_stars_are_null() -> None:
    parsed = parse(sample("logger_get_stars"))
    assert rows_of(parsed) == [THREE[0], (THREE[1][0], None), THREE[2]]


def test_recorded_absence_of_values_is_a_fact() -> None:
    with pytest.raises(errors.NoValues, match="No values found"):
        parse(sample("logger_get_no_values"))


@pytest.mark.parametrize(
    ("line", "kind"),
    list(
        zip(
            error_lines(),
            [
                errors.DeviceRefused,
                errors.SyntaxRefused,
                errors.DeviceRefused,
                errors.MessageReply,
                errors.WebPageReply,
            ],
            strict=True,
        )
    ),
)
def test_recorded_errors_are_named(line: bytes, kind: type[errors.AcnetError]) -> None:
    with pytest.raises(kind, match=r"B:VIMIN on MLrn: .*came back: '"):
        parse(line)


VARIANTS = {
    "CRLF": b"1583816400.048000 103.37957\r\n1583816400.114650 103.42123\r\n",
    "CR": b"1583816400.048000 103.37957\r1583816400.114650 103.42123\r",
    "tabs": b"1583816400.048000\t103.37957\n1583816400.114650\t 103.42123\t\n",
    "wide blanks": b"  1583816400.048000    103.37957  \n 1583816400.114650  103.42123\n",
    "ragged blanks": b"1583816400.048000 103.37957\n1583816400.114650   103.42123 \n",
    "blank lines": b"\n\n1583816400.048000 103.37957\n \n1583816400.114650 103.42123\n\n",
    "plus signs": b"+1583816400.048 +103.37957\n1583816400.11465 1.0342123e+2\n",
    "byte order mark": b"\xef\xbb\xbf1583816400.048 103.37957\n1583816400.11465 103.42123\n",
    "a preamble": b"Samples of B:VIMIN\n\n1583816400.048 103.37957\n1583816400.11465 103.42123\n",
    "a message first": b"! busy\n1583816400.048 103.37957\n1583816400.11465 103.42123\n",
    "a page around": b"<html><head><title>ACL</title></head><body><pre>\n1583816400.048 103.37957\n"
    b"1583816400.11465 103.42123\n</pre></body></html>",
    "a page tight around": b"<pre>1583816400.048 103.37957\n1583816400.11465 103.42123</pre>",
    "tags in lines": b"<b>1583816400.048</b> 103.37957<br>\n<b>1583816400.11465</b> 103.42123<br>\n",
}


@pytest.mark.parametrize("body", list(VARIANTS.values()), ids=list(VARIANTS))
def test_known_variants_give_the_same_rows(body: bytes) -> None:
    parsed = parse(body)
    assert rows_of(parsed) == THREE[:2]
    assert parsed.last_line_complete
    assert parsed.rows.irregular_lines == 0


@pytest.mark.parametrize(
    "value",
    [
        *(b"*", b"************", b"nan", b"-Inf", b"1e999"),
        *(b"On", b"0x1F", b"1,5", b"nan(1)", b"\xb0C"),
    ],
)
def test_a_value_that_is_no_number_is_null(value: bytes) -> None:
    parsed = parse(b"1583816400.048000 103.37957\n1583816400.114650 " + value + b"\n")
    assert rows_of(parsed) == [THREE[0], (THREE[1][0], None)]
    assert parsed.rows.irregular_lines == 0


@pytest.mark.parametrize(
    "time",
    [b"158381640.", b"1583816400048", b"1.5838164e9", b"-1583816400", b"0", b"4294967296", b"NaN"],
)
def test_an_implausible_time_is_never_a_row(time: bytes) -> None:
    parsed = parse(b"1583816400.048 103.37957\n" + time + b" 5\n1583816400.11465 103.42123\n")
    plausible = time == b"158381640."
    assert len(parsed.time) == 2 + plausible
    assert parsed.rows.irregular_lines == 1 - plausible


def test_unknown_lines_after_data_are_counted_and_shown() -> None:
    body = sample("logger_get_utc_seconds") + b"what is this\n" * 9 + b"1583816401.0 2\n"
    parsed = parse(body)
    assert len(parsed.time) == 6
    assert parsed.rows.irregular_lines == 9
    assert parsed.rows.irregular_examples == ("what is this",) * 5


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"Error in logger_get at line 1 - B:VIMIN DIO_NOATT\n", errors.DeviceRefused),
        (b"Error - LJ_NODEDOWN\n", errors.ServiceBusy),
        (b"reply is DPM_PEND\n", errors.PendingTimeout),
        (b"<html><h1>504 Gateway Time-out</h1></html>\n", errors.WebPageReply),
    ],
)
def test_an_error_in_the_middle_of_data_is_named(
    text: bytes, kind: type[errors.AcnetError]
) -> None:
    body = sample("logger_get_utc_seconds")
    with pytest.raises(kind):
        parse(body + text + body)
    with pytest.raises(kind):
        parse(body + text)


def test_an_error_before_data_is_named() -> None:
    with pytest.raises(errors.SyntaxRefused):
        parse(b"Invalid time - CLIB_SYNTAX\n" + sample("logger_get_utc_seconds"))


def test_several_values_in_a_line_are_named() -> None:
    with pytest.raises(errors.SeveralValues, match="array device"):
        parse(b"1583816400.048 1 2 3\n1583816400.11465 4 5 6\n")
    with pytest.raises(errors.SeveralValues, match="1 lines hold several"):
        parse(b"1583816400.048 1\n1583816400.11465 4 5 6\n")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", errors.EmptyReply),
        (b" \r\n\t\n", errors.EmptyReply),
        (b"<pre>\n</pre>", errors.UnreadableReply),
        (b"hello\n", errors.UnreadableReply),
        (b"cannot do logger_get/start=1 B:VIMIN\n", errors.CommandEcho),
        (b"<html><body><pre>No values found</pre></body></html>", errors.NoValues),
        (b"! hint\nNo values for B:VIMIN\n", errors.NoValues),
        (b"Sign in\n<!DOCTYPE html><html>", errors.WebPageReply),
        (b"1583816400.048\n", errors.UnreadableReply),
        (b"Node is down - ACNET_NODEDOWN\n", errors.ServiceBusy),
        (b"Bad node - ACNET_NO_SUCH_THING\n", errors.AclErrorReply),
    ],
)
def test_a_reply_without_data_is_named(body: bytes, kind: type[errors.AcnetError]) -> None:
    with pytest.raises(kind) as caught:
        parse(body)
    assert type(caught.value) is kind


def test_a_last_line_without_its_end_is_flagged() -> None:
    body = sample("logger_get_utc_seconds")
    assert not parse(body[:-1]).last_line_complete
    assert not parse(body[:-10]).last_line_complete
    assert parse(body + b"  ").last_line_complete


def test_any_line_before_the_rows_is_a_remark() -> None:
    body = sample("logger_get_utc_seconds")
    assert parse(body).remarks == ()
    assert parse(b"Warning: MLrn is not responding\n" + body).remarks == (
        "Warning: MLrn is not responding",
    )


def test_a_torn_first_line_is_irregular_and_not_a_preamble() -> None:
    body = sample("logger_get_utc_seconds")
    rows = len(parse(body).time)
    for start in range(2, body.index(b"\n") - 1):
        parsed = parse(body[start:])
        assert (len(parsed.time), parsed.rows.irregular_lines) == (rows - 1, 1), start
        assert parsed.rows.irregular_places.tolist() == [0]
        assert parsed.remarks == ()


def test_the_places_of_irregular_lines_are_found_in_blocks_of_any_size() -> None:
    lines = sample("logger_get_utc_seconds").splitlines(keepends=True)
    body = b"".join([*lines[:2], b"what\n", lines[2], b"is\n", b"this\n", *lines[3:], b"?\n"])
    for block_bytes in (1, 64, 1 << 20):
        reader = RowReader("B:VIMIN", block_bytes)
        for place in range(0, len(body), 7):
            reader.feed(body[place : place + 7])
        assert reader.finish().irregular_places.tolist() == [2, 3, len(lines)]


def test_lines_of_the_other_form_are_not_mixed_in() -> None:
    parsed = parse(sample("logger_get_utc_seconds") + sample("logger_get_default_date"))
    assert len(parsed.time) == 5
    assert parsed.rows.irregular_lines == 3


times = st.integers(100_000_000_000_000, 4_294_967_295_999_999)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(times, numbers), min_size=1, max_size=50), st.sampled_from([" ", "  "]))
def test_any_samples_survive_text_and_back(rows: list[tuple[int, float]], gap: str) -> None:
    text = "".join(f"{t // 10**6}.{t % 10**6:06d}{gap}{value!r}\n" for t, value in rows)
    parsed = parse(text.encode())
    assert rows_of(parsed) == rows


PIECES = st.sampled_from(
    [
        b"1583816400.048 103.4\n",
        b"1583816400.048000  -1e-3\r\n",
        b"1583816401\t5\n",
        b"10-MAR-2020 00:00:00.048   1.5\n",
        b"10-MAR-2020 00:00 2\n",
        b"31-FEB-2020 00:00:00 2\n",
        b"1583816400.1 *****\n",
        b"1583816400.1 nan\n",
        b"1583816400.1 1e999\n",
        b"1.58e9 4\n",
        b"99999999999 4\n",
        b"words and words\n",
        b"! message\n",
        b"<pre>",
        b"</pre>\n",
        b"\xef\xbb\xbf",
        b"\n",
        b"\r",
        b" ",
        b"\x00",
        b"7",
        b".",
        b"e",
        b"\xff",
    ]
)
bodies = st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=12).map(b"".join))
DATA_LINE = re.compile(
    rb"\+?0*[1-9][0-9]{8,9}(\.[0-9]*)? [^ ]+"
    rb"|[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4} [0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{0,6})?)? [^ ]+"
)


def outcome(*chunks: bytes, block_bytes: int = 1 << 23) -> ParsedRows | type[errors.AcnetError]:
    reader = RowReader("B:VIMIN", block_bytes)
    try:
        for chunk in chunks:
            reader.feed(chunk)
        return reader.finish()
    except errors.AcnetError as error:
        return type(error)


@settings(max_examples=400, deadline=None)
@given(bodies)
@example(b"+1583816400.048 1.\n")
def test_any_bytes_give_rows_of_data_lines_or_a_named_error(body: bytes) -> None:
    found = outcome(body)
    if isinstance(found, type):
        return
    lines = [line for line in plain(body).split(b"\n") if DATA_LINE.fullmatch(line)]
    assert 0 < len(found.clock) <= len(lines)
    numbers_said = {line.split(b" ")[-1] for line in lines}
    for value in found.value[~np.isnan(found.value)].tolist():
        assert any(_reads_as(said, value) for said in numbers_said)


def _reads_as(said: bytes, value: float) -> bool:
    try:
        return float(said) == value
    except ValueError:
        return False


@settings(max_examples=300, deadline=None)
@given(bodies, st.sampled_from(Form))
@example(b" 1583816400.048 1e2\n", Form.EPOCH)
def test_the_fast_way_agrees_with_the_definition(body: bytes, form: Form) -> None:
    for block in (body, plain(body)):
        fast = read_fast(block, form)
        if fast is None:
            continue
        slow = read_ragged(plain(block), form)
        assert np.concatenate([part.clock for part in fast]).tolist() == slow.clock.tolist()
        assert np.concatenate([part.value for part in fast]).tolist() == slow.value.tolist()
        assert len(slow.irregular) == 0
        assert np.isfinite(slow.value).all()


@settings(max_examples=300, deadline=None)
@given(bodies, st.lists(st.integers(0, 200), max_size=6), st.sampled_from([1, 30, 1 << 23]))
def test_chunks_cut_anywhere_give_the_same(body: bytes, cuts: list[int], block: int) -> None:
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    chunks = [body[start:stop] for start, stop in pairwise(places)]
    whole, pieces = outcome(body), outcome(*chunks, block_bytes=block)
    if isinstance(whole, type) or isinstance(pieces, type):
        assert whole == pieces
        return
    assert whole.clock.tolist() == pieces.clock.tolist()
    assert np.array_equal(whole.value, pieces.value, equal_nan=True)
    assert whole.last_line_complete == pieces.last_line_complete
