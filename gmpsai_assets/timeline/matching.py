"""Which occurrence of $00 belongs to which captured supercycle, although two clocks stamped them.

Pure functions on times; what follows from it is decided in ``compaction``.
"""

from collections.abc import Sequence

import numpy as np

from gmpsai_assets.analysis.offsets import Instants
from gmpsai_assets.analysis.starts import match_captured
from gmpsai_assets.timeline.records import Captured


def match(captured: Sequence[Captured], seen: Instants) -> tuple[Instants, float | None]:
    """The places of $00 that were captured, and the offset of the logger's clock in seconds.

    Args:
        captured: in any order.
        seen: occurrences of $00, each a start, ascending.
    """
    starts = np.array([each.start for each in captured], dtype=np.int64)
    lengths = np.array([each.length_seconds * 1e6 for each in captured])
    places, offset = match_captured(starts, lengths, seen)
    return np.unique(places[places >= 0]), None if offset is None else offset / 1e6
