"""Fixtures that tests of several folders share: a browser, and a page that tells what went wrong in it."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from gmpsai_assets_tests.browser import open_browser
from gmpsai_assets_tests.mounts import run_in_namespace

# An example may wait for a disk or for a busy machine: slowness of one is no finding.
settings.register_profile("gmpsai_assets", deadline=None)
settings.load_profile("gmpsai_assets")

# Every server of the tests is on this machine; a test of proxies names its own.
for _name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[_name]

VIEWPORT: ViewportSize = {"width": 1400, "height": 900}


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line("markers", "mounts: the test mounts disks of its own")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test that mounts disks runs, for an ordinary user, in a namespace of its own."""
    return run_in_namespace(pyfuncitem)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module.

    Not for the whole session: while Playwright is open an asyncio loop counts as running in this
    thread, and ``asyncio.run`` in any later test would be refused.
    """
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def browser_context(browser: Browser) -> BrowserContext:
    """The pages of a module share a cache, as the pages of one reader do."""
    return browser.new_context(viewport=VIEWPORT)


@pytest.fixture
def expected_faults() -> list[str]:
    """Parts of the messages that a test expects from its page; empty unless the test adds some."""
    return []


@pytest.fixture
def browser_page(browser_context: BrowserContext, expected_faults: list[str]) -> Iterator[Page]:
    """A fresh page of 1400 by 900; errors, warnings and failed requests in it fail the test."""
    page = browser_context.new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on(
        "console",
        lambda said: (
            faults.append(f"{said.type}: {said.text} {said.location.get('url', '')}")
            if said.type in {"error", "warning"}
            else None
        ),
    )
    page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    page.on(
        "requestfailed", lambda request: faults.append(f"failed: {request.url} {request.failure}")
    )
    yield page
    page.close()
    unexpected = [fault for fault in faults if not any(part in fault for part in expected_faults)]
    assert unexpected == []
