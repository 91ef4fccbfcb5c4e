"""A duty to tell ends by the answer of the place that was told, and a child who moves is nobody's only then."""

import pytest

from tests.reconcile.rows import at, day, decision, mention, next_night, row, tables_of
from transforms.export.records import record_ref
from transforms.reconcile import reconcile

KEY = "intel:31/2022/000001#1"
LEEDS, DERBY = "E08000035", "E06000015"
PERSON = row("person_id", person_id="P-ONE")
HEARD = frozenset({"CITY", LEEDS, "13"})


def outcome(ref="O-1", person="P-ONE", received="2022-02-14", **given):
    usual = {"outcome_ref": ref, "record_ref": record_ref("31", person), "authority": "Leeds", "outcome": "ASSESSMENT"}
    return row("mash_outcome", received_at=at(received) if received else None, **(usual | given))


def nights(*later, places_heard=HEARD, home="CITY"):
    """The child's routes on the last of some nights; each later one is its day and what it knows besides."""
    state = tables_of("2022-02-01", [mention(KEY, local_authority=home)], places_heard=places_heard, person_id=[PERSON])
    result = reconcile(state)
    for on, tables in later:
        before = {"route_before": result.route, "places_heard": places_heard, "person_id": [PERSON]}
        seen = frozenset(one["outcome_ref"] for one in state.mash_outcome)
        state = next_night(state, result, on, **(before | {"outcomes_before": seen} | tables))
        result = reconcile(state)
    return {(one["role"], one["authority"] or one["force"]): one for one in result.route}


MOVED = {"decision": [decision(1, "MOVED", KEY, "2022-02-10", value=f"{LEEDS} | 13")]}


def test_to_have_been_told_is_not_to_have_answered():
    assert nights(("2022-02-02", {}))["HOME", "CITY"]["answered_on"] is None


def test_the_authority_of_the_old_home_keeps_the_child_until_the_new_one_has_answered():
    waiting = nights(("2022-02-11", MOVED), ("2022-02-12", MOVED))
    assert set(waiting) == {("HOME", LEEDS), ("HOME_BEFORE", "CITY"), ("POLICE_HOME", "13")}
    assert "until Leeds has answered" in waiting["HOME_BEFORE", "CITY"]["why"]
    answered = nights(("2022-02-11", MOVED), ("2022-02-15", MOVED | {"mash_outcome": [outcome()]}))
    assert set(answered) == {("HOME", LEEDS), ("POLICE_HOME", "13")}
    assert answered["HOME", LEEDS]["answered_on"] == day("2022-02-14")


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": "TRANSFERRED"},
        {"authority": "Derby"},
        {"authority": "somebody"},
        {"authority": None},  # two were asked: it may be either
        {"person": "P-TWO"},
        {"received": "2022-02-08"},  # before the child lived there
    ],
)
def test_what_is_no_answer_of_the_new_authority_ends_no_duty(given):
    found = nights(("2022-02-11", MOVED), ("2022-02-15", MOVED | {"mash_outcome": [outcome(**given)]}))
    assert ("HOME_BEFORE", "CITY") in found
    assert found["HOME", LEEDS]["answered_on"] is None


@pytest.mark.parametrize(("received", "answered"), [("2022-02-09", None), ("2022-02-10", day("2022-02-10"))])
def test_an_answer_counts_from_the_day_before_the_night_that_first_asks_the_place(received, answered):
    found = nights(("2022-02-11", MOVED), ("2022-02-15", MOVED | {"mash_outcome": [outcome(received=received)]}))
    assert (found["HOME", LEEDS]["began_on"], found["HOME", LEEDS]["answered_on"]) == (day("2022-02-10"), answered)


def test_an_answer_without_a_name_counts_where_one_authority_was_asked():
    found = nights(("2022-02-15", {"mash_outcome": [outcome(authority=None)]}), home=LEEDS)
    assert found["HOME", LEEDS]["answered_on"] == day("2022-02-14")


def test_an_answer_without_a_day_counts_from_the_night_on_which_it_came_and_for_no_later_move():
    undated = {"mash_outcome": [outcome(received=None)]}
    found = nights(("2022-02-11", MOVED), ("2022-02-15", MOVED | undated))
    assert found["HOME", LEEDS]["answered_on"] == day("2022-02-15")
    old = nights(("2022-02-05", undated), ("2022-02-11", MOVED | undated), ("2022-02-12", MOVED | undated))
    assert old["HOME", LEEDS]["answered_on"] is None


def test_an_answer_by_telephone_is_recorded_by_a_person():
    word = decision(2, "PLACE_ANSWERED", KEY, "2022-02-16", value=LEEDS)
    found = nights(("2022-02-11", MOVED), ("2022-02-17", {"decision": [*MOVED["decision"], word]}))
    assert set(found) == {("HOME", LEEDS), ("POLICE_HOME", "13")}


def test_an_answer_stays_an_answer():
    answered = MOVED | {"mash_outcome": [outcome()]}
    later = nights(("2022-02-11", MOVED), ("2022-02-15", answered), ("2022-02-16", MOVED))
    assert later["HOME", LEEDS]["answered_on"] == day("2022-02-14")


def test_a_child_who_moves_twice_is_kept_by_both_until_the_last_has_answered():
    again = {"decision": [*MOVED["decision"], decision(2, "MOVED", KEY, "2022-02-12", value=f"{DERBY} | 30")]}
    heard = HEARD | {DERBY, "30"}
    found = nights(("2022-02-11", MOVED), ("2022-02-13", again), ("2022-02-14", again), places_heard=heard)
    assert {place for role, place in found if role == "HOME_BEFORE"} == {"CITY", LEEDS}


def test_who_was_never_told_of_a_child_keeps_nobody():
    found = nights(("2022-02-11", MOVED), places_heard=HEARD - {"CITY"})
    assert ("HOME_BEFORE", "CITY") not in found
    told = {"decision": [decision(3, "PLACE_TOLD", KEY, "2022-02-03", value="CITY"), *MOVED["decision"]]}
    assert ("HOME_BEFORE", "CITY") in nights(("2022-02-11", told), places_heard=HEARD - {"CITY"})


def test_who_was_told_by_hand_is_told_of_the_move_by_hand():
    told = {"decision": [decision(3, "PLACE_TOLD", KEY, "2022-02-03", value="CITY"), *MOVED["decision"]]}
    heard = HEARD - {"CITY"}
    state = tables_of("2022-02-01", [mention(KEY)], places_heard=heard)
    first = reconcile(state)
    later = reconcile(next_night(state, first, "2022-02-11", route_before=first.route, places_heard=heard, **told))
    open_tasks = [one["what"] for one in later.action if one["kind"] == "ROUTE" and one["done_on"] is None]
    assert len(open_tasks) == 1
    assert "until Leeds has answered" in open_tasks[0]
