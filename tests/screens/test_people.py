"""A person is found on the screens however they are typed, and has a page of their own: in a real browser."""

import pytest

from tests import chromium
from tests.report.a_night import OKAFOR, PROPOSED, SCRIPTED
from tests.screens.test_answering import logged

pytestmark = [pytest.mark.airflow, pytest.mark.browser]


@pytest.fixture
def people(signed_in, server):
    tab = signed_in("uma")
    tab.goto(f"{server.address}/county-lines/people")
    return tab


def test_children_on_the_tracker_are_listed_and_lead_to_their_pages(people):
    assert people.locator("h1", has_text="On the tracker").count() == 1
    people.click("a:has-text('Okafor')")
    people.wait_for_url(f"**/people/{OKAFOR}")
    assert people.title().startswith("Okafor, Daniel CLVT-000001")


def test_somebody_is_found_by_a_reference_and_the_look_is_logged(people, server):
    people.fill("#finder", "31/2022/000200")
    people.click(".finder button")
    people.click("tbody a")
    people.wait_for_url(f"**/people/{SCRIPTED}")
    assert ("uma", "page", SCRIPTED) in logged(server, "CONSULTATION")


def test_what_nobody_bears_finds_nobody(people):
    people.fill("#finder", "Xanthippe")
    people.click(".finder button")
    assert "Nobody of whom all of this is recorded" in people.inner_text("main")
    assert chromium.violations(people) == []


def test_what_is_typed_to_find_somebody_stands_in_no_address_and_no_log(people, server):
    people.fill("#finder", "Okafor Zebedee")
    people.click(".finder button")
    people.wait_for_selector("text=Nobody of whom")
    assert "Zebedee" not in people.url + people.title()
    assert "Zebedee" not in server.log.read_text(errors="replace")


def test_a_question_of_the_child_is_one_click_away(people, server):
    people.goto(f"{server.address}/county-lines/people/{PROPOSED}")
    people.click("#needs ~ ul a")
    people.wait_for_url("**/review/question?*")


@pytest.mark.parametrize("page", ["people", f"people/{OKAFOR}", f"people/{SCRIPTED}"])
def test_every_page_can_be_skipped_to(people, server, page):
    people.goto(f"{server.address}/county-lines/{page}")
    assert people.locator("a.govuk-skip-link").count() == 1


def test_a_page_fits_a_phone(people, server):
    people.set_viewport_size({"width": 390, "height": 844})
    people.goto(f"{server.address}/county-lines/people/{OKAFOR}")
    assert people.evaluate("document.documentElement.scrollWidth") <= 390


def test_who_may_not_see_children_sees_no_page(signed_in, server):
    tab = signed_in("vera")
    for page in ("people", f"people/{OKAFOR}"):
        assert tab.goto(f"{server.address}/county-lines/{page}").status == 403


def test_an_id_that_nobody_has_is_not_there(people, server):
    answer = people.goto(f"{server.address}/county-lines/people/P-NOBODY0001")
    assert answer.status == 404
    assert "No record names P-NOBODY0001" in people.inner_text("main")
