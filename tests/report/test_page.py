"""What the morning's page says."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from tests.report import a_night as night
from transforms.report.balance import balance, demand, moves
from transforms.report.contents import Contents
from transforms.report.needs import Needs
from transforms.report.page import page


class Texts(HTMLParser):
    """The text of a page, and every element with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def read(content: bytes) -> Texts:
    texts = Texts()
    texts.feed(content.decode())
    return texts


def said(content: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(read(content).texts))


@pytest.fixture(scope="module")
def text() -> str:
    return said(page(night.a_night()))


def test_it_says_first_how_many_children_are_on_the_tracker_and_how_much_waits(text):
    assert "5 children on the tracker, 2 Open and 3 Vulnerable." in text
    assert text.index("What needs a person today") < text.index("What changed, and why") < text.index("The tracker")


@pytest.mark.parametrize(
    "line",
    [
        "Partners not reached 1 City MASH",
        "New cases to ratify 1 for the meeting on 6 Dec 2022; new tonight: 王, 小明",
        "Same person, or two people? 1 the oldest asked on 21 Nov 2022",
        "18th birthdays ahead 1 next on 1 Dec 2022: الأحمد, ⟨U+202E⟩ecilA; 1 before the next meeting",
        "Children of whom an authority hears nothing 1 1 child, each with the reason",
        "SCA referrals to action 1 1 overdue, the longest since 15 Nov 2022",
        "Decisions refused 1 the last of 22 Nov 2022: The child is not on the tracker",
        "Acknowledgements overdue 1 Barnardo’s",
        "Checks that did not pass 1 A child on the tracker has a local authority.",
    ],
)
def test_the_first_screen_names_the_most_pressing_of_each_kind(text, line):
    assert line in text[: text.index("Deliver again today")]


def test_everything_that_waits_for_a_person_is_counted(text):
    needs = Needs(night.a_night())
    lists = (
        needs.missing,
        needs.cases,
        needs.pairs,
        needs.ages,
        needs.birthdays,
        needs.referrals,
        needs.unheard,
        needs.others,
        needs.refusals,
    )
    assert [len(found) for found in lists] == [1, 1, 1, 1, 1, 1, 1, 1, 1]
    assert [len(needs.not_reached), len(needs.overdue), len(needs.warnings)] == [1, 1, 1]
    assert f"{needs.total} things need a person" in text
    assert needs.total == 12


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("who is new?", "王 , 小明 P-0000000006 3 Feb 2009 (verified), 13"),
        ("why was this child removed?", "Moved area at CLVT-2022-09 by sgt.4417: Family moved to Leeds D-2"),
        ("why was that one removed?", "Turned 18 on 1 Jun 2022"),
        ("which two records are asked about?", "31/2022/000100 and 31/2022/000901"),
        (
            "and why?",
            "Likely, but the evidence does not decide by itself. Agree: surname. Differ: date of birth.",
        ),
        ("who turns 18 before the next meeting?", "1 Dec 2022 before the next meeting 8 الأحمد"),
        ("what did Barnardo's receive on Tuesday?", "Barnardo’s, Tuesday 22 November 2022"),
        ("about whom?", "new: Okafor, Daniel CLVT-000001 changed: Ní Bhriain, Zoë CLVT-000009"),
        ("which actions are due?", "15 Nov 2022 Overdue Ní Bhriain , Zoë CLVT-000009 County Lines team"),
        ("which decision was refused, and why?", "The child is not on the tracker, so there is nothing to remove."),
        (
            "which partner was not reached?",
            "City MASH : 1 file, waiting since the night of 23 Nov 2022 23 Nov 2022: mash_city_2022-11-23.csv.gpg",
        ),
        ("who has not acknowledged?", "Barnardo’s : barnardos_2022-11-20.csv.gpg , sent 20 Nov 2022, 02:14"),
        ("which records stand outside?", "Correct it in the record system: the next version is taken in."),
        ("what was not sent, and why?", "Whole record Barnardo’s; mash_county"),
        ("whose age is to be settled?", "Whitlock , Sasha CLVT-000008 , date of birth not known"),
    ],
)
def test_a_sergeants_question_is_answered(text, question, answer):
    assert answer in text


def test_children_who_share_lines_and_places_are_named_together(text):
    assert "Of the 5 children currently on the CLVT, 3 share a line or a place with another child." in text
    assert "Okafor , Daniel CLVT-000001 Ní Bhriain , Zoë CLVT-000009 Jay line none" in text
    assert f"Daniel CLVT-000001 {night.FORMULA} , {night.SCRIPT} CLVT-000002 none bus station {night.SCRIPT}" in text


def test_opening_plus_added_minus_removed_is_closing_and_every_change_is_listed(text):
    contents = night.a_night()
    year = balance(contents)
    assert year.opening + year.added - year.removed == year.closing == len(contents.on_tracker)
    listed = moves(contents, night.day("2022-01-01"))
    assert [move.kind for move in listed].count("ADDED") == year.added == 2
    assert [move.kind for move in listed].count("REMOVED") == year.removed == 2
    assert "5 at the start of 2022 + 2 added − 2 removed = 5 now" in text


def test_demand_on_the_page_is_that_of_the_profile(text):
    contents = night.a_night()
    counted = demand(contents)
    assert counted.so_far == contents.profile["reports_fy_2022_23_to_date"] == 2
    assert counted.whole_last_year == contents.profile["reports_fy_2021_22"] == 3
    assert counted.same_day_last_year == 1
    assert sum(count or 0 for count in counted.now) == counted.so_far
    assert "2 intelligence reports flagged County Lines from 1 April to 22 Nov 2022" in text


@pytest.mark.parametrize("hostile", [night.SCRIPT, night.FORMULA, night.BACKWARDS])
def test_a_hostile_name_is_shown_as_text(hostile, text):
    shown = hostile.replace("\u202e", "⟨U+202E⟩")
    assert shown in text
    assert "\u202e" not in text


def test_nothing_of_the_data_becomes_an_element():
    parsed = read(page(night.a_night()))
    scripts = [attributes for tag, attributes in parsed.elements if tag == "script"]
    assert scripts == [{}], "only the page's own script"
    assert not [tag for tag, a in parsed.elements for name in a if name.startswith("on") or name == "style"]


def test_the_page_asks_for_nothing_outside_itself():
    for tag, attributes in read(page(night.a_night())).elements:
        for name in ("src", "href", "action", "data", "poster"):
            assert (attributes.get(name) or "#").startswith(("#", "data:")), (tag, attributes)


def test_every_link_within_the_page_leads_somewhere():
    elements = read(page(night.a_night())).elements
    ids = [attributes["id"] for _, attributes in elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for tag, a in elements if tag == "a" and (a.get("href") or "").startswith("#")}
    assert targets <= set(ids)


def test_it_is_marked_at_the_top_and_at_the_bottom(text):
    assert text.count("OFFICIAL-SENSITIVE") == 2
    assert text.split("OFFICIAL-SENSITIVE")[1].count("The night in numbers") == 1


def test_the_same_tables_make_the_same_bytes():
    assert page(night.a_night()) == page(night.a_night())


def test_a_failed_night_says_so_first_and_shows_the_last_tracker_that_was_published():
    text = said(page(night.a_failed_night()))
    assert text.index("Night 2022-11-24: link failed. The disk is full.") < text.index("What needs a person today")
    assert "The tracker below is the last one published, that of Wednesday 23 November 2022" in text
    assert "5 children on the tracker" in text


def test_a_first_night_that_failed_has_a_page_too():
    text = said(page(night.a_first_night_failed()))
    assert "Night 2022-11-23: pull failed. No answer." in text
    assert "No tracker was published yet." in text


def test_a_quiet_night_says_that_nothing_waits():
    empty = {name: [] for name in ("review", "action", "unheard", "forecast", "refusal", "check", "missing_episode")}
    quiet = replace(night.a_night(**empty), deliveries=[])
    assert "Nothing waits for a person." in said(page(quiet))


def test_a_child_who_has_not_come_back_stands_first_with_what_was_recorded_since():
    text = said(page(night.a_night()))
    assert text.index("Missing now") < text.index("New cases to ratify")
    section = text[text.index("Look for the child first") :]
    assert "P-0000000006" in section[: section.index("New cases to ratify")]
    assert "18 Nov 2022, 21:00" in text
    assert "Risk as graded High" in " ".join(text.split())
    (missing,) = Needs(night.a_night()).missing
    assert [row["mention_key"] for row in missing.since] == ["intel:31/2022/000600#1"]


def test_nobody_who_came_back_or_is_no_case_is_missing_now():
    back = night.row(
        "missing_episode",
        mention_key="missing:M-77",
        missing_from=night.at("2022-11-18"),
        returned_at=night.at("2022-11-19"),
    )
    stranger = night.row("missing_episode", mention_key="missing:M-1", missing_from=night.at("2022-11-18"))
    assert Needs(night.a_night(missing_episode=[back, stranger])).missing == []


def test_the_highest_risk_stands_first_among_the_missing():
    def gone(key, risk):
        return night.row("missing_episode", mention_key=key, missing_from=night.at("2022-11-18"), risk=risk)

    rows = [gone("intel:31/2022/000100#1", "LOW"), gone("intel:31/2022/000200#1", "HIGH"), gone("missing:M-77", None)]
    assert [one.episode["risk"] for one in Needs(night.a_night(missing_episode=rows)).missing] == ["HIGH", "LOW", None]


def test_a_missing_child_is_shown_with_who_was_told_that_the_child_is_missing():
    barnardos, mash = ({**row, "person_id": night.PROPOSED} for row in night.HOLDINGS)
    held = [barnardos | {"content": '{"is_missing": true}'}, mash]
    assert "Told so far: Barnardo’s." in said(page(replace(night.a_night(), holdings=held)))
    assert "No partner has been told yet." in said(page(night.a_night()))


def test_the_first_screen_lists_the_kinds_in_the_order_in_which_they_follow():
    text = page(a_death()).decode()
    listed = re.findall(r'<th scope="row"><a href="#([\w-]+)">', text)
    assert listed == re.findall(r'<section class="group" aria-labelledby="([\w-]+)">', text)
    assert listed[:4] == ["deaths", "missing", "not-reached", "unheard"]
    assert listed.index("refusals") < listed.index("cases") < listed.index("overdue")


def test_a_silent_feed_is_not_taken_for_nobody_missing():
    assert "last heard of on the night of 18 Nov 2022" in said(page(night.a_night(missing_episode=[])))
    silent = [row for row in night.tables()["mention"].to_pylist() if row["source"] != "missing_episodes"]
    assert "who is missing is not known here" in said(page(night.a_night(missing_episode=[], mention=silent)))


def a_death() -> Contents:
    """A child whose death was recorded two days ago, and who is held by two partners."""
    died = {"state": "REMOVED", "removal_reason": "DECEASED", "removed_on": date(2022, 11, 21)}
    rows = [row | (died if row["person_id"] == night.OKAFOR else {}) for row in night.ROWS["child"]]
    return night.a_night(child=rows)


def test_a_child_who_died_is_first_of_all_with_everybody_whom_a_person_has_to_ring():
    text = said(page(a_death()))
    assert text.index("Died: whom to ring") < text.index("Missing now")
    assert "Barnardo’s , holds a record since 1 Nov 2022 City MASH , holds a record since 2 May 2022" in text


def test_a_death_of_more_than_a_week_ago_is_on_no_list_of_calls():
    late = replace(a_death(), as_of=date(2022, 11, 29))
    assert Needs(late).deaths == []
