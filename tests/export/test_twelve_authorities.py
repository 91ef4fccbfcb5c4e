"""A force with children of twelve authorities in eight forces: everybody who has to hear does, and nobody else."""

import json
from collections import defaultdict
from datetime import date
from functools import cache

import pytest

from expectations.on_board import contracts
from expectations.recipients import _recipient, places_heard
from tests.export.a_force import CONTRACTS, report, rows_of
from tests.reconcile.rows import SITE, mention
from tests.reconcile.rows import tables_of as known_to_reconcile
from transforms.export.drops import Earlier, Outcome, drops
from transforms.reconcile import Reconciled, reconcile
from transforms.reconcile.routes import place_of
from transforms.tables import Tables

AREAS = sorted(SITE.policing_areas)
AUTHORITIES = (  # by the national list, or the site's own name; of eight forces with ours
    *("CITY", "COUNTY", "Derby", "Derbyshire", "Leicester", "Leicestershire", "Lincolnshire"),
    *("Birmingham", "Wolverhampton", "Leeds", "Sheffield", "Camden"),
)
BOARD = {"authorities": {"Derby": {}, "Leicester": {}, "Birmingham": {}, "Leeds": {}}, "forces": {"20": {}, "33": {}}}
EACH = 4
DAY = date(2022, 6, 15)


def child(number: int):
    """A child who lives in one of the authorities: seen by us, some placed there by another, some with a home area."""
    home = AUTHORITIES[number % 12]
    ours = home in SITE.local_authorities
    area = next((one for one in AREAS[number % 12 :] + AREAS if SITE.policing_areas[one] == home), None)
    return mention(
        f"intel:31/2022/{number:06d}#1",
        tables="2022-06-15",
        surname=f"Child{number}",
        given_names="Robin",
        born="2009-03-04",
        local_authority=home if ours else SITE.places.authority(home).code,
        placing_authority="E09000007" if number % 5 == 0 else None,
        home_area=area if ours else None,
        policing_area=AREAS[number % 12],
        involvement="INVOLVED",
    )


@cache
def force() -> tuple[Reconciled, Outcome, dict]:
    on_board = {name: _recipient(name, raw) for name, raw in contracts(BOARD)}
    recipients = on_board | {name: one for name, one in CONTRACTS.items() if name.startswith(("mash", "neighbourhood"))}
    mentions = [child(number) for number in range(12 * EACH)]
    persons = {one["mention_key"]: f"P-{number:010d}" for number, one in enumerate(mentions)}
    decided = [
        {**dict.fromkeys(("reason_code", "reason", "other_mention_key")), "decision_id": f"D{number}", "value": "OPEN",
         "decided_at": one["stamp"], "decided_by": "sgt", "meeting_ref": "M", "action": "RATIFY",
         "mention_key": one["mention_key"], "landed_on": one["landed_on"]}
        for number, one in enumerate(mentions)
    ]  # fmt: skip
    heard = places_heard(recipients.values())
    result = reconcile(known_to_reconcile("2022-06-15", mentions, persons, places_heard=heard, decision=decided))
    state = Tables(
        as_of=DAY,
        site=SITE,
        child=rows_of("child", *result.child),
        fact=rows_of("fact", *result.fact),
        mention=mentions,
        report=[report(one["record_ref"]) for one in mentions],
        route=rows_of("route", *result.route),
        decision=decided,
    )
    return result, drops(state, recipients, Earlier(), frozenset(recipients)), recipients


def told() -> dict[str, set[str]]:
    """person_id of everybody in the files of each recipient."""
    found = defaultdict(set)
    for row in force()[1].disclosure:
        found[row["recipient"]].add(row["person_id"])
    return found


def test_each_child_has_a_route_for_each_role_and_none_without_a_recipient_or_a_task():
    result, _, recipients = force()
    heard = places_heard(recipients.values())
    tasks = {row["action_id"] for row in result.action if row["kind"] == "ROUTE"}
    by_person = defaultdict(set)
    for route in result.route:
        by_person[route["person_id"]].add(route["role"])
        has_task = f"A:route:{route['person_id']}:{route['role']}:{place_of(route)}" in tasks
        assert (place_of(route) in heard) is not has_task, route
    assert len(by_person) == 12 * EACH
    for one in result.child:
        is_ours = one["local_authority"] in SITE.local_authorities
        wanted = {"HOME"} | ({"PLACING"} if one["placing_authority"] else set())
        wanted |= set() if is_ours else {"FOUND", "POLICE_HOME"}
        assert by_person[one["person_id"]] == wanted
    assert len({row["force"] for row in result.route if row["role"] == "HOME"}) == 8


@pytest.mark.parametrize("kind", ["authority", "force"])
def test_no_file_reaches_who_has_no_role_and_every_one_reaches_who_has(kind):
    result, _, recipients = force()
    for name, one in recipients.items():
        place = one.population.where.get(kind)
        if place:
            police = kind == "force"
            due = {
                row["person_id"]
                for row in result.route
                if row["role"].startswith("POLICE") is police and place_of(row) == place
            }
            assert told()[name] == due, name
            assert due, name


def test_the_neighbourhood_lists_are_the_homes_and_not_where_a_child_was_seen():
    result, _, recipients = force()
    home_areas = {row["person_id"]: row["policing_area"] for row in result.child}
    for name, one in recipients.items():
        area = one.population.where.get("policing_area")
        if area:
            assert told()[name] == {person for person, lives in home_areas.items() if lives == area}, name
    assert sum(len(people) for name, people in told().items() if name.startswith("neighbourhood")) == 2 * EACH


def test_a_file_says_in_which_role_its_recipient_hears():
    _, outcome, _ = force()
    roles = {}
    for name, content in outcome.files.items():
        if name.endswith("notifications.json"):
            records = json.loads(content)["records"]
            roles[name.split("/")[0]] = {role for one in records for role in one["places"]["hears_as"]}
    assert roles["authority_e06000015"] == {"HOME"}
    assert roles["force_20"] == {"POLICE_HOME"}
