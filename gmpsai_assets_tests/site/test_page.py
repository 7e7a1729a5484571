"""The page in a real browser: what it draws, how it answers, and what it says when something is missing.

Reading plotly.js is the slow part of a page, so a test follows one reader through several steps.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gmpsai_assets.site.history import history_payload
from gmpsai_assets.site.into import RECORD_FILE
from gmpsai_assets.site.release import HISTORY_FILE
from gmpsai_assets_tests.site.published_site import publish_site, serving_site
from gmpsai_assets_tests.site.sample_statistics import (
    MOVING,
    NO_NUMBERS,
    days_from,
    listed_parameters,
    sample_statistics,
)

pytestmark = pytest.mark.system

MISSING = (100, 101, 102, 250, 252)
"""Of 400 days: a gap, and two missing days with a single one in between."""


def publish(site: Path, days: list[str]) -> Path:
    publish_site(site, history_payload(sample_statistics(days), listed_parameters()))
    return site


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a site with 395 of 400 days."""
    days = days_from("2025-02-04", 400, without=MISSING)
    with serving_site(publish(tmp_path_factory.mktemp("year") / "site", days)) as url:
        yield url


@pytest.fixture(scope="module")
def one_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a site with one day."""
    folder = tmp_path_factory.mktemp("one_day")
    with serving_site(publish(folder / "site", ["2026-03-10"])) as url:
        yield url


def test_a_site_that_is_published_into_a_folder_shows_the_same_page(
    tmp_path: Path, browser_page: Page
) -> None:
    (tmp_path / RECORD_FILE).touch()
    with serving_site(publish(tmp_path, ["2026-03-10"])) as url:
        browser_page.goto(url)
        expect(browser_page.locator("#day-count")).to_have_text("1 day")
        browser_page.locator("#still-toggle").click()
        browser_page.wait_for_selector("[data-drawn]")  # plotly.js has come, too


def drawn(parameter: str) -> str:
    """Selector of a small plot that has been drawn."""
    return f'.card[data-parameter="{parameter}"][data-drawn]'


def shown(page: Page) -> list[str]:
    """The names of the small plots, drawn or not."""
    return page.locator("#plots .card b").all_text_contents()


def tick_texts(page: Page, parameter: str) -> list[str]:
    return page.locator(f"{drawn(parameter)} .xtick text").all_text_contents()


def wait_for_other_ticks(page: Page, parameters: list[str], before: list[str]) -> None:
    page.wait_for_function(
        """([names, before]) => names.every((name) => {
          const ticks = document.querySelectorAll(`[data-parameter="${name}"] .xtick text`);
          return ticks.length && [...ticks].map((tick) => tick.textContent).join() !== before;
        })""",
        arg=[parameters, ",".join(before)],
    )


def place_in(page: Page, parameter: str, share: float) -> tuple[float, float]:
    """A point inside a small plot, so far from its left edge."""
    box = page.locator(f"{drawn(parameter)} .plot").bounding_box()
    assert box is not None
    return box["x"] + share * box["width"], box["y"] + 0.4 * box["height"]


def test_a_year_is_drawn_as_bands_and_a_line(browser_page: Page, year: str) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.goto(year)
    expect(browser_page.locator("#newest-day")).to_contain_text("10 Mar 2026")
    expect(browser_page.locator("#day-count")).to_contain_text("395 days")
    expect(browser_page.locator("#day-count")).to_contain_text("5 missing")
    plot = drawn("B:VIMIN")
    browser_page.wait_for_selector(plot)
    # Each band is one area for each run of days, and the lonely day a bar and a mark.
    areas = browser_page.locator(f"{plot} .scatterlayer .js-fill")
    assert areas.count() == 2
    assert [(area.get_attribute("d") or "").count("M") for area in areas.all()] == [3, 3]
    assert browser_page.locator(f"{plot} .scatterlayer .point").count() == 1
    # The mode, drawn last, does not bridge the missing days.
    pieces = browser_page.locator(f"{plot} .scatterlayer .trace").last.locator(".js-line")
    lengths = [len(re.findall("[MLHV]", one.get_attribute("d") or "")) for one in pieces.all()]
    assert [length > 50 for length in lengths] == [True, True, False, True]
    assert [one for one in asked if not one.startswith(year)] == []
    assert sum(one.endswith("plotly.min.js") for one in asked) == 1
    # Plotly itself finds no fault with the published document, whatever this page makes of it.
    faults = browser_page.evaluate(
        """name => fetch(name).then((reply) => reply.json())
          .then(({ data, layout }) => Plotly.validate(data, layout) ?? [])""",
        HISTORY_FILE,
    )
    assert faults == []


def test_parameters_are_sorted_by_what_they_did_and_can_be_chosen(
    browser_page: Page, year: str
) -> None:
    browser_page.goto(year)
    expect(browser_page.locator("#moving-count")).to_have_text("15")
    assert set(shown(browser_page)) == set(MOVING)
    assert shown(browser_page)[:3] == ["B:VIMIN", "B_VIMIN", "B:VIMAX"]
    row = browser_page.locator("table.still tr", has_text="B:ACMNIG")
    expect(row.locator("button.value")).to_have_text(["0.75350088", "0.75350088"])
    expect(browser_page.locator('[data-parameter="B|GMPSSC"]')).to_have_text("2147483905")
    assert browser_page.locator("#silent-names code").all_text_contents() == list(NO_NUMBERS)

    browser_page.keyboard.press("/")
    browser_page.keyboard.type("vimin")
    assert shown(browser_page) == ["B:VIMIN", "B_VIMIN"]
    expect(browser_page).to_have_url(re.compile("filter=vimin"))
    browser_page.keyboard.press("Control+A")
    browser_page.keyboard.type("dipole")
    assert shown(browser_page) == ["I:MXIB"]
    browser_page.keyboard.press("Control+A")
    browser_page.keyboard.type("nonsense")
    expect(browser_page.locator("#message")).to_have_text("No parameter matches the filter.")
    browser_page.keyboard.press("Escape")
    assert set(shown(browser_page)) == set(MOVING)
    browser_page.get_by_role("button", name="Main Injector").click()
    assert shown(browser_page) == ["I:MXIB", "I:IB", "I:MDAT40"]
    browser_page.get_by_role("button", name="Settings").click()
    assert set(shown(browser_page)) == {name for name in MOVING if name[1] == "_"}


def test_plots_are_drawn_when_they_come_into_view(browser_page: Page, year: str) -> None:
    browser_page.set_viewport_size({"width": 700, "height": 500})
    browser_page.goto(year)
    browser_page.wait_for_selector(drawn("B:VIMIN"))
    last = browser_page.locator('.card[data-parameter="B:LINFRQ"]')
    assert last.get_attribute("data-drawn") is None
    last.scroll_into_view_if_needed()
    browser_page.wait_for_selector(f"{drawn('B:LINFRQ')} .scatterlayer .js-line")


def test_all_plots_show_the_same_days_and_point_at_the_same_day(
    browser_page: Page, year: str
) -> None:
    browser_page.goto(f"{year}?filter=compensated")
    both = ["B:VIMIN", "B:VIMAX"]
    for parameter in both:
        browser_page.wait_for_selector(drawn(parameter))
    everything = tick_texts(browser_page, "B:VIMIN")

    other = browser_page.locator('.card[data-parameter="B:VIMAX"] output')
    newest = other.text_content() or ""
    browser_page.mouse.move(*place_in(browser_page, "B:VIMIN", 0.5))
    hover = browser_page.locator(f"{drawn('B:VIMIN')} .hovertext")
    expect(hover).to_contain_text(re.compile(r"\d+ \w{3} 2025 .*mode .*min .*max"))
    expect(other).not_to_have_text(newest)
    browser_page.mouse.move(5, 5)
    expect(other).to_have_text(newest)

    browser_page.keyboard.press("1")
    wait_for_other_ticks(browser_page, both, everything)
    month = tick_texts(browser_page, "B:VIMIN")
    assert month == tick_texts(browser_page, "B:VIMAX")
    expect(browser_page).to_have_url(re.compile("days=30d"))

    browser_page.mouse.move(*place_in(browser_page, "B:VIMIN", 0.4))
    browser_page.mouse.down()
    browser_page.mouse.move(*place_in(browser_page, "B:VIMIN", 0.6), steps=5)
    browser_page.mouse.up()
    wait_for_other_ticks(browser_page, both, month)
    expect(browser_page.locator("#ranges [aria-pressed=true]")).to_have_count(0)


def test_a_plot_enlarges_and_the_arrows_go_on(browser_page: Page, year: str) -> None:
    browser_page.goto(f"{year}?filter=vimin&scale=sigma")
    browser_page.wait_for_selector(drawn("B:VIMIN"))
    browser_page.mouse.move(*place_in(browser_page, "B:VIMIN", 0.5))
    browser_page.wait_for_selector(f"{drawn('B:VIMIN')} .hovertext")
    browser_page.mouse.down()
    browser_page.mouse.up()
    browser_page.wait_for_selector('#enlarged-plot[data-drawn="B:VIMIN"]')
    expect(browser_page).to_have_url(re.compile("#B:VIMIN$"))
    expect(browser_page.locator("#readout td").first).to_have_text("10 Mar 2026")

    traces = browser_page.locator("#enlarged-plot .scatterlayer .trace")
    alone = traces.count()
    browser_page.get_by_label("with the setting B_VIMIN").check()
    expect(traces).to_have_count(alone + 2)

    browser_page.keyboard.press("ArrowRight")
    browser_page.wait_for_selector('#enlarged-plot[data-drawn="B_VIMIN"]')
    browser_page.keyboard.press("Escape")
    expect(browser_page.locator("#enlarged")).to_be_hidden()
    expect(browser_page).not_to_have_url(re.compile("#"))
    browser_page.get_by_role("button", name="Enlarge B:VIMIN").click()
    expect(browser_page.locator("#enlarged-name")).to_have_text("B:VIMIN")


def test_deep_links_open_their_parameters(browser_page: Page, one_day: str) -> None:
    for name in ("B:VIMIN", "B_VIMIN", "B|GMPSSC", "B:CHG0"):
        browser_page.goto(f"{one_day}#{name}")
        browser_page.wait_for_selector(f'#enlarged-plot[data-drawn="{name}"]')
        expect(browser_page.locator("#enlarged-name")).to_have_text(name)
    browser_page.goto(f"{one_day}#B:ACMXPG")
    browser_page.wait_for_selector('#enlarged-plot[data-drawn="B:ACMXPG"]')
    with browser_page.expect_download() as saving:
        browser_page.get_by_role("button", name="Save CSV").click()
    assert saving.value.suggested_filename == "B_ACMXPG.csv"
    saved = saving.value.path().read_text()
    assert saved == "day,max,+1sigma,mode,-1sigma,min\n2026-03-10,3,3,3,3,3\n"


def test_a_single_day_is_a_visible_mark_in_both_themes_even_of_a_constant(
    browser_page: Page, one_day: str
) -> None:
    browser_page.goto(one_day)
    plot = drawn("B:VIMIN")
    browser_page.wait_for_selector(plot)
    expect(browser_page.locator("#day-count")).to_have_text("1 day")
    expect(browser_page.locator(f"{plot} .xtick text")).to_have_count(1)
    # From minimum to maximum a bar, at the mode a mark.
    bar = browser_page.locator(f"{plot} .scatterlayer .js-line").first.bounding_box()
    mark = browser_page.locator(f"{plot} .scatterlayer .point")
    box = mark.bounding_box()
    assert bar is not None
    assert box is not None
    assert bar["height"] > 50
    assert box["width"] >= 3
    light = mark.evaluate("one => getComputedStyle(one).fill")
    browser_page.emulate_media(color_scheme="dark")
    browser_page.wait_for_function(
        "([plot, light]) => getComputedStyle(document.querySelector(`${plot} .point`)).fill !== light",
        arg=[plot, light],
    )

    browser_page.get_by_role("button", name="Show as plots").click()
    browser_page.locator('.card[data-parameter="B:NGMPS"]').scroll_into_view_if_needed()
    browser_page.wait_for_selector(f"{drawn('B:NGMPS')} .scatterlayer .point")
    browser_page.get_by_role("button", name="Show as a table").click()
    expect(browser_page.locator("table.still").first).to_be_visible()


def test_an_open_page_takes_over_a_new_release(browser_page: Page, tmp_path: Path) -> None:
    site = publish(tmp_path / "site", days_from("2026-03-01", 2))
    with serving_site(site) as url:
        browser_page.goto(f"{url}?filter=vimin")
        browser_page.wait_for_selector(drawn("B:VIMIN"))
        publish(site, days_from("2026-03-01", 3))
        browser_page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(browser_page.locator("#day-count")).to_contain_text("3 days")
        browser_page.wait_for_selector(f"{drawn('B:VIMIN')} .scatterlayer .js-fill")


def test_a_missing_history_is_said(
    browser_page: Page, tmp_path: Path, expected_faults: list[str]
) -> None:
    site = publish(tmp_path / "site", ["2026-03-10"])
    for path in site.glob(f"{HISTORY_FILE}*"):
        path.unlink()
    expected_faults.append(HISTORY_FILE)
    with serving_site(site) as url:
        browser_page.goto(url)
        expect(browser_page.locator("#message")).to_contain_text("it is not there")


def test_missing_plotly_leaves_the_numbers_and_is_asked_for_again(
    browser_page: Page, tmp_path: Path, expected_faults: list[str]
) -> None:
    site = publish(tmp_path / "site", ["2026-03-10"])
    kept = {path: path.read_bytes() for path in site.glob("plotly.min.js*")}
    for path in kept:
        path.unlink()
    # Chromium names the type of the answer as well as its status.
    expected_faults.append("plotly.min.js")
    with serving_site(site) as url:
        browser_page.goto(url)
        expect(browser_page.locator("#message")).to_contain_text("there are only numbers")
        assert len(shown(browser_page)) == len(MOVING)
        for path, content in kept.items():
            path.write_bytes(content)
        browser_page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(browser_page.locator(".js-plotly-plot .trace").first).to_be_attached()
        expect(browser_page.locator("#message")).to_be_hidden()


def test_an_unreadable_history_is_said(browser_page: Page, tmp_path: Path) -> None:
    site = publish(tmp_path / "site", ["2026-03-10"])
    (site / f"{HISTORY_FILE}.gz").unlink()
    one_trace = '{"data": [{"name": "B:VIMIN max", "x": ["2026-03-10"], "y": []}]}'
    with serving_site(site) as url:
        for text, sentence in (
            ("<html>busy", "it is not valid JSON"),
            ('{"data": [', "it is not valid JSON"),
            ("[]", "it has no list of traces"),
            (one_trace, "is not one of the five lines"),
            ('{"data": [], "layout": {}}', "it holds no day yet"),
        ):
            (site / HISTORY_FILE).write_text(text)
            browser_page.goto(url)
            expect(browser_page.locator("#message")).to_contain_text(sentence)
