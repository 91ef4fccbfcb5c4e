"""Every page in each of its states keeps to WCAG 2.2 AA, and fits a phone, a screen at 200 %, and paper.

Only wide tables and drawings scroll sideways, and nothing is cut.
"""

import pytest

from tests import chromium
from tests.report.a_home import a_home

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

SIZES = {"phone": (390, 844), "200 %": (640, 450), "paper": (718, 1000)}  # A4 without its margins, in pixels
NOT_PAGES = ("/static/{name}", "/review/file/{name}", "/review/meeting_pack.pdf", "/run", "/")
# What stands further right than the page is wide, but for what scrolls by itself or is for screen readers alone.
CUT = """() => [...document.querySelectorAll('main *, header *, .finder *')]
  .filter(one => one.getClientRects().length && one.getBoundingClientRect().right > innerWidth + 1)
  .filter(one => !one.closest('.scroll') && !one.closest('svg') && !one.closest('.govuk-visually-hidden'))
  .map(one => one.outerHTML.slice(0, 120))"""
CUT_ON_PAPER = CUT.replace("!one.closest('.scroll') && ", "")
# With the errors of a form that lacks something, and what an answer will do.
STATES = {
    "/county-lines/people/P-0000000001/decide/RESTRICT": {},
    "/county-lines/people/P-0000000001/decide/REMOVE": {"reason_code": "MOVED_AREA"},
    "/county-lines/people/P-0000000001/decide/SET_DOB": {"value": "31/02/2009", "reason_code": "VERIFIED"},
}


@pytest.mark.parametrize("user", ["uma", "ada"])
def test_every_page_fits_and_keeps_to_wcag(signed_in, server, routes, user):
    tab, wrong = signed_in(user), {}
    pages = [one.address for one in routes if one.method == "GET" and one.path not in NOT_PAGES]
    asked = [row["review_id"] for row in server.run.rows("reconcile", "review")]
    pages += [f"/county-lines/review/question?review_id={one}" for one in asked]
    for page in pages:
        tab.goto(server.address + page)
        wrong |= wrong_with(tab, page)
    assert len(pages) > 12
    assert wrong == {}


@pytest.mark.parametrize("page", STATES)
def test_a_form_with_its_errors_and_the_page_to_check_fit_too(signed_in, server, page):
    tab = signed_in("uma")
    tab.goto(server.address + page)
    for name, value in STATES[page].items():
        field = tab.locator(f"#{name}")
        field.select_option(value) if field.evaluate("e => e.tagName") == "SELECT" else field.fill(value)
    tab.evaluate("document.querySelectorAll('[required]').forEach(one => { one.required = false })")
    tab.click("main button")
    assert wrong_with(tab, page) == {}


@pytest.fixture(scope="module")
def nothing_asked(tmp_path_factory):
    return a_home(tmp_path_factory.mktemp("nothing") / "home", review=[], child=[], action=[], refusal=[])


def test_pages_of_a_night_that_asks_nothing_of_nobody_fit_too(signed_in, server, nothing_asked):
    tab, wrong = signed_in("uma"), {}
    with server.showing(nothing_asked):
        for page in ("today", "review", "people", "meeting", "network", "today/duties/VISIT", "people/P-NOBODY0001"):
            tab.goto(f"{server.address}/county-lines/{page}")
            wrong |= wrong_with(tab, page)
    assert wrong == {}


def wrong_with(tab, page: str) -> dict[tuple[str, str], list[str]]:
    """What of a page, its folds open, breaks WCAG, and what is wider than each size."""
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.emulate_media(media="screen")
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = chromium.violations(tab)
    return ({(page, "WCAG"): found} if found else {}) | too_wide(tab, page)


def too_wide(tab, page: str) -> dict[tuple[str, str], list[str]]:
    """What of a page is wider than each size."""
    found = {}
    for name, (width, height) in SIZES.items():
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(media="print" if name == "paper" else "screen")
        if tab.evaluate("document.documentElement.scrollWidth") > width:
            found[page, name] = ["the page scrolls sideways"]
        cut = tab.evaluate(CUT_ON_PAPER if name == "paper" else CUT)
        if cut:
            found[page, name] = cut[:2]
    return found
