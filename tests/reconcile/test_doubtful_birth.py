"""A date of birth that is no child's is asked about, whatever its status, and ages nobody out."""

from typing import Any

import pytest

from tests.reconcile.rows import decision, mention, opening, tables_of
from transforms.reconcile import reconcile

M, ENTRY = "intel:r1#1", "opening:E1"


def asked(result: Any) -> list[tuple[str, str]]:
    return [(row["kind"], row["why"].split(".")[0]) for row in result.review if row["kind"] == "age"]


DOUBT = ("age", "By the date of birth this was nobody between 5 and 25 when first recorded")


@pytest.mark.parametrize("born", ["1911-11-11", "1904-01-01", "1996-01-01", "2017-02-01", "2021-06-01"])
@pytest.mark.parametrize("status", ["VERIFIED", "STATED", "ESTIMATED"])
def test_a_reports_child_of_such_a_date_is_proposed_and_a_person_is_asked(born: str, status: str) -> None:
    result = reconcile(tables_of("2022-01-20", [mention(M, born=born, dob_status=status)]))
    assert (result.child[0]["state"], result.child[0]["age_presumed"]) == ("PROPOSED", True)
    assert asked(result) == [DOUBT]


@pytest.mark.parametrize("born", ["1911-11-11", "1990-01-01"])
def test_an_entry_of_such_a_date_stays_on_the_tracker(born: str) -> None:
    night = tables_of(
        "2022-01-20", [mention(ENTRY, born=born, dob_status="VERIFIED")], opening_entry=[opening("E1", "2021-12-31")]
    )
    result = reconcile(night)
    assert result.child[0]["state"] == "OPEN"
    assert asked(result) == [DOUBT]


@pytest.mark.parametrize("born", ["1997-06-01", "2004-01-01", "2016-01-01"])
def test_a_date_that_may_be_a_childs_counts_as_before(born: str) -> None:
    result = reconcile(tables_of("2022-01-20", [mention(M, born=born, dob_status="VERIFIED")]))
    assert DOUBT not in asked(result)


def test_years_later_a_date_that_was_believed_still_is() -> None:
    result = reconcile(tables_of("2035-01-20", [mention(M, born="2006-01-01", dob_status="VERIFIED")]))
    assert asked(result) == []
    assert result.child[0]["age_presumed"] is False


def test_what_a_person_decides_is_believed() -> None:
    said = decision(1, "SET_DOB", M, "2022-01-15", value="2008-01-01", reason_code="VERIFIED")
    result = reconcile(tables_of("2022-01-20", [mention(M, born="1911-11-11")], decision=[said]))
    assert result.child[0]["age_presumed"] is False
