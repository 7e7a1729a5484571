"""The whole platform with logins in all its addresses, behind a proxy that is not there: no login is written or shown.

Everything is looked through: what it prints, each file that it writes, Dagster's records among them, what its UI says
of resources, and the command lines of its processes.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA
from gmpsai_assets.lake.source import known_source
from gmpsai_assets_tests.acnet.services import free_port
from gmpsai_assets_tests.system.platform import RunningPlatform, processes_using

pytestmark = pytest.mark.system

DAY = "2026-03-10"
SECRET = "s3cret-Pass"
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def laboratory() -> Iterator[EmulatorService]:
    with running_emulator(EmulatorOptions(now=NOW)) as service:
        service.set_faults("http-403,device=B:VIMAX")
        yield service


@pytest.fixture(scope="module")
def platform(
    laboratory: EmulatorService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    (folder / "lists").mkdir()
    (folder / "lists" / "Slow.txt").write_text("NuMI2 E:DURL01\n")
    proxy = f"http://reader:{SECRET}@127.0.0.1:{free_port()}"
    environment = {
        "GMPSAI_ACL_URL": laboratory.url.replace("//", f"//reader:{SECRET}@"),
        "GMPSAI_TAPE": f"https://reader:{SECRET}@door.test:2880/pnfs/gmpsai",
        **dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), proxy),
    }
    running = RunningPlatform(folder / "data", folder / "lists", DAY, environment)
    yield running
    running.stop()


def test_a_proxy_that_is_not_there_keeps_nothing_from_starting(platform: RunningPlatform) -> None:
    lake = Lake(platform.data)
    for table in (PARAMETER_DATA, EVENT_DATA):
        assert lake.published_days(table) == [DAY]
    assert requests.get(f"{platform.ui}server_info", timeout=30).status_code == 200


def test_no_login_is_printed(platform: RunningPlatform, laboratory: EmulatorService) -> None:
    assert f"DataLogger   {laboratory.url}\n" in platform.output
    assert "https://door.test:2880/pnfs/gmpsai is the address of a service" in platform.output
    assert SECRET not in platform.output


def test_no_login_is_on_a_command_line(platform: RunningPlatform) -> None:
    running = processes_using(platform.data)
    assert len(running) >= 4
    for process in running:
        assert SECRET.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()


def test_no_login_is_shown_in_the_ui(platform: RunningPlatform) -> None:
    query = """{
      repositoriesOrError { ... on RepositoryConnection { nodes {
        allTopLevelResourceDetails { name configuredValues { key value type } configFields { name defaultValueAsJson } }
      } } }
      runsOrError { ... on Runs { results { runConfigYaml tags { key value } } } }
      sensorsOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "LOCATION"}) {
        ... on Sensors { results { name sensorState { ticks { status skipReason error { message } } } } } }
    }"""
    locations = "{ workspaceOrError { ... on Workspace { locationEntries { name } } } }"
    found = _asked(platform, locations)
    (entry,) = found["data"]["workspaceOrError"]["locationEntries"]
    said = _asked(platform, query.replace("LOCATION", entry["name"]))
    (repository,) = said["data"]["repositoriesOrError"]["nodes"]
    resources = {each["name"] for each in repository["allTopLevelResourceDetails"]}
    assert {"datalogger", "tape"} <= resources
    assert said["data"]["runsOrError"]["results"]
    assert said["data"]["sensorsOrError"]["results"]
    assert SECRET not in json.dumps(said)


def test_no_login_is_in_any_file(platform: RunningPlatform, laboratory: EmulatorService) -> None:
    known = known_source(platform.data)
    assert known is not None
    assert known.url == laboratory.url
    assert platform.stop() == 0
    files = [path for path in platform.data.rglob("*") if path.is_file()]
    assert any(path.name == "heartbeat.json" for path in files)
    assert any(path.suffix == ".db" for path in files)
    assert any(path.parent.name == "logs" for path in files)
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


def _asked(platform: RunningPlatform, query: str) -> dict[str, Any]:
    reply = requests.post(f"{platform.ui}graphql", json={"query": query}, timeout=30).json()
    assert "errors" not in reply, reply["errors"]
    said: dict[str, Any] = reply
    return said
