"""When is a name, as far as is known, one person's alone?"""

from typing import Any

import pytest

from tests.link.rows import mentions
from tests.link.test_who_is_who import a
from transforms.link.model.columns import columns_of


def lone(*rows: dict[str, Any]) -> bool:
    return bool(columns_of(mentions(*rows)).is_lone_name.all())


@pytest.mark.parametrize(
    "other",
    [
        a("3"),
        a("3", date_of_birth=""),
        a("3", date_of_birth="2005-06-10"),
        a("3", date_of_birth="2006-10-06"),
        a("3", given_names="Joshua", date_of_birth="2008-02-19"),
    ],
)
def test_an_error_in_a_date_and_other_names_leave_a_name_to_one_person(other: dict[str, Any]) -> None:
    assert lone(a("1"), a("2"), other)


@pytest.mark.parametrize(
    "others",
    [
        [a("3", date_of_birth="2008-02-19")],
        [a("3", given_names="Dom", date_of_birth="2008-02-19")],
        [a("3", date_of_birth="2005-10-17"), a("4", date_of_birth="2005-10-17")],
        [a("3", gender="Female")],
        [a("3", pnc_id="2016/6760309E"), a("4", pnc_id="2016/4419059T")],
    ],
)
def test_a_date_that_no_error_explains_or_is_repeated_shows_somebody_else(others: list[dict[str, Any]]) -> None:
    assert not lone(a("1"), a("2"), *others)


def test_a_name_of_which_a_part_is_missing_is_nobodys_alone() -> None:
    assert not lone(a("1", surname=""))
