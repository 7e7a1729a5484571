"""A pull in a process of its own, so that a test can kill it or run two at once."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from unittest import mock

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import read_parameter_lists
from gmpsai_assets.fetch.events import pull_events
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.publication import Publication
from gmpsai_assets.lake.revisions import Published


def pull_once(url: str, data: Path, lists: Path, day: str, now: datetime) -> None:
    """Pull one day of the lists in a folder."""
    with AclClient(url) as client:
        pull_parameters(
            DataLogger(client),
            Lake(data),
            day,
            read_parameter_lists(lists),
            FetchOptions(connections=2, now=lambda: now),
        )


def pull_events_once(url: str, data: Path, day: str, now: datetime) -> None:
    """Pull one day of all events."""
    with AclClient(url) as client:
        pull_events(
            DataLogger(client), Lake(data), day, FetchOptions(connections=2, now=lambda: now)
        )


_STEPS = ("os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "ctypes.dlsym")
"""What changes a folder, as Python's audit events name it; the last is the exchange of two folders."""


def killed_at(step: int, pull: Callable[..., None], *arguments: object) -> None:
    """Pull, and end by ``kill -9`` just before a step of the file system, counted from the publication on.

    Args:
        step: 1 is the first one; beyond the last one the pull ends well.
        pull: one of the pulls of this module.
        arguments: those of the pull.
    """
    publish = Publication.publish
    left: list[int] = []

    def counted(publication: Publication) -> tuple[Published, ...]:
        left.append(step)
        return publish(publication)

    def look(event: str, _: object) -> None:
        if left and event in _STEPS:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    with mock.patch.object(Publication, "publish", counted):
        pull(*arguments)
