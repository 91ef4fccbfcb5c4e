"""What the monthly meeting has before it, as HTML and as PDF."""

import io
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader

from tests.report import a_night as night
from tests.report.test_page import said
from transforms.report.pack import FOR_WHOM, html, pack
from transforms.report.pdf import pdf


def words(content: bytes) -> list[str]:
    pages = PdfReader(io.BytesIO(content)).pages
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pages]


@pytest.fixture(scope="module")
def made():
    return pack(night.a_night())


def test_the_agenda_has_each_proposed_case_with_what_speaks_for_it(made):
    assert [item.child["person_id"] for item in made.items] == [night.PROPOSED]
    assert made.items[0].summary == [
        "2 records, 18 Nov 2022 to 20 Nov 2022: intelligence report, missing episode.",
        "Grades: 1BP.",
        "Involvement: Involved.",
        "Areas: Mansfield North.",
        f"Lines: {night.SCRIPT}.",
    ]


def test_a_withdrawn_record_speaks_for_nothing():
    rows = [row | {"withdrawn": True} for row in night.ROWS["mention"]]
    assert pack(night.a_night(mention=rows)).items[0].summary == ["No standing record names this child."]


def test_changes_since_the_last_meeting_and_none_before_it(made):
    assert made.since == night.day("2022-11-01")
    assert [(move.kind, move.child["person_id"]) for move in made.moves] == [("ADDED", night.PRESUMED)]
    assert [row["kind"] for row, _ in made.changes] == ["FACT"]


def test_the_profile_is_in_the_forces_own_words(made):
    assert made.demand.startswith("From 1st April 2022 to 22nd November 2022, there have been 2 intelligence reports")
    assert made.profile[0].startswith(
        "Currently, there are 5 children on the County Lines Vulnerability Tracker (CLVT)."
    )
    assert made.movement[:4] == [
        ("On the tracker at the start of 2022", 5),
        ("Added", 2),
        ("Removed", 2),
        ("  turned 18", 1),
    ]


def test_it_says_on_its_first_page_that_it_is_not_for_partners(made):
    assert FOR_WHOM in html(made).decode()
    assert FOR_WHOM in words(pdf(made))[0]


def test_both_forms_say_the_same(made):
    on_page, on_paper = said(html(made)), " ".join(words(pdf(made)))
    for text in (made.links.text, "Jay line", "bus station"):
        assert text in on_page
        assert text in on_paper
    for text in (*made.items[0].summary, made.demand, *made.profile, "Overdue"):
        assert text.lower() in on_page.lower()
    for text in (*made.items[0].summary, made.demand, *made.profile, "OVERDUE"):
        assert text in on_paper


def test_every_page_on_paper_is_marked_once_at_the_top_and_once_at_the_bottom():
    many = pack(night.a_night(review=night.ROWS["review"][:1] * 40))
    pages = words(pdf(many))
    assert len(pages) > 2
    assert [page.count("OFFICIAL-SENSITIVE") for page in pages] == [2] * len(pages)


def test_a_name_in_another_script_is_told_in_latin_letters_on_paper_and_as_itself_on_the_page(made):
    assert "王" in said(html(made))
    assert "[Wang], [XiaoMing] (P-0000000006)" in " ".join(words(pdf(made)))


@pytest.mark.parametrize("hostile", [night.SCRIPT, night.FORMULA])
def test_a_hostile_name_is_text_in_both_forms(hostile):
    children = [
        row | ({"surname": hostile} if row["person_id"] == night.PROPOSED else {}) for row in night.ROWS["child"]
    ]
    made = pack(night.a_night(child=children))
    assert hostile in said(html(made))
    assert hostile.replace(" ", "") in "".join(words(pdf(made))).replace(" ", "")


@pytest.mark.parametrize("word", ["a", "abcdefghij", "verylongwordwithoutend" * 30])
def test_a_text_longer_than_a_page_comes_on_paper_whole(made, word):
    told = replace(made, moves=[replace(made.moves[0], why=f"{word} " * (20_000 // len(word)))])
    assert "".join(words(pdf(told))).replace(" ", "").count(word) >= 20_000 // len(word) - 40


def test_the_same_night_makes_the_same_bytes():
    assert pdf(pack(night.a_night())) == pdf(pack(night.a_night()))
    assert html(pack(night.a_night())) == html(pack(night.a_night()))


def test_a_night_without_a_tracker_has_a_pack_that_says_so():
    made = pack(night.a_first_night_failed())
    assert "No tracker was published yet." in said(html(made))
    assert "No tracker was published yet." in " ".join(words(pdf(made)))
