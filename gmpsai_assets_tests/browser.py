"""Chromium for the tests: starting it, and installing Debian's package where it is missing.

What a test expects of a page is written in the test. ``python -m gmpsai_assets_tests.browser`` installs.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "chromium"
MISSING = "Chromium is not installed, and the tests of the pages need it: run `apt-get install chromium` as root"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class BrowserMissingError(RuntimeError):
    """There is no Chromium on this machine."""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium for as long as the block runs.

    Raises:
        BrowserMissingError: if none is installed.
    """
    executable = shutil.which(CHROMIUM)
    if executable is None:
        raise BrowserMissingError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def install_browser() -> int:
    """Install Debian's Chromium if there is none; the exit status, 0 if there is one now."""
    if shutil.which(CHROMIUM):
        return 0
    installer = shutil.which("apt-get")
    if installer is None or os.geteuid() != 0:
        print(MISSING, file=sys.stderr)
        return 1
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (("update",), ("install", "-y", "--no-install-recommends", CHROMIUM)):
        command = [installer, "-qq", *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=900
        )
        if done.returncode:
            print(f"{MISSING}; `{' '.join(command)}` failed:\n{done.stderr}", file=sys.stderr)
            return 1
    return 0 if shutil.which(CHROMIUM) else 1


if __name__ == "__main__":
    sys.exit(install_browser())
