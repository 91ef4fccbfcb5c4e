"""Who gets the record of a child who lives, was placed or was found elsewhere, and what is told by hand."""

import json
from datetime import timedelta

import pytest

from expectations.recipients import RecipientError, parse_all, places_heard
from tests.export.a_force import CONTRACTS, SITE, TONIGHT, Person, after, mention, routes_of, rows_of, tables_of
from transforms.export.by_hand import sheet_of, sheets
from transforms.export.drops import Earlier, drops
from transforms.export.routed import ByHand, routed
from transforms.export.shareable import Shareables

ON_BOARD = """
authorities:
  Birmingham: {connection: partner_bham, key: "0123456789012345678901234567890123456789"}
  E06000015: {agreement: {reference: ISA-DERBY-7}}
forces:
  "20": {connection: partner_wmp}
"""
BOARD = {one.name: one for one in parse_all("on_board", ON_BOARD)}
CHILD = Person("P-1", [mention(local_authority="E08000025", home_area=None, policing_area="City North")])
EVERYBODY = {**BOARD, "mash_city": CONTRACTS["mash_city"], "mash_county": CONTRACTS["mash_county"]}


def state(*people: Person, seen: tuple[str, ...] = (), as_of=TONIGHT):
    children = [person.row(as_of) for person in people]
    return tables_of(*people, as_of=as_of, route=routes_of(children, **{"P-1": list(seen)}))


def informed(outcome):
    """In which roles each recipient hears, from its JSON file."""
    files = {name.split("/")[0]: json.loads(content) for name, content in outcome.files.items() if name.endswith("json")
             and "manifest" not in name and "corrections" not in name}  # fmt: skip
    return {
        name: next(group["hears_as"] for group in file["records"][0].values() if "hears_as" in group)
        for name, file in files.items()
    }


def test_home_place_of_finding_and_the_police_of_the_home_hear_and_nobody_else():
    outcome = drops(state(CHILD, seen=("City North",)), EVERYBODY, Earlier())
    assert informed(outcome) == {"authority_e08000025": ["HOME"], "force_20": ["POLICE_HOME"], "mash_city": ["FOUND"]}


def test_the_authority_that_placed_a_child_hears_beside_the_one_where_the_child_lives():
    placed = Person("P-1", [mention(local_authority="COUNTY", placing_authority="E08000025")])
    outcome = drops(state(placed), EVERYBODY, Earlier())
    assert informed(outcome) == {"authority_e08000025": ["PLACING"], "mash_county": ["HOME"]}


def test_seen_areas_stand_beside_the_home_with_their_days_and_are_no_home():
    outcome = drops(state(CHILD, seen=("City North",)), EVERYBODY, Earlier())
    (file,) = [json.loads(content) for name, content in outcome.files.items() if "force_20_2022" in name
               and name.endswith("notifications.json")]  # fmt: skip
    places = file["records"][0]["places"]
    assert places["policing_area"] is None
    assert [(one["area"], one["first"], one["last"]) for one in places["seen_areas"]] == [
        ("City North", "2022-05-01", "2022-05-01")
    ]


def test_an_authority_written_as_none_never_leaves_in_its_words():
    odd = Person("P-1", [mention(local_authority="Shire, ask for Dave", placing_authority="E08000025")])
    outcome = drops(state(odd), EVERYBODY, Earlier())
    assert list(informed(outcome)) == ["authority_e08000025"]
    assert not any(b"Dave" in content for content in outcome.files.values())


def test_who_heard_before_keeps_the_record_when_the_child_moves_and_hears_where_to():
    first = drops(state(Person("P-1", [mention(local_authority="CITY")])), EVERYBODY, Earlier())
    moved = state(Person("P-1", [mention(local_authority="E06000015")]), as_of=TONIGHT + timedelta(days=1))
    second = drops(moved, EVERYBODY, after(first, TONIGHT))
    assert {row["recipient"] for row in second.holding} == {"mash_city", "authority_e06000015"}
    (notice,) = second.notice
    assert (notice["recipient"], notice["action"]) == ("mash_city", "RECTIFY")


def test_one_template_makes_the_contract_of_everybody_on_board():
    birmingham, derby, force = BOARD["authority_e08000025"], BOARD["authority_e06000015"], BOARD["force_20"]
    assert birmingham.title == "Children's services, Birmingham"
    assert (birmingham.delivery.connection, birmingham.delivery.fingerprint[:4]) == ("partner_bham", "0123")
    assert (derby.delivery.connection, derby.agreement.reference) == ("partner_authority_e06000015", "ISA-DERBY-7")
    assert (force.route, force.population.where) == ("police", {"force": "20"})
    assert places_heard(EVERYBODY.values()) == {"CITY", "COUNTY", "E08000025", "E06000015", "20"}


@pytest.mark.parametrize("wrong", ["authorities: {Mordor: }", "forces: {01: }", "councils: {Derby: }"])
def test_a_list_that_names_nobody_is_refused_in_a_sentence(wrong):
    with pytest.raises(RecipientError, match="on_board"):
        parse_all("on_board", wrong)


OLDER = """
title: Front door
purpose: Safeguarding
legal_basis: Children Act 2004 s.11
marking: OFFICIAL
exporter: mash
agreement: {reference: R, valid_from: 2021-01-01, valid_to: 2030-12-31}
population: {where: {local_authority: CITY}}
"""


def test_a_front_door_of_an_older_home_hears_by_routes_too():
    (older,) = parse_all("mash_x", OLDER)
    assert older.population.where == {"authority": "CITY"}


def test_the_sheet_to_send_by_hand_names_who_hears_why_and_only_those_children():
    other = Person("P-2", [mention("intel:31/2022/000002#1", surname="Moss", local_authority="E08000025")])
    both = state(CHILD, other)
    (route,) = [row for row in both.route if row["person_id"] == "P-1" and row["role"] == "HOME"]
    ((name, content),) = sheets(Shareables(both), [route]).items()
    assert name == "by_hand/authority_e08000025_20220615.html"
    assert name == f"by_hand/{sheet_of(route, TONIGHT, SITE.places)}", "where its task leads on the screens"
    assert "Ashby" in content.decode()
    assert "Moss" not in content.decode()


def test_nothing_of_a_restricted_child_is_ready_to_be_sent():
    closed = state(Person("P-1", CHILD.mentions, {"restricted": True}))
    assert sheets(Shareables(closed), closed.route) == {}


@pytest.mark.parametrize(
    ("holding", "held_back", "told_by", "state_of"),
    [
        ({("authority_e08000025", "P-1"): TONIGHT}, {}, {}, "SENT"),
        ({}, {("authority_e08000025", "P-1"): "The record is restricted."}, {}, "HELD_BACK"),
        ({}, {}, {}, "WAITING"),
        ({}, {}, {("P-1", "E08000025"): ByHand("D1", TONIGHT)}, "SENT"),
    ],
)
def test_each_route_says_how_far_it_has_come(holding, held_back, told_by, state_of):
    home, police = routed(state(CHILD).route, {"authority_e08000025": BOARD["authority_e08000025"]}, holding, held_back,
                          told_by)  # fmt: skip
    assert (home["role"], home["recipient"], home["state"]) == ("HOME", "authority_e08000025", state_of)
    assert (police["role"], police["recipient"], police["state"]) == ("POLICE_HOME", "", "NO_RECIPIENT")


def test_a_place_that_was_told_says_since_when_its_receipt_is_open_and_when_it_answered():
    home, police = state(CHILD).route
    told = {("authority_e08000025", "P-1"): TONIGHT, ("force_20", "P-1"): TONIGHT}
    why = {row["role"]: row["why"] for row in routed([home, police], BOARD, told, {}, {})}
    assert why == {
        "HOME": "It holds the record. Its receipt is open since 2022-06-15.",
        "POLICE_HOME": "It holds the record. Its receipt is open since 2022-06-15.",
    }
    answered = routed([home | {"answered_on": TONIGHT}], BOARD, told, {}, {})
    assert answered[0]["why"] == "It holds the record. It answered on 2022-06-15."
    by_hand = routed([home], {}, {}, {}, {("P-1", "E08000025"): ByHand("D1", TONIGHT)})
    assert by_hand[0]["why"] == "Told by hand: decision D1. Its receipt is open since 2022-06-15."


def test_the_authority_of_the_old_home_keeps_the_record_until_the_new_one_has_answered_and_then_hears_that():
    first = drops(state(Person("P-1", [mention(local_authority="CITY")])), EVERYBODY, Earlier())
    moved = Person("P-1", [mention(local_authority="E06000015")])
    tomorrow, later = TONIGHT + timedelta(days=1), TONIGHT + timedelta(days=2)
    keeps = {"person_id": "P-1", "role": "HOME_BEFORE", "authority": "CITY", "force": "31", "why": "."}
    waiting = state(moved, as_of=tomorrow)
    waiting.route.extend(rows_of("route", keeps))
    second = drops(waiting, EVERYBODY, after(first, TONIGHT))
    assert informed(second) == {"mash_city": ["HOME_BEFORE"], "authority_e06000015": ["HOME"]}
    assert [row["operation"] for row in second.disclosure if row["recipient"] == "mash_city"][:2] == ["UPDATE"] * 2
    third = drops(state(moved, as_of=later), EVERYBODY, after(second, tomorrow))
    (record,) = json.loads(third.files["mash_city/31_mash_city_20220617_000003_notices_of_concern.json"])["records"]
    assert (record["operation"], record["ending"]["kind"]) == ("ENDED", "MOVED")


def test_an_authority_that_only_kept_a_child_who_moved_is_told_of_no_new_one():
    moved = state(Person("P-1", [mention(local_authority="E06000015")]))
    moved.route.extend(
        rows_of("route", {"person_id": "P-1", "role": "HOME_BEFORE", "authority": "CITY", "force": "31", "why": "."})
    )
    assert set(informed(drops(moved, EVERYBODY, Earlier()))) == {"authority_e06000015"}


def test_a_place_that_is_not_known_has_a_row_without_recipient():
    (row,) = routed(state(Person("P-1", [mention(local_authority=None)])).route, EVERYBODY, {}, {}, {})
    assert (row["role"], row["recipient"], row["state"]) == ("HOME", "", "NO_RECIPIENT")
    assert SITE.force_code == "31"
