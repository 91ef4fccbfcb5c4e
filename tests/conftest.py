"""What tests of several areas need."""

import os
import tempfile
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests import chromium

# Properties are about what is true; how long it takes depends on who else uses the machine.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

MASK = os.umask(0o022)
os.umask(MASK)
TEMPORARY = os.environ.get("TMPDIR")


def _as_it_was() -> None:
    """A command keeps its process private to one home; the process of the tests goes on to others."""
    os.umask(MASK)
    tempfile.tempdir = None
    if TEMPORARY is None:
        os.environ.pop("TMPDIR", None)
    else:
        os.environ["TMPDIR"] = TEMPORARY


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Generator[None, object, object]:
    made = yield
    _as_it_was()
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        _as_it_was()


@pytest.fixture(scope="module")
def browser():
    """A real Chromium, closed at the end of each module: while it runs, no other event loop can."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = chromium.start(playwright)
        yield started
        started.close()
