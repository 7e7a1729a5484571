"""The supercycle: when one began, and which recipe it played.

Here belong the arithmetic of supercycles and the identity of a recipe. Nothing is read here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from gmpsai_assets.acnet.recipe import RecipeEntry, recipe_identity
from gmpsai_assets.acnet.replies.timeline import RECIPE_SCHEMA


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


def supercycle_start(reading: SupercycleReading) -> datetime:
    """When the supercycle that was read began: the middle of the round trip less the time elapsed.

    It is known to plus and minus half of the round trip.
    """
    middle = reading.before + (reading.after - reading.before) / 2
    return middle - timedelta(seconds=reading.elapsed_seconds)


def recipe_id(timeline: pa.Table) -> str:
    """The identity of a recipe: 16 hex digits of the SHA-256 of its entries.

    Only the content counts: not how the columns are chunked or sliced, their order, or others.

    Args:
        timeline: a table with the columns of ``RECIPE_SCHEMA``.

    Raises:
        KeyError: if one of those columns is missing.
    """
    entries = timeline.select(RECIPE_SCHEMA.names).cast(RECIPE_SCHEMA)
    columns = (column.to_pylist() for column in entries.columns)
    return recipe_identity(RecipeEntry(*row) for row in zip(*columns, strict=True))
