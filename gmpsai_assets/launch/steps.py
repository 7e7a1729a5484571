"""Which asset of a day is being made, told by the process that makes it to the one that shows it.

How far a pull has come within its asset is told by ``fetch.progress``.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from gmpsai_assets.fetch.progress import is_running
from gmpsai_assets.lake.atomic import write_bytes


@dataclass(frozen=True)
class Step:
    """The asset that is being made.

    Attributes:
        day: the partition key.
        name: the asset.
        number: its place among the assets that are made, from 1.
        total: how many are made.
        process: who makes it.
    """

    day: str
    name: str
    number: int
    total: int
    process: int


@contextmanager
def telling_steps(drafts: Path, day: str, total: int) -> Iterator[Callable[[str], None]]:
    """Within the block, tell each asset that begins; at its end nothing is told any more.

    Args:
        drafts: the lake's folder of work in progress.
        day: the partition key.
        total: how many assets will be made.
    """
    path = step_path(drafts, day)
    begun = 0

    def tell(name: str) -> None:
        nonlocal begun
        begun += 1
        step = Step(day, name, begun, total, os.getpid())
        write_bytes(path, json.dumps(asdict(step)).encode())

    try:
        yield tell
    finally:
        path.unlink(missing_ok=True)


def step_path(drafts: Path, day: str) -> Path:
    """Where the steps of a day are told."""
    return drafts / "progress" / f"step-{day}.json"


def read_step(path: Path) -> Step | None:
    """The step that is under way; None if none is, or if its process has died."""
    try:
        step = Step(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    return step if is_running(step.process) else None
