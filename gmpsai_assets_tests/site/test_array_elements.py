"""The page with elements of arrays, whose names have brackets: plots, links, filter, and the facts of their device."""

import re
from collections.abc import Iterator

import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect

from gmpsai_assets.acnet.device_facts import Certainty, DeviceFact, DeviceGroup
from gmpsai_assets.site.daily_numbers import daily_numbers
from gmpsai_assets.site.history import history_payload
from gmpsai_assets.site.publishing import only_publisher
from gmpsai_assets_tests.site.published_site import serving_site

pytestmark = pytest.mark.system

NAMES = ("B:X[0]", "B:X[3]", "B_X[3]", "B:X", "B:VIMIN")
DAYS = ("2026-03-10", "2026-03-11")
FACT = DeviceFact("B:X", "Supply voltages", "V", Certainty.DATABASE, DeviceGroup.SUPPLIES)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a site of two days."""
    rows = [(day, name, 10.0 * n + d) for d, day in enumerate(DAYS) for n, name in enumerate(NAMES)]
    values = [value for _, _, value in rows]
    statistics = pa.table(
        {
            "day": [day for day, _, _ in rows],
            "parameter": [name for _, name, _ in rows],
            "value_mode": values,
            "value_mean": values,
            "value_median": values,
            "value_std": [0.5] * len(rows),
            "value_min": [value - 1 for value in values],
            "value_max": [value + 1 for value in values],
            "numbers": [1000] * len(rows),
            "value_mode_samples": [10] * len(rows),
            "value_distinct": [500] * len(rows),
        }
    )
    folder = tmp_path_factory.mktemp("elements") / "site"
    with only_publisher(folder) as publisher:
        publisher.publish(
            history_payload(statistics, NAMES),
            numbers=daily_numbers(statistics, NAMES),
            facts={"B:X": FACT},
        )
    with serving_site(folder) as url:
        yield url


def test_elements_have_plots_and_the_facts_of_their_device(browser_page: Page, site: str) -> None:
    browser_page.goto(site)
    for name in NAMES:
        card = browser_page.locator(f'.card[data-parameter="{name}"][data-drawn]')
        expect(card).to_have_count(1)
        expect(card.locator("b")).to_have_text(name)
        expect(card.locator(".unit")).to_have_text("" if name == "B:VIMIN" else "V")
    expect(browser_page.locator(".description").nth(1)).to_have_text("Supply voltages")
    setting = browser_page.locator('.card[data-parameter="B_X[3]"] .description')
    expect(setting).to_have_text("setting: Supply voltages")
    browser_page.get_by_role("searchbox").fill("b:x[3]")
    expect(browser_page.locator("#plots .card b")).to_have_text(["B:X[3]"])


def test_an_element_opens_by_click_and_by_its_link_and_has_its_own_setting(
    browser_page: Page, site: str
) -> None:
    browser_page.goto(site)
    browser_page.get_by_role("button", name="Enlarge B:X[3]", exact=True).click()
    browser_page.wait_for_selector('#enlarged-plot[data-drawn="B:X[3]"]')
    expect(browser_page).to_have_url(re.compile("#B:X%5B3%5D$"))
    browser_page.get_by_label("with the setting B_X[3]").check()
    browser_page.keyboard.press("Escape")
    expect(browser_page.locator("#enlarged")).to_be_hidden()
    expect(browser_page.get_by_role("button", name="Enlarge B:X[3]", exact=True)).to_be_focused()
    for link, name in (("B:X[0]", "B:X[0]"), ("B_X%5B3%5D", "B_X[3]"), ("B:X", "B:X")):
        browser_page.goto(f"{site}#{link}")
        expect(browser_page.locator("#enlarged-name")).to_have_text(name)
    expect(browser_page.locator("#partner-label")).to_be_hidden()
