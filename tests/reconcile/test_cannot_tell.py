"""Who cannot tell leaves the question until something new comes."""

from typing import Any

from tests.reconcile.rows import decision, mention, next_night, row, tables_of
from transforms.reconcile import reconcile

ONE, TWO = "intel:r1#1", "intel:r2#1"
PERSONS = {ONE: "P-ONE", TWO: "P-TWO", "missing:m1": "P-TWO", "missing:m9": "P-NINE"}
ASKED = row("same_person_question", mention_key=ONE, other_mention_key=TWO, match_weight=9.0, why="LIKELY: likely")
UNSURE = decision(1, "UNDECIDED", ONE, "2022-01-21", other_mention_key=TWO)


def pair(result: Any) -> dict[str, Any]:
    (found,) = [row for row in result.review if row["kind"] == "same_person"]
    return dict(found)


def nights(*later: dict[str, Any]) -> dict[str, Any]:
    """The question as it stands the night after somebody could not tell, with `later` mentions that came."""
    both = [mention(ONE, "2022-01-10"), mention(TWO, "2022-01-10")]
    first = tables_of("2022-01-20", both, PERSONS, same_person_question=[ASKED])
    made = reconcile(first)
    assert pair(made)["is_open"] is True
    again = {"decision": [UNSURE], "same_person_question": [ASKED]}
    second = reconcile(next_night(first, made, "2022-01-22", **again))
    if not later:
        return pair(second)
    third = tables_of("2022-01-25", [*both, *later], PERSONS, review_before=second.review, **again)
    return pair(reconcile(third))


def test_the_question_is_answered_for_now() -> None:
    found = nights()
    assert (found["is_open"], found["answer"]) == (False, "UNDECIDED")


def test_it_is_answered_by_any_record_of_the_two_people_that_was_named() -> None:
    both = [mention(key, "2022-01-10") for key in (ONE, TWO, "missing:m1")]
    asked = {"same_person_question": [ASKED]}
    first = tables_of("2022-01-20", both, PERSONS, **asked)
    named = decision(1, "UNDECIDED", ONE, "2022-01-21", other_mention_key="missing:m1")
    made = reconcile(next_night(first, reconcile(first), "2022-01-22", decision=[named], **asked))
    assert (pair(made)["is_open"], pair(made)["answer"]) == (False, "UNDECIDED")


def test_it_is_asked_again_when_a_record_of_one_of_them_comes() -> None:
    assert nights(mention("missing:m1", "2022-01-24"))["is_open"] is True


def test_it_is_asked_again_when_one_came_on_the_night_that_read_the_answer() -> None:
    assert nights(mention("missing:m1", "2022-01-22"))["is_open"] is True


def test_a_record_that_was_there_on_the_day_of_the_answer_is_nothing_new() -> None:
    assert nights(mention("missing:m1", "2022-01-21"))["is_open"] is False


def test_whoever_can_tell_later_answers_it_for_good() -> None:
    both = [mention(ONE, "2022-01-10"), mention(TWO, "2022-01-10")]
    first = tables_of("2022-01-20", both, PERSONS, same_person_question=[ASKED])
    told = decision(2, "SEPARATE", ONE, "2022-01-25", other_mention_key=TWO)
    news = tables_of(
        "2022-01-26",
        [*both, mention("missing:m1", "2022-01-24")],
        PERSONS,
        review_before=reconcile(first).review,
        decision=[UNSURE, told],
    )
    found = pair(reconcile(news))
    assert (found["is_open"], found["answer"]) == (False, "SEPARATE")


def test_it_stays_answered_when_a_record_of_somebody_else_comes() -> None:
    found = nights(mention("missing:m9", "2022-01-24"))
    assert (found["is_open"], found["answer"]) == (False, "UNDECIDED")


# Whose is ONE: TWO's or THREE's?
THREE = "intel:r3#1"
WHOSE = row("same_person_question", **{**ASKED, "rivals": [THREE], "rival_weights": ["[]"]})
THEY = {**PERSONS, THREE: "P-THREE", "intel:r9#1": "P-THREE"}


def whose(result: Any) -> dict[str, Any]:
    (found,) = [row for row in result.review if row["kind"] == "which_person"]
    return dict(found)


def answered(*decisions: dict[str, Any], later: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    three = [mention(key, "2022-01-10") for key in (ONE, TWO, THREE)]
    first = tables_of("2022-01-20", three, THEY, same_person_question=[WHOSE])
    made = reconcile(first)
    assert (whose(made)["rivals"], whose(made)["is_open"]) == ((THREE,), True)
    again = {"decision": list(decisions), "same_person_question": [WHOSE]}
    second = reconcile(next_night(first, made, "2022-01-22", **again))
    if not later:
        return whose(second)
    return whose(reconcile(tables_of("2022-01-25", [*three, *later], THEY, review_before=second.review, **again)))


def said(action: str, other: str, number: int) -> dict[str, Any]:
    return decision(number, action, ONE, "2022-01-21", other_mention_key=other)


def test_whose_a_record_is_is_answered_by_naming_one() -> None:
    found = answered(said("SEPARATE", TWO, 1), said("LINK", THREE, 2))
    assert (found["is_open"], found["answer"]) == (False, "LINK")


def test_whose_a_record_is_is_answered_by_none_of_them() -> None:
    assert answered(said("SEPARATE", TWO, 1), said("SEPARATE", THREE, 2))["answer"] == "SEPARATE"


def test_who_cannot_tell_whose_it_is_is_asked_again_when_a_record_of_any_of_them_comes() -> None:
    unsure = (said("UNDECIDED", TWO, 1), said("UNDECIDED", THREE, 2))
    assert answered(*unsure)["is_open"] is False
    third = mention("intel:r9#1", "2022-01-24")
    assert answered(*unsure, later=(third,))["is_open"] is True
