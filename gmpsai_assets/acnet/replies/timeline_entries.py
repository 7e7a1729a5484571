"""The entries of the timeline that is playing, out of a ``tlg_info/all_event_info`` reply.

Here belongs the shape of an entry. It needs no Arrow: the timeline logger runs for months and stays small.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from gmpsai_assets.acnet.errors import TruncatedReply, UnreadableReply
from gmpsai_assets.acnet.replies.lines import plain
from gmpsai_assets.acnet.replies.refusals import coded, refusal

_IDENTITY_DIGITS = 16


class RecipeEntry(NamedTuple):
    """One planned event.

    Attributes:
        entry_index: its number in the timeline, from 1.
        event: TCLK event code, 0 to 255.
        state_id: state that the timeline generator gives to it.
        offset_seconds: planned seconds from the start of the supercycle, about four digits.
        machine: the machine it belongs to; may hold a blank.
    """

    entry_index: int
    event: int
    state_id: int
    offset_seconds: float
    machine: str


def recipe_identity(entries: Iterable[RecipeEntry]) -> str:
    """The identity of a recipe: 16 hex digits of the SHA-256 of its entries; only the content counts."""
    digest = hashlib.sha256()
    for index, event, state, offset, machine in entries:
        digest.update(f"{index},{event:02X},{state},{offset + 0.0!r},{machine}\n".encode())
    return digest.hexdigest()[:_IDENTITY_DIGITS]


# By words, not by columns: numbers over 999 shift the columns. Times have no leading zero.
_ENTRY = re.compile(
    r"(\d{1,6})\) ?Event ?: ?([0-9A-F]{2}) State ID ?: ?(-?\d{1,9}) "
    r"Time ?: ?([+-]?(?:\d{1,9}(?:\.\d{0,20})?|\.\d{1,20})) Machine ?: ?(\S.*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d+ ?\)")


def parse_entries(body: bytes, subject: str = "the timeline") -> tuple[RecipeEntry, ...]:
    """All entries in order.

    Raises:
        TruncatedReply: the last line has no line end, so its machine may be cut.
        UnreadableReply: a numbered line is no entry, or the numbers do not run 1, 2, 3...
        AcnetError: by name, for an error text in place of or among the entries.
    """
    text = plain(body).decode("ascii", "replace")
    entries: list[RecipeEntry] = []
    for line in text.split("\n"):
        found = _ENTRY.fullmatch(line)
        if found:
            entries.append(_entry(found))
            continue
        error = coded(line, subject)
        if error is not None:
            raise error
        if _NUMBERED.match(line):
            msg = f"entry {len(entries) + 1} is not understood"
            raise UnreadableReply(msg, subject=subject, received=line)
    if not entries:
        raise refusal(body.decode("ascii", "replace"), subject)
    _refuse_gaps(entries, subject)
    if not text.endswith("\n") and b"<" not in body:
        msg = "the reply ends in the middle of a line"
        raise TruncatedReply(msg, subject=subject, received=text[-80:])
    return tuple(entries)


def _entry(found: re.Match[str]) -> RecipeEntry:
    index, event, state, seconds, machine = found.groups()
    return RecipeEntry(int(index), int(event, 16), int(state), float(seconds), machine)


def _refuse_gaps(entries: list[RecipeEntry], subject: str) -> None:
    for expected, entry in enumerate(entries, start=1):
        if entry.entry_index != expected:
            msg = f"entry {expected} is missing, {entry.entry_index} came in its place"
            raise UnreadableReply(msg, subject=subject)
