"""The run that `gmpsai run` made is executed again from the UI, from its failure on, once the service has recovered."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets_tests.system.platform import RunningPlatform

pytestmark = pytest.mark.system

DAY = "2026-03-10"
_LONGEST_SECONDS = 180
_ENDED = ("SUCCESS", "FAILURE", "CANCELED")


@pytest.fixture
def laboratory() -> Iterator[EmulatorService]:
    with running_emulator(EmulatorOptions()) as service:
        yield service


@pytest.fixture
def platform(
    tmp_path: Path, laboratory: EmulatorService, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningPlatform]:
    """A platform over a service that refuses most devices for now, and that answers once with an error that passes."""
    laboratory.set_faults(
        "error-dio-no-such,device=B:VIMIN",
        "error-dio-no-such,device=B:VIMAX",
        "http-503,device=B:LINFRQ,first=1",
    )
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "Three.txt").write_text(
        "# rate: 15 Hz\nMLrn B:VIMIN\nMLrn B:VIMAX\nMLrn B:LINFRQ\n"
    )
    environment = RunningPlatform._environment

    def with_service(self: RunningPlatform) -> dict[str, str]:
        outside = {k: v for k, v in environment(self).items() if not k.endswith("_proxy")}
        return {**outside, "GMPSAI_ACL_URL": laboratory.url}

    monkeypatch.setattr(RunningPlatform, "_environment", with_service)
    running = RunningPlatform(tmp_path / "data", tmp_path / "lists", DAY)
    yield running
    running.stop()


def test_a_failed_first_day_is_executed_again_from_its_failure_in_the_ui(
    platform: RunningPlatform, laboratory: EmulatorService
) -> None:
    assert f"{DAY} could not be materialised" in platform.output, platform.output
    (first,) = [run for run in _runs(platform) if _day(run) == DAY]
    assert first["status"] == "FAILURE"
    logged = _messages(platform, first["runId"])
    assert any("B:LINFRQ" in line and "503" in line for line in logged), (
        "what Python's logging said of the request that was made again is not in the run's event log"
    )
    laboratory.set_faults()
    second = _execute_again(platform, first["runId"])
    assert _wait_for_end(platform, second) == "SUCCESS"
    assert Lake(platform.data).parameter("B:VIMIN", DAY).shape[0] > 1_290_000
    steps = _steps(platform, second)
    assert {"parameter_data", "completeness", "published_json", "tape_archive"} <= steps
    assert "event_data" not in steps, "what had succeeded was made again"


def _execute_again(platform: RunningPlatform, run: str) -> str:
    answer = _asked(
        platform,
        """mutation Again($parameters: ReexecutionParams!) {
          launchRunReexecution(reexecutionParams: $parameters) {
            ... on LaunchRunSuccess { run { runId } }
            ... on PythonError { message }
          }
        }""",
        {"parameters": {"parentRunId": run, "strategy": "FROM_FAILURE"}},
    )["launchRunReexecution"]
    assert "run" in answer, answer
    return str(answer["run"]["runId"])


def _wait_for_end(platform: RunningPlatform, run: str) -> str:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while True:
        (status,) = [each["status"] for each in _runs(platform) if each["runId"] == run]
        if status in _ENDED:
            return str(status)
        assert time.monotonic() < deadline, f"the run is {status}"
        time.sleep(0.5)


def _runs(platform: RunningPlatform) -> list[dict[str, Any]]:
    query = "{ runsOrError { ... on Runs { results { runId status tags { key value } } } } }"
    runs: list[dict[str, Any]] = _asked(platform, query, {})["runsOrError"]["results"]
    return runs


def _day(run: dict[str, Any]) -> str | None:
    tags = {tag["key"]: tag["value"] for tag in run["tags"]}
    return tags.get("dagster/partition")


def _steps(platform: RunningPlatform, run: str) -> set[str]:
    query = """query Steps($run: ID!) {
      runOrError(runId: $run) { ... on Run { stepStats { stepKey } } }
    }"""
    stats = _asked(platform, query, {"run": run})["runOrError"]["stepStats"]
    return {each["stepKey"] for each in stats}


def _messages(platform: RunningPlatform, run: str) -> list[str]:
    """What was logged for a person, without Dagster's own events."""
    query = """query Log($run: ID!) {
      logsForRun(runId: $run) {
        ... on EventConnection { events { ... on LogMessageEvent { message level } } }
      }
    }"""
    events = _asked(platform, query, {"run": run})["logsForRun"]["events"]
    return [each["message"] for each in events if each.get("level") == "WARNING"]


def _asked(platform: RunningPlatform, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    body = {"query": query, "variables": variables}
    reply = requests.post(f"{platform.ui}graphql", json=body, timeout=60).json()
    assert "errors" not in reply, reply["errors"]
    data: dict[str, Any] = reply["data"]
    return data
