"""Who has to hear of an identified child: one test for each role, and for what is not known."""

import pytest

from tests.reconcile.rows import SITE, day, decision, mention, tables_of
from transforms.reconcile import reconcile
from transforms.reconcile.routes import POLICE, place_of, route_rows

CHILD = {
    "person_id": "P-1",
    "state": "PROPOSED",
    "identified_on": day("2022-01-10"),
    "removal_reason": None,
    "moved_to_authority": None,
}

FINDERS = ("30", "33", "20")
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
    (
        [("HOME_AUTHORITY", "E06000015"), *(("FOUND_BY", one) for one in FINDERS)],
        {
            ("HOME", "E06000015", "30"),
            ("POLICE_HOME", "", "30"),
            *(("POLICE_FOUND", "", one) for one in FINDERS),
        },
    ),
    ([("HOME_AUTHORITY", "CITY"), ("FOUND_BY", "31")], {("HOME", "CITY", "31")}),
    ([("HOME_AUTHORITY", "CITY"), ("FOUND_BY", "Elsewhere")], {("HOME", "CITY", "31"), ("POLICE_FOUND", "", "")}),
    (
        [("HOME_AUTHORITY", "E06000015"), ("FOUND_BY", "31")],
        {("HOME", "E06000015", "30"), ("FOUND", "", ""), ("POLICE_HOME", "", "30")},
    ),
    ([("HOME_AUTHORITY", "S12000049")], {("HOME", "S12000049", "SC"), ("POLICE_HOME", "", "SC")}),
    ([], {("HOME", "", "")}),
    ([("SEEN_AREA", "City North")], {("HOME", "", "")}),
    ([("HOME_AUTHORITY", "Shire"), ("SEEN_AREA", "Newark")], {("HOME", "", "")}),
    ([("HOME_AUTHORITY", "CITY"), ("PLACING_AUTHORITY", "Shire")], {("HOME", "CITY", "31"), ("PLACING", "", "")}),
]


def routes(child, places):
    homes = [SITE.places.authority(value) for kind, value in places if kind == "HOME_AUTHORITY"]
    places = [*places, *(("HOME_FORCE", home.force) for home in homes if home and home.force)]
    return route_rows(SITE, [child], [{"person_id": "P-1", "kind": kind, "value": value} for kind, value in places])


@pytest.mark.parametrize(("places", "expected"), ROUTES)
def test_every_place_of_an_identified_child_is_a_route(places, expected):
    found = routes(CHILD, places)
    assert {(row["role"], row["authority"], row["force"]) for row in found} == expected
    assert len(found) == len(expected)
    assert all(row["why"].endswith(".") for row in found)


def test_a_route_leads_to_an_authority_or_to_a_force_by_its_role():
    found = routes(CHILD, [("HOME_AUTHORITY", "E06000015"), ("FOUND_BY", "33")])
    assert {row["role"]: place_of(row) for row in found} == {
        "HOME": "E06000015",
        "POLICE_HOME": "30",
        "POLICE_FOUND": "33",
    }
    assert {row["role"]: row["why"] for row in found if row["role"] in POLICE} == {
        "POLICE_HOME": "The child lives in the area of Derbyshire.",
        "POLICE_FOUND": "Leicestershire found the child.",
    }


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
        ({"state": "REMOVED", "removal_reason": "MOVED_AREA"}, False),
        ({"state": "REMOVED", "removal_reason": "MOVED_AREA", "moved_to_authority": "E08000025"}, True),
        ({"state": "REMOVED", "removal_reason": "DECEASED", "moved_to_authority": "E08000025"}, False),
    ],
)
def test_identified_children_are_routed_and_no_others(given, is_routed):
    assert bool(routes(CHILD | given, [("HOME_AUTHORITY", "CITY")])) is is_routed


def told(decisions=(), heard=("CITY",), **given):
    """Rows of `action` of a child seen in the City who lives in Birmingham."""
    child = mention("intel:31/2022/000001#1", local_authority="E08000025", policing_area="City North", **given)
    result = reconcile(tables_of("2022-03-01", [child], decision=list(decisions), places_heard=frozenset(heard)))
    return {row["action_id"]: row for row in result.action}


def test_who_has_to_hear_and_has_no_contract_is_a_persons_task_due_at_once_that_names_them():
    home, police = told().values()
    assert "children's services of Birmingham (E08000025)" in home["what"]
    assert "West Midlands (20)" in police["what"]
    assert home["due_on"] == home["raised_on"] == day("2022-01-10")
    assert home["done_on"] is police["done_on"] is None


def test_with_a_contract_there_is_nothing_to_tell_by_hand():
    assert told(heard=("CITY", "E08000025", "20")) == {}


def test_the_task_is_done_once_that_place_was_told_and_no_other_is():
    home, police = told([decision(1, "PLACE_TOLD", "intel:31/2022/000001#1", "2022-02-10", value="20")]).values()
    assert home["done_on"] is None
    assert (police["done_on"], police["outcome"]) == (day("2022-02-10"), "20")


def test_an_own_authority_without_a_contract_is_no_footnote():
    assert any("Nottingham City Council" in row["what"] for row in told(heard=("E08000025", "20")).values())


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"local_authority": None}, "is not known"),
        ({"local_authority": "Shire"}, "It is written: Shire."),
        ({"local_authority": "CITY", "placing_authority": "Shire"}, "placing authority is written as none"),
    ],
)
def test_a_place_that_is_not_known_is_asked(given, why):
    child = mention("intel:31/2022/000001#1", born="2009-01-01", **given)
    (asked,) = [row for row in reconcile(tables_of("2022-03-01", [child])).review if row["kind"] == "authority"]
    assert why in asked["why"]


def test_a_home_that_is_known_is_not_asked():
    child = mention("intel:31/2022/000001#1", local_authority="S12000049", placing_authority="E08000025")
    assert [row["kind"] for row in reconcile(tables_of("2022-03-01", [child])).review] == ["ratify", "age"]


def test_a_child_who_moved_has_to_be_told_of_where_the_child_lives_now():
    moved = decision(1, "MOVED", "intel:31/2022/000001#1", "2022-02-10", value="E08000025 | 20")
    assert {row["action_id"].split(":")[3] for row in told([moved]).values()} == {
        "HOME",
        "POLICE_HOME",
    }
