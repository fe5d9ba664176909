"""The browser of the page checks, and no time limits for examples.

The checks of the pages run where a Chromium is found. Where none is, they are skipped
and say so; with BROWSER_CHECKS=required, as in CI, a missing browser is a failure.
"""

import os
import shutil

import hypothesis
import pytest
from playwright.sync_api import sync_playwright

hypothesis.settings.register_profile("patient", deadline=None)  # machines may be busy
hypothesis.settings.load_profile("patient")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser():
    """A browser that cannot reach the network."""
    found = next((p for p in map(shutil.which, BROWSERS) if p), None)
    if found is None:
        if os.environ.get("BROWSER_CHECKS") == "required":
            pytest.fail("no Chromium was found, and BROWSER_CHECKS=required")
        pytest.skip("no Chromium was found: the pages were not opened in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
