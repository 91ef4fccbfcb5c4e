"""What tests of several areas need."""

import pytest
from hypothesis import settings

from tests import chromium

# Properties are about what is true; how long it takes depends on who else uses the machine.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")


@pytest.fixture(scope="module")
def browser():
    """A real Chromium, closed at the end of each module: while it runs, no other event loop can."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = chromium.start(playwright)
        yield started
        started.close()
