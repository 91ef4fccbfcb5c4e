"""What do people's decisions do to who is who?"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.link.rows import NIGHT, NO_DECISIONS, decisions, mentions, people, questions
from tests.link.test_who_is_who import BARE, a
from transforms.link import link

TWIN = {"given_names": "Joshua"}


def decided(rows: list[dict[str, Any]], *said: tuple[str, str, str]) -> Any:
    return link(mentions(*rows), decisions(*said), NIGHT)


def test_linked_mentions_are_one_person_whatever_the_evidence_says() -> None:
    found = decided([a("1"), a("2", **TWIN)], ("LINK", "intel:1", "intel:2"))
    assert people(found) == {frozenset({"intel:1", "intel:2"})}


def test_separated_mentions_are_two_people_whatever_the_evidence_says() -> None:
    found = decided([a("1"), a("2")], ("SEPARATE", "intel:1", "intel:2"))
    assert people(found) == {frozenset({"intel:1"}), frozenset({"intel:2"})}


def test_separating_two_mentions_keeps_their_whole_groups_apart() -> None:
    one, other = {"pnc_id": "2016/6760309E"}, {"telephone": "07700 900123"}
    rows = [a("1", **one), a("2", **one, **BARE), a("3", **other), a("4", **other, **BARE)]
    found = decided(
        rows, ("SEPARATE", "intel:2", "intel:4"), ("LINK", "intel:1", "intel:2"), ("LINK", "intel:3", "intel:4")
    )
    assert people(found) == {frozenset({"intel:1", "intel:2"}), frozenset({"intel:3", "intel:4"})}


def test_a_later_decision_on_the_same_pair_supersedes_the_earlier_one() -> None:
    found = decided([a("1"), a("2")], ("SEPARATE", "intel:1", "intel:2"), ("LINK", "intel:2", "intel:1"))
    assert len(people(found)) == 1
    assert found.refusal.num_rows == 0


def test_a_link_between_people_who_were_separated_is_refused_and_names_both_sides() -> None:
    said = ("LINK", "intel:1", "intel:2"), ("SEPARATE", "intel:2", "intel:3"), ("LINK", "intel:1", "intel:3")
    found = decided([a("1"), a("2"), a("3")], *said)
    (row,) = found.refusal.to_pylist()
    assert (row["decision_id"], row["contradicts"], row["reason_code"]) == ("D002", "D001", "CONTRADICTS_DECISION")
    assert "intel:1 and intel:3 cannot be the same person" in row["reason"]
    assert "intel:2 and intel:3 are different people" in row["reason"]
    assert people(found) == {frozenset({"intel:1", "intel:2"}), frozenset({"intel:3"})}


def test_separating_what_links_unite_is_refused_and_names_the_last_link() -> None:
    said = ("LINK", "intel:1", "intel:2"), ("LINK", "intel:2", "intel:3"), ("SEPARATE", "intel:1", "intel:3")
    (row,) = decided([a("1"), a("2"), a("3")], *said).refusal.to_pylist()
    assert (row["decision_id"], row["contradicts"]) == ("D002", "D001")


def test_an_answered_question_is_not_asked_again() -> None:
    rows = [a("1"), a("2", date_of_birth="", **BARE)]
    ((left, right),) = questions(decided(rows))
    assert questions(decided(rows, ("LINK", left, right))) == []
    assert questions(decided(rows, ("SEPARATE", left, right))) == []


def test_a_question_whose_answer_follows_from_others_is_not_asked() -> None:
    rows = [a("1"), a("2"), a("3", date_of_birth="", **BARE)]
    assert questions(decided(rows, ("SEPARATE", "intel:2", "intel:3"))) == []


def test_decisions_about_mentions_that_are_not_known_have_no_effect_here() -> None:
    found = decided([a("1"), a("2")], ("SEPARATE", "intel:1", "intel:9"))
    assert len(people(found)) == 1
    assert found.refusal.num_rows == 0


ROWS = [a("1"), a("2"), a("3", **TWIN), a("4", date_of_birth=""), a("5", **BARE), a("6", surname="Carter")]
KEYS = [row["key"] for row in ROWS]
pairs = st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda pair: pair[0] != pair[1])
said = st.lists(st.tuples(st.sampled_from(["LINK", "SEPARATE"]), pairs).map(lambda one: (one[0], *one[1])), max_size=8)


@settings(max_examples=15)
@given(said)
def test_no_same_is_lost_and_no_different_crossed_but_for_what_was_refused_or_superseded(
    what: list[tuple[str, str, str]],
) -> None:
    found = decided(ROWS, *what)
    refused = {row["decision_id"] for row in found.refusal.to_pylist()}
    person = {row["mention_key"]: row["person_id"] for row in found.person.to_pylist()}
    stands = {frozenset(one[1:]): one for number, one in enumerate(what) if f"D{number:03d}" not in refused}
    for action, left, right in stands.values():
        assert (person[left] == person[right]) == (action == "LINK")


@settings(max_examples=15)
@given(said, st.permutations(ROWS))
def test_the_order_of_mentions_changes_nothing(what: list[tuple[str, str, str]], rows: list[dict[str, Any]]) -> None:
    one, other = link(mentions(*ROWS), decisions(*what), NIGHT), link(mentions(*rows), decisions(*what), NIGHT)
    assert one.person.sort_by("mention_key").equals(other.person.sort_by("mention_key"))
    assert questions(one) == questions(other)


def test_a_night_without_mentions_links_nobody() -> None:
    assert link(mentions(a("1")).slice(0, 0), NO_DECISIONS, NIGHT).person.num_rows == 0
