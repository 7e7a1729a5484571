"""Streaming of a reply of time-and-value lines from bytes into arrays.

Here belongs the order of things in a reply: a preamble, then data, then nothing else. Shapes of
lines are in ``rows``; meanings of texts, in ``refusals``.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from gmpsai_assets.acnet.errors import (
    AcnetError,
    EmptyReply,
    RowsNotUnderstood,
    SeveralValues,
    UnreadableReply,
    WebPageReply,
    shown,
)
from gmpsai_assets.acnet.replies.lines import (
    BLOCK_BYTES,
    NUMBER,
    LineBlocks,
    LineTooLongError,
    last_line_end,
    plain,
)
from gmpsai_assets.acnet.replies.notations import distinct, doubtful_number
from gmpsai_assets.acnet.replies.ragged_rows import read_ragged
from gmpsai_assets.acnet.replies.refusals import ERROR_LINE, PAGE_TAG, PENDING, coded, refusal
from gmpsai_assets.acnet.replies.rows import (
    DATE,
    EPOCH_TIME,
    LIKE_A_ROW,
    TIME_OF_DAY,
    TORN_ROW,
    Form,
    GrowingColumns,
    RowBlock,
    read_fast,
)

_BLANK = r"[ \t\v\f]"
_TAG = r"</?[A-Za-z!][^<>\r\n]*>"
_FIRST_ROW = re.compile(
    rf"(?:^|[\r\n])(?:{_BLANK}|\xef\xbb\xbf|{_TAG})*"
    rf"(?P<row>(?P<epoch>{EPOCH_TIME})|{DATE}{_BLANK}+{TIME_OF_DAY})"
    rf"{_BLANK}+[^\s<]+(?:{_BLANK}+{NUMBER})*(?:{_BLANK}|{_TAG})*(?:$|[\r\n])".encode("latin-1")
)
_CLOSING_TAG_AT_END = re.compile(rb"</[A-Za-z]+>$")
_PAGE_TAG = re.compile(PAGE_TAG.encode())
_LIKE_A_ROW = re.compile(LIKE_A_ROW)
_KEPT_TEXT = 4000
_KEPT_LINES = 5
_LONGEST_PREAMBLE = 1 << 20
"""Bytes without a row after which none is waited for. Chosen: a preamble has some hundred, a day's reply 38 MB."""

Places = NDArray[np.int64]
_NO_PLACES: Places = np.empty(0, np.int64)


@dataclass(frozen=True)
class ParsedRows:
    """All data lines of a reply in order of delivery.

    Attributes:
        form: how the lines gave the time.
        clock: int64 microseconds: UTC for epoch seconds, local wall time otherwise.
        value: float64, NaN where a line has no number.
        irregular_lines: lines after it that are no data, and a torn one right before it.
        irregular_examples: the first few of those.
        last_line_complete: whether the last line had a line end; if not, it may be cut.
        preamble: the first few lines before the first data line.
        irregular_places: how many data lines come before irregular lines; sorted, each number once.
        unread_rows: how many irregular lines begin with a time of some kind, and are rows in an unknown form.
        words: the first few distinct texts that stand for a value and are no numbers.
        other_notation: texts of values that show that the column is not written in plain numbers; mostly none.
    """

    form: Form
    clock: NDArray[np.int64]
    value: NDArray[np.float64]
    irregular_lines: int
    irregular_examples: tuple[str, ...]
    last_line_complete: bool
    preamble: tuple[str, ...] = ()
    irregular_places: Places = field(default_factory=lambda: np.empty(0, np.int64))
    unread_rows: int = 0
    words: tuple[str, ...] = ()
    other_notation: tuple[str, ...] = ()


class RowReader:
    """Reads one reply, chunk by chunk.

    Args:
        subject: device or event and window, for messages.
        block_bytes: how much is read at a time.
    """

    def __init__(self, subject: str, block_bytes: int = BLOCK_BYTES) -> None:
        self._subject = subject
        self._lines = LineBlocks(block_bytes)
        self._form: Form | None = None
        self._columns = GrowingColumns()
        self._head = b""
        self._preamble: list[str] = []
        self._before_rows = 0
        self._irregular_lines = 0
        self._irregular_examples: list[str] = []
        self._irregular_places: list[Places] = []
        self._unread_rows = 0
        self._words: tuple[str, ...] = ()
        self._other_notation: tuple[str, ...] = ()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the reply.

        Raises:
            AcnetError: by name, if an error text stands among the lines, or a line does not end.
        """
        try:
            block = self._lines.feed(chunk)
        except LineTooLongError as error:
            raise self._endless(error) from error
        if block:
            self._read(block)

    def finish(self) -> ParsedRows:
        """The rows of the whole reply.

        Raises:
            AcnetError: by name, if there is no data line, or an error text among them.
        """
        return self._finished(self._lines.finish())

    def finish_cut(self) -> ParsedRows:
        """The rows of a reply that broke off, without its last line if that has no line end.

        Raises:
            AcnetError: as ``finish`` does.
        """
        rest = self._lines.finish()
        return self._finished(rest[: last_line_end(rest)])

    def _finished(self, rest: bytes) -> ParsedRows:
        if rest:
            self._read(rest)
        if self._form is None or not len(self._columns):
            raise self._without_rows()
        clock, value = self._columns.finish()
        return ParsedRows(
            form=self._form,
            clock=clock,
            value=value,
            irregular_lines=self._irregular_lines,
            irregular_examples=tuple(self._irregular_examples),
            last_line_complete=_is_complete(rest),
            preamble=tuple(self._preamble),
            irregular_places=np.unique(np.concatenate([_NO_PLACES, *self._irregular_places])),
            unread_rows=self._unread_rows,
            words=self._words,
            other_notation=self._other_notation,
        )

    def _endless(self, error: LineTooLongError) -> AcnetError:
        """What a line without an end is: a web page in one line, an error text, or no reply at all."""
        if self._form is None:
            text = (self._head + error.kept)[:_KEPT_TEXT].decode("ascii", "replace")
            meant = refusal(text, self._subject)
            if type(meant) not in (UnreadableReply, EmptyReply):
                return meant
        return UnreadableReply(str(error), subject=self._subject, received=error.line[:_KEPT_TEXT])

    def _without_rows(self) -> AcnetError:
        """Why there is no row: what the text says, or the first line that looks like a row and is none."""
        if self._irregular_lines:
            return _not_understood(self._irregular_examples[0], self._subject)
        head = self._head.decode("ascii", "replace")
        meant = refusal(head, self._subject)
        if type(meant) is UnreadableReply:
            lines = plain(self._head).decode("ascii", "replace").split("\n")
            like_a_row = next(filter(_LIKE_A_ROW.match, lines), None)
            if like_a_row is not None:
                return _not_understood(like_a_row, self._subject)
        return meant

    def _read(self, block: bytes) -> None:
        if self._form is None:
            block = self._after_preamble(block)
        if not block:
            return
        if b"<" in block and _PAGE_TAG.search(block):
            msg = "a web page begins in the middle of the data"
            raise WebPageReply(msg, subject=self._subject, received=_from_page_tag(block))
        for rows in self._rows(block, self._form or Form.EPOCH):
            self._note_irregular(rows)
            self._words = distinct(self._words, rows.words)
            self._other_notation = distinct(self._other_notation, rows.other_notation)
            self._columns.append(rows.clock, rows.value)

    def _rows(self, block: bytes, form: Form) -> list[RowBlock]:
        rows = read_fast(block, form)
        if rows is None:
            block = plain(block)
            rows = read_fast(block, form)
        if rows is None:
            return [read_ragged(block, form)]
        if not self._other_notation:
            self._other_notation = doubtful_number(
                block, [part.value for part in rows], local=form is Form.LOCAL
            )
        return rows

    def _after_preamble(self, block: bytes) -> bytes:
        """What follows the lines before the first data line; the first row shows the form of the reply."""
        found = _FIRST_ROW.search(block)
        if found is None and (found := _FIRST_ROW.search(plain(block))):
            block = plain(block)
        start = len(block) if found is None else found.start("row")
        self._head = (self._head + block[:start])[:_KEPT_TEXT]
        preamble = plain(block[:start]).decode("ascii", "replace")
        error = coded(preamble, self._subject)
        if error is not None:
            raise error
        lines = [line for line in preamble.split("\n") if line]
        if found is None:
            self._before_rows += len(block)
            if self._before_rows > _LONGEST_PREAMBLE:
                raise self._without_rows()
        else:
            self._form = Form.EPOCH if found["epoch"] else Form.LOCAL
            if lines and TORN_ROW.fullmatch(lines[-1]):
                self._note_examples([lines.pop()])
                self._irregular_lines += 1
                self._irregular_places.append(np.zeros(1, np.int64))
        self._preamble += [shown(line) for line in lines[: _KEPT_LINES - len(self._preamble)]]
        return block[start:]

    def _note_irregular(self, rows: RowBlock) -> None:
        lines = rows.irregular
        if not len(lines):
            return
        if rows.several_values:
            msg = f"{rows.several_values} lines hold several values"
            several = lines.filter(
                pc.match_substring_regex(lines, rf"^.*[0-9.](?: {NUMBER}){{2,}}$")
            )
            raise SeveralValues(msg, subject=self._subject, received=several[0].as_py())
        errors = lines.filter(pc.match_substring_regex(lines, f"{ERROR_LINE}|{PENDING}"))
        error = coded(errors[0].as_py(), self._subject) if len(errors) else None
        if error is not None:
            raise error
        self._irregular_lines += len(lines)
        self._unread_rows += rows.unread_rows
        # Lines that follow each other have one place: what is kept of them is bounded by the rows.
        self._irregular_places.append(np.unique(rows.places) + len(self._columns))
        self._note_examples(lines[:_KEPT_LINES].to_pylist())

    def _note_examples(self, lines: list[str]) -> None:
        wanted = _KEPT_LINES - len(self._irregular_examples)
        self._irregular_examples += [shown(line) for line in lines[:wanted]]


def _not_understood(line: str, subject: str) -> RowsNotUnderstood:
    msg = "rows came and not one of them is understood"
    return RowsNotUnderstood(msg, subject=subject, received=line)


def _is_complete(rest: bytes) -> bool:
    end = rest[-1000:].rstrip(b" \t\v\f")
    return end[-1:] in (b"", b"\n", b"\r") or bool(_CLOSING_TAG_AT_END.search(end))


def _from_page_tag(block: bytes) -> bytes:
    found = _PAGE_TAG.search(block)
    return block[found.start() : found.start() + _KEPT_TEXT] if found else b""
