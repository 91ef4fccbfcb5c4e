"""What tests of several areas need."""

import pytest

from tests import chromium


@pytest.fixture(scope="module")
def browser():
    """A real Chromium, closed at the end of each module: while it runs, no other event loop can."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = chromium.start(playwright)
        yield started
        started.close()
