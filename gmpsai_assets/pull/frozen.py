"""A moving value that stands still, as a logger repeats its last one when its front end is silent.

Here such stretches are found. What is asked again about them is decided in ``cures``.
"""

import numpy as np

from gmpsai_assets.pull.rows import Rows

FROZEN_SECONDS = 10.0
FROZEN_ROWS = 50
MOVING_SHARE = 0.2
FROZEN_RUNS = 3
"""A device that stands still more often than this does so by itself."""

_BLOCK_ROWS = FROZEN_ROWS // 2
_MICROSECONDS = 1_000_000


def frozen_runs(rows: Rows, period: float) -> list[tuple[int, int]]:
    """First index and number of rows of each run of one value, of a device that else moves.

    Args:
        rows: rows in order of time.
        period: the nominal interval in microseconds.
    """
    needed = max(FROZEN_ROWS, int(FROZEN_SECONDS * _MICROSECONDS / period))
    value = rows.value
    blocks = value[: len(value) // _BLOCK_ROWS * _BLOCK_ROWS].reshape(-1, _BLOCK_ROWS)
    if not (blocks == blocks[:, :1]).all(axis=1).any():
        return []  # a run of FROZEN_ROWS would fill at least one block
    changes = np.flatnonzero(value[1:] != value[:-1])
    lengths = np.diff(changes, prepend=-1, append=len(value) - 1)
    long = np.flatnonzero(lengths >= needed)
    others = len(value) - int(lengths[long].sum())
    moves = others > len(value) / 2 and len(changes) > MOVING_SHARE * others
    if not 0 < len(long) <= FROZEN_RUNS or not moves:
        return []
    starts = np.append(0, changes + 1)[long]
    return list(zip(starts.tolist(), lengths[long].tolist(), strict=True))
