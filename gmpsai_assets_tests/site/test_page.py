"""The page in a real browser: what it draws, how it answers, and what it says when something is missing.

Reading plotly.js is the slow part of a page, so a test follows one reader through several steps.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect

from gmpsai_assets.site.daily_numbers import daily_numbers
from gmpsai_assets.site.history import history_payload
from gmpsai_assets.site.into import RECORD_FILE
from gmpsai_assets.site.release import HISTORY_FILE, NUMBERS_FILE
from gmpsai_assets_tests.site.published_site import publish_site, serving_site
from gmpsai_assets_tests.site.sample_statistics import (
    MOVING,
    NO_NUMBERS,
    days_from,
    listed_parameters,
    odd_statistics,
    sample_statistics,
)

pytestmark = pytest.mark.system

DRAWING = 120_000
"""Milliseconds that all plots together may take where the machine is busy."""
LONG_NAME = "B:AVERYLONGNAMEOFADEVICE_WITH_MORE[0123]"
MISSING = (100, 101, 102, 250, 252)
"""Of 400 days: a gap, and two missing days with a single one in between."""


def publish(site: Path, days: list[str], *further: pa.Table) -> Path:
    """Publish the listed parameters, and statistics of others, such as ``odd_statistics`` gives them."""
    statistics = pa.concat_tables([sample_statistics(days), *further])
    names = listed_parameters()
    payload = history_payload(statistics, names)
    publish_site(site, payload, numbers=daily_numbers(statistics, names))
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
    # The mean, drawn last, does not bridge the missing days.
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
    expect(hover).to_contain_text(re.compile(r"\d+ \w{3} 2025 .*mean .*median .*min .*max"))
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
    assert saved == ("day,mean,median,mode,mode_share,std,min,max\n2026-03-10,3,3,3,1,0,3,3\n")


def test_a_single_day_is_a_visible_mark_in_both_themes_even_of_a_constant(
    browser_page: Page, one_day: str
) -> None:
    browser_page.goto(one_day)
    plot = drawn("B:VIMIN")
    browser_page.wait_for_selector(plot)
    expect(browser_page.locator("#day-count")).to_have_text("1 day")
    expect(browser_page.locator(f"{plot} .xtick text")).to_have_count(1)
    # From minimum to maximum a bar, at the mean a mark.
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
    for path in site.glob(f"{NUMBERS_FILE}*"):
        path.unlink()
    expected_faults.append(NUMBERS_FILE)
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
        expect(browser_page.locator(".js-plotly-plot .trace").first).to_be_attached(timeout=DRAWING)
        expect(browser_page.locator("#message")).to_be_hidden()


def test_an_unreadable_history_is_said(browser_page: Page, tmp_path: Path) -> None:
    site = publish(tmp_path / "site", ["2026-03-10"])
    (site / f"{NUMBERS_FILE}.gz").unlink()
    one_column = '{"days": ["2026-03-10"], "parameters": [{"name": "B:VIMIN", "middle": "mean", "mean": [1]}]}'
    with serving_site(site) as url:
        for text, sentence in (
            ("<html>busy", "it is not valid JSON"),
            ('{"data": [', "it is not valid JSON"),
            ("[]", "it has no days and parameters"),
            (one_column, "“B:VIMIN” does not have a number for each day"),
            ('{"days": [], "parameters": []}', "it holds no day yet"),
        ):
            (site / NUMBERS_FILE).write_text(text)
            browser_page.goto(url)
            expect(browser_page.locator("#message")).to_contain_text(sentence)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a site of ten days, one missing, with devices of all the kinds that are hard to show."""
    days = days_from("2026-03-01", 11, without=(4,))
    folder = tmp_path_factory.mktemp("odd")
    with serving_site(publish(folder / "site", days, odd_statistics(days))) as url:
        yield url


def headline(page: Page, parameter: str) -> str:
    text = page.locator(f'.card[data-parameter="{parameter}"] output').text_content() or ""
    return text.strip()


def labels(page: Page, parameter: str) -> list[str]:
    page.locator(f'.card[data-parameter="{parameter}"]').scroll_into_view_if_needed()
    page.wait_for_selector(drawn(parameter))
    return page.locator(f"{drawn(parameter)} .ytick text").all_text_contents()


def test_the_headline_is_the_mean_and_the_mode_only_of_few_values(
    browser_page: Page, odd: str
) -> None:
    browser_page.goto(odd)
    expect(browser_page.locator(".legend")).to_contain_text("mean of the day")
    assert headline(browser_page, "B:NOISE") == "−11.4 ± 16"
    assert headline(browser_page, "B:NEARLY0") == "0.000 ± 0.23"
    assert headline(browser_page, "B:FLAG") == "1 in 96 %"
    assert headline(browser_page, "B|STATUS") == "2147483905 0x80000101 in 99.5 %"
    assert headline(browser_page, "B:HUGE") == "1.6×10³⁰⁸"
    assert headline(browser_page, "B:TINY") == "4.9407×10⁻³²⁴ ± 4.9×10⁻³²⁴"
    assert headline(browser_page, "B:BIG") == "4.200000×10⁹ ± 3.0×10⁵"
    assert headline(browser_page, "B:X[3]") == "5.000 ± 0.30"


def test_axes_are_labelled_with_whole_and_normalised_numbers(browser_page: Page, odd: str) -> None:
    browser_page.goto(odd)
    for parameter in ("B:HUGE", "B:TINY", "B:BIG", "B:THOUSANDS", "B:NOISE"):
        found = labels(browser_page, parameter)
        assert len(found) >= 2
        mantissas = [text.partition("×")[0].replace("−", "-").replace(",", "") for text in found]
        assert not any("e" in text for text in found)
        for mantissa, text in zip(mantissas, found, strict=True):
            assert "×" not in text or 1 <= abs(float(mantissa)) < 10
    assert set(labels(browser_page, "B|STATUS")) == {"2147483649", "2147483905"}
    card = browser_page.locator('.card[data-parameter="B|STATUS"]').bounding_box()
    label = browser_page.locator(f"{drawn('B|STATUS')} .ytick text").first.bounding_box()
    assert card is not None
    assert label is not None
    assert label["x"] >= card["x"]


def test_the_band_of_one_sigma_stays_within_the_extremes(browser_page: Page, odd: str) -> None:
    browser_page.goto(f"{odd}#B:SKEW")
    browser_page.wait_for_selector('#enlarged-plot[data-drawn="B:SKEW"]')
    titles = browser_page.locator("#readout-titles th").all_text_contents()
    assert titles == ["Day", "Minimum", "−1σ", "Mean", "Median", "+1σ", "Maximum"]
    cells = browser_page.locator("#readout td").all_text_contents()
    assert cells == ["11 Mar 2026", "0.0", "0.0", "1.00", "1.00", "3.0", "40.0"]


@pytest.mark.parametrize("width", [1500, 800, 400])
def test_nothing_is_cut_at_any_width(browser_page: Page, odd: str, width: int) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    for address in (odd, f"{odd}#B:NOISE", f"{odd}#B|STATUS", f"{odd}#{LONG_NAME}"):
        browser_page.goto(address)
        browser_page.wait_for_selector(".js-plotly-plot .trace")
        beyond = browser_page.evaluate(
            """() => [...document.querySelectorAll("body *")]
              .filter((one) => one.checkVisibility() && !one.matches(".visually-hidden"))
              .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
              .map((one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`)"""
        )
        assert beyond == []
        cut = browser_page.evaluate(
            """() => [...document.querySelectorAll("output, .still-box, .readout, dialog")]
              .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
              .map((one) => one.textContent)"""
        )
        assert cut == []


def test_paper_shows_every_plot_and_the_legend_and_no_controls(
    browser_page: Page, odd: str
) -> None:
    browser_page.emulate_media(color_scheme="dark")
    browser_page.goto(odd)
    browser_page.wait_for_selector(drawn("B:VIMIN"))
    assert browser_page.locator("#plots .card:not([data-drawn])").count() > 0
    browser_page.emulate_media(media="print", color_scheme="dark")
    expect(browser_page.locator("#plots .card:not([data-drawn])")).to_have_count(0, timeout=DRAWING)
    for control in ("#toolbar", "#still-toggle", ".keys", "footer a"):
        expect(browser_page.locator(control)).to_be_hidden()
    expect(browser_page.locator(".legend")).to_be_visible()
    swatch = browser_page.locator(".legend .swatch.outer")
    assert swatch.evaluate("one => getComputedStyle(one).printColorAdjust") == "exact"
    assert browser_page.evaluate("() => getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    card, plot = (
        browser_page.locator(f"{drawn('B:VIMIN')}{part}").bounding_box()
        for part in ("", " .main-svg >> nth=0")
    )
    assert card is not None
    assert plot is not None
    assert plot["width"] <= card["width"] <= 340
    browser_page.emulate_media(media="screen", color_scheme="dark")
    expect(browser_page.locator("#toolbar")).to_be_visible()
    assert browser_page.pdf(format="A4").startswith(b"%PDF")
    browser_page.wait_for_function("() => !document.documentElement.classList.contains('on-paper')")
