"""What is written where no name is known is no name; what is a name stays one."""

import pytest

from transforms.normalise.names import name_of


@pytest.mark.parametrize(
    ("given_names", "surname", "left"),
    [
        ("Owen", "NaN", ("Owen", None)),  # error values
        ("Owen", "#VALUE!", ("Owen", None)),
        ("Owen", "#DIV/0!", ("Owen", None)),
        ("Owen", "#N/A", ("Owen", None)),
        ("Owen", "Err:504", ("Owen", None)),
        ("Owen", "FALSE", ("Owen", None)),
        ("undefined", "Marsh", (None, "Marsh")),
        ("[object Object]", "Marsh", (None, "Marsh")),
        ("Owen", "17", ("Owen", None)),  # no letter
        ("Owen", "--", ("Owen", None)),
        ("Owen", "n.k.", ("Owen", None)),  # not known
        ("LNU", "FNU", (None, None)),
        ("Unidentified", "Unidentified", (None, None)),
        ("Owen", "Last name unknown", ("Owen", None)),
        ("Not", "Recorded", (None, None)),
        ("Details", "Withheld", (None, None)),  # not given
        ("ANON", "ANON", (None, None)),
        ("See", "Log", (None, None)),
        ("Owen", "Not yet disclosed", ("Owen", None)),
        ("Juvenile", "Female", (None, None)),  # roles
        ("Unborn", "Child", (None, None)),
        ("Teenage Girl", "Brown", ("Teenage Girl", "Brown")),
        ("Teen Girl", "Brown", (None, "Brown")),
        ("Twin 2", "Brown", (None, "Brown")),
        ("Sibling B", "Brown", (None, "Brown")),
        ("Baby", "Brown", (None, "Brown")),
        ("Child", "Two", (None, None)),
        ("IC1 Male", None, (None, None)),
        ("Jane", "Doe", (None, None)),  # stand-ins
        ("Fred", "Bloggs", (None, None)),
    ],
)
def test_a_placeholder_is_not_known_and_leaves_a_warning(given_names, surname, left):
    name = name_of(given_names, surname, None)
    assert (name.given_names, name.surname) == left
    assert name.warnings == (("NAME_PLACEHOLDER",) if left != (given_names, surname) else ())


@pytest.mark.parametrize(
    ("given_names", "surname"),
    [
        ("Anna", "Child"),
        ("Ashley", "Young"),
        ("A", "Young"),
        (None, "Child"),
        ("Minnie", "Driver"),
        ("Barry", "White"),
        ("Amit", "Male"),
        ("Min-jun", "No"),
        ("Seven", "Stone"),
        ("Jane", "Son"),
        ("Grace", "Given"),
        ("Robin", "Doe"),
        ("Twinkle", "Boyd"),
    ],
)
def test_a_name_that_looks_like_one_of_these_words_stays(given_names, surname):
    name = name_of(given_names, surname, None)
    assert (name.given_names, name.surname, name.warnings) == (given_names, surname, ())


@pytest.mark.parametrize("alias", ["Unknown", "n/a", "#REF!", "0"])
def test_a_placeholder_is_no_alias(alias):
    assert name_of("Owen", "Marsh", alias).alias is None


@pytest.mark.parametrize("alias", ["Baby", "Lil Man", "Youngster", "Ghost"])
def test_an_alias_may_be_a_role(alias):
    assert name_of("Owen", "Marsh", alias).alias == alias
