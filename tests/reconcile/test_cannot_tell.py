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


def test_it_is_asked_again_when_a_record_of_one_of_them_comes() -> None:
    assert nights(mention("missing:m1", "2022-01-24"))["is_open"] is True


def test_it_stays_answered_when_a_record_of_somebody_else_comes() -> None:
    found = nights(mention("missing:m9", "2022-01-24"))
    assert (found["is_open"], found["answer"]) == (False, "UNDECIDED")
