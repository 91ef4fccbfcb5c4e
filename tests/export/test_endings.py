"""What a recipient is told at an ending, and what of what it was told was wrong: a row for each row of the tables."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from expectations.endings import endings_of, tables
from expectations.record import FIELDS
from tests.export.a_force import CONTRACTS, TONIGHT, Person, mention, report, tables_of
from transforms.export.endings import ending_for
from transforms.export.entitled import entitlement
from transforms.export.records import refs_of
from transforms.export.shareable import Shareables
from transforms.export.wrong import RESTING_ON_BIRTH, Judge

PURPOSES = ("safeguarding", "national", "panel", "list", "first_responder")
ASKED = [
    # why a record ends, what the recipient hears that it is, and what it is asked for, by its purpose
    ("DECEASED", "DECEASED", ("UPDATE", "HISTORIC", "UPDATE", "UPDATE", "UPDATE")),
    ("RESTRICTED", "UNDER_REVIEW", ("UPDATE", "RESTRICT", "RESTRICT", "RESTRICT", "RESTRICT")),
    ("DISPUTED", "UNDER_REVIEW", ("UPDATE", "RESTRICT", "RESTRICT", "RESTRICT", "RESTRICT")),
    ("SUSPECT", "UNDER_REVIEW", ("UPDATE", "RESTRICT", "RESTRICT", "RESTRICT", "RESTRICT")),
    ("ADULT", "AGED_OUT", ("UPDATE", "HISTORIC", "UPDATE", "UPDATE", "UPDATE")),
    ("AGE_UNSETTLED", "AGE_UNSETTLED", ("STANDS", "STANDS", "STANDS", "STANDS", "STANDS")),
    ("REMOVED", "REMOVED", ("UPDATE", "HISTORIC", "UPDATE", "UPDATE", "STANDS")),
    ("DECLINED", "REMOVED", ("UPDATE", "HISTORIC", "UPDATE", "UPDATE", "STANDS")),
    ("MOVED", "MOVED", ("UPDATE", "HISTORIC", "UPDATE", "UPDATE", "STANDS")),
    ("NO_ROUTE", "MOVED", ("STANDS", "STANDS", "STANDS", "STANDS", "STANDS")),
    ("INCOMPLETE", "INCOMPLETE", ("STANDS", "STANDS", "STANDS", "STANDS", "STANDS")),
    ("REFERRED", "REFERRED", ("STANDS", "STANDS", "STANDS", "STANDS", "STANDS")),
    ("ENTERED_IN_ERROR", "WITHDRAWN", ("ERASE", "ERASE", "ERASE", "ERASE", "ERASE")),
    ("WITHDRAWN", "WITHDRAWN", ("ERASE", "ERASE", "ERASE", "ERASE", "ERASE")),
    ("UNSHARED", "UNSHARED", ("ERASE", "ERASE", "ERASE", "ERASE", "ERASE")),
]
ADULT = {"date_of_birth": TONIGHT - timedelta(days=18 * 366)}
UNSETTLED = {"date_of_birth": date(2004, 6, 15), "age_presumed": True}
AT_ONCE = {"DECEASED", "WITHDRAWN", "UNDER_REVIEW", "UNSHARED"}


@pytest.mark.parametrize(("reason", "kind", "actions"), ASKED)
def test_each_reason_ends_a_record_as_the_purpose_of_its_recipient_asks(
    reason: str, kind: str, actions: tuple[str, ...]
) -> None:
    found = [endings_of(purpose, {})[reason] for purpose in PURPOSES]
    assert tuple(one.action for one in found) == actions
    assert {one.kind for one in found} == {kind}
    assert {one.is_at_once for one in found} == {kind in AT_ONCE}
    assert all(one.says for one in found if one.action != "STANDS")


def test_every_purpose_and_every_reason_has_its_row_here() -> None:
    assert set(tables()) == set(PURPOSES)
    assert {reason for rows in tables().values() for reason in rows} == {reason for reason, _, _ in ASKED}


@pytest.mark.parametrize(
    ("word", "reasons"),
    [("adult", ["ADULT"]), ("declined", ["DECLINED"]), ("removed", ["REMOVED"]), ("moved", ["MOVED", "NO_ROUTE"])],
)
def test_a_contract_of_the_earlier_form_changes_the_rows_that_its_word_means(word: str, reasons: list[str]) -> None:
    usual, own = endings_of("list", {}), endings_of("list", {word: "ERASE"})
    assert [reason for reason in usual if own[reason].action != usual[reason].action] == reasons
    assert {own[reason].action for reason in reasons} == {"ERASE"}


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ("charity", {}),
        ({"of": "list", "LOST": {"action": "ERASE"}}, {}),
        ({"of": "list", "MOVED": {"action": "FORGET"}}, {}),
        ({"of": "list", "ADULT": {"action": "STANDS"}}, {}),
        ({"of": "list", "SUSPECT": {"action": "ERASE"}}, {}),
        ("list", {"adult": "STANDS"}),
        ("list", {"lost": "ERASE"}),
    ],
)
def test_a_table_that_cannot_be_kept_is_refused(given: object, ends: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"endings|ends"):
        endings_of(given, ends)  # type: ignore[arg-type]


CODES = [
    ("ALREADY_REFERRED", "REFERRED"),
    ("REQUIRED_MISSING", "INCOMPLETE"),
    ("NOT_RATIFIED", "REMOVED"),
    ("OTHER_STATUS", "REMOVED"),
    ("IS_A_CHILD", "WITHDRAWN"),
    ("COVERT_A1", "WITHDRAWN"),
    ("NO_SUPPORT", "WITHDRAWN"),
    *((reason, kind) for reason, kind, _ in ASKED),
]


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_the_code_of_why_a_record_is_held_back_chooses_the_ending(code: str, kind: str) -> None:
    assert ending_for(CONTRACTS["mash_city"], code).kind == kind


ENDED = [
    # what is known of the child now, whose surname was wrong: how the record ends, and the surname that leaves with it
    ({"restricted": True}, "UNDER_REVIEW", "Ashby"),
    ({"disputed": True}, "UNDER_REVIEW", "Ashby"),
    ({"state": "REMOVED", "removal_reason": "ENTERED_IN_ERROR"}, "WITHDRAWN", "Ashby"),
    ({"withdrawn": True}, "WITHDRAWN", "Ashby"),
    ({"state": "REMOVED", "removal_reason": "MOVED_AREA"}, "MOVED", "Ashbury"),
    (ADULT, "AGED_OUT", "Ashbury"),
    ({**ADULT, "withdrawn": True}, "WITHDRAWN", "Ashby"),
    ({**UNSETTLED, "withdrawn": True}, "WITHDRAWN", "Ashby"),
    ({"restricted": True, "withdrawn": True}, "UNDER_REVIEW", "Ashby"),
]


@pytest.mark.parametrize(("given", "kind", "surname"), ENDED)
def test_of_a_record_under_review_or_withdrawn_not_even_what_is_right_leaves(
    given: dict[str, object], kind: str, surname: str
) -> None:
    known = dict(given)
    said = mention(surname="Ashbury", withdrawn=known.pop("withdrawn", False))
    tables, recipient = tables_of(Person("P-1", [said], known)), CONTRACTS["mash_city"]
    [ref] = refs_of("31", "P-1")[:1]
    [ended] = entitlement(tables, Shareables(tables), recipient, {ref: {"surname": "Ashby"}}).ended.values()
    assert (ended.ending.kind, ended.record.content["surname"]) == (kind, surname)


WRONG = [
    # field, what is held, what is known now, was it wrong?
    ("aliases", ["Bo", "Jay"], ["Bo"], True),
    ("aliases", ["Bo"], ["Bo", "Jay"], False),
    ("aliases", [], ["Bo"], False),
    ("missing", [{"ref": "M-1", "until": None}], [{"ref": "M-1", "until": "2022-06-01"}], False),
    ("missing", [{"ref": "M-1"}, {"ref": "M-2"}], [{"ref": "M-2"}], True),
    ("missing", [{"ref": "M-1"}], None, True),
    ("panel_actions", [{"ref": "A-1"}], [{"ref": "A-2"}], True),
    ("lines", [{"ref": "CL-31-001", "kind": "IDENTIFIED"}], [], True),
    ("lines", [{"ref": "GENERIC", "kind": "GENERIC_CHILDREN"}], [{"ref": "CL-31-001", "kind": "IDENTIFIED"}], False),
    ("involvement", "INVOLVED", "LINKED", True),
    ("involvement", "LINKED", "INVOLVED", False),
    ("involvement", "LINKED", None, True),
    ("report_count", 2, 1, True),
    ("report_count", 2, None, True),
    ("report_count", 2, 3, False),
    ("report_count", 0, None, False),
    ("missing_count", 1, 0, True),
    ("accuracy", {"grades": ["3X5X2 2BP"]}, {"grades": ["3X5X2 1AP"]}, True),
    ("accuracy", {"grades": ["3X5X2 2BP"]}, {"grades": ["3X5X2 2BP", "3X5X2 1AP"]}, False),
    ("accuracy", {"grades": ["3X5X2 2BP"]}, None, True),
    ("age", 14, 15, False),
    ("status", "OPEN", "VULNERABLE", False),
    ("surname", "Ashby", "Ashby", False),
    ("surname", None, "Ashby", False),
]


@pytest.mark.parametrize(("field", "held", "now", "wrong"), WRONG)
def test_what_was_told_is_wrong_or_has_moved_on_by_the_rule_of_its_field(
    field: str, held: object, now: object, wrong: bool
) -> None:
    judge = Judge(tables_of(Person("P-1")), CONTRACTS["mash_city"], "P-1")
    assert judge.is_wrong(field, held, now) is wrong


STILL_SAID = [
    # field, what is held, what is sent now, whether a person decided it, was it wrong? A record says Ashby, 2007-03-09
    ("surname", "Ashby", "Ashbury", False, False),
    ("surname", "Ashby", "Ashbury", True, True),
    ("surname", "Ashbee", "Ashby", False, True),
    ("surname", "Ashbee", None, False, True),
    ("surname", "Ashby", None, True, False),
    ("local_authority", "CITY", "COUNTY", False, False),
    ("local_authority", "CITY", "COUNTY", True, False),
    ("local_authority", "COUNTY", "CITY", False, True),
    ("school", "Elm Academy", None, False, True),
    ("date_of_birth", "2007-03-09", "2008-05-05", False, True),
    ("date_of_birth", "2007-03-09", None, False, False),
    ("date_of_birth", "2006-03-09", None, False, True),
]


@pytest.mark.parametrize(("field", "held", "now", "decided", "wrong"), STILL_SAID)
def test_a_fact_is_wrong_where_no_record_says_it_or_a_person_decided_another_value(
    field: str, held: object, now: object, decided: bool, wrong: bool
) -> None:
    state = tables_of(Person("P-1"))
    facts = [{**row, "decision_id": "D1" if decided else None} for row in state.fact if row["field"] == field]
    facts = [{**row, "value": now} if decided and now else row for row in facts]
    judge = Judge(replace(state, fact=facts), CONTRACTS["mash_city"], "P-1")
    assert judge.is_wrong(field, held, now) is wrong


def test_a_value_that_a_person_decided_was_not_wrong_because_no_record_says_it() -> None:
    state = tables_of(Person("P-1"))
    facts = [
        {**row, "decision_id": "D1", "value": "2008-05-05"} for row in state.fact if row["field"] == "date_of_birth"
    ]
    judge = Judge(replace(state, fact=facts), CONTRACTS["mash_city"], "P-1")
    assert [judge.is_wrong("date_of_birth", held, None) for held in ("2008-05-05", "2008-05-06")] == [False, True]


@pytest.mark.parametrize(
    ("given", "report_given"),
    [
        ({"withdrawn": True}, {}),
        ({}, {"grade": "2BC", "handling": "C", "handling_conditions": "x", "action_code": "A1"}),
    ],
)
def test_what_only_a_record_says_that_may_not_be_disclosed_is_said_by_none(
    given: dict[str, object], report_given: dict[str, object]
) -> None:
    state = tables_of(Person("P-1", [mention(**given)]), reports=[report(**report_given)])
    assert Judge(replace(state, fact=[]), CONTRACTS["mash_city"], "P-1").is_wrong("surname", "Ashby", None)


def test_a_value_in_the_coarser_form_of_the_contract_is_held_against_records_in_that_form() -> None:
    mash = CONTRACTS["mash_city"]
    coarse = replace(mash, fields={**mash.fields, "date_of_birth": "year"})
    judge = Judge(tables_of(Person("P-1")), coarse, "P-1")
    assert [judge.is_wrong("date_of_birth", held, None) for held in ("2007", "2006")] == [False, True]


def test_with_a_date_of_birth_goes_all_that_rests_on_it() -> None:
    held = {"surname": "Ashby", "date_of_birth": "2006-03-09", "age": 16, "attains_18_on": "2024-03-09"}
    held |= {"dob_status": "VERIFIED", "birth_year": 2006}
    judge = Judge(tables_of(Person("P-1")), CONTRACTS["mash_city"], "P-1")
    assert judge.wrong(held, {**held, "date_of_birth": "2007-03-09"}) == ["date_of_birth", *RESTING_ON_BIRTH]
    assert judge.wrong(held, held) == []
    assert judge.wrong({"date_of_birth": "2006-03-09"}, {"date_of_birth": "2007-03-09"}) == ["date_of_birth"]


def test_what_rests_on_the_date_of_birth_is_what_the_catalogue_says_and_the_year() -> None:
    resting = {name for name, sent in FIELDS.items() if sent.base == "date_of_birth"}
    assert set(RESTING_ON_BIRTH) == resting | {"birth_year"}
