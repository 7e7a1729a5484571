"""Lines that stand in columns get a delimiter between them, and nothing else is changed."""

import pytest

from gmpsai_assets.acnet.replies.rows import delimited

ROWS = (
    b"10-MAR-2026 00:00:00.013  17.018169\n"
    b"10-MAR-2026 00:00:43.080   0.084843\n"
    b"10-MAR-2026 00:00:43.146  -0.000001\n"
)


def test_columns_are_marked_where_the_blanks_of_all_lines_begin() -> None:
    marked = delimited(ROWS, 3)
    assert marked is not None
    assert marked.to_pybytes() == (
        b"10-MAR-2026;00:00:00.013; 17.018169\n"
        b"10-MAR-2026;00:00:43.080;  0.084843\n"
        b"10-MAR-2026;00:00:43.146; -0.000001\n"
    )


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\n",
        b"<!>\n",
        ROWS[:-1],
        ROWS + b"10-MAR-2026 00:00:43.213 0.05\n",
        ROWS.replace(b"-2026 ", b";2026 "),
        ROWS.replace(b"10-MAR-2026 00", b" 10-MAR-202 00"),
        b"one two\n",
    ],
)
def test_what_has_no_such_columns_is_left_alone(block: bytes) -> None:
    assert delimited(block, 3) is None
