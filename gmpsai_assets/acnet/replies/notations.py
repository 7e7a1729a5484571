"""Texts of values that are no plain numbers: what is kept of them, and which show that a column has another notation.

A word such as ``*****`` or ``NaN`` stands for a value that is missing. A word such as ``00A3`` or ``1,5`` is a value in
another notation, and then its neighbours ``0010`` and ``1E05`` are not the numbers that they look like. What becomes of
such a column is decided in ``sample_reply`` and ``fetch.asking``.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.errors import shown
from gmpsai_assets.acnet.replies.lines import NUMBER

KEPT_EXAMPLES = 5
"""So many distinct texts are kept of a reply."""
_LONGEST_EXAMPLE = 40

D_EXPONENT = r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+)[dD][+-]?[0-9]+"
"""A number as Fortran writes it in double precision, always with a point: ``1.003D+02``. Without one, ``1D02`` may as
well be a hexadecimal word."""

_HEX_WORD = r"[0-9]+[A-Fa-f][0-9A-Fa-f]*|[A-Fa-f]+[0-9][0-9A-Fa-f]*|[A-F]{4}|[A-F]{8}"
_WITH_A_BASE = r"(?:0[xX]|\$|#|16#)[0-9A-Fa-f]+|[0-9][0-9A-Fa-f]*[hH]|0[bB][01]+|0[oO][0-7]+"
_SEPARATED = r"[+-]?[0-9]*(?:[,'_][0-9]+)+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}"
_SEPARATED_BOTH = r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*|[+-]?[0-9]+,(?:[eE][+-]?[0-9]+)?"
_OTHER_NOTATION = f"^(?:{_HEX_WORD}|{_WITH_A_BASE}|{_SEPARATED}|{_SEPARATED_BOTH})$"

_DOUBTFUL = r"0[0-9]+|[0-9]+[eE][0-9]+"
"""Read as numbers, but not written like ones: leading zeros, or an exponent with neither point nor sign."""
_DOUBTFUL_ALONE = f"^(?:{_DOUBTFUL})$"
_DOUBTFUL_IN_LINE = re.compile(rf" ({_DOUBTFUL}) *(?:[\r\n]|$)".encode())
_BLANK, _ZERO, _NINE, _E = b" 09e"
_LOWER = np.uint8(0x20)


def distinct(*texts: Iterable[str]) -> tuple[str, ...]:
    """The first few of these, each once."""
    return tuple(dict.fromkeys(each for some in texts for each in some))[:KEPT_EXAMPLES]


def examples(words: pa.Array) -> tuple[str, ...]:
    """The first few distinct ones of an array of texts, shortened and printable."""
    first = words.unique()[:KEPT_EXAMPLES].to_pylist()
    return tuple(shown(word)[:_LONGEST_EXAMPLE] for word in first)


def in_other_notation(words: pa.Array, numbers: pa.Array) -> tuple[str, ...]:
    """Examples of values in another notation; none where all are plain numbers, or words in place of one.

    Args:
        words: texts that are no numbers.
        numbers: texts that are.
    """
    # A number too large for a float64, 1e999, is a word; what it looks like besides does not count.
    words = words.filter(pc.invert(pc.match_substring_regex(words, f"^(?:{NUMBER})$")))
    return distinct(
        examples(words.filter(pc.match_substring_regex(words, _OTHER_NOTATION))),
        examples(numbers.filter(pc.match_substring_regex(numbers, _DOUBTFUL_ALONE))),
    )


def doubtful_number(
    block: bytes, values: Sequence[NDArray[np.float64]], *, local: bool
) -> tuple[str, ...]:
    """The same of a block of lines that were all read as numbers: one example, or none.

    What is doubtful is a whole number; blocks without any cost a look at their values (1 % of reading them).

    Args:
        block: the lines.
        values: their numbers.
        local: whether times are local dates, whose zeros would have to be told apart; only whole numbers are then
            looked at, as those of events have decimals.
    """
    whole = [each == np.rint(each) for each in values]
    if not (all(each.all() for each in whole) if local else any(each.any() for each in whole)):
        return ()
    if not (_has_bare_exponents(block) or _has_leading_zeros(block)):
        return ()
    found = _DOUBTFUL_IN_LINE.search(block)
    return (found[1].decode(),) if found else ()


# A look at the bytes before the lines are searched, which takes ten times as long.
def _has_bare_exponents(block: bytes) -> bool:
    if b"e" not in block and b"E" not in block:
        return False
    text = np.frombuffer(block, np.uint8)
    return bool(_is_digit(text[np.flatnonzero(text[:-1] | _LOWER == _E) + 1]).any())


def _has_leading_zeros(block: bytes) -> bool:
    text = np.frombuffer(block, np.uint8)
    zeros = (text[:-2] == _BLANK) & (text[1:-1] == _ZERO)
    return bool(_is_digit(text[np.flatnonzero(zeros) + 2]).any())


def _is_digit(text: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (text >= _ZERO) & (text <= _NINE)
