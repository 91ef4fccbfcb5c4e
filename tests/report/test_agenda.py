"""What the meeting has to decide, what was decided before, and what bars a decision."""

from tests.report import a_night as night
from transforms.report.agenda import agenda


def test_a_proposed_child_is_a_case_with_what_speaks_for_it() -> None:
    (case,) = agenda(night.a_night())
    assert case.child["person_id"] == night.PROPOSED
    assert case.summary[0].startswith("2 records")
    assert case.bars == []


def test_what_was_decided_before_stands_with_its_day_and_reason() -> None:
    before = night.decision("D-4", "2022-02-01", "DECLINE", "missing:M-77", reason="Threshold not met")
    (case,) = agenda(night.a_night(decision=[before]))
    assert case.before == ["1 Feb 2022, not for the tracker: Threshold not met"]


def test_an_open_question_of_who_the_child_is_bars_a_decision_from_either_side() -> None:
    case = night.review("Q-RATIFY000001", "ratify", "missing:M-77", "NEW")
    for one, other in (("missing:M-77", "opening:0001"), ("opening:0001", "missing:M-77")):
        pair = night.review("Q-SAME00000009", "same_person", one, "likely", other_mention_key=other)
        (found,) = agenda(night.a_night(review=[case, pair]))
        assert [row["review_id"] for row in found.bars] == ["Q-SAME00000009"]
