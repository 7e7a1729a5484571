"""The supercycle: when one began, and which recipe it played.

Here belong the arithmetic of supercycles and the identity of a recipe. Nothing is read here.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from gmpsai_assets.acnet.replies.timeline import RECIPE_SCHEMA

_IDENTITY_DIGITS = 16


@dataclass(frozen=True)
class SupercycleReading:
    """How far the supercycle was, and between which moments that was read.

    Attributes:
        length_seconds: planned length of the supercycle that is playing.
        elapsed_seconds: seconds since it began, as read.
        before: the moment before the reading was asked for (aware).
        after: the moment after its reply came (aware).
    """

    length_seconds: float
    elapsed_seconds: float
    before: datetime
    after: datetime

    @property
    def read_at(self) -> datetime:
        """The middle of the round trip, the best guess of when the service read it."""
        return self.before + (self.after - self.before) / 2

    @property
    def uncertainty_seconds(self) -> float:
        """Half of the round trip: the start is known to plus and minus this."""
        return (self.after - self.before).total_seconds() / 2

    @property
    def start(self) -> datetime:
        """When the supercycle that is playing began."""
        return self.read_at - timedelta(seconds=self.elapsed_seconds)

    @property
    def expected_end(self) -> datetime:
        """When it will end if its length does not change."""
        return self.start + timedelta(seconds=self.length_seconds)


def recipe_id(timeline: pa.Table) -> str:
    """The identity of a recipe: 16 hex digits of the SHA-256 of its entries.

    Only the content counts: not how the columns are chunked or sliced, their order, or others.

    Args:
        timeline: a table with the columns of ``RECIPE_SCHEMA``.

    Raises:
        KeyError: if one of those columns is missing.
    """
    entries = timeline.select(RECIPE_SCHEMA.names).cast(RECIPE_SCHEMA)
    digest = hashlib.sha256()
    for index, event, state, offset, machine in zip(
        *(column.to_pylist() for column in entries.columns), strict=True
    ):
        digest.update(f"{index},{event:02X},{state},{offset + 0.0!r},{machine}\n".encode())
    return digest.hexdigest()[:_IDENTITY_DIGITS]
