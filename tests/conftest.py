"""What tests of several areas need."""

import importlib.util
import os
import sys
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


def pytest_configure(config: pytest.Config) -> None:
    """A worker's main module is pytest's: pyspark takes one that is nothing for its own tests, and ends the process."""
    if hasattr(config, "workerinput"):
        sys.modules["__main__"].__spec__ = importlib.util.find_spec("pytest.__main__")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes begin first: beside them there is still enough for another process to do."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


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
    _as_it_was()  # what a fixture of another module did at its end comes before
    try:
        return (yield)
    finally:
        _as_it_was()


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
