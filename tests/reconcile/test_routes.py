"""Who has to hear of an identified child: one test for each role, and for what is not known."""

import pytest

from tests.reconcile.rows import SITE, day
from transforms.reconcile.routes import route_rows

CHILD = {"person_id": "P-1", "state": "PROPOSED", "identified_on": day("2022-01-10")}

ROUTES = [  # what is known of the places, and (role, authority, force) of every route
    ([("HOME_AUTHORITY", "CITY")], {("HOME", "CITY", "31")}),
    ([("HOME_AUTHORITY", "COUNTY"), ("SEEN_AREA", "City North")], {("HOME", "COUNTY", "31")}),
    (
        [("HOME_AUTHORITY", "E08000025"), ("SEEN_AREA", "City North"), ("SEEN_AREA", "Newark")],
        {("HOME", "E08000025", "20"), ("FOUND", "CITY", "31"), ("FOUND", "COUNTY", "31"), ("POLICE_HOME", "", "20")},
    ),
    (
        [("HOME_AUTHORITY", "E06000015"), ("PLACING_AUTHORITY", "E09000007"), ("FOUND_BY", "33")],
        {
            ("HOME", "E06000015", "30"),
            ("PLACING", "E09000007", "01"),
            ("POLICE_HOME", "", "30"),
            ("POLICE_FOUND", "", "33"),
        },
    ),
    ([("HOME_AUTHORITY", "CITY"), ("FOUND_BY", "31")], {("HOME", "CITY", "31")}),
    ([("HOME_AUTHORITY", "CITY"), ("FOUND_BY", "Elsewhere")], {("HOME", "CITY", "31"), ("POLICE_FOUND", "", "")}),
    (
        [("HOME_AUTHORITY", "E06000015"), ("FOUND_BY", "31")],
        {("HOME", "E06000015", "30"), ("FOUND", "", ""), ("POLICE_HOME", "", "30")},
    ),
    ([("HOME_AUTHORITY", "S12000049")], {("HOME", "S12000049", ""), ("POLICE_HOME", "", "")}),
    ([], {("HOME", "", "")}),
    ([("SEEN_AREA", "City North")], {("HOME", "", "")}),
    ([("HOME_AUTHORITY", "Shire"), ("SEEN_AREA", "Newark")], {("HOME", "", "")}),
    ([("HOME_AUTHORITY", "CITY"), ("PLACING_AUTHORITY", "Shire")], {("HOME", "CITY", "31"), ("PLACING", "", "")}),
]


def routes(child, places):
    return route_rows(SITE, [child], [{"person_id": "P-1", "kind": kind, "value": value} for kind, value in places])


@pytest.mark.parametrize(("places", "expected"), ROUTES)
def test_every_place_of_an_identified_child_is_a_route(places, expected):
    found = routes(CHILD, places)
    assert {(row["role"], row["authority"], row["force"]) for row in found} == expected
    assert len(found) == len(expected)
    assert all(row["why"].endswith(".") for row in found)


def test_what_is_not_known_says_so_and_a_force_without_a_code_has_its_name():
    why = {row["role"]: row["why"] for row in routes(CHILD, [("HOME_AUTHORITY", "S12000049"), ("FOUND_BY", "?")])}
    assert why["POLICE_HOME"] == "The child lives in the area of Police Scotland."
    assert "settle it" in why["POLICE_FOUND"]
    (unknown,) = routes(CHILD, [])
    assert unknown["why"] == "Where the child lives is not known: settle the home authority."


@pytest.mark.parametrize(
    ("given", "is_routed"),
    [
        ({"state": "OPEN"}, True),
        ({"state": "VULNERABLE"}, True),
        ({"state": "HELD", "identified_on": None}, False),
        ({"state": "DECLINED"}, False),
        ({"state": "REMOVED"}, False),
    ],
)
def test_identified_children_are_routed_and_no_others(given, is_routed):
    assert bool(routes(CHILD | given, [("HOME_AUTHORITY", "CITY")])) is is_routed
