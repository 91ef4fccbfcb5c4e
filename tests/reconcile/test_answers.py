"""Which decisions answer which question: a row for each kind and each action."""

from datetime import date, timedelta

import pytest

from expectations.actions import ACTIONS
from expectations.questions import QUESTIONS
from tests.reconcile.rows import day, decision, mention, next_night, report, row, tables_of
from transforms.reconcile import reconcile
from transforms.tables import Tables

M, N = "intel:r1#1", "intel:r2#1"
ASKED, LATER = "2022-03-01", "2022-03-20"
OF_A_MENTION = [name for name, action in ACTIONS.items() if action.of_a_mention]
ANSWERS = {
    "same_person": {"LINK", "SEPARATE", "UNDECIDED"},
    "ratify": {"RATIFY", "DECLINE", "REOPEN"},
    "age": {"SET_DOB", "REMOVE", "DECLINE"},
    "unsupported": {"REMOVE", "SET_STATUS"},
    "authority": {"SET_AUTHORITY", "SET_PLACING_AUTHORITY", "SET_HOME_AREA", "MOVED", "REMOVE", "DECLINE"},
    "nrm_consent": {"NRM_DECISION"},
}
RATIFIED = decision(1, "RATIFY", M, "2022-02-01", value="OPEN")


def asking(kind: str) -> Tables:
    """A night whose tracker asks a question of this kind, and no other of it."""
    if kind == "same_person":
        pair = row(
            "same_person_question", mention_key=M, other_mention_key=N, why="The names differ.", match_weight=9.5
        )
        two = [mention(M, born="2008-05-05"), mention(N, born="2008-05-05")]
        return tables_of(ASKED, two, {M: "P-A", N: "P-B"}, same_person_question=[pair])
    if kind == "authority":
        return tables_of(ASKED, [mention(M, born="2008-05-05", local_authority=None)], decision=[RATIFIED])
    if kind == "ratify":
        return tables_of(ASKED, [mention(M, born="2008-05-05")])
    if kind == "age":
        return tables_of(ASKED, [mention(M)], decision=[RATIFIED])
    if kind == "unsupported":
        return tables_of(ASKED, [mention(M, born="2008-05-05", withdrawn=True)], decision=[RATIFIED])
    submitted = decision(2, "NRM_SUBMITTED", M, "2022-02-01", value="NRM-1")
    return tables_of(ASKED, [mention(M, born="2004-02-20")], decision=[RATIFIED, submitted])


def question(night: Tables, result: object, kind: str) -> dict:
    (found,) = [row for row in result.review if row["kind"] == kind]  # type: ignore[attr-defined]
    return found


def following(night: Tables, result: object, *decisions: dict) -> object:
    return reconcile(next_night(night, result, LATER, decision=[*night.decision, *decisions]))


def answer(action: str, on: str = "2022-03-10") -> dict:
    values = {"SET_DOB": "2008-05-05", "RATIFY": "OPEN", "SET_STATUS": "OPEN", "NRM_DECISION": "WITHDRAWN"}
    values |= {
        "SET_AUTHORITY": "CITY",
        "SET_PLACING_AUTHORITY": "CITY",
        "SET_HOME_AREA": "Newark",
        "MOVED": "CITY | 31",
        "SET_NAME": "Example, Robin",
        "SET_ADDRESS": "12 High Street | NG1 1AA",
    }
    reasons = {"REMOVE": "MOVED_AREA", "SET_DOB": "ESTIMATED"}
    other = N if "pair" in ACTIONS[action].form else None
    return decision(
        *(50, action, M, on), value=values.get(action), reason_code=reasons.get(action), other_mention_key=other
    )


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("action", OF_A_MENTION)
def test_a_question_is_answered_by_the_decisions_of_its_row_and_by_no_other(kind: str, action: str) -> None:
    night = asking(kind)
    result = reconcile(night)
    assert question(night, result, kind)["is_open"] is True
    then = question(night, following(night, result, answer(action)), kind)
    expected = (action, date(2022, 3, 10)) if action in ANSWERS[kind] else (None, None)
    assert (then.get("answer"), then.get("answered_on")) == expected


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_is_kept_and_the_question_never_stands_again_for_the_same_reason(kind: str) -> None:
    night = asking(kind)
    first = reconcile(night)
    given = answer(sorted(ANSWERS[kind])[0])
    second = following(night, first, given)
    third_night = next_night(night, second, "2022-04-01", decision=[*night.decision, given])
    (again,) = [row for row in reconcile(third_night).review if row["kind"] == kind]
    assert (again["asked_on"], again["answered_on"]) == (date(2022, 3, 1), date(2022, 3, 10))
    assert again["is_open"] is False


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_decision_that_had_come_in_before_the_question_was_asked_does_not_answer_it(kind: str) -> None:
    night = asking(kind)
    result = reconcile(night)
    for action in sorted(ANSWERS[kind]):
        early = answer(action, "2022-02-20") | {"landed_on": day(ASKED)}
        assert question(night, following(night, result, early), kind).get("answered_on") is None


def test_a_question_of_two_mentions_is_answered_by_a_decision_on_these_two_in_either_order() -> None:
    night = asking("same_person")
    result = reconcile(night)
    turned = decision(50, "SEPARATE", N, "2022-03-10", other_mention_key=M)
    assert question(night, following(night, result, turned), "same_person")["answer"] == "SEPARATE"
    elsewhere = decision(50, "SEPARATE", M, "2022-03-10", other_mention_key="intel:r3#1")
    assert question(night, following(night, result, elsewhere), "same_person").get("answer") is None


def test_a_question_that_is_settled_otherwise_stands_no_longer_and_has_no_answer() -> None:
    night = asking("age")
    known_now = [mention(M, born="2008-05-05")]
    then = reconcile(next_night(night, reconcile(night), LATER, mention=known_now))
    settled = question(night, then, "age")
    assert (settled["is_open"], settled.get("answer")) == (False, None)


# ── when each question is asked ──────────────────────────────────────────────────────────────────────────────────────


def kinds(as_of: str, mentions: list, **tables: list) -> list[str]:
    return sorted(row["kind"] for row in reconcile(tables_of(as_of, mentions, **tables)).review if row["is_open"])


def test_a_child_on_the_tracker_whose_age_is_settled_and_intelligence_stands_is_asked_about_nothing() -> None:
    assert kinds("2022-06-01", [mention(M, born="2008-05-05")], decision=[RATIFIED]) == []


def why(as_of: str, mentions: list, kind: str, **tables: list) -> tuple[str, date | None] | None:
    result = reconcile(tables_of(as_of, mentions, **tables))
    return next(((row["why"], row["due_on"]) for row in result.review if row["kind"] == kind), None)


def test_the_age_is_asked_thirty_days_before_an_unverified_18th_birthday_and_not_a_day_earlier() -> None:
    unsure = [mention(M, born="2004-06-13", dob_status="ESTIMATED")]
    assert why("2022-05-13", unsure, "age", decision=[RATIFIED]) is None
    assert why("2022-05-14", unsure, "age", decision=[RATIFIED]) == (
        "By an unverified date the child may be 18 by the day shown, and stays until it is settled.",
        date(2022, 6, 13),
    )


def test_of_a_year_of_birth_alone_the_age_is_asked_thirty_days_before_its_first_possible_day() -> None:
    year_only = [mention(M, birth_year=2005)]
    assert why("2022-12-01", year_only, "age", decision=[RATIFIED]) is None
    found = why("2022-12-02", year_only, "age", decision=[RATIFIED])
    assert found is not None
    assert found[1] == date(2023, 1, 1)


def test_an_unknown_age_is_asked_of_whom_the_meeting_has_to_hear_of_and_of_nobody_else() -> None:
    assert kinds("2022-06-01", [mention(M)]) == ["age", "ratify"]
    assert kinds("2022-06-01", [mention(M, involvement=None)]) == []
    assert kinds("2022-06-01", [mention(M)], decision=[decision(1, "DECLINE", M, "2022-02-01")]) == []


def test_verified_dates_that_differ_are_asked_at_once_and_unverified_ones_only_near_18() -> None:
    def two(status: str) -> list:
        return [mention(M, born="2008-05-05", dob_status=status), mention(N, born="2009-05-05", dob_status=status)]

    found = why("2022-06-01", two("VERIFIED"), "age", decision=[RATIFIED])
    assert found is not None
    assert found[0] == "Verified dates of birth differ. The child stays until one of them is settled."
    assert why("2022-06-01", two("STATED"), "age", decision=[RATIFIED]) is None


@pytest.mark.parametrize(
    ("grade", "withdrawn", "asked"),
    [
        ("2BP", False, []),
        ("3BP", False, ["unsupported"]),
        ("2EP", False, ["unsupported"]),
        ("2BP", True, ["unsupported"]),
    ],
)
def test_an_entry_is_asked_about_once_no_intelligence_that_identifies_the_child_is_left(
    grade: str, withdrawn: bool, asked: list
) -> None:
    named = [mention(M, born="2008-05-05", withdrawn=withdrawn)]
    assert kinds("2022-06-01", named, decision=[RATIFIED], report=[report("r1", grade)]) == asked


def test_an_entry_that_was_taken_over_needs_no_intelligence_unless_the_entry_itself_was_withdrawn() -> None:
    taken_over = mention("opening:P1", born="2008-05-05", involvement=None)
    entries = [
        row("opening_entry", mention_key="opening:P1", entry_ref="P1", status="OPEN", added_on=day("2021-10-12"))
    ]
    assert kinds("2022-06-01", [taken_over], opening_entry=entries) == []
    assert kinds("2022-06-01", [taken_over | {"withdrawn": True}], opening_entry=entries) == ["unsupported"]


def test_a_child_declined_before_is_proposed_again_in_other_words() -> None:
    declined = decision(1, "DECLINE", M, "2022-02-01")
    again = [mention(M, born="2008-05-05"), mention(N, "2022-03-02", born="2008-05-05")]
    found = why("2022-03-02", again, "ratify", decision=[declined])
    assert found is not None
    assert found[0].startswith("The child was declined or removed, and new intelligence has come since")
    first = why("2022-03-02", again[:1], "ratify")
    assert first is not None
    assert first[0].startswith("New intelligence names this child")


def test_consent_is_asked_from_the_18th_birthday_on() -> None:
    submitted = decision(2, "NRM_SUBMITTED", M, "2022-02-01", value="NRM-1")
    child = [mention(M, born="2004-06-13")]
    for as_of, asked in [("2022-06-12", []), ("2022-06-13", ["nrm_consent"])]:
        assert kinds(as_of, child, decision=[RATIFIED, submitted]) == asked


def test_the_same_question_has_the_same_number_on_every_night_and_another_for_another_mention() -> None:
    night = asking("ratify")
    first = reconcile(night)
    second = following(night, first)
    assert question(night, first, "ratify")["review_id"] == question(night, second, "ratify")["review_id"]
    other = reconcile(tables_of(ASKED, [mention(N, born="2008-05-05")]))
    assert question(night, other, "ratify")["review_id"] != question(night, first, "ratify")["review_id"]
    assert question(night, second, "ratify")["asked_on"] == date(2022, 3, 1)
    assert day(LATER) - question(night, second, "ratify")["asked_on"] == timedelta(days=19)


RATIFY_M, AGE_UNKNOWN_M, SAME_M_N = "Q-7FA13AFAF5B0", "Q-1659EE6BAC97", "Q-59836FCDC9A5"


def ids(as_of: str, mentions: list, **tables: list) -> dict[str, tuple[str, str]]:
    return {
        row["kind"]: (row["review_id"], row["mention_key"])
        for row in reconcile(tables_of(as_of, mentions, **tables)).review
        if row["is_open"]
    }


def test_a_question_keeps_its_number_for_ever_since_worklists_carry_it() -> None:
    assert ids(ASKED, [mention(M)]) == {"ratify": (RATIFY_M, M), "age": (AGE_UNKNOWN_M, M)}
    pair = asking("same_person")
    assert question(pair, reconcile(pair), "same_person")["review_id"] == SAME_M_N


def test_the_age_is_asked_of_the_record_that_gives_the_date_else_of_the_first() -> None:
    dated = [mention(M), mention(N, born="2004-03-20", dob_status="STATED")]
    assert ids(ASKED, dated, decision=[RATIFIED])["age"][1] == N
    assert ids(ASKED, [mention(M), mention(N)], decision=[RATIFIED])["age"][1] == M


def test_an_entry_without_support_is_asked_about_by_the_report_that_identified_the_child() -> None:
    gone = [mention(M, born="2008-05-05", withdrawn=True), mention("btp:B1", born="2008-05-05", involvement=None)]
    assert ids(ASKED, gone, decision=[RATIFIED])["unsupported"][1] == M
    none = [mention(key, born="2008-05-05", involvement=None) for key in ("btp:B1", "missing:M1")]
    on = [decision(1, "RATIFY", "btp:B1", "2022-02-01", value="OPEN")]
    assert ids(ASKED, none, decision=on)["unsupported"][1] == "btp:B1"


def test_consent_is_asked_by_the_referral_else_by_the_first_record() -> None:
    submitted = decision(2, "NRM_SUBMITTED", M, "2022-02-01", value="NRM-1")
    two = [mention(M, born="2004-02-20"), mention(N, born="2004-02-20")]
    assert ids(ASKED, two, decision=[RATIFIED, submitted])["nrm_consent"][1] == M
    referred = mention("sca:S1", born="2004-02-20", involvement=None)
    assert ids(ASKED, [*two, referred], decision=[RATIFIED, submitted])["nrm_consent"][1] == "sca:S1"


def test_the_first_answer_is_kept_when_another_follows() -> None:
    night = asking("ratify")
    first = reconcile(night)
    declined = answer("DECLINE")
    second_night = next_night(night, first, LATER, decision=[declined])
    later = answer("RATIFY", "2022-04-05") | {"decision_id": "D00051"}
    third = reconcile(next_night(second_night, reconcile(second_night), "2022-04-06", decision=[later, declined]))
    assert question(night, third, "ratify")["answer"] == "DECLINE"


def test_where_nothing_says_where_a_child_lives_the_question_is_about_the_first_record() -> None:
    night = tables_of(ASKED, [mention(key, local_authority=None) for key in (M, N)], decision=[RATIFIED])
    assert question(night, reconcile(night), "authority")["mention_key"] == M


def test_a_question_about_two_people_carries_its_evidence() -> None:
    weighed = {"match_weight": 9.5, "weights": "[1]", "rivals": ["missing:m1"], "rival_weights": ["[2]"], "settles": 4}
    pair = row("same_person_question", mention_key=M, other_mention_key=N, why="The names differ.", **weighed)
    who = {M: "P-A", N: "P-B", "missing:m1": "P-C"}
    night = tables_of(ASKED, [mention(key) for key in who], who, same_person_question=[pair])
    found = question(night, reconcile(night), "which_person")
    assert found == {
        "review_id": "Q-AC4F98415887",
        "kind": "which_person",
        "mention_key": M,
        "why": "The names differ.",
        "person_id": "P-A",
        "other_mention_key": N,
        "match_weight": 9.5,
        "weights": "[1]",
        "rivals": ("missing:m1",),
        "rival_weights": ("[2]",),
        "settles": 4,
        "due_on": None,
        "asked_on": day(ASKED),
        "is_open": True,
    }


def test_a_decision_that_waits_to_be_confirmed_is_asked_about_by_its_own_number() -> None:
    waits = {"decision_id": "D00007", "action": "LINK", "mention_key": M, "other_mention_key": N}
    held = row("refusal", **waits, reason_code="NEEDS_CONFIRMATION", reason="Two entries become one.")
    two = [mention(M, born="2008-05-05"), mention(N, born="2008-05-05")]
    night = tables_of(ASKED, two, {M: "P-A", N: "P-B"}, refused_elsewhere=[held])
    found = question(night, reconcile(night), "confirm")
    asked = ("review_id", "mention_key", "other_mention_key", "person_id", "why", "is_open")
    assert [found[name] for name in asked] == ["decision:D00007", M, N, "P-A", "Two entries become one.", True]


ASKED_WHY = {
    "ratify": "NEW",
    "age": "AGE_UNKNOWN",
    "unsupported": "NO_REPORT",
    "authority": "HOME_UNKNOWN",
    "nrm_consent": "TURNED_18",
}


@pytest.mark.parametrize(("kind", "code"), ASKED_WHY.items())
def test_a_question_about_a_child_names_the_child_and_says_why_it_is_asked(kind: str, code: str) -> None:
    night = asking(kind)
    found = question(night, reconcile(night), kind)
    assert (found["person_id"], found["why"]) == ("P-ONE", QUESTIONS[kind].why[code])


def test_of_two_answers_about_one_pair_the_one_that_landed_first_is_kept() -> None:
    night = asking("same_person")
    apart, one = answer("SEPARATE", "2022-03-08"), answer("LINK", "2022-03-10") | {"decision_id": "D00051"}
    found = question(night, following(night, reconcile(night), one, apart), "same_person")
    assert found["answer"] == "SEPARATE"


def test_an_answer_stays_when_the_decision_is_not_there_any_more() -> None:
    night = asking("same_person")
    second = next_night(night, reconcile(night), LATER, decision=[answer("SEPARATE")])
    third = next_night(second, reconcile(second), "2022-03-21", decision=[])
    found = question(third, reconcile(third), "same_person")
    assert (found["answer"], found["answered_on"]) == ("SEPARATE", day("2022-03-10"))


@pytest.mark.parametrize("kind", ["age", "nrm_consent"])
def test_what_hangs_on_the_18th_birthday_is_due_on_it(kind: str) -> None:
    night = asking(kind)
    if kind == "age":
        night = tables_of("2022-06-12", [mention(M, born="2004-06-13", dob_status="STATED")], decision=[RATIFIED])
    due = {"age": day("2022-06-13"), "nrm_consent": day("2022-02-20")}
    assert question(night, reconcile(night), kind)["due_on"] == due[kind]
