"""The page and the pack in a real browser, as files on disk: no network, no server."""

import pytest

from tests import chromium
from tests.report import a_night as night
from tests.report.test_page import page
from transforms.report.pack import html, pack
from transforms.report.page import PRINTED

pytestmark = pytest.mark.browser


def an_ordinary_day():
    """The small night with as many open questions of each kind as a force of forty children has on most days."""
    whom = ("intel:31/2022/000100#1", "intel:31/2022/000901#2")
    why = "LIKELY: likely, but the evidence does not decide by itself. Agree: surname, first name. Not in both: alias."
    kinds = {"ratify": 60, "same_person": 60, "age": 60, "authority": 60}
    asked = [
        night.review(f"Q-{kind}-{number}", kind, whom[0], why, other_mention_key=whom[1])
        for kind, count in kinds.items()
        for number in range(count)
    ]
    action = night.ROWS["action"][0]
    actions = [
        action | {"action_id": f"A:{kind}:{number}", "kind": kind}
        for kind in ("SCA_REFERRAL", "PANEL")
        for number in range(60)
    ]
    child = next(row for row in night.ROWS["child"] if row["tracker_id"])
    children = [child | {"person_id": f"P-{number:010}", "tracker_id": f"CLVT-1{number:05}"} for number in range(40)]
    return night.a_night(review=asked, action=actions, child=[*night.ROWS["child"], *children])


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    contents = night.a_night()
    made = {
        "report": page(contents),
        "ordinary": page(an_ordinary_day()),
        "failed": page(night.a_failed_night()),
        "first": page(night.a_first_night_failed()),
        "pack": html(pack(contents)),
    }
    for name, content in made.items():
        (folder / f"{name}.html").write_bytes(content)
    return {name: (folder / f"{name}.html").as_uri() for name in made}


@pytest.fixture
def opened(browser, pages):
    """A function that opens a page; what it asked for and said on the console is kept on it."""
    contexts = []

    def open_page(name: str, **settings):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | settings))
        contexts.append(context)
        tab = context.new_page()
        tab.asked, tab.said = [], []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.on("console", lambda message: tab.said.append(message.text))
        tab.on("pageerror", lambda error: tab.said.append(str(error)))
        tab.goto(pages[name])
        return tab

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", ["report", "failed", "first", "pack"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(opened, name, width):
    tab = opened(name, viewport={"width": width, "height": 900}, bypass_csp=True)
    for details in tab.query_selector_all("details:not([open])"):
        details.evaluate("element => element.open = true")
    assert chromium.violations(tab) == []


@pytest.mark.parametrize("name", ["report", "pack"])
def test_no_request_leaves_the_page_and_nothing_is_refused_or_fails(opened, name, pages):
    tab = opened(name)
    tab.wait_for_load_state("networkidle")
    assert [url for url in tab.asked if not url.startswith("data:")] == [pages[name]]
    assert tab.said == []


def test_it_opens_in_less_than_a_second(opened, pages):
    tab = opened("report")
    took = []
    for _ in range(5):  # the quickest: the others waited for what else the machine was doing
        tab.goto(pages["report"])
        took.append(tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
    assert 0 < min(took) < 1000


def test_a_name_that_is_a_script_does_not_run(opened):
    tab = opened("report")
    assert tab.title() == "County Lines tracker, Wednesday 23 November 2022"
    assert night.SCRIPT in tab.inner_text("#tracker")


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("sowa", "Family moved to Leeds"),
        ("barnardo tuesday", "new: Okafor, Daniel"),
        ("overdue", "Ní Bhriain, Zoë"),
        ("000901", "Agree: surname. Differ: date of birth."),
        ("restricted", "The record is restricted: it leaves the force for nobody."),
        ("Zoe Ni Bhriain", "Ní Bhriain, Zoë"),
        ("dan okafor 14/3/2007", "Okafor, Daniel"),
    ],
)
def test_one_search_shows_the_answer_and_hides_the_rest(opened, typed, seen):
    tab = opened("report")
    tab.fill("#find", typed)
    tab.wait_for_function("document.getElementById('found').textContent !== ''")
    assert seen in tab.inner_text("main")
    assert "Demand against last year" not in tab.inner_text("main")
    tab.fill("#find", "")
    assert "Demand against last year" in tab.inner_text("main")


def test_one_click_on_a_name_shows_its_history(opened):
    tab = opened("report")
    tab.click("#CLVT-000002 summary")
    assert "ratified Vulnerable to County Lines, CLVT-2022-03, sgt.4417" in " ".join(
        tab.inner_text("#CLVT-000002").split()
    )


def test_it_works_with_the_keyboard_alone(opened):
    tab = opened("report")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.focus("#CLVT-000002 summary")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.querySelector('#CLVT-000002 details').open")


def test_without_scripts_everything_can_be_read(opened):
    tab = opened("report", java_script_enabled=False)
    assert tab.is_hidden("#finder")
    tab.click("text=Barnardo’s 2 files")
    assert "new: Okafor, Daniel" in tab.inner_text("#sent")


def test_on_a_phone_only_wide_tables_scroll(opened):
    tab = opened("report", viewport={"width": 320, "height": 700})
    assert tab.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("name", ["report", "pack"])
def test_every_printed_page_is_marked_once_at_the_top_and_once_at_the_bottom(opened, name, tmp_path):
    from pypdf import PdfReader

    tab = opened(name)
    tab.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True)
    sheets = PdfReader(tmp_path / "printed.pdf").pages
    assert [sheet.extract_text().count("OFFICIAL-SENSITIVE") for sheet in sheets] == [2] * len(sheets)
    assert all(round(float(sheet.mediabox.width)) == 595 for sheet in sheets)


def test_an_ordinary_day_is_at_most_eight_printed_pages_and_says_what_is_not_on_them(opened, tmp_path):
    from pypdf import PdfReader

    tab = opened("ordinary")
    assert tab.locator("#today [data-find]").count() > 240, "the page has everything"
    tab.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True)
    sheets = PdfReader(tmp_path / "printed.pdf").pages
    text = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    assert len(sheets) <= 8
    assert text.count(f"{PRINTED} are printed; the worklist and the screens have all 60.") == 5
    assert "Missing now" in text
    assert "18 Nov 2022, 21:00" in text
