"""A whole day through the real command line, looked at in a real browser.

The day is the one on which the clocks go forward, so that it has 23 hours.
"""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import FILE_STATISTICS, SUPERCYCLES
from gmpsai_assets.machine_time.tables import CYCLES, RECONCILED_CODES
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.heartbeat import PLATFORM, read_heartbeat
from gmpsai_assets_tests.system.platform import RunningPlatform, processes_using

pytestmark = pytest.mark.system

DAY = "2026-03-08"
DEVICES = ("B:VIMIN", "B:LINFRQ", "B|GMPSSC")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    lists = folder / "lists"
    lists.mkdir()
    (lists / "Three.txt").write_text("".join(f"MLrn {device}\n" for device in DEVICES))
    running = RunningPlatform(folder / "data", lists, DAY)
    yield running
    running.stop()


@pytest.fixture
def expected_faults() -> list[str]:
    """Sent to another page, the browser gives up what the Dagster UI was still loading.

    A server that is away or refuses has other names: ERR_CONNECTION_REFUSED, ERR_EMPTY_RESPONSE.
    """
    return ["net::ERR_ABORTED"]


def test_the_day_of_23_hours_is_in_the_lake(platform: RunningPlatform) -> None:
    assert f"{DAY} is there" in platform.output, platform.output
    lake = Lake(platform.data)
    statistics = lake.read_day(FILE_STATISTICS, DAY).to_pylist()
    assert [row["parameter"] for row in statistics] == list(DEVICES)
    nominal = day_window(DAY).seconds * 15
    assert nominal == 1_242_000
    for row in statistics:
        assert abs(row["samples"] / nominal - 1) < 1e-3
        assert row["completeness"] == pytest.approx(1, abs=1e-4)
    ticks = lake.event_rows(0x0C, DAY)
    assert abs(ticks.num_rows / nominal - 1) < 1e-3


def test_every_supercycle_of_the_day_has_its_plan_and_came_true(platform: RunningPlatform) -> None:
    lake = Lake(platform.data)
    supercycles = lake.read_day(SUPERCYCLES, DAY)
    assert set(supercycles["source"].to_pylist()) == {"captured"}
    assert set(supercycles["origin"].to_pylist()) == {"emulator"}
    assert supercycles["recipe_id"].null_count == 0
    assert abs(supercycles.num_rows - day_window(DAY).seconds / 60.07) < 5
    events = lake.read_day(RECONCILED_CODES, DAY)
    planned, matched = (sum(events[name].to_pylist()) for name in ("planned", "matched"))
    assert planned == matched > 1_500_000
    cycles = lake.read_day(CYCLES, DAY)
    # The supercycle that runs at midnight is known only to the day before, which this lake has not.
    assert cycles["recipe_id"].null_count <= 901 + 2


def test_a_timeline_logger_that_is_killed_is_started_again(platform: RunningPlatform) -> None:
    heartbeat = CaptureFiles(platform.data).heartbeat
    first = read_heartbeat(heartbeat)
    assert first is not None
    os.kill(first.process, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (now := read_heartbeat(heartbeat)) is None or now.process == first.process:
        assert time.monotonic() < deadline, "no other logger came"
        time.sleep(0.1)
    assert now.owner == PLATFORM


def test_the_published_json_holds_the_day(platform: RunningPlatform) -> None:
    payload = requests.get(f"{platform.site}StatsHistoryBoringHolyMoly.json", timeout=30).json()
    assert [trace["name"] for trace in payload["data"][:5]] == [
        "B:VIMIN max",
        "B:VIMIN +1sigma",
        "B:VIMIN mode",
        "B:VIMIN -1sigma",
        "B:VIMIN min",
    ]
    assert payload["data"][0]["x"] == [DAY]


def test_the_site_draws_every_parameter(platform: RunningPlatform, browser_page: Page) -> None:
    browser_page.goto(platform.site)
    plots = browser_page.locator(".js-plotly-plot")
    expect(plots).to_have_count(len(DEVICES), timeout=20_000)
    for number, device in enumerate(DEVICES):
        expect(browser_page.get_by_text(device).first).to_be_visible()
        expect(plots.nth(number).locator(".trace").first).to_be_attached(timeout=20_000)


def test_the_ui_shows_lineage_and_the_numbers_of_the_day(
    platform: RunningPlatform, browser_page: Page
) -> None:
    browser_page.goto(f"{platform.ui}asset-groups")
    for asset in ("parameter_data", "file_statistics", "published_json", "tape_archive"):
        expect(browser_page.get_by_text(asset, exact=True).first).to_be_visible(timeout=30_000)
    browser_page.goto(f"{platform.ui}assets/parameter_data?partition={DAY}&view=partitions")
    expect(browser_page.get_by_text("text_megabytes").first).to_be_visible(timeout=30_000)


def test_every_asset_and_check_of_the_day_is_green(platform: RunningPlatform) -> None:
    nodes = _asset_nodes(platform)
    names = {node["assetKey"]["path"][0] for node in nodes}
    assert {
        "cycles",
        "timeline_reconciliation",
        "tclk_catalogue",
        "published_json",
        "catalogue",
    } <= names
    assert len(names) == 12
    checked = []
    for node in nodes:
        (name,) = node["assetKey"]["path"]
        if node["isPartitioned"]:
            (of_the_day,) = node["latestMaterializationByPartition"]
            assert of_the_day["partition"] == DAY, name
        assert node["assetMaterializations"], name
        for check in node["assetChecksOrError"].get("checks", []):
            checked.append(check["name"])
            result = _result_of_the_day(platform, name, check["name"])
            assert result["success"], (check["name"], result["description"])
    assert sorted(checked) == ["day_is_complete", "ticks_match_clock"]


def test_sigterm_ends_every_process_and_a_second_start_repeats_nothing(
    platform: RunningPlatform,
) -> None:
    assert len(processes_using(platform.data)) >= 5
    assert platform.stop() == 0
    deadline = time.monotonic() + 5
    while processes_using(platform.data) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_using(platform.data) == []
    begun = time.monotonic()
    platform.start()
    assert time.monotonic() - begun < 45
    assert f"{DAY} is there" in platform.output
    assert "is there already" in (platform.data / "logs" / "first day.log").read_text()


def _asset_nodes(platform: RunningPlatform) -> list[dict[str, Any]]:
    query = """query Day($day: String!) {
      assetNodes {
        assetKey { path }
        isMaterializable
        isPartitioned
        latestMaterializationByPartition(partitions: [$day]) { partition }
        assetMaterializations(limit: 1) { runId }
        assetChecksOrError { ... on AssetChecks { checks { name } } }
      }
    }"""
    nodes = _asked(platform, query, {"day": DAY})["assetNodes"]
    return [node for node in nodes if node["isMaterializable"]]


def _result_of_the_day(platform: RunningPlatform, asset: str, check: str) -> dict[str, Any]:
    query = """query Check($key: AssetKeyInput!, $check: String!) {
      assetCheckExecutions(assetKey: $key, checkName: $check, limit: 50) {
        partition
        evaluation { success description }
      }
    }"""
    variables = {"key": {"path": [asset]}, "check": check}
    executions = _asked(platform, query, variables)["assetCheckExecutions"]
    results = [each["evaluation"] for each in executions if each["partition"] == DAY]
    assert results, f"{check} gave no result on {DAY}: {executions}"
    result: dict[str, Any] = results[0]
    return result


def _asked(platform: RunningPlatform, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    body = {"query": query, "variables": variables}
    reply = requests.post(f"{platform.ui}graphql", json=body, timeout=30).json()
    assert "errors" not in reply, reply["errors"]
    data: dict[str, Any] = reply["data"]
    return data
