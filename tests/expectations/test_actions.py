"""Nothing is accepted and does nothing: the catalogue of actions and the rooms that carry them out are one list."""

import pytest

from expectations import actions
from expectations.actions import ACTIONS, MEETING
from expectations.contracts import contract
from transforms.export.suspects import DECIDED_BY as SHARED_BY
from transforms.export.unheard import PUT_OFF_BY
from transforms.link.model.rulings import RULINGS
from transforms.normalise.decisions import FORMS, REFUSALS, refused_for
from transforms.normalise.records import Night
from transforms.reconcile.actions import SETTLED_BY
from transforms.reconcile.children import MARKS
from transforms.reconcile.consequences import CONFIRMED_BY, CONSEQUENCES
from transforms.reconcile.facts import DECIDED, SURVIVORSHIP, decided
from transforms.reconcile.handover import ANSWERED_BY
from transforms.reconcile.lifecycle import CONTRADICTIONS, TRANSITIONS
from transforms.reconcile.nrm import STEPS
from transforms.reconcile.reviews import DEFERRED_BY
from transforms.reconcile.routes import INFORMED_BY
from transforms.report.wording import label
from transforms.tables import DATED_BY

EFFECTS = {
    actions.ENTRY: TRANSITIONS,
    actions.IDENTITY: RULINGS,
    actions.DEFERRAL: DEFERRED_BY,
    actions.FACT: DECIDED,
    actions.MARK: MARKS,
    actions.REFERRAL: STEPS,
    actions.TASK: SETTLED_BY,
    actions.CONFIRMATION: CONFIRMED_BY,
    actions.DATING: DATED_BY,
    actions.ROUTE: INFORMED_BY,
    actions.PUT_OFF: PUT_OFF_BY,
    actions.ANSWER: ANSWERED_BY,
    actions.SHARING: SHARED_BY,
}


@pytest.mark.parametrize("effect", EFFECTS)
def test_the_actions_of_an_effect_are_those_that_its_room_carries_out(effect: str) -> None:
    assert {name for name, action in ACTIONS.items() if action.effect == effect} == set(EFFECTS[effect])


def test_every_action_has_an_effect_that_some_room_has() -> None:
    assert {action.effect for action in ACTIONS.values()} == set(EFFECTS)


def test_every_check_of_form_is_known_and_asked_for() -> None:
    assert {word for action in ACTIONS.values() for word in action.form} == set(FORMS)


def test_a_decision_may_hold_the_actions_of_the_catalogue_and_no_other() -> None:
    assert next(column.values for column in contract("decision").columns if column.name == "action") == tuple(ACTIONS)


def test_what_moves_an_entry_is_decided_by_the_meeting_and_only_that_can_contradict_itself_there() -> None:
    assert {name for name, action in ACTIONS.items() if action.who == MEETING} == set(TRANSITIONS)
    assert {*CONTRADICTIONS, *(name for others in CONTRADICTIONS.values() for name in others)} <= set(TRANSITIONS)


def test_a_fact_that_a_decision_sets_asks_the_decisions_first() -> None:
    set_by_decisions = {field for fields in DECIDED.values() for field in fields}
    assert {field for field, rules in SURVIVORSHIP.items() if decided in rules} == set_by_decisions
    assert all(SURVIVORSHIP[field][0] is decided for field in set_by_decisions)


def test_what_a_person_has_to_see_first_is_foreseen_and_what_is_foreseen_is_said_before() -> None:
    assert {name for name, action in ACTIONS.items() if action.seen_first} == set(CONSEQUENCES)


def test_an_action_that_is_not_in_the_catalogue_is_refused_by_name() -> None:
    decision = {"action": "FORGET", "mention_key": "intel:31/2022/000001#1"}
    assert refused_for(decision, Night(None, None)) == "ACTION_UNKNOWN"
    assert "ACTION_UNKNOWN" in REFUSALS


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_reads_in_its_own_words(name: str) -> None:
    assert label(name) == ACTIONS[name].label
