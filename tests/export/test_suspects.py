"""Of which suspected perpetrators a panel hears: by a decision, with the same protections as a child."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.export.a_force import CONTRACTS, TONIGHT, Person, after, mention, night, rows_of, tables_of
from transforms.export.check import problems

KEY, OTHER_KEY = "intel:31/2022/000009#1", "intel:31/2022/000010#1"
TOMORROW = TONIGHT + timedelta(days=1)
MAN = {"role": "SUSPECT", "given_names": "Marlon", "surname": "Keane", "date_of_birth": date(1990, 2, 3)}


def decision(action, number=1, key=KEY, **given):
    at = datetime(2022, 6, 1, tzinfo=UTC) + timedelta(hours=number)
    row = {"decision_id": f"D{number}", "decided_at": at, "action": action, "mention_key": key, "reason": "x"}
    return {**row, "landed_on": date(2022, 6, 2), **given}


SHARED = decision("SHARE_SUSPECT", value="CCEP")


def told(*decisions, said=(), as_of=TONIGHT, earlier=None, refused=(), alias=None):
    """The panel's night, of a man whom one decision shares, and what else records and people say of him."""
    mentions = [mention(KEY, **MAN, alias=alias), *(mention(OTHER_KEY, **{**MAN, **one}) for one in said)]
    tables = {
        "mentions": mentions,
        "decision": rows_of("decision", SHARED, *decisions),
        "person": [{"mention_key": one["mention_key"], "person_id": "P-9"} for one in mentions],
        "refusal": list(refused),
    }
    return night(tables_of(Person("P-1"), as_of=as_of, **tables), "ccep", full=("ccep",), earlier=earlier)


def names(outcome):
    return any(b"Keane" in content for name, content in outcome.files.items() if name.endswith(".html"))


def held_back(outcome):
    return [row["reason_code"] for row in outcome.held_back if row["person_id"] == "P-9"]


def test_a_man_whom_a_decision_shares_is_named():
    assert names(told())


def test_the_panels_files_that_name_a_man_are_read_back_as_agreed():
    outcome = told()
    files = {
        row["file"]: problems(CONTRACTS["ccep"], outcome.files[f"ccep/{row['file']}"], row) for row in outcome.outgoing
    }
    assert {name.rsplit(".")[-1] for name in files} >= {"xlsx", "html"}
    assert [*files.values()] == [[]] * len(files)


@pytest.mark.parametrize(("alias", "aliases"), [("Razor", ["Razor"]), (None, [])])
def test_a_man_is_named_with_the_alias_of_his_record(alias, aliases):
    [held] = [json.loads(row["content"]) for row in told(alias=alias).holding if row["record_ref"].startswith("SU-")]
    assert (held["given_names"], held["surname"], held["aliases"]) == ("Marlon", "Keane", aliases)


@pytest.mark.parametrize(
    ("action", "lifted_by", "code"), [("RESTRICT", "UNRESTRICT", "RESTRICTED"), ("DISPUTE", "UNDISPUTE", "DISPUTED")]
)
@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
def test_a_suspect_who_is_restricted_or_disputed_by_any_of_his_records_is_named_to_nobody(action, lifted_by, code, key):
    outcome = told(decision(action, 2, key), said=[{}])
    assert (names(outcome), held_back(outcome)) == (False, [code])
    assert names(told(decision(action, 2, key), decision(lifted_by, 3), said=[{}]))


@pytest.mark.parametrize(
    "said",
    [
        {"date_of_birth": date(2008, 5, 5)},
        {"date_of_birth": date(2004, 6, 16)},
        {"date_of_birth": None, "birth_year": 2007},
        {"date_of_birth": None, "birth_year": 2004},
        {"date_of_birth": None, "age_stated": 16},
    ],
)
def test_whoever_may_be_under_18_by_any_date_or_stated_age_is_named_to_no_panel(said):
    outcome = told(said=[said])
    assert (names(outcome), held_back(outcome)) == (False, ["MAY_BE_UNDER_18"])


@pytest.mark.parametrize("said", [{"date_of_birth": date(2004, 6, 15)}, {"date_of_birth": None, "age_stated": 18}])
def test_on_the_18th_birthday_a_suspect_is_an_adult(said):
    assert names(told(said=[said]))


def test_a_decided_date_of_birth_settles_what_records_say():
    assert names(told(decision("SET_DOB", 2, value="1990-02-03", reason_code="VERIFIED"), said=[{"age_stated": 15}]))
    young = decision("SET_DOB", 2, value="2008-02-03", reason_code="VERIFIED")
    assert held_back(told(young)) == ["MAY_BE_UNDER_18"]


def test_of_two_decided_dates_of_birth_the_last_one_counts():
    young = {"value": "2008-02-03", "reason_code": "VERIFIED"}
    old = {"value": "1990-02-03", "reason_code": "VERIFIED"}
    assert names(told(decision("SET_DOB", 2, **young), decision("SET_DOB", 3, **old)))
    assert not names(told(decision("SET_DOB", 2, **old), decision("SET_DOB", 3, **young)))


def test_a_person_who_saw_that_it_may_be_a_child_can_let_the_name_go():
    confirmed = decision("CONFIRM", 2, value="decision:D1")
    assert names(told(confirmed, said=[{"date_of_birth": date(2008, 5, 5)}]))


def test_a_suspect_whom_another_record_names_as_a_child_is_no_suspect():
    assert held_back(told(said=[{"role": "CHILD", "date_of_birth": None}])) == ["IS_A_CHILD"]


def test_the_end_of_sharing_is_told_to_the_panel_and_the_name_is_not_sent_again():
    first = told()
    unshared = decision("UNSHARE_SUSPECT", 2, value="CCEP")
    second = told(unshared, as_of=TOMORROW, earlier=after(first, TONIGHT))
    [corrections] = [json.loads(text) for name, text in second.files.items() if name.endswith("corrections.json")]
    [notice] = corrections["notices"]
    assert (notice["kind"], notice["action_requested"], notice["record_ref"][:3]) == ("UNSHARED", "ERASE", "SU-")
    assert not names(second)
    third = told(unshared, as_of=TOMORROW + timedelta(days=1), earlier=after(second, TOMORROW))
    assert (names(third), third.notice) == (False, [])
    again = decision("SHARE_SUSPECT", 3, value="CCEP")
    assert names(told(unshared, again, as_of=TOMORROW, earlier=after(first, TONIGHT)))


def test_the_end_of_sharing_with_another_panel_changes_nothing_here():
    assert names(told(decision("UNSHARE_SUSPECT", 2, value="SYVP")))


def test_a_suspect_who_is_restricted_after_the_panel_had_the_name_is_under_review_there():
    second = told(decision("RESTRICT", 2), as_of=TOMORROW, earlier=after(told(), TONIGHT))
    assert [(row["kind"], row["action"]) for row in second.notice] == [("UNDER_REVIEW", "RESTRICT")]
