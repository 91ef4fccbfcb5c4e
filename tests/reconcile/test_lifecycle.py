"""The life of an entry: who may cause what, what it needs, and each refusal's sentence."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.agreed import ON_TRACKER
from tests.reconcile.rows import at, day, decision, mention, next_night, opening, report, row, tables_of
from transforms.reconcile import reconcile
from transforms.reconcile.changes import movement
from transforms.reconcile.profile import movement as by_date
from transforms.tables import Tables

M = "intel:r1#1"


def child(as_of: str = "2022-12-01", decisions: list | None = None, **given: object) -> dict:
    return reconcile(tables_of(as_of, [mention(M, born="2008-05-05", **given)], decision=decisions or [])).child[0]


def refused(decisions: list, as_of: str = "2022-12-01", born: str = "2008-05-05", **given: object) -> dict[str, str]:
    result = reconcile(tables_of(as_of, [mention(M, born=born, **given)], decision=decisions))
    return {row["decision_id"]: row["reason_code"] for row in result.refusal}


def test_authorised_intelligence_proposes_a_child_once_and_asks_to_ratify() -> None:
    two = [mention(M, born="2008-05-05"), mention("intel:r2#1", "2022-01-12", born="2008-05-05")]
    result = reconcile(tables_of("2022-01-20", two))
    assert (result.child[0]["state"], result.child[0]["proposed_on"]) == ("PROPOSED", date(2022, 1, 10))
    assert [(row["kind"], row["mention_key"]) for row in result.review] == [("ratify", M)]


@pytest.mark.parametrize("grade", ["3AP", "3BC", "1EP", "2EC"])
def test_intelligence_graded_3_or_e_alone_never_proposes_a_child(grade: str) -> None:
    result = reconcile(tables_of("2022-01-20", [mention(M)], report=[report("r1", grade)]))
    assert result.child[0]["state"] == "HELD"
    assert result.review == []


def test_weak_intelligence_beside_good_proposes() -> None:
    two = [mention(M), mention("intel:r2#1", "2022-01-12")]
    result = reconcile(tables_of("2022-01-20", two, report=[report("r1", "3AP"), report("r2", "2BP")]))
    assert result.child[0]["state"] == "PROPOSED"
    assert result.child[0]["proposed_on"] == date(2022, 1, 12)


@pytest.mark.parametrize("role", ["SUSPECT", "ASSOCIATE"])
def test_a_suspect_or_associate_never_becomes_an_entry(role: str) -> None:
    night = tables_of(
        "2022-02-02", [mention(M, role=role)], decision=[decision(1, "RATIFY", M, "2022-02-01", value="OPEN")]
    )
    result = reconcile(night)
    assert result.child == []
    assert [row["reason_code"] for row in result.refusal] == ["NOT_A_CHILD"]


def test_ratified_at_the_meeting_the_child_is_on_the_tracker_from_that_day() -> None:
    entry = child(decisions=[decision(1, "RATIFY", M, "2022-02-01", value="OPEN")])
    assert (entry["state"], entry["added_on"], entry["tracker_id"]) == ("OPEN", date(2022, 2, 1), "CLVT-000001")


def test_every_child_is_recorded_as_a_victim_unless_a_decision_says_otherwise() -> None:
    assert child()["data_subject_category"] == "VICTIM_OR_MAY_BE"
    evidence = [decision(1, "SUSPECT_EVIDENCE", M, "2022-02-01", reason="Charged as an adult's principal")]
    assert child(decisions=evidence)["data_subject_category"] == "SUSPECT"


def test_a_declined_child_is_asked_about_again_only_when_new_intelligence_arrives() -> None:
    declined = [decision(1, "DECLINE", M, "2022-02-01")]
    assert child(decisions=declined)["state"] == "DECLINED"
    again = [mention(M, born="2008-05-05"), mention("intel:r2#1", "2022-02-02", born="2008-05-05")]
    result = reconcile(tables_of("2022-02-02", again, decision=declined))
    assert result.child[0]["state"] == "PROPOSED"
    assert [row["mention_key"] for row in result.review if row["is_open"]] == ["intel:r2#1"]


def test_history_taken_over_in_one_night_keeps_what_was_declined_since() -> None:
    old = mention(M, "2022-11-23", first_stamp=at("2022-01-09"), stamp=at("2022-01-09"))
    declined = [decision(1, "DECLINE", M, "2022-02-01")]
    assert reconcile(tables_of("2022-11-23", [old], decision=declined)).child[0]["state"] == "DECLINED"


def test_a_removed_child_returns_by_reopen_and_keeps_the_tracker_id_and_first_date() -> None:
    life = [
        decision(1, "RATIFY", M, "2022-02-01", value="OPEN"),
        decision(2, "REMOVE", M, "2022-03-01", reason_code="NO_LONGER_AT_RISK"),
        decision(3, "REOPEN", M, "2022-05-03"),
    ]
    result = reconcile(tables_of("2022-06-01", [mention(M, born="2008-05-05")], decision=life))
    entry = result.child[0]
    assert (entry["state"], entry["added_on"], entry["removed_on"]) == ("OPEN", date(2022, 2, 1), None)
    assert [(s["number"], s["added_on"], s["removed_on"]) for s in result.spell] == [
        (1, date(2022, 2, 1), date(2022, 3, 1)),
        (2, date(2022, 5, 3), None),
    ]


def test_a_decision_dated_in_the_past_counts_from_its_date() -> None:
    first = tables_of("2022-03-02", [mention(M, born="2008-05-05")])
    late = [decision(1, "RATIFY", M, "2022-02-01", value="OPEN", landed_on=day("2022-03-03"))]
    result = reconcile(next_night(first, reconcile(first), "2022-03-03", decision=late))
    assert result.child[0]["added_on"] == date(2022, 2, 1)
    assert [(c["kind"], c["effective_on"]) for c in result.change] == [("ADDED", date(2022, 2, 1))]
    assert [(r["answer"], r["is_open"]) for r in result.review] == [("RATIFY", False)]


def test_the_opening_tracker_is_taken_over_with_its_dates() -> None:
    result = reconcile(
        tables_of("2022-01-01", [mention("opening:P1", born="2008-05-05")], opening_entry=[opening("P1", "2021-10-12")])
    )
    assert (result.child[0]["state"], result.child[0]["added_on"]) == ("OPEN", date(2021, 10, 12))


REFUSALS = [
    ("UNKNOWN_MENTION", [decision(1, "RATIFY", "intel:nowhere#1", "2022-02-01", value="OPEN")]),
    ("ON_TRACKER", [decision(1, "DECLINE", M, "2022-03-01")]),
    ("NOT_ON_TRACKER", [decision(1, "REMOVE", M, "2022-01-20", reason_code="MOVED_AREA")]),
    ("NOT_ON_TRACKER", [decision(1, "SET_STATUS", M, "2022-01-20", value="OPEN")]),
    ("NOT_REMOVED", [decision(1, "REOPEN", M, "2022-03-01")]),
    ("NOT_YET_18", [decision(1, "REMOVE", M, "2022-03-01", reason_code="AGED_OUT")]),
    ("NO_SUCH_ACTION", [decision(1, "ACTION_DONE", M, "2022-03-01", value="2022-03-01")]),
]


@pytest.mark.parametrize(("code", "wrong"), REFUSALS)
def test_a_decision_that_cannot_be_is_refused_and_nothing_else_is_lost(code: str, wrong: list) -> None:
    good = decision(9, "RATIFY", M, "2022-02-01", value="OPEN")
    result = reconcile(tables_of("2022-12-01", [mention(M, born="2008-05-05")], decision=[good, *wrong]))
    assert {row["decision_id"]: row["reason_code"] for row in result.refusal} == {"D00001": code}
    assert len(result.refusal[0]["reason"]) > 30
    assert result.child[0]["state"] == "OPEN"


def test_an_action_of_a_panel_is_done_by_its_own_key_since_a_child_may_have_several() -> None:
    panel, agreed = "panel:PAN-1", date(2022, 2, 10)
    minutes = row("panel_outcome", mention_key=panel, held_on=agreed, action="Mentor", owner_agency="Social Care")
    done = [decision(1, "ACTION_DONE", M, "2022-03-01", value="x"), decision(2, "ACTION_DONE", panel, "2022-03-02")]
    known = [mention(M, born="2008-05-05"), mention(panel, "2022-02-11")]
    of_the_child, of_the_action = (
        reconcile(tables_of("2022-12-01", known, decision=[one], panel_outcome=[minutes])) for one in done
    )
    assert [row["reason_code"] for row in of_the_child.refusal] == ["NO_SUCH_ACTION"]
    assert [row["done_on"] for row in of_the_child.action] == [None]
    assert [row["done_on"] for row in of_the_action.action] == [date(2022, 3, 2)]
    assert of_the_action.refusal == []


def test_nobody_is_ratified_who_was_known_to_be_18_on_that_day() -> None:
    adult = [decision(1, "RATIFY", M, "2022-08-02", value="OPEN")]
    assert refused(adult, born="2004-05-05") == {"D00001": "ALREADY_18"}


def test_of_two_contradicting_decisions_of_one_meeting_the_first_stands_and_both_are_shown() -> None:
    both = [decision(1, "RATIFY", M, "2022-02-01", value="OPEN"), decision(2, "DECLINE", M, "2022-02-01")]
    result = reconcile(tables_of("2022-02-02", [mention(M, born="2008-05-05")], decision=both))
    assert result.child[0]["state"] == "OPEN"
    assert [(r["decision_id"], r["reason_code"], r["contradicts"]) for r in result.refusal] == [
        ("D00002", "CONTRADICTS", "D00001")
    ]


def test_to_confirm_that_a_child_aged_out_is_no_mistake() -> None:
    life = [
        decision(1, "RATIFY", M, "2022-02-01", value="OPEN"),
        decision(2, "REMOVE", M, "2022-07-05", reason_code="AGED_OUT"),
    ]
    assert refused(life, born="2004-06-13") == {}


def test_an_estimated_date_leaves_it_to_the_meeting_which_day_the_child_leaves() -> None:
    life = [
        decision(1, "RATIFY", M, "2022-02-01", value="OPEN"),
        decision(2, "REMOVE", M, "2022-07-05", reason_code="AGED_OUT"),
    ]
    entry = reconcile(
        tables_of("2022-07-06", [mention(M, born="2004-06-13", dob_status="ESTIMATED")], decision=life)
    ).child[0]
    assert (entry["removed_on"], entry["removal_reason"]) == (date(2022, 7, 5), "AGED_OUT")


def test_a_child_whose_reports_were_all_withdrawn_is_asked_about_and_not_dropped() -> None:
    on = [decision(1, "RATIFY", M, "2022-02-01", value="OPEN")]
    first = tables_of("2022-02-02", [mention(M, born="2008-05-05")], decision=on)
    withdrawn = mention(M, born="2008-05-05", withdrawn=True, landed_on=day("2022-02-03"))
    result = reconcile(next_night(first, reconcile(first), "2022-02-03", mention=[withdrawn]))
    assert result.child[0]["state"] == "OPEN"
    assert "unsupported" in [row["kind"] for row in result.review if row["is_open"]]
    assert sorted(c["kind"] for c in result.change) == ["FACT", "UNSUPPORTED", "WITHDRAWN"]


def test_a_referral_from_the_authority_stays_an_action_until_it_is_done() -> None:
    referral = [row("sca_referral", mention_key="sca:N1", received_at=at("2022-03-01"), kind="REFERRAL")]
    night = tables_of("2022-06-01", [mention("sca:N1", involvement=None)], sca_referral=referral)
    (action,) = reconcile(night).action
    assert (action["owner"], action["due_on"], action["done_on"]) == ("County Lines team", date(2022, 3, 6), None)
    done = [decision(1, "ACTION_DONE", "sca:N1", "2022-06-02", value="Visited")]
    night = reconcile(tables_of("2022-06-03", [mention("sca:N1")], sca_referral=referral, decision=done))
    (action,) = night.action
    assert night.refusal == []
    assert (action["done_on"], action["outcome"]) == (date(2022, 6, 2), "Visited")


def test_a_referral_of_a_child_who_turned_18_asks_for_consent() -> None:
    referral = [row("sca_referral", mention_key="sca:N1", received_at=at("2022-03-01"), kind="REFERRAL")]
    night = tables_of("2022-07-01", [mention("sca:N1", born="2004-06-13", involvement=None)], sca_referral=referral)
    assert [r["kind"] for r in reconcile(night).review] == ["nrm_consent"]


def of_the_authority(number: int, kind: str, on: str, **given: object) -> dict:
    return row("sca_referral", mention_key=f"sca:N{number}", received_at=at(on), kind=kind, **given)


def nrm_of(night: Tables) -> tuple:
    (child,) = reconcile(night).child
    return child["nrm_reference"], child["nrm_submitted_on"], child["nrm_outcome"]


def test_what_the_authority_sends_is_where_the_case_of_the_child_stands() -> None:
    said = mention("sca:N1", "2022-03-02", involvement=None)
    received = tables_of(
        "2022-03-03", [said], sca_referral=[of_the_authority(1, "REFERRAL", "2022-03-01", decision=None)]
    )
    assert nrm_of(received) == ("N1", date(2022, 3, 1), None)
    decided = of_the_authority(1, "DECISION", "2022-03-20", decision="Positive reasonable grounds")
    later = said | {"stamp": at("2022-03-20")}
    assert nrm_of(tables_of("2022-03-21", [later], sca_referral=[decided])) == (
        *("N1", date(2022, 3, 1), "Positive reasonable grounds"),
    )


def test_of_what_people_and_the_authority_say_of_a_case_the_last_word_stands() -> None:
    typed = [
        decision(1, "NRM_SUBMITTED", M, "2022-02-28", value="OURS"),
        decision(2, "NRM_DECISION", M, "2022-03-10", value="RG_POSITIVE"),
    ]
    said = [mention(M), mention("sca:N1", "2022-03-02", stamp=at("2022-04-01"), involvement=None)]
    decided = [of_the_authority(1, "DECISION", "2022-03-01", decision="Positive conclusive grounds")]
    assert nrm_of(tables_of("2022-04-02", said, sca_referral=decided, decision=typed)) == (
        *("N1", date(2022, 3, 1), "Positive conclusive grounds"),
    )
    typed.append(decision(3, "NRM_DECISION", M, "2022-04-02", value="Reconsideration"))
    assert nrm_of(tables_of("2022-04-03", said, sca_referral=decided, decision=typed))[2] == "Reconsideration"


@pytest.mark.parametrize(
    ("outcome", "asked"),
    [
        ("Positive reasonable grounds", ["nrm_consent"]),
        ("to be heard again in May", ["nrm_consent"]),
        ("Negative reasonable grounds", []),
        ("Positive conclusive grounds", []),
    ],
)
def test_consent_at_18_is_asked_of_a_case_until_a_decision_ends_it(outcome: str, asked: list) -> None:
    decided = [of_the_authority(1, "DECISION", "2022-03-01", decision=outcome)]
    night = tables_of("2022-07-01", [mention("sca:N1", born="2004-06-13", involvement=None)], sca_referral=decided)
    assert [r["kind"] for r in reconcile(night).review] == asked


def test_two_entries_that_prove_one_child_are_one_entry_with_the_older_tracker_id() -> None:
    two = [
        mention("opening:P1", "2022-01-01", born="2008-05-05"),
        mention("opening:P2", "2022-01-01", born="2008-05-05"),
    ]
    entries = [opening("P1", "2021-10-12"), opening("P2", "2021-11-01", "VULNERABLE")]
    apart = tables_of("2022-01-01", two, {"opening:P1": "P-A", "opening:P2": "P-B"}, opening_entry=entries)
    before = reconcile(apart)
    together = next_night(
        apart,
        before,
        "2022-01-02",
        person=[{"mention_key": m["mention_key"], "person_id": "P-A"} for m in two],
        person_id=[row("person_id", person_id="P-B", merged_into="P-A")],
        person_event=[
            row("person_event", person_id="P-A", other_person_id="P-B", kind="MERGED", happened_on=day("2022-01-02"))
        ],
    )
    result = reconcile(together)
    assert [c["tracker_id"] for c in result.child] == ["CLVT-000001"]
    assert {c["kind"] for c in result.change} >= {"MERGED"}
    assert {c["person_id"] for c in result.change if c["kind"] == "MERGED"} == {"P-A", "P-B"}


ACTIONS = st.sampled_from(["RATIFY", "DECLINE", "SET_STATUS", "REMOVE", "REOPEN", "SET_DOB"])
BORN = st.sampled_from(["2004-03-15", "2004-02-29", "2008-05-05", "2005-01-01"])


@st.composite
def lives(draw: st.DrawFn) -> list[dict]:
    days = sorted(draw(st.lists(st.integers(1, 300), min_size=1, max_size=10)))
    made = []
    for number, offset in enumerate(days):
        action = draw(ACTIONS)
        key = draw(st.sampled_from(["intel:r1#1", "intel:r2#1", "intel:r3#1", "opening:P1"]))
        value = {"RATIFY": "OPEN", "SET_STATUS": "VULNERABLE", "SET_DOB": draw(BORN)}.get(action)
        reason = {"REMOVE": "MOVED_AREA", "SET_DOB": "VERIFIED"}.get(action)
        on = date.fromordinal(date(2022, 1, 1).toordinal() + offset).isoformat()
        made.append(decision(number, action, key, on, value=value, reason_code=reason, meeting_ref=None))
    return made


@settings(max_examples=60)
@given(lives(), st.lists(st.integers(2, 330), min_size=2, max_size=8, unique=True))
def test_opening_and_added_and_removed_make_closing_for_every_pair_of_nights(
    decisions: list, nights: list[int]
) -> None:
    keys = ["intel:r1#1", "intel:r2#1", "intel:r3#1", "opening:P1"]
    mentions = [mention(key, "2022-01-01", born="2005-06-07") for key in keys]
    before = None
    for number in sorted(nights):
        as_of = date.fromordinal(date(2022, 1, 1).toordinal() + number).isoformat()
        heard = [d for d in decisions if d["landed_on"] <= day(as_of)]
        night = tables_of(
            as_of,
            mentions,
            {key: f"P-{key}" for key in keys},
            decision=heard,
            opening_entry=[opening("P1", "2021-10-12")],
        )
        night = night if before is None else next_night(before[0], before[1], as_of, decision=heard)
        result = reconcile(night)
        opened, added, removed = movement(night.child_before, result.change)
        closing = sum(c["state"] in ON_TRACKER for c in result.child)
        assert opened + added - removed == closing
        year = by_date(result.spell, date(2022, 1, 1), day(as_of))
        assert year["opening"] + year["added"] - year["removed"] == closing
        before = (night, result)
