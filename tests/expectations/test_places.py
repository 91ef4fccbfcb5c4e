"""Which authority a text names, by the names of a site and by the national list."""

from dataclasses import replace

import pytest

from expectations.on_board import contracts
from expectations.places import Places
from expectations.reference import codes
from expectations.site import LocalAuthority, SiteError, load

SITE = load()

NAMED = [  # what is written, the code that tables hold, the force in whose area it lies
    ("CITY", "CITY", "31"),
    ("county", "COUNTY", "31"),
    ("Nottingham", "CITY", "31"),
    ("E10000024", "COUNTY", "31"),
    ("nottinghamshire county council", "COUNTY", "31"),
    ("BIRMINGHAM", "E08000025", "20"),
    ("  e08000025 ", "E08000025", "20"),
    ("leicester city", "E06000016", "33"),
    ("Leicester City Council", "E06000016", "33"),
    ("Leicestershire", "E10000018", "33"),
    ("London Borough of Hackney", "E09000012", "01"),
    ("Royal Borough of Kensington & Chelsea", "E09000020", "01"),
    ("City of London", "E09000001", "48"),
    ("Durham County Council", "E06000047", "11"),
    ("City of Bristol", "E06000023", "52"),
    ("St Helens", "E08000013", "05"),
    ("Glasgow", "S12000049", "SC"),
    ("Belfast", "N09000003", "98"),
]
NAMES_NONE = [None, "", "  ", "SHIRE", "London", "Nottingham County Council", "Derby County", "E99999999", "N/K"]


@pytest.mark.parametrize(("written", "code", "force"), NAMED)
def test_an_authority_is_known_by_the_sites_names_and_by_the_national_list(written, code, force):
    found = SITE.places.authority(written)
    assert found is not None
    assert (found.code, found.force) == (code, force)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("City of London Police", "48"),
        ("London, City of", "48"),
        ("48", "48"),
        ("Metropolitan Police", "01"),
        ("West Midlands police", "20"),
        ("London", ""),
        ("London Police", ""),
        ("20 police", ""),
    ],
)
def test_a_force_is_known_by_its_code_and_by_its_name_as_people_write_it(written: str, code: str) -> None:
    assert SITE.places.force(written) == code


@pytest.mark.parametrize("written", NAMES_NONE)
def test_what_may_mean_two_authorities_or_none_is_none(written):
    assert SITE.places.authority(written) is None


def test_no_authority_is_without_a_force_that_can_be_told():
    """Each is listed as on board by its code, too."""
    assert [one.name for one in SITE.places.all if not one.force] == []
    listed = {"forces": {one.force: {} for one in SITE.places.all}}
    assert len(list(contracts(listed))) == len(listed["forces"]) == 45


def test_every_authority_of_the_list_is_found_by_its_code_and_by_its_name():
    places = Places()
    for row in codes("authorities"):
        assert places.authority(row["code"]) == places.authority(row["name"].upper())
    assert len({one.code for one in places.all}) == len(codes("authorities"))


def test_a_force_names_its_own_authorities_and_gives_them_further_spellings():
    rutland = LocalAuthority("RUTLAND", "Rutland County Council", panel="LCEP", synonyms=("Oakham",))
    site = replace(SITE, force_code="33", local_authorities={"RUTLAND": rutland}, panels=("MACE",))
    found = site.places.authority("oakham")
    assert found is not None
    assert (found.code, found.ons, found.force) == ("RUTLAND", "E06000017", "33")
    assert site.places.authority("CITY") is None
    assert site.all_panels == {"LCEP", "MACE"}


def test_an_area_of_several_authorities_says_of_none_that_a_child_lives_there():
    site = replace(SITE, policing_areas={"Dales": ("CITY", "COUNTY"), "Fen": ("COUNTY",), "Moor": "Derby", "Isle": "?"})
    found = [site.authority_of_area(area) for area in ("Dales", "Fen", "Moor", "Isle", "Elsewhere", None)]
    assert found == [None, "COUNTY", "E06000015", None, None, None]


def test_a_home_may_bring_a_list_of_its_own(tmp_path):
    rows = "# as of 2027\ncode,name,country,region,force_code,force\nE06009999,Newtown,England,,31,Nottinghamshire\n"
    (tmp_path / "authorities.csv").write_text(rows)
    places = load(tmp_path / "site.yml").places
    assert places.authority("newtown") is not None
    assert places.authority("Birmingham") is None
    (tmp_path / "authorities.csv").write_text("code,name\nE1,One\n")
    with pytest.raises(SiteError, match="force_code"):
        load(tmp_path / "site.yml")
