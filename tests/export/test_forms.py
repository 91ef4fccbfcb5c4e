"""What each recipient's own form holds."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from openpyxl import load_workbook

from connectors.sources.feeds import feed_of, read
from connectors.sources.workbooks import heading_of
from expectations.feeds import FEEDS
from expectations.recipients import Schedule
from expectations.reference import codes
from night.land import form_of
from tests.export.a_force import CONTRACTS, TONIGHT, Person, after, mention, night, report, rows_of, tables_of
from transforms.export.check import problems
from transforms.export.document import LEGIBLE
from transforms.export.drops import Earlier, Outcome, drops, shortfalls
from transforms.export.exporter import in_words
from transforms.export.panel import outcome_ref
from transforms.export.records import record_ref

POLE = "{*}"
LINE = {"line_ref": "L1", "line_name": "Jay", "kind": "IDENTIFIED", "deal_number": "+447700900999", "owner_force": "31"}
GENERIC = {"line_ref": "G", "line_name": "Children", "kind": "GENERIC_CHILDREN", "owner_force": "31"}
EPISODE = {"mention_key": "missing:M-1", "missing_from": datetime(2022, 5, 3, 22, 30, tzinfo=UTC), "risk": "HIGH"}
RAIL = {
    "mention_key": "btp:B-1",
    "reported_at": datetime(2022, 5, 3, 23, 30, tzinfo=UTC),
    "station": "Derby station",
    "journey": "Nottingham to Derby",
    "grade": "2BP",
    "circumstances": "Hiding in the last carriage",
}


def only(outcome, ending):
    [content] = [content for name, content in outcome.files.items() if name.endswith(ending)]
    return content


def pnd(person, **tables):
    return etree.fromstring(only(night(tables_of(person, **tables), "pnd"), ".xml")).find(f"{POLE}Record")


def hub(person, name="mash_city", **tables):
    return json.loads(only(night(tables_of(person, **tables), name), "concern.json"))["records"][0]


def pack(person, **tables):
    outcome = night(tables_of(person, **tables), "sca")
    read = json.loads(
        next(content for name, content in outcome.files.items() if "_CL-" in name and name.endswith("json"))
    )
    return read, {row["key"]: row["value"] for row in read["fields"]}


def test_pnd_has_a_subject_until_ratified_and_then_a_vulnerable_child():
    assert pnd(Person("P-1", given={"state": "PROPOSED"})).find(f"{POLE}Person").get("entity") == "P_008"
    assert pnd(Person("P-1")).find(f"{POLE}Person").get("entity") == "P_009"


def test_pnd_says_that_a_guardian_is_not_held():
    missing = {one.get("ref"): one.get("reason") for one in pnd(Person("P-1")).iter(f"{POLE}Missing")}
    assert missing["DS_047"] == "GUARDIAN_NOT_HELD"


def test_pnd_ties_a_child_to_the_identified_line_and_its_deal_number():
    record = pnd(Person("P-1", [mention(line_ref="L1")]), line=rows_of("line", LINE, GENERIC))
    line = record.find(f"{POLE}Object[@entity='LINE']")
    assert (line.get("kind"), line.get("name")) == ("IDENTIFIED", "Jay")
    assert record.findtext(f"{POLE}Object[@id='deal1']/{POLE}TelephoneNumber") == "+447700900999"
    ties = {(one.get("from"), one.get("to")) for one in record.iterfind(f"{POLE}Association")}
    assert {("person", "line1"), ("line1", "deal1")} <= ties


def test_pnd_puts_a_child_without_a_line_on_the_generic_one():
    record = pnd(Person("P-1"), line=rows_of("line", LINE, GENERIC))
    assert record.find(f"{POLE}Object[@entity='LINE']").get("lineRef") == "G"


def test_pnd_says_the_pole_code_of_an_ethnicity_and_that_roma_has_none():
    def code(ethnicity):
        return pnd(Person("P-1", [mention(ethnicity=ethnicity)])).find(f".//{POLE}SelfDefinedEthnicity").get("poleCode")

    assert (code("B1"), code("B2"), code("W4")) == ("15", "14", "Unmapped Local Code")


def test_pnd_quotes_each_report_by_the_reference_that_its_owner_knows():
    theirs = report("33/2022/000009", source_force="33")
    both = Person("P-1", [mention(), mention("intel:33/2022/000009#1")])
    events = [one for one in pnd(both, reports=[theirs]).iter(f"{POLE}Event") if one.get("type") == "INTELLIGENCE"]
    assert {(one.get("eventRef"), one.get("ownerForce")) for one in events} == {
        ("31/2022/000001", "31"),
        ("33/2022/000009", "33"),
    }


def test_pnd_quotes_a_missing_episode_and_a_report_from_the_railway_by_their_own_references():
    child = Person("P-1", [mention(), mention("missing:M-1"), mention("btp:B-1", grade="2BP")])
    tables = {"missing_episode": rows_of("missing_episode", EPISODE), "btp_report": rows_of("btp_report", RAIL)}
    quoted = {
        (one.get("type"), one.get("eventRef"), one.get("ownerForce"))
        for one in pnd(child, **tables).iter(f"{POLE}Event")
    }
    assert {("MISSING", "M-1", "31"), ("RAIL", "B-1", "93")} < quoted


def test_pnd_says_beside_the_home_where_the_child_was_seen_and_when():
    seen = mention(policing_area="Newark", recorded_on=date(2022, 5, 9))
    record = pnd(Person("P-1", [seen]))
    areas = {one.get("id"): one.findtext(f"{POLE}Area") for one in record.iter(f"{POLE}Location")}
    ties = {one.get("type"): one for one in record.iter(f"{POLE}Association") if one.get("to") in areas}
    assert (areas[ties["LIVES_AT"].get("to")], areas[ties["SEEN_AT"].get("to")]) == ("City North", "Newark")
    assert (ties["SEEN_AT"].get("first"), ties["SEEN_AT"].get("last")) == ("2022-05-09", "2022-05-09")


def test_pnd_says_what_to_do_right_after_who_it_is():
    assert [etree.QName(part).localname for part in pnd(Person("P-1"))][:2] == ["Person", "IfYouMeet"]


def test_pnd_says_in_which_role_and_when_a_child_was_on_a_line():
    said = [mention(line_ref="L1"), mention("intel:31/2022/000002#1", line_ref="L1", involvement="INVOLVED",
                                            recorded_on=date(2022, 6, 1))]  # fmt: skip
    record = pnd(Person("P-1", said), line=rows_of("line", LINE))
    (tie,) = [one for one in record.iterfind(f"{POLE}Association") if one.get("type") == "RECORDED_ON_LINE"]
    assert (tie.get("role"), tie.get("first"), tie.get("last")) == ("INVOLVED", "2022-05-01", "2022-06-01")


REFERRED = {"nrm_submitted_on": date(2022, 5, 3)}
UNREFERRED = "No referral to the National Referral Mechanism is known: a first responder makes one."
POSITIVE = "There is a positive decision of the competent authority: "
PENDING = "A referral was made: ask for the decision before any charge "


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, [UNREFERRED]),
        (REFERRED, [PENDING]),
        (REFERRED | {"nrm_outcome": "CG positive"}, [POSITIVE]),
        (REFERRED | {"nrm_outcome": "CG negative"}, []),
        (
            {"age_presumed": True},
            ["Treat as a child until the age is settled (Modern Slavery Act 2015 s.51).", UNREFERRED],
        ),
    ],
)
def test_pnd_tells_whoever_meets_the_child_what_to_do_and_whom_to_ring(given, says):
    told = pnd(Person("P-1", given=given)).find(f"{POLE}IfYouMeet")
    first, *middle, last = [sentence.text for sentence in told]
    assert (first, last[:12]) == ("Treat as a victim first.", "Tell us wher")
    assert [found[: len(wanted)] for found, wanted in zip(middle, says, strict=True)] == says
    assert (told.get("byDay"), told.get("byNight")) == ("County Lines Sergeant, 101", "Force control room, 101")


def test_pnd_says_first_that_a_child_is_missing_and_how_far_the_referral_is():
    child = Person("P-1", [mention(), mention("missing:M-1")], REFERRED | {"nrm_outcome": "positive RG"})
    record = pnd(child, missing_episode=rows_of("missing_episode", EPISODE))
    told = record.find(f"{POLE}IfYouMeet")
    assert told.get("isMissing") == "true"
    assert told[0].text == "MISSING since 2022-05-03 23:30, high risk: keep the child safe and ring us."
    tracker = record.find(f"{POLE}Tracker")
    assert (tracker.get("nrmStatus"), tracker.get("nrmOutcome")) == ("DECIDED", "RG_POSITIVE")


def test_pnd_version_1_is_still_written_where_the_contract_says_so():
    contract = {"pnd": replace(CONTRACTS["pnd"], version="1.0")}
    outcome = drops(tables_of(Person("P-1", [mention(line_ref="L1")]), line=rows_of("line", LINE)), contract, Earlier())
    content = only(outcome, ".xml")
    (row,) = [one for one in outcome.outgoing if one["file"].endswith("xml")]
    assert problems(contract["pnd"], content, row) == []
    root = etree.fromstring(content)
    assert etree.QName(root).namespace == "urn:county-lines-tracker:pnd-style:1"
    assert root.find(f".//{POLE}IfYouMeet") is None
    assert b"31/2022/000001" not in content
    assert shortfalls(replace(CONTRACTS["pnd"], version="3.0")) == ["there is no version 3.0 of pnd"]


def test_the_hub_gets_reported_witnessed_and_opinion_apart():
    child = Person("P-1", [mention(involvement="INVOLVED"), mention("missing:M-1"), mention("btp:B-1", grade="2BP")])
    told = hub(child, missing_episode=rows_of("missing_episode", EPISODE), btp_report=rows_of("btp_report", RAIL))
    assert told["reported"]["missing_count"] == 1
    assert told["witnessed"] == {"rail_count": 1, "rail_dates": ["2022-05-04"]}  # after midnight in London
    assert told["opinion"] == {"involvement": "INVOLVED", "status": "OPEN", "rag": "RED"}
    assert told["social_care_codes"]["assessment_factors"] == ["24A", "10A"]
    assert told["social_care_codes"]["referral_source"] == "6"


@pytest.mark.parametrize(
    ("days", "involvement", "rag", "repeats"),
    [
        ([date(2022, 5, 1)], "LINKED", "GREEN", 1),
        ([date(2022, 5, 1)], "INVOLVED", "AMBER", 1),
        ([date(2022, 4, 1), date(2022, 4, 15), date(2022, 5, 1)], "LINKED", "AMBER", 3),
        ([date(2022, 3, 1), date(2022, 4, 1), date(2022, 5, 1)], "LINKED", "GREEN", 3),  # of the last months only two
        ([date(2022, 1, 1), date(2022, 2, 1), date(2022, 5, 1)], "LINKED", "GREEN", 1),
        ([date(2022, 1, 1)], "INVOLVED", "GREEN", 1),
    ],
)
def test_the_hub_sees_red_amber_green_and_repeats_in_three_months(days, involvement, rag, repeats):
    said = [mention(f"intel:31/2022/{n:06d}#1", involvement=involvement) for n in range(len(days))]
    state = tables_of(Person("P-1", said))
    dated = [{**row, "intelligence_date": day} for row, day in zip(state.report, days, strict=True)]
    told = json.loads(only(night(replace(state, report=dated), "mash_city"), "concern.json"))["records"][0]
    assert (told["opinion"]["rag"], told["reported"]["repeats"]) == (rag, repeats)


def test_the_pack_holds_every_field_of_the_form_and_fills_no_narrative():
    read, filled = pack(Person("P-1"))
    assert [row["key"] for row in read["fields"]] == [row["key"] for row in codes("nrm_fields")]
    for_a_person = {row["key"] for row in codes("nrm_fields") if row["fill"] == "HUM"}
    assert not {key for key in for_a_person if filled[key]}
    assert read["status"] == "READY_FOR_FIRST_RESPONDER"


def test_the_pack_says_yes_to_under_18_only_where_the_date_of_birth_is_verified():
    _, verified = pack(Person("P-1"))
    _, stated = pack(Person("P-1", [mention(dob_status="STATED")]))
    assert (verified["pv-under-age"], verified["pv-dob"]) == ("yes", "2007-03-09")
    assert (stated["pv-under-age"], stated["pv-dob"]) == ("not-sure", "")


@pytest.mark.parametrize(
    ("gender", "said"), [("Male", "male"), ("Non-Binary", "unknown"), ("Not Known", ""), ("Trans Male", "")]
)
def test_the_pack_never_says_unknown_for_a_gender_that_is_merely_not_known(gender, said):
    assert pack(Person("P-1", [mention(gender=gender)]))[1]["pv-gender"] == said


def test_the_pack_never_fills_the_crime_reference_and_has_one_external_reference_a_child():
    read, filled = pack(Person("P-1"))
    assert filled["reported-to-police"] == filled["reported-to-police-crime-reference"] == ""
    assert read["external_ref"] == pack(Person("P-1", [mention(surname="Ashbury")]))[0]["external_ref"]


def test_a_pack_has_beside_the_form_what_its_narratives_are_written_from():
    child = Person("P-1", [mention(address="1 Elm Road", postcode="NG5 1AA"), mention("missing:M-1")])
    read, filled = pack(child, missing_episode=rows_of("missing_episode", EPISODE))
    assert [event["kind"] for event in read["background"]["chronology"]] == ["MISSING", "REPORTED"]
    assert read["background"]["address"] == "1 Elm Road"
    assert read["background"]["missing_now"]["risk"] == "HIGH"
    assert not {key for key, value in filled.items() if value and "Elm Road" in value}


@pytest.mark.parametrize(
    ("more", "is_sent"),
    [
        ([mention("intel:31/2022/000002#1")], False),  # one more report of the same
        ([mention("intel:31/2022/000002#1", involvement="INVOLVED")], True),
        (
            [
                mention("intel:31/2022/000002#1", surname="Ashbury"),
                mention("intel:31/2022/000003#1", surname="Ashbury"),
            ],
            True,
        ),
    ],
)
def test_a_pack_is_sent_again_only_where_something_of_the_form_changed(more, is_sent):
    first = night(tables_of(Person("P-1")), "sca")
    later = tables_of(Person("P-1", [mention(), *more]), as_of=date(2022, 6, 16))
    second = night(later, "sca", earlier=after(first, TONIGHT))
    packs = [row for row in second.outgoing if row["kind"] == "PREFILL"]
    assert bool(packs) is is_sent
    (held,) = second.holding
    assert (held["last_sent_on"] == TONIGHT) is not is_sent


def test_a_pack_supersedes_the_childs_last_one():
    first = night(tables_of(Person("P-1")), "sca")
    changed = tables_of(Person("P-1", [mention(surname="Ashbury")]), as_of=date(2022, 6, 16))
    second = night(changed, "sca", earlier=after(first, TONIGHT))
    replaced = [(row["kind"], row["supersedes"]) for row in second.outgoing if not row["file"].endswith("html")]
    assert replaced[0] == ("PREFILL", first.outgoing[0]["file"])


def test_more_packs_than_people_take_up_one_by_one_come_as_a_baseline_of_each_authority_and_later_ones_singly():
    homes = ["CITY", "COUNTY", None]
    keys = [f"intel:31/2022/{number:06d}#1" for number in range(1, 102)]
    several = [
        Person(f"P-{number}", [mention(key, local_authority=homes[number % 3])]) for number, key in enumerate(keys)
    ]
    first = night(tables_of(*several), "sca")
    packs = {row["file"]: row["records"] for row in first.outgoing if row["kind"] == "PREFILL"}
    stem = "31_sca_20220615_000001_baseline"
    assert packs == {
        f"{stem}_{part}.{form}": count
        for part, count in (("city", 34), ("county", 34), ("not_known", 33))
        for form in ("json", "html")
    }
    for row in first.outgoing:
        assert problems(CONTRACTS["sca"], first.files[f"sca/{row['file']}"], row) == []
    (whole,) = (json.loads(content) for name, content in first.files.items() if name.endswith("city.json"))
    assert len({one["record_ref"] for one in whole["packs"]}) == 34
    page = first.files[f"sca/{stem}_county.html"].decode()
    assert page.count("<h2>Ashby, Kai (CL-31-") == page.count("Before you submit") == 34

    changed = [Person("P-0", [mention(keys[0], surname="Ashbury")]), *several[1:]]
    second = night(tables_of(*changed, as_of=date(2022, 6, 16)), "sca", earlier=after(first, TONIGHT))
    singly = [row for row in second.outgoing if row["kind"] == "PREFILL"]
    assert [(row["records"], row["supersedes"]) for row in singly] == [(1, None)], "people read it with the week's"


def test_british_transport_police_gets_places_and_dates_and_no_free_text():
    child = Person("P-1", [mention(), mention("btp:B-1", grade="2BP")])
    content = only(night(tables_of(child, btp_report=rows_of("btp_report", RAIL)), "btp"), "referrals.json")
    told = json.loads(content)["records"][0]
    assert told["rail"]["rail"][0]["station"] == "Derby station"
    assert b"carriage" not in content


def test_british_transport_police_reads_first_what_to_do_and_where_the_child_was_met_on_the_railway():
    child = Person("P-1", [mention(), mention("missing:M-1"), mention("btp:B-1", grade="2BP")])
    tables = {"missing_episode": rows_of("missing_episode", EPISODE), "btp_report": rows_of("btp_report", RAIL)}
    first = night(tables_of(child, **tables), "btp")
    page = only(first, "referrals.html").decode()
    order = (
        *("If you meet the child", "MISSING since 2022-05-03 23:30, high risk", "Treat as a victim first"),
        *("2022-05-04: Derby station, Nottingham to Derby", "British Transport Police: B-1"),
    )
    assert sorted(map(page.index, order)) == list(map(page.index, order))
    assert "carriage" not in page
    back = rows_of("missing_episode", EPISODE | {"returned_at": datetime(2022, 6, 15, 8, tzinfo=UTC)})
    state = tables_of(child, as_of=date(2022, 6, 16), **tables | {"missing_episode": back})
    page = only(night(state, "btp", earlier=after(first, TONIGHT)), "referrals.html").decode()
    assert "no (before: yes)" in page  # missing
    assert "Derby station" in page  # where to look for the child stands there each time


def panel(*people, **tables):
    outcome = night(tables_of(*people, **tables), "ccep", full=("ccep",))
    return {
        page.title: list(page.iter_rows(values_only=True)) for page in load_workbook(io.BytesIO(only(outcome, "xlsx")))
    }


def test_the_panel_sees_who_is_linked_by_line_or_place_and_neither_is_named():
    one = Person("P-1", [mention(line_ref="L1")])
    other = Person("P-2", [mention("intel:31/2022/000002#1", line_ref="L1")])
    sheets = panel(one, other, line=rows_of("line", LINE))
    assert [row[:3] for row in sheets["Links"][2:]] == [("Kai Ashby", "Kai Ashby", "line")]
    assert "Jay" not in str(sheets)


def test_links_are_ranked_by_how_rare_what_is_shared_is_each_pair_once():
    many = [
        Person(f"P-{n}", [mention(f"intel:31/2022/00000{n}#1", surname=f"S{n}", line_ref="L1")]) for n in (1, 2, 3, 4)
    ]
    many[0].mentions.append(mention("intel:31/2022/000011#1", surname="S1"))
    many[1].mentions.append(mention("intel:31/2022/000012#1", surname="S2"))
    seen = [report(f"31/2022/00001{n}", location="Arcade, High Street") for n in (1, 2)]
    links = panel(*many, line=rows_of("line", LINE), reports=seen)["Links"][2:]
    assert len(links) == 6
    assert {*links[0][:2]} == {"Kai S1", "Kai S2"}
    assert (links[0][2], links[0][4], links[1][4]) == ("line and place", "2.16", "0.72")
    assert "Arcade" not in str(links).title()


def test_of_more_links_than_a_sheet_holds_the_closest_are_listed_and_the_rest_counted():
    many = [Person(f"P-{n}", [mention(f"intel:31/2022/00000{n}#1", line_ref="L1")]) for n in (1, 2, 3, 4)]
    contract = CONTRACTS["ccep"]
    contract = {"ccep": replace(contract, settings=contract.settings | {"most_links": 2})}
    outcome = drops(tables_of(*many, line=rows_of("line", LINE)), contract, Earlier(), frozenset({"ccep"}))
    heading, _, *rows = load_workbook(io.BytesIO(only(outcome, "xlsx")))["Links"].iter_rows(values_only=True)
    assert len(rows) == 2
    assert heading[1].endswith(
        "The closest 2 of 6: the 4 weaker ones stand with each child on the sheet Children, or ask us."
    )


def test_a_list_longer_than_a_cell_says_how_many_are_not_in_it():
    links = [{"ref": f"CL-31-{n:012d}", "by": ["LINE"], "closeness": 1.0} for n in range(2000)]
    shown = in_words("links", links)
    assert len(shown) < 32_767
    assert shown.splitlines()[-1] == f"and {2001 - len(shown.splitlines())} more: ask us"


def test_a_panel_hears_where_children_met_only_where_its_contract_says_so():
    both = [Person(f"P-{n}", [mention(f"intel:31/2022/00000{n}#1")]) for n in (1, 2)]
    seen = [report(f"31/2022/00000{n}", location="Arcade, High Street") for n in (1, 2)]
    contract = CONTRACTS["ccep"]
    contract = {"ccep": replace(contract, settings=contract.settings | {"venues": True})}
    outcome = drops(tables_of(*both, reports=seen), contract, Earlier(), frozenset({"ccep"}))
    (row,) = load_workbook(io.BytesIO(only(outcome, "xlsx")))["Links"].iter_rows(min_row=3, values_only=True)
    assert row[3] == "arcade, high street"


def test_the_agenda_has_who_is_missing_now_first_then_the_rating_and_what_the_panel_left_open():
    away = Person("P-1", [mention(surname="Young"), mention("missing:M-1", surname="Young")])
    red = Person("P-2", [mention("intel:31/2022/000002#1", surname="Bell", involvement="INVOLVED")])
    calm = Person("P-3", [mention("intel:31/2022/000003#1", surname="Ames"), mention("panel:O-1", surname="Ames")])
    said = {"mention_key": "panel:O-1", "panel": "CCEP", "held_on": date(2022, 5, 19), "action": "Mentor"}
    missing, agreed = rows_of("missing_episode", EPISODE), rows_of("panel_outcome", said)
    agenda = panel(calm, red, away, missing_episode=missing, panel_outcome=agreed)["Agenda"][2:]
    assert [(row[1], row[3], row[4], row[6]) for row in agenda] == [
        ("Kai Young", "RED", "yes", None),
        ("Kai Bell", "AMBER", "no", None),
        ("Kai Ames", "GREEN", "no", "Mentor"),
    ]


def test_a_chair_sees_of_a_suspect_the_date_of_birth_and_which_children_a_report_or_line_ties_to_them():
    tables = suspect_tables()
    tables["mentions"][0]["line_ref"] = "L1"
    beside = Person("P-1", [mention("intel:31/2022/000009#2", line_ref="L1")])
    other = Person("P-2", [mention("intel:31/2022/000002#1")])
    (row,) = panel(beside, other, line=rows_of("line", LINE), **tables)["Suspected perpetrators"][2:]
    assert (row[2], row[4], row[5]) == (
        "Keane",
        "1990-02-03",
        f"Kai Ashby {record_ref('31', 'P-1')} (by report and line)",
    )


def test_another_authority_stands_by_its_name_in_a_list():
    placed = Person("P-1", [mention(placing_authority="E08000025")])
    contract = CONTRACTS["ccep"]
    contract = {"ccep": replace(contract, fields=contract.fields | {"placing_authority": "exact"})}
    outcome = drops(tables_of(placed), contract, Earlier(), frozenset({"ccep"}))
    page = load_workbook(io.BytesIO(only(outcome, "xlsx")))["Children"]
    assert "Birmingham" in {cell for row in page.values for cell in row}


def lists(name: str, *people: Person, earlier: Outcome | None = None) -> dict:
    """The sheets of a list: the first one, or that of the day after an earlier one."""
    day = TONIGHT + timedelta(days=1) if earlier else TONIGHT
    before = after(earlier, TONIGHT) if earlier else None
    outcome = night(tables_of(*people, as_of=day), name, earlier=before, full=(name,))
    return {page.title: page for page in load_workbook(io.BytesIO(only(outcome, "xlsx"))).worksheets} | {"": outcome}


def rows_under(page: Any) -> list[tuple]:
    return list(page.iter_rows(min_row=3, values_only=True))


def test_a_list_on_paper_begins_with_who_is_new_and_of_others_shows_what_changed_and_no_more():
    bell = Person("P-2", [mention("intel:31/2022/000002#1", surname="Bell")])
    first = lists("cce_city", Person("P-1"), bell)[""]
    moved = Person("P-1", [mention(gender="Female")])
    new = Person("P-3", [mention("intel:31/2022/000003#1", surname="Chase")])
    sheets = lists("cce_city", moved, bell, new, earlier=first)
    news = {row[0].split("\n")[0]: row[1:] for row in rows_under(sheets["What is new"])}
    assert news["Kai Ashby"] == ("changed", "Gender: Female (before: Male)")
    assert (news["Kai Chase"][0], "Policing area: City North" in news["Kai Chase"][1]) == ("new", True)
    assert list(news) == ["Kai Ashby", "Kai Chase"]
    everybody = {row[0]: row[-2] for row in rows_under(sheets["Everybody"])}
    assert everybody == {"Kai Ashby": "changed", "Kai Bell": "as before", "Kai Chase": "new"}


def test_a_list_of_which_nothing_is_new_says_so():
    first = lists("cce_city", Person("P-1"))[""]
    (only_row,) = rows_under(lists("cce_city", Person("P-1"), earlier=first)["What is new"])
    assert [cell for cell in only_row if cell] == [
        "Nobody",
        "No child is new, missing now or changed since the last list.",
    ]


def test_all_facts_of_a_list_stand_on_a_sheet_of_which_only_the_heading_is_printed():
    sheets = lists("missing_from_home", Person("P-1"), Person("P-2", [mention("intel:31/2022/000002#1")]))
    facts = sheets["Children"]
    assert facts.max_row == 4
    assert facts.print_area.endswith("$2")
    assert facts.page_setup.fitToWidth == 1
    assert facts["B1"].value.startswith("For the screen")


def test_no_code_of_a_program_stands_in_a_list_for_people():
    codes = re.compile(r"\b(CREATE|UPDATE|READY_FOR_FIRST_RESPONDER|VERIFIED|STATED|INVOLVED|LINKED|OPEN|PROPOSED)\b")
    for name in ("cce_city", "missing_from_home", "ccep", "share_city", "neighbourhood_city_north"):
        pages = lists(name, Person("P-1"))
        comes_back = ("", "Agreed today")
        cells = [
            str(cell) for title, page in pages.items() if title not in comes_back for row in page.values for cell in row
        ]
        assert [cell for cell in cells if codes.search(cell)] == [], name


def test_each_printed_sheet_of_a_list_is_one_page_of_a4_wide_and_can_be_read():
    for name in ("cce_city", "missing_from_home", "ccep", "share_city", "neighbourhood_city_north"):
        pages = lists(name, Person("P-1"))
        for page in (page for title, page in pages.items() if title):
            assert (int(page.page_setup.paperSize), page.page_setup.orientation) == (9, "landscape")
            widths = [column.width for column in page.column_dimensions.values()]
            assert sum(widths) <= LEGIBLE or page.print_area, (name, page.title)


def test_what_the_panel_agrees_is_chosen_from_a_list_where_the_feed_takes_certain_codes_only():
    offered = lists("ccep", Person("P-1"))["Agreed today"].data_validations.dataValidation
    assert [one.formula1 for one in offered] == [
        '"IN_SCHOOL,PART_TIME,EXCLUDED,MISSING_EDUCATION,COLLEGE,EMPLOYED,NEET"'
    ]


def test_the_panel_sees_what_it_agreed_itself():
    said = {"mention_key": "panel:O-1", "panel": "CCEP", "held_on": date(2022, 5, 19), "action": "Mentor"}
    other = {**said, "mention_key": "panel:O-2", "panel": "SYVP", "action": "Curfew"}
    child = Person("P-1", [mention(), mention("panel:O-1"), mention("panel:O-2")])
    sheets = panel(child, panel_outcome=rows_of("panel_outcome", said, other))
    assert [row[:3] for row in sheets["Actions"][2:]] == [("Kai Ashby", "2022-05-19", "Mentor")]


def test_what_a_panel_writes_into_its_workbook_comes_back_as_it_was_meant():
    """An action, a copy of its row for a second one, a day as a spreadsheet keeps it; an empty row says nothing."""
    others = (mention("intel:31/2022/000002#1", surname="Moss"), mention("intel:31/2022/000003#1", surname="Reed"))
    people = [Person("P-1"), *(Person(f"P-{n}", [one]) for n, one in enumerate(others, start=2))]
    book = load_workbook(io.BytesIO(only(night(tables_of(*people), "ccep", full=("ccep",)), "xlsx")))
    page = book["Agreed today"]
    at = {heading_of(cell.value): cell.column for cell in page[2]}
    page.append([cell.value for cell in page[3]])
    for row, action in ((3, "Mentor"), (6, "Curfew")):
        page.cell(row, at["action"]).value = action
        page.cell(row, at["due_on"]).value = date(2022, 7, 1)
    page.cell(4, at["education_status"]).value = "NEET"
    stream = io.BytesIO()
    book.save(stream)
    content = read("panel_outcomes_20220617.xlsx", stream.getvalue(), form_of(FEEDS["panel_outcomes"]))
    said = [(row["outcome_ref"], row["action"], row["due_on"], row["education_status"]) for row in content.rows]
    first, second, third = (outcome_ref("CCEP", date(2022, 6, 16), record_ref("31", f"P-{n}")) for n in (1, 2, 3))
    assert content.refused == []
    assert said == [
        (first, "Mentor", "01/07/2022", None),
        (second, None, None, "NEET"),
        (f"{first}/2", "Curfew", "01/07/2022", None),
    ]
    assert third not in str(said)
    assert feed_of("panel_outcomes_20220617.xlsx") == ("panel_outcomes", date(2022, 6, 17))


def test_a_panel_gets_a_sheet_of_who_attends_and_one_to_fill_in_for_each_child():
    said = {"mention_key": "panel:O-1", "panel": "CCEP", "held_on": date(2022, 5, 19), "action": "Mentor"}
    said |= {
        "attended_by": "Education; Housing",
        "education_status": "NEET",
        "family_support": "Family Hub",
    }
    sheets = panel(Person("P-1", [mention(), mention("panel:O-1")]), panel_outcome=rows_of("panel_outcome", said))
    attends = {row[0]: row[1] for row in sheets["Attendance"][2:]}
    assert (attends["Education"], attends["Housing"], attends["CAMHS"]) == ("2022-05-19", "2022-05-19", None)
    columns = [heading_of(cell) for cell in sheets["Agreed today"][1]]
    child = dict(zip(columns, sheets["Agreed today"][2], strict=True))
    assert columns[:3] == ["given_names", "surname", "action"]
    assert sorted(columns) == sorted(column.name for column in FEEDS["panel_outcomes"].columns)
    assert (child["panel"], child["held_on"], child["surname"], child["action"]) == (
        "CCEP",
        "2022-06-16",
        "Ashby",
        None,
    )
    known = dict(zip(sheets["Children"][1], sheets["Children"][2], strict=True))
    assert (known["Education status"], known["Education on"]) == (
        "not in education, employment or training",
        "2022-05-19",
    )
    assert known["Family support"] == "2022-05-19: Family Hub"


def test_education_is_a_code_wherever_its_purpose_needs_it_and_what_a_family_is_offered_stays_with_its_panel():
    said = {"mention_key": "panel:O-1", "panel": "SYVP", "held_on": date(2022, 5, 19), "education_status": "EXCLUDED",
            "family_support": "Strengthening Families"}  # fmt: skip
    child = Person("P-1", [mention(), mention("panel:O-1")])
    outcome = night(tables_of(child, panel_outcome=rows_of("panel_outcome", said)), *CONTRACTS, full=tuple(CONTRACTS))
    front_door = json.loads(only(outcome, "concern.json"))["records"][0]["child"]
    assert (front_door["education_status"], front_door["education_on"]) == ("EXCLUDED", "2022-05-19")
    held = [json.loads(row["content"]) for row in outcome.holding]
    assert not any(one.get("family_support") for one in held)


def test_the_missing_from_home_list_begins_with_who_is_missing_then_whom_to_interview_then_who_repeats():
    def boy(number: int, name: str, *episodes: int) -> Person:
        keys = [mention(f"missing:M-{number}{each}", surname=name, involvement=None) for each in episodes]
        return Person(f"P-{number}", [mention(f"intel:31/2022/00000{number}#1", surname=name), *keys])

    def episode(key: str, returned: datetime | None, interview: date | None = None) -> dict:
        began = datetime(2022, 6, 1, 20, tzinfo=UTC)
        return {"mention_key": key, "missing_from": began, "returned_at": returned, "return_interview_on": interview}

    back, done = datetime(2022, 6, 3, 9, tzinfo=UTC), date(2022, 6, 5)
    people = (boy(1, "Adair", 1), boy(2, "Bloom", 1), boy(3, "Crane", 1, 2), boy(4, "Dell", 1))
    episodes = [episode("missing:M-11", back, done), episode("missing:M-21", back), episode("missing:M-31", back, done),
                episode("missing:M-32", back, done), episode("missing:M-41", None)]  # fmt: skip
    state = tables_of(*people, missing_episode=rows_of("missing_episode", *episodes))
    book = load_workbook(io.BytesIO(only(night(state, "missing_from_home", full=("missing_from_home",)), "xlsx")))
    rows = list(book["Everybody"].iter_rows(values_only=True))
    interview = rows[1].index("Return interviews")
    assert [row[0] for row in rows[2:]] == ["Kai Dell", "Kai Bloom", "Kai Crane", "Kai Adair"]
    waiting = "back 2022-06-03, interview due 2022-06-06, not recorded"
    assert [row[interview] for row in rows[2:]] == [None, waiting, None, None]


def suspect_tables(**given):
    shared = {
        "decision_id": "D1",
        "decided_at": datetime(2022, 6, 1, tzinfo=UTC),
        "action": "SHARE_SUSPECT",
        "mention_key": "intel:31/2022/000009#1",
        "value": "CCEP",
        "landed_on": date(2022, 6, 2),
    }
    said = mention("intel:31/2022/000009#1", role="SUSPECT", given_names="Marlon", surname="Keane")
    said["date_of_birth"] = date(1990, 2, 3)
    return {
        "mentions": [said],
        "decision": rows_of("decision", {**shared, **given}),
        "person": [{"mention_key": said["mention_key"], "person_id": "P-9"}],
    }


def test_a_suspect_reaches_the_panel_that_the_decision_names_and_stands_apart_from_the_children():
    sheets = panel(Person("P-1"), **suspect_tables())
    assert [row[2] for row in sheets["Suspected perpetrators"][2:]] == ["Keane"]
    assert "Keane" not in str(sheets["Children"])


def test_a_suspect_whose_sharing_ended_is_not_named_again():
    tables = suspect_tables()
    ended = {**tables["decision"][0], "decision_id": "D2", "action": "UNSHARE_SUSPECT"}
    ended["decided_at"] += timedelta(days=1)
    assert "Keane" not in str(panel(Person("P-1"), **{**tables, "decision": [*tables["decision"], ended]}))
    again = {
        **ended,
        "decision_id": "D3",
        "action": "SHARE_SUSPECT",
        "decided_at": ended["decided_at"] + timedelta(days=1),
    }
    assert "Keane" in str(panel(Person("P-1"), **{**tables, "decision": [*tables["decision"], ended, again]}))


def test_a_suspect_reaches_no_other_panel_and_none_without_a_decision_or_with_a_refused_one():
    refused = rows_of(
        "refusal",
        {
            "decision_id": "D1",
            "decided_at": datetime(2022, 6, 1, tzinfo=UTC),
            "reason_code": "X",
            "reason": "x",
            "refused_on": date(2022, 6, 2),
        },
    )
    assert "Keane" not in str(panel(Person("P-1"), **suspect_tables(value="SYVP")))
    assert "Keane" not in str(panel(Person("P-1"), **suspect_tables(), refusal=refused))


def test_a_suspect_who_is_recorded_as_a_child_and_victim_is_held_back():
    tables = suspect_tables()
    tables["person"] = [{**tables["person"][0], "person_id": "P-1"}]
    outcome = night(tables_of(Person("P-1"), **tables), "ccep", full=("ccep",))
    assert ("P-1", "*", "IS_A_CHILD") in {(r["person_id"], r["field"], r["reason_code"]) for r in outcome.held_back}


def test_every_file_carries_as_of_marking_and_how_facts_are_known():
    names = tuple(CONTRACTS)
    outcome = night(tables_of(Person("P-1")), *names, full=names)
    for name, content in outcome.files.items():
        if not name.endswith("xlsx"):
            assert b"2022-06-15" in content, name
            assert b"OFFICIAL-SENSITIVE" in content, name
            assert b"verified" in content.lower(), name


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("+447911123456", ["MOBH", "+44"]),
        ("+441159670999", ["LANH", "+44"]),
        ("+447700900123", [None, "+44"]),
        ("not a number", [None, None]),
    ],
)
def test_the_type_of_a_telephone_is_told_where_the_number_tells_it_and_never_guessed(number, told):
    root = etree.fromstring(only(night(tables_of(Person("P-1", [mention(telephone=number)])), "pnd"), "xml"))
    telephone = next(root.iter("{*}TelephoneNumber")).getparent()
    assert [telephone.findtext(f"{{*}}{name}") for name in ("TelephoneType", "TelephoneCountry")] == told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Positive reasonable grounds", "RG_POSITIVE"),
        ("CG negative.", "CG_NEGATIVE"),
        ("Lives with his aunt now", None),
    ],
)
def test_the_outcome_of_a_referral_is_told_by_its_code_and_never_in_words(typed, told):
    child = Person("P-1", given={"nrm_outcome": typed, "nrm_submitted_on": date(2022, 5, 3)})
    outcome = night(tables_of(child), "mash_city")
    record = json.loads(only(outcome, "concern.json"))["records"][0]
    assert record["referrals"] == {"nrm_status": "DECIDED", "nrm_submitted_on": "2022-05-03", "nrm_outcome": told}
    held_back = [(row["field"], row["reason_code"]) for row in outcome.held_back]
    assert held_back == ([] if told else [("nrm_outcome", "FREE_TEXT")])


def test_a_panel_that_hears_of_changes_only_is_told_the_reference_of_a_link_that_it_holds_already():
    one = Person("P-1", [mention(line_ref="L1")])
    other = Person("P-2", [mention("intel:31/2022/000002#1", line_ref="L1", address="1 Elm Road")])
    contract = {"ccep": replace(CONTRACTS["ccep"], content="changes", schedule=Schedule())}
    line = rows_of("line", LINE)
    first = drops(tables_of(one, other, line=line), contract, Earlier())
    moved = Person("P-2", [mention("intel:31/2022/000002#1", line_ref="L1", address="2 Elm Road")])
    second = drops(tables_of(one, moved, as_of=date(2022, 6, 16), line=line), contract, after(first, TONIGHT))
    page = load_workbook(io.BytesIO(only(second, "xlsx")))["Links"]
    assert [[cell or "" for cell in row[1:]] for row in page.iter_rows(min_row=3, values_only=True)] == [
        ["", "line", "", "1.44", record_ref("31", "P-2"), record_ref("31", "P-1")]
    ]
