"""Blocks of lines that are aligned: all of one length, with their columns under each other.

Only the bytes between the columns are changed here; what the columns mean is read in ``rows``.
"""

import numpy as np
import pyarrow as pa

DELIMITER = ";"
_BLANK, _LINE_END = ord(" "), ord("\n")


def delimited(block: bytes, columns: int) -> pa.Buffer | None:
    """The block with a delimiter where the blanks between two columns begin; None if it has no such columns.

    Numbers that are set flush right keep their leading blanks. Every line is as long as before, and nothing but
    blanks that stand in all lines is replaced.
    """
    width = block.find(b"\n") + 1
    if not width or len(block) % width or DELIMITER.encode() in block:
        return None
    lines = np.frombuffer(block, np.uint8).reshape(-1, width)
    if (lines[:, -1] != _LINE_END).any():
        return None
    blank = (lines == _BLANK).all(axis=0)
    begins = blank & ~np.append(False, blank[:-1])
    if np.count_nonzero(begins) != columns - 1:
        return None
    marked = lines.copy()
    marked[:, begins] = ord(DELIMITER)
    return pa.py_buffer(marked.reshape(-1))
