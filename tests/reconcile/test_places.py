"""Where a child lives, was placed, was seen and found: each with its source, status and days."""

from dataclasses import replace

import pytest

from tests.reconcile.rows import SITE, decision, mention, row, tables_of
from transforms.reconcile import reconcile

SEEN = "intel:31/2022/000001#1"


def places(*mentions, decisions=(), site=SITE, episodes=(), sightings=()):
    """Rows of `place` by kind and value, and the child's row."""
    landed = {"missing_episode": list(episodes), "force_sighting": list(sightings)}
    state = tables_of("2022-03-01", list(mentions), decision=list(decisions), **landed)
    result = reconcile(replace(state, site=site))
    (child,) = result.child
    return {(one["kind"], one["value"]): one for one in result.place}, child


def test_where_an_event_was_is_where_the_child_was_seen_and_never_the_home():
    found, child = places(
        mention(SEEN, "2022-01-10", policing_area="Ashfield", local_authority="CITY"),
        mention("intel:31/2022/000002#1", "2022-02-20", policing_area="Ashfield"),
        mention("intel:31/2022/000003#1", "2022-02-10", policing_area="Newark"),
    )
    assert child["policing_area"] is None
    ashfield = found["SEEN_AREA", "Ashfield"]
    assert (str(ashfield["first_on"]), str(ashfield["last_on"])) == ("2022-01-09", "2022-02-19")
    assert ashfield["mention_key"] == "intel:31/2022/000002#1"
    assert set(found) == {
        *[("SEEN_AREA", "Ashfield"), ("SEEN_AREA", "Newark")],
        *[("HOME_AUTHORITY", "CITY"), ("HOME_FORCE", "31")],
    }


def test_the_spreadsheets_area_is_where_the_child_lives_whatever_is_seen_later():
    found, child = places(
        mention("opening:P1", "2022-01-01", home_area="City Central", local_authority=None),
        mention(SEEN, "2022-02-20", policing_area="Mansfield North", local_authority=None),
    )
    assert (child["policing_area"], child["local_authority"]) == ("City Central", "CITY")
    assert found["HOME_AREA", "City Central"]["status"] == "STATED"
    assert found["HOME_AUTHORITY", "CITY"]["status"] == "ESTIMATED"
    assert ("SEEN_AREA", "City Central") not in found


def test_an_entry_taken_over_before_home_areas_were_known_keeps_its_area_as_the_home():
    _, child = places(
        mention("opening:P1", "2022-01-01", policing_area="Newark"), mention(SEEN, policing_area="Ashfield")
    )
    assert child["policing_area"] == "Newark"


def test_a_home_area_recorded_later_outlives_the_spreadsheets():
    _, child = places(mention("opening:P1", "2022-01-01", home_area="Newark"), mention(SEEN, home_area="Ashfield"))
    assert child["policing_area"] == "Ashfield"


@pytest.mark.parametrize(
    ("postcode", "area"), [("NG7 2AB", "City South"), ("NG7 1AB", "City North"), ("NG71 1AB", None)]
)
def test_the_postcode_tells_the_home_area_where_the_site_says_so_and_nothing_else_does(postcode, area):
    site = replace(SITE, home_areas={"NG7 1": "City North", "NG7": "City South", "LE1": "Newark"})
    _, child = places(mention(SEEN, postcode=postcode, local_authority=None), site=site)
    assert child["policing_area"] == area
    assert child["local_authority"] == ("CITY" if area else None)


def test_an_authority_that_is_none_stays_as_written_and_no_area_overrules_it():
    found, child = places(mention(SEEN, local_authority="Shire", home_area="Newark"))
    assert child["local_authority"] == "Shire"
    assert ("HOME_FORCE", "31") not in found


def test_a_decision_and_its_number_stand_behind_the_home_that_it_sets():
    decided = decision(1, "SET_AUTHORITY", SEEN, "2022-02-01", value="E08000025")
    found, child = places(mention(SEEN, local_authority="CITY"), decisions=[decided])
    home = found["HOME_AUTHORITY", "E08000025"]
    assert (home["status"], home["decision_id"], home["mention_key"]) == ("DECIDED", "D00001", None)
    assert found["HOME_FORCE", "20"]["status"] == "DECIDED"
    assert child["panel"] is None


def test_who_found_the_child_is_the_force_by_its_code():
    episode = row("missing_episode", mention_key="missing:M1", found_force="Leicestershire")
    found, _ = places(mention(SEEN), mention("missing:M1"), episodes=[episode])
    assert ("FOUND_BY", "33") in found


@pytest.mark.parametrize(
    ("kind", "force", "value"),
    [
        ("STOPPED", "West Midlands Police", "20"),
        ("ARRESTED", "20", "20"),
        ("FOUND", "City of London Police", "48"),
        ("FOUND", "the Rozzers", "the Rozzers"),
        ("ENQUIRY", "20", None),
        (None, "20", None),
    ],
)
def test_a_force_that_met_the_child_found_the_child_and_one_that_asked_did_not(kind, force, value):
    met = row("force_sighting", mention_key="sighting:S1", kind=kind, force=force)
    found, _ = places(mention(SEEN), mention("sighting:S1", "2022-02-20"), sightings=[met])
    finders = {name: one for (kind, name), one in found.items() if kind == "FOUND_BY"}
    assert set(finders) == ({value} if value else set())
    assert all((str(one["first_on"]), one["mention_key"]) == ("2022-02-19", "sighting:S1") for one in finders.values())


def test_the_authority_that_placed_a_child_is_a_place_with_the_days_of_the_records_that_say_so():
    placed = {"placing_authority": "E09000007", "local_authority": "CITY"}
    found, _ = places(
        mention(SEEN, "2022-01-10", **placed), mention("missing:M1", "2022-02-20", **placed), mention("missing:M2")
    )
    for place in (("PLACING_AUTHORITY", "E09000007"), ("HOME_AUTHORITY", "CITY")):
        assert (str(found[place]["first_on"]), str(found[place]["last_on"])) == ("2022-01-09", "2022-02-19")
        assert (found[place]["status"], found[place]["mention_key"]) == ("STATED", "missing:M1")
