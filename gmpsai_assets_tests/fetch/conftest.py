"""The emulated laboratory for the pulls: one service for all tests, its rendered replies kept."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList, read_parameter_lists
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.lake.day_store import Lake

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def emulator() -> Iterator[EmulatorService]:
    with running_emulator(EmulatorOptions(now=NOW)) as service:
        yield service


@pytest.fixture
def laboratory(emulator: EmulatorService) -> Iterator[EmulatorService]:
    """The emulator without faults; those that a test sets end with it."""
    emulator.set_faults()
    yield emulator
    emulator.set_faults()


@pytest.fixture
def datalogger(laboratory: EmulatorService) -> Iterator[DataLogger]:
    retry = RetryPolicy(attempts=3, first_delay=0.01, longest_delay=0.05)
    with AclClient(laboratory.url, retry=retry, read_timeout=5) as client:
        yield DataLogger(client)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "data")


@pytest.fixture
def lists(tmp_path: Path) -> Callable[..., tuple[ParameterList, ...]]:
    """Make parameter lists: each argument is one list, its lines separated by commas."""

    def make(*texts: str) -> tuple[ParameterList, ...]:
        folder = tmp_path / "lists"
        folder.mkdir(exist_ok=True)
        for number, text in enumerate(texts):
            (folder / f"List{number}.txt").write_text(text.replace(",", "\n"))
        return read_parameter_lists(folder)

    return make
