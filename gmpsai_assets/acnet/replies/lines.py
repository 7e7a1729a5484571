"""Cutting of a stream of bytes into blocks of whole lines, and the plain form of such a block.

Nothing here knows what a line means. Whatever the bytes, no more is kept than a block and one line, or, of a short
reply, its limit.
"""

import re
from collections.abc import Iterable

from gmpsai_assets.acnet.errors import ReplyTooLarge

# Each text has one way to match: of two ways a line of many numbers would be tried in every combination.
NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


BLOCK_BYTES = 1 << 19
"""Lines are read in blocks of this size. Larger ones cost memory for each connection and save no time (measured from
0.5 to 8 MiB)."""

LONGEST_LINE_BYTES = 1 << 16
"""A longer line is no line of any reply. Chosen: data lines have 50 bytes, web pages in one line some thousands."""

LARGEST_SHORT_REPLY_BYTES = 1 << 20
"""Chosen: the longest short reply, a timeline, has 80 kB (1,074 entries, recorded)."""

_OTHER_BLANKS = (b"\t", b"\v", b"\f", b"\r")
_BLANKS = bytes.maketrans(b"".join(_OTHER_BLANKS), b"   \n")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TAG = re.compile(rb"</?[A-Za-z!][^<>\n]*>")


class LineTooLongError(Exception):
    """The line that comes is longer than ``LONGEST_LINE_BYTES``.

    Args:
        kept: all that came and was not handed over; the line is its end.
        line: what came of the line.
    """

    def __init__(self, kept: bytes, line: bytes) -> None:
        super().__init__(f"a line is longer than {LONGEST_LINE_BYTES} bytes")
        self.kept = kept
        self.line = line


class LineBlocks:
    """Collects chunks and hands over blocks that end with a line end.

    A line ends with LF; a CR counts as one where no LF comes, and when a block is brought to its plain form.
    """

    def __init__(self, block_bytes: int = BLOCK_BYTES) -> None:
        self._block_bytes = block_bytes
        self._pieces: list[bytes] = []
        self._size = 0
        self._unended = 0

    def feed(self, chunk: bytes) -> bytes:
        """Take a chunk; a block if enough has come, otherwise nothing (``b""``).

        Raises:
            LineTooLongError: of what came since the last line end.
        """
        cut = last_line_end(chunk)
        self._unended = len(chunk) - cut if cut else self._unended + len(chunk)
        self._pieces.append(chunk)
        self._size += len(chunk)
        if self._unended > LONGEST_LINE_BYTES:
            kept = self.finish()
            raise LineTooLongError(kept, kept[-self._unended :])
        if self._size < self._block_bytes or not cut:
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


def last_line_end(text: bytes) -> int:
    """The place after the last LF, or, where none is near the end, after the last CR; 0 without either."""
    end = text.rfind(b"\n") + 1
    if end and len(text) - end <= LONGEST_LINE_BYTES:
        return end
    return max(end, text.rfind(b"\r") + 1)


def short_body(chunks: Iterable[bytes], subject: str) -> bytes:
    """The whole of a reply that is known to be short.

    Raises:
        ReplyTooLarge: it is not; the rest is not read.
    """
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST_SHORT_REPLY_BYTES:
            msg = f"more than {LARGEST_SHORT_REPLY_BYTES} bytes came in place of a short reply"
            step = "This is no reply to such a question: look at it by hand."
            raise ReplyTooLarge(msg, subject=subject, received=bytes(body[:1000]), next_step=step)
    return bytes(body)


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
