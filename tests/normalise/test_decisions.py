"""Which decisions have the form that the inbound contract asks for."""

import pytest

from expectations.actions import ACTIONS
from tests.normalise.landed import FIRST, NIGHT, decision, nights
from transforms.normalise.decisions import REFUSALS, read, refused_for

OTHER = "missing:MFH-1"
GOOD = [
    ("RATIFY", {"value": "OPEN"}),
    ("RATIFY", {"value": "VULNERABLE"}),
    ("DECLINE", {"reason_code": "NOT_MET"}),
    ("SET_STATUS", {"value": "OPEN"}),
    ("REMOVE", {"reason_code": "MOVED_AREA"}),
    ("REMOVE", {"reason_code": "OTHER", "reason": "In the care of another force"}),
    ("REOPEN", {}),
    ("LINK", {"other_mention_key": OTHER}),
    ("SEPARATE", {"other_mention_key": OTHER}),
    ("UNDECIDED", {"other_mention_key": OTHER}),
    ("SET_DOB", {"value": "2008-02-29", "reason_code": "VERIFIED"}),
    ("SET_GENDER", {"value": "Trans Male"}),
    ("SET_AUTHORITY", {"value": "CITY"}),
    ("SET_AUTHORITY", {"value": "E06000016"}),
    ("SET_AUTHORITY", {"value": "Birmingham City Council"}),
    ("SET_PLACING_AUTHORITY", {"value": "bromley"}),
    ("SET_HOME_AREA", {"value": "city north"}),
    ("MOVED", {"value": "Birmingham | 20"}),
    ("PLACE_TOLD", {"value": "Leicestershire Police"}),
    ("PLACE_NOT_TOLD", {"value": "Leicester", "reason": "The originator has to agree first"}),
    ("PLACE_ANSWERED", {"value": "Leicester"}),
    ("PLACE_NOT_TOLD", {"value": "Leicester", "reason": "Nobody could be reached"}),
    ("CONSENT", {"value": "NOT_SOUGHT", "reason_code": "INFORMED"}),
    ("RESTRICT", {}),
    ("UNRESTRICT", {}),
    ("DISPUTE", {}),
    ("UNDISPUTE", {}),
    ("SUSPECT_EVIDENCE", {"reason": "Evidence reviewed by the DI"}),
    ("SHARE_SUSPECT", {"value": "CCEP", "reason": "To safeguard a child"}),
    ("VISITED", {"value": "2022-02-20"}),
    ("TOOLKIT_COMPLETED", {"value": "2022-02-20"}),
    ("NRM_SUBMITTED", {"value": "NRM-000012"}),
    ("NRM_DECISION", {"value": "Positive reasonable grounds"}),
    ("ACTION_DONE", {"value": "2022-02-20"}),
    ("SET_NAME", {"value": "CANARYWHARF, robin lee"}),
    ("SET_ADDRESS", {"value": "12 High Street | ng11aa"}),
    ("SET_ADDRESS", {"value": " | NG1 1AA"}),
    ("SET_ADDRESS", {"value": "No fixed house |"}),
    ("SET_HOME_AREA", {"value": "city north"}),
    ("SET_PLACING_AUTHORITY", {"value": "Birmingham City Council"}),
    ("UNSHARE_SUSPECT", {"value": "CCEP"}),
    ("CONCERN", {"value": "Afraid of the men who wait outside the school", "reason_code": "SOON"}),
    ("MOVED", {"value": "Birmingham City Council | West Midlands Police"}),
    ("CONCERN", {"value": "w" * 2000, "reason_code": "soon"}),
    ("MOVED", {"value": "Leicester | Leicestershire Constabulary"}),
    ("REVIEWED", {"value": "2028-02-20", "reason_code": "RETAIN"}),
    ("MEETING", {"mention_key": "", "value": "2022-02-01", "meeting_ref": "CLVT-2022-02"}),
    ("MEETING", {"mention_key": "", "value": "2022-03-02", "meeting_ref": "CLVT-2022-03"}),
    ("CONFIRM", {"mention_key": "", "value": "night:2022-03-01", "reason": "The unit was closed"}),
    ("CONFIRM", {"mention_key": "", "value": "decision:D00123", "reason": "Both records were seen"}),
]
BAD = [
    ("PROMOTE", {}, "ACTION_UNKNOWN"),
    (None, {}, "ACTION_UNKNOWN"),
    ("RATIFY", {"value": "OPEN", "mention_key": "31/2022/000001"}, "MENTION_KEY_UNREADABLE"),
    ("RATIFY", {}, "STATUS_NOT_AGREED"),
    ("SET_STATUS", {"value": "CLOSED"}, "STATUS_NOT_AGREED"),
    ("REMOVE", {}, "REMOVAL_REASON_NOT_AGREED"),
    ("REMOVE", {"reason_code": "OTHER"}, "REASON_MISSING"),
    ("LINK", {}, "OTHER_MENTION_KEY_UNREADABLE"),
    ("SEPARATE", {"other_mention_key": "intel:31/2022/000001#1"}, "MENTIONS_THE_SAME"),
    ("UNDECIDED", {}, "OTHER_MENTION_KEY_UNREADABLE"),
    ("SET_DOB", {"value": "2006-02-29", "reason_code": "VERIFIED"}, "BIRTH_NOT_POSSIBLE"),
    ("SET_DOB", {"value": "2006", "reason_code": "VERIFIED"}, "BIRTH_NOT_POSSIBLE"),
    ("SET_DOB", {"value": "1900-01-01", "reason_code": "VERIFIED"}, "BIRTH_NOT_POSSIBLE"),
    ("SET_DOB", {"value": "2023-01-01", "reason_code": "VERIFIED"}, "BIRTH_NOT_POSSIBLE"),
    ("SET_DOB", {"value": "2006-02-28"}, "BIRTH_STATUS_NOT_AGREED"),
    ("SET_GENDER", {"value": "Boy"}, "GENDER_NOT_AGREED"),
    ("SET_AUTHORITY", {"value": "SHIRE"}, "AUTHORITY_NOT_AGREED"),
    ("SET_AUTHORITY", {"value": "Nottingham County"}, "AUTHORITY_NOT_AGREED"),
    ("SET_PLACING_AUTHORITY", {}, "AUTHORITY_NOT_AGREED"),
    ("SET_HOME_AREA", {"value": "Mordor"}, "AREA_NOT_AGREED"),
    ("MOVED", {"value": "| 20"}, "DESTINATION_UNREADABLE"),
    ("MOVED", {"value": "Birmingham | Shire Police"}, "DESTINATION_UNREADABLE"),
    ("PLACE_TOLD", {"value": "the social worker"}, "PLACE_NOT_AGREED"),
    ("PLACE_ANSWERED", {"value": "the social worker"}, "PLACE_NOT_AGREED"),
    ("PLACE_NOT_TOLD", {"value": "the social worker", "reason": "Nobody could be reached"}, "PLACE_NOT_AGREED"),
    ("PLACE_NOT_TOLD", {"value": "Leicester"}, "REASON_MISSING"),
    ("CONSENT", {"value": "MAYBE", "reason_code": "INFORMED"}, "CONSENT_NOT_AGREED"),
    ("CONSENT", {"value": "GIVEN"}, "PARENTS_NOT_AGREED"),
    ("SUSPECT_EVIDENCE", {}, "REASON_MISSING"),
    ("SHARE_SUSPECT", {"value": "MASH", "reason": "To safeguard a child"}, "PANEL_NOT_AGREED"),
    ("SHARE_SUSPECT", {"value": "SYVP"}, "REASON_MISSING"),
    ("VISITED", {"value": "last week"}, "DATE_UNREADABLE"),
    ("TOOLKIT_COMPLETED", {}, "DATE_UNREADABLE"),
    ("NRM_SUBMITTED", {}, "VALUE_MISSING"),
    ("NRM_DECISION", {}, "VALUE_MISSING"),
    ("ACTION_DONE", {}, "VALUE_MISSING"),
    ("SET_NAME", {"value": "Robin Canarywharf"}, "NAME_UNREADABLE"),
    ("SET_NAME", {"value": "Canarywharf,"}, "NAME_UNREADABLE"),
    ("SET_ADDRESS", {"value": "12 High Street"}, "HOME_UNREADABLE"),
    ("SET_ADDRESS", {"value": "12 High Street | NG1"}, "HOME_UNREADABLE"),
    ("SET_HOME_AREA", {"value": "Camden"}, "AREA_NOT_AGREED"),
    ("SET_PLACING_AUTHORITY", {"value": "SHIRE"}, "AUTHORITY_NOT_AGREED"),
    ("UNSHARE_SUSPECT", {"value": "MASH"}, "PANEL_NOT_AGREED"),
    ("CONCERN", {"reason_code": "SOON"}, "VALUE_MISSING"),
    ("CONCERN", {"value": "w" * 2001, "reason_code": "SOON"}, "WORDS_TOO_LONG"),
    ("CONCERN", {"value": "Afraid"}, "URGENCY_NOT_AGREED"),
    ("MOVED", {"value": "Birmingham City Council"}, "DESTINATION_UNREADABLE"),
    ("MOVED", {"value": "Birmingham City Council | Nowhere Police"}, "DESTINATION_UNREADABLE"),
    ("REVIEWED", {"value": "2028", "reason_code": "RETAIN"}, "DATE_UNREADABLE"),
    ("REVIEWED", {"value": "2028-02-20"}, "REVIEW_NOT_AGREED"),
    ("MEETING", {"value": "2022-02-01"}, "MEETING_REF_MISSING"),
    ("MEETING", {"value": "1 February", "meeting_ref": "CLVT-2022-02"}, "DATE_UNREADABLE"),
    ("MEETING", {"value": "2032-02-01", "meeting_ref": "CLVT-2022-02"}, "DATE_AHEAD"),
    ("CONFIRM", {"value": "D00123", "reason": "Both records were seen"}, "REFERENCE_UNREADABLE"),
    ("CONFIRM", {"value": "decision:D00123"}, "REASON_MISSING"),
]


@pytest.mark.parametrize(("action", "given"), GOOD)
def test_a_decision_with_what_it_needs_is_taken(action, given):
    assert refused_for(read(decision(action, **given), NIGHT), NIGHT) is None


@pytest.mark.parametrize(("action", "given", "reason"), BAD)
def test_a_decision_that_lacks_what_it_needs_is_refused_with_the_reason(action, given, reason):
    assert refused_for(read(decision(action, **given), NIGHT), NIGHT) == reason


@pytest.mark.parametrize(
    ("action", "written", "held"),
    [
        ("SET_AUTHORITY", "birmingham city council", "E08000025"),
        ("SET_AUTHORITY", "Nottingham City", "CITY"),
        ("SET_HOME_AREA", "CITY NORTH", "City North"),
        ("MOVED", "Glasgow | 74", "S12000049 | 74"),
        ("PLACE_TOLD", "Leicestershire", "E10000018"),
        ("PLACE_TOLD", "Leicestershire Police", "33"),
        ("PLACE_NOT_TOLD", "Leicester", "E06000016"),
        ("PLACE_ANSWERED", "Leicester City Council", "E06000016"),
    ],
)
def test_a_place_is_held_by_the_name_that_tables_have_for_it(action, written, held):
    assert read(decision(action, value=written), NIGHT)["value"] == held


def test_what_was_typed_is_read_without_its_spaces_but_for_the_keys_of_the_row():
    typed = decision(" ratify ", decision_id=" D1 ", value=" OPEN", reason_code="moved_area ", reason=" Seen  by\nall ")
    found = read(typed | {"origin": " screen"}, NIGHT)
    assert {name: found[name] for name in ("action", "value", "reason_code", "reason")} == {
        "action": "RATIFY",
        "value": "OPEN",
        "reason_code": "MOVED_AREA",
        "reason": "Seen by all",
    }
    assert (found["decision_id"], found["origin"]) == (" D1 ", " screen")


def test_a_refusal_says_which_decision_why_and_since_when():
    bad = decision("LINK", decision_id="D2", other_mention_key="elsewhere")
    (row,) = nights({"landed_decision": [bad]})["refusal"].values()
    assert {name: value for name, value in row.items() if value is not None} == {
        "decision_id": "D2",
        "decided_at": bad["decided_at"],
        "decided_by": bad["decided_by"],
        "action": "LINK",
        "mention_key": bad["mention_key"],
        "other_mention_key": "elsewhere",
        "reason_code": "OTHER_MENTION_KEY_UNREADABLE",
        "reason": REFUSALS["OTHER_MENTION_KEY_UNREADABLE"],
        "refused_on": FIRST,
    }


def test_every_action_has_its_case_above_and_every_one_that_has_a_form_one_that_lacks_it():
    assert {action for action, _ in GOOD} == set(ACTIONS)
    assert {action for action, *_ in BAD} >= {name for name, action in ACTIONS.items() if action.form}


def test_every_refusal_has_its_case_above():
    assert {reason for _, _, reason in BAD} == set(REFUSALS)


def test_a_malformed_decision_loses_nothing_else_of_the_file():
    good, bad = decision("REOPEN"), decision("RATIFY", decision_id="D2")
    known = nights({"landed_decision": [good, bad]})
    assert list(known["decision"]) == ["D1"]
    assert known["refusal"]["D2"]["reason"] == REFUSALS["STATUS_NOT_AGREED"]


def test_decisions_and_refusals_of_earlier_nights_stay_known():
    known = nights({"landed_decision": [decision("REOPEN"), decision("RATIFY", decision_id="D2")]}, {})
    assert (list(known["decision"]), list(known["refusal"])) == (["D1"], ["D2"])
