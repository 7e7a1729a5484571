"""A recipe: the entries that the timeline generator plays in one supercycle, and their identity.

Here belongs what a recipe is, in plain Python, so that a process that runs for months needs no Arrow.
How a recipe is read from a reply is in ``replies``.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

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
