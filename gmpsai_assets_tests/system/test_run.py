"""A whole day through the real command line, looked at in a real browser.

The day is the one on which the clocks go forward, so that it has 23 hours.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import FILE_STATISTICS
from gmpsai_assets_tests.system.platform import (
    RunningPlatform,
    processes_using,
    running_platform,
)

pytestmark = pytest.mark.system

DAY = "2026-03-08"
DEVICES = ("B:VIMIN", "B:LINFRQ", "B|GMPSSC")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    lists = folder / "lists"
    lists.mkdir()
    (lists / "Three.txt").write_text("".join(f"MLrn {device}\n" for device in DEVICES))
    with running_platform(folder / "data", lists, DAY) as running:
        yield running


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
    expect(browser_page.get_by_text("B:VIMIN").first).to_be_visible()
    expect(browser_page.locator(".js-plotly-plot .trace").first).to_be_attached(timeout=20_000)


def test_the_ui_shows_lineage_and_the_numbers_of_the_day(
    platform: RunningPlatform, browser_page: Page
) -> None:
    browser_page.goto(f"{platform.ui}asset-groups")
    for asset in ("parameter_data", "file_statistics", "published_json", "tape_archive"):
        expect(browser_page.get_by_text(asset, exact=True).first).to_be_visible(timeout=30_000)
    browser_page.goto(f"{platform.ui}assets/parameter_data?partition={DAY}&view=partitions")
    expect(browser_page.get_by_text("text_megabytes").first).to_be_visible(timeout=30_000)


def test_every_asset_and_the_clock_checks_of_the_day_are_green(platform: RunningPlatform) -> None:
    query = """query Day($keys: [AssetKeyInput!]!) {
      assetNodes(assetKeys: $keys) {
        assetKey { path }
        partitionStats { numMaterialized numFailed }
      }
    }"""
    names = [
        "parameter_data",
        "event_data",
        "supercycle_timeline",
        "file_statistics",
        "completeness",
    ]
    names += ["published_json", "tape_archive"]
    body = {"query": query, "variables": {"keys": [{"path": [name]} for name in names]}}
    reply = requests.post(f"{platform.ui}graphql", json=body, timeout=30)
    nodes = reply.json()["data"]["assetNodes"]
    assert len(nodes) == len(names)
    for node in nodes:
        assert node["partitionStats"]["numMaterialized"] >= 1, node
        assert node["partitionStats"]["numFailed"] == 0, node


def test_sigterm_ends_every_process(platform: RunningPlatform) -> None:
    assert len(processes_using(platform.data)) >= 5
    platform.process.terminate()
    assert platform.process.wait(timeout=30) == 0
    deadline = time.monotonic() + 5
    while processes_using(platform.data) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_using(platform.data) == []


def test_a_second_start_is_a_matter_of_seconds(platform: RunningPlatform, tmp_path: Path) -> None:
    begun = time.monotonic()
    with running_platform(platform.data, platform.data.parent / "lists", DAY) as again:
        assert f"{DAY} is there" in again.output
    assert time.monotonic() - begun < 45
