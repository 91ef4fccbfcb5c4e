"""What each recipient's own form holds."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import etree
from openpyxl import load_workbook

from expectations.recipients import Schedule
from expectations.reference import codes
from tests.export.a_force import CONTRACTS, TONIGHT, Person, after, mention, night, rows_of, tables_of
from transforms.export.drops import Earlier, drops
from transforms.export.records import record_ref

POLE = "{urn:county-lines-tracker:pnd-style:1}"
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
        ([date(2022, 3, 1), date(2022, 4, 1), date(2022, 5, 1)], "LINKED", "AMBER", 3),
        ([date(2022, 1, 1), date(2022, 2, 1), date(2022, 5, 1)], "LINKED", "GREEN", 1),
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


def test_a_pack_supersedes_the_childs_last_one():
    first = night(tables_of(Person("P-1")), "sca")
    changed = tables_of(Person("P-1", [mention(surname="Ashbury")]), as_of=date(2022, 6, 16))
    second = night(changed, "sca", earlier=after(first, TONIGHT))
    replaced = [(row["file"].rsplit(".")[-1], row["supersedes"]) for row in second.outgoing[:2]]
    assert replaced == [("json", first.outgoing[0]["file"]), ("html", first.outgoing[1]["file"])]


def test_british_transport_police_gets_places_and_dates_and_no_free_text():
    child = Person("P-1", [mention(), mention("btp:B-1", grade="2BP")])
    content = only(night(tables_of(child, btp_report=rows_of("btp_report", RAIL)), "btp"), "referrals.json")
    told = json.loads(content)["records"][0]
    assert told["rail"]["rail"][0]["station"] == "Derby station"
    assert b"carriage" not in content


def panel(*people, **tables):
    outcome = night(tables_of(*people, **tables), "ccep", full=("ccep",))
    return {
        page.title: list(page.iter_rows(values_only=True)) for page in load_workbook(io.BytesIO(only(outcome, "xlsx")))
    }


def test_the_panel_sees_who_is_linked_by_line_or_place_and_neither_is_named():
    one = Person("P-1", [mention(line_ref="L1")])
    other = Person("P-2", [mention("intel:31/2022/000002#1", line_ref="L1")])
    sheets = panel(one, other, line=rows_of("line", LINE))
    assert [row[4] for row in sheets["Links"][2:]] == ["LINE", "LINE"]
    assert [row[1] for row in sheets["Links"][2:]] == ["Kai Ashby", "Kai Ashby"]
    assert "Jay" not in str(sheets)


def test_the_panel_sees_what_it_agreed_itself():
    said = {"mention_key": "panel:O-1", "panel": "CCEP", "held_on": date(2022, 5, 19), "action": "Mentor"}
    other = {**said, "mention_key": "panel:O-2", "panel": "SYVP", "action": "Curfew"}
    child = Person("P-1", [mention(), mention("panel:O-1"), mention("panel:O-2")])
    sheets = panel(child, panel_outcome=rows_of("panel_outcome", said, other))
    assert [(row[1], row[3]) for row in sheets["Actions"][2:]] == [("Kai Ashby", "Mentor")]


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
            assert b"VERIFIED" in content, name


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
        ["Kai Ashby", record_ref("P-1"), "", "LINE"]
    ]
