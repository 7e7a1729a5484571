"""A pull in a process of its own, so that a test can kill it or run two at once."""

from datetime import datetime
from pathlib import Path

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.pull.parameters import pull_parameters


def pull_once(url: str, data: Path, lists: Path, day: str, now: datetime) -> None:
    """Pull one day of the lists in a folder."""
    with AclClient(url) as client:
        pull_parameters(
            DataLogger(client),
            Lake(data),
            day,
            read_parameter_lists(lists),
            connections=2,
            now=lambda: now,
        )
