"""Cutting of a stream of bytes into blocks of whole lines, and the plain form of such a block.

Nothing here knows what a line means.
"""

import re

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


BLOCK_BYTES = 1 << 19
"""Lines are read in blocks of this size. Larger ones cost memory for each connection and save no time (measured from
0.5 to 8 MiB)."""

_OTHER_BLANKS = (b"\t", b"\v", b"\f", b"\r")
_BLANKS = bytes.maketrans(b"".join(_OTHER_BLANKS), b"   \n")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TAG = re.compile(rb"</?[A-Za-z!][^<>\n]*>")


class LineBlocks:
    """Collects chunks and hands over blocks that end with a line end.

    A line ends with LF; a CR counts as one when a block is brought to its plain form.
    """

    def __init__(self, block_bytes: int = BLOCK_BYTES) -> None:
        self._block_bytes = block_bytes
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> bytes:
        """Take a chunk; a block if enough has come, otherwise nothing (``b""``)."""
        self._pieces.append(chunk)
        self._size += len(chunk)
        if self._size < self._block_bytes:
            return b""
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            return b""
        rest = chunk[cut:]
        self._pieces[-1] = chunk[:cut]
        block = b"".join(self._pieces)
        self._pieces, self._size = [rest], len(rest)
        return block

    def finish(self) -> bytes:
        """What is left; its last line may lack a line end."""
        block = b"".join(self._pieces)
        self._pieces, self._size = [], 0
        return block


def plain(block: bytes) -> bytes:
    """A block with one blank between words, none at the ends of lines, LF as line end, no tags.

    HTML tags become blanks, so that words on both sides never grow together.
    """
    if any(blank in block for blank in _OTHER_BLANKS):
        block = block.translate(_BLANKS)
    block = block.replace(_BYTE_ORDER_MARK, b" ")
    if b"<" in block:
        block = _TAG.sub(b" ", block)
    while b"  " in block:
        block = block.replace(b"  ", b" ")
    return block.replace(b" \n", b"\n").replace(b"\n ", b"\n").strip(b" ")
