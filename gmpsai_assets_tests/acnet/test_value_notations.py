"""Values that are no plain numbers: what is read exactly, what is null, and columns that are not read at all."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.reader import RowReader
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply, settle_samples
from gmpsai_assets.acnet.replies.samples import SampleParser

FIRST = 1583816400
WINDOW = Window(datetime(2020, 3, 10, 5, tzinfo=UTC), datetime(2020, 3, 11, 5, tzinfo=UTC))


def _body(*values: str) -> bytes:
    return b"".join(f"{FIRST + k}.048000 {value}\n".encode() for k, value in enumerate(values))


def _read(*values: str) -> SampleReply:
    parser = SampleParser("B:VIMIN")
    parser.feed(_body(*values))
    return settle_samples(parser.finish(), WINDOW)


def _values(*texts: str) -> list[float | None]:
    return list(_read(*texts).table["value"].to_pylist())


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 20),
    st.sampled_from("Dd"),
)
def test_an_exponent_with_d_is_read_as_exactly_as_one_with_e(
    value: float, digits: int, letter: str
) -> None:
    text = f"{value:.{digits}E}"
    text = text if "." in text else text.replace("E", ".E")
    if math.isinf(float(text)):
        return
    (found,) = _values(text.replace("E", letter))
    assert found == float(text)


def test_rows_with_d_and_e_and_without_are_mixed_freely() -> None:
    texts = ["1.003D+02", "1.003E+02", "100.3", "1.003d2", "-.5D-1", "5.D0", "+2.5D+00"]
    assert _values(*texts) == [100.3, 100.3, 100.3, 100.3, -0.05, 5.0, 2.5]
    assert _read(*texts).counts == ReplyCounts()


WORDS = [
    *("NaN", "nan", "*****", "inf", "-inf", "Infinity", "-", "--", ".", "1e999", "1.5D+999"),
    *("1.003+102", "Off", "n/a", "BAD", "#", "1.5f", "(3.2)", "5..", "1e+", "D+02"),
]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_in_place_of_a_number_is_null_and_its_text_is_kept(word: str) -> None:
    reply = _read("103.5", word, "104.5")
    assert reply.table["value"].to_pylist() == [103.5, None, 104.5]
    assert reply.counts.not_a_number_examples == (word,)
    assert reply.counts.other_notation == ()


def test_the_first_few_distinct_texts_are_kept_shortened() -> None:
    words = ["NaN", "*****", "NaN", "x" * 1000, *(f"state-{letter}" for letter in "PQRSTUV")]
    examples = _read("1.5", *words).counts.not_a_number_examples
    assert examples[:2] == ("NaN", "*****")
    assert len(examples) == 5
    assert max(map(len, examples)) <= 40


OTHER = {
    "hexadecimal words": ["0010", "00A3", "1E05"],
    "short ones": ["10", "A3", "9"],
    "one of them": ["12", "13", "1F"],
    "with a prefix": ["10", "0x1F", "12"],
    "with a suffix": ["10", "1Fh", "12"],
    "letters alone": ["1000", "FFFF", "2000"],
    "digits alone, with leading zeros": ["0010", "0163", "2347"],
    "leading zeros alone": ["0001", "0002", "0003"],
    "an exponent without point and sign": ["1234", "1E05", "2347"],
    "among decimals": ["103.5", "0067", "104.5"],
    "a letter among decimals": ["103.5", "3C6", "104.5"],
    "D without a point": ["1234", "1D02", "2347"],
    "binary words": ["0b101", "0b110", "1"],
    "decimal commas": ["1,5", "2", "-3,25"],
    "commas for thousands": ["999", "1,000", "1,234.5"],
    "points for thousands": ["1.234", "1.234.567", "12"],
    "points and a comma": ["1.234,5", "12", "7"],
    "apostrophes for thousands": ["1'234.5", "999.5", "7"],
    "underscores": ["1_000", "999", "7"],
}


@pytest.mark.parametrize("texts", OTHER.values(), ids=OTHER)
def test_a_column_in_another_notation_is_not_read_as_numbers(texts: list[str]) -> None:
    reply = _read(*texts)
    assert reply.table["value"].to_pylist() == [None] * 3
    assert reply.counts.other_notation
    assert set(reply.counts.other_notation) <= set(texts)
    assert reply.counts.not_a_number_examples[0] == reply.counts.other_notation[0]


@pytest.mark.parametrize(
    "texts",
    [
        ["0", "1", "0"],
        ["0.5", "-0.25", "00.5"],
        ["1e+05", "1.0E5", "1E-05", "-1e+16"],
        ["10", "1.5", "-0", "+0"],
        ["1583816400", "4294967295", "0"],
    ],
)
def test_plain_numbers_are_read(texts: list[str]) -> None:
    assert _values(*texts) == [float(text) for text in texts]
    assert _read(*texts).counts == ReplyCounts()


@pytest.mark.parametrize("block_bytes", [30, 200, 1 << 20])
def test_one_word_anywhere_in_a_long_reply_decides_for_all_of_it(block_bytes: int) -> None:
    values = ["12"] * 500
    for place in (0, 250, 499):
        for word in ("00A3", "0010", "1E05", "1,5"):
            reader = RowReader("B:VIMIN", block_bytes)
            texts = [*values[:place], word, *values[place:]]
            body = _body(*texts)
            for start in range(0, len(body), 37):
                reader.feed(body[start : start + 37])
            assert reader.finish().other_notation == (word,), (place, word)
