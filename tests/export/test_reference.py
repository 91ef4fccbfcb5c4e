"""Code lists: where they come from, and the traps in them."""

import pytest

from expectations.reference import REFERENCE, codes, crosswalk

LISTS = sorted(path.stem for path in REFERENCE.glob("*.csv"))


@pytest.mark.parametrize("name", LISTS)
def test_each_list_says_its_source_and_every_row_is_whole(name):
    assert "ource" in (REFERENCE / f"{name}.csv").read_text(encoding="utf-8").split("\n\n")[0]
    rows = codes(name)
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)


def test_forces_are_two_characters_and_keep_their_leading_zero():
    force = crosswalk("forces", "code", "name")
    assert (force["31"], force["93"], force["01"]) == ("Nottinghamshire", "BTP", "Metropolitan Police Service")


def test_pole_swaps_african_and_caribbean():
    assert {code: crosswalk("ethnicity", "sde", "pole")[code] for code in ("B1", "B2")} == {"B1": "15", "B2": "14"}


def test_a_gender_that_is_not_known_has_no_nrm_value():
    assert {"Not Known", "Not Specified", "Trans Male", "Trans Female"}.isdisjoint(crosswalk("gender", "pole", "nrm"))


def test_the_form_has_96_fields_each_with_a_key_of_its_own():
    assert len({row["key"] for row in codes("nrm_fields")}) == 96
