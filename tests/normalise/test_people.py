"""In which form people are compared: literal values in, comparable values out."""

from datetime import date

import pandas as pd
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.contracts import contract
from transforms.normalise import comparable
from transforms.normalise.births import birth_of
from transforms.normalise.identifiers import check_letter, pnc_id_of
from transforms.normalise.names import LONGEST, name_of, nicknames, root, surname_key
from transforms.normalise.places import address_of, postcode_of
from transforms.normalise.reasons import WARNINGS
from transforms.normalise.telephones import telephone_of
from transforms.normalise.text import key, tidy

TONIGHT = date(2022, 3, 2)


@pytest.mark.parametrize(
    ("given_names", "surname", "alias", "told"),
    [
        ("Robin", "Example", None, ("Robin", "Example", None)),
        ("Mr Robin", "EXAMPLE", None, ("Robin", "Example", None)),
        ("Miss. Robin Ann", "example", None, ("Robin Ann", "Example", None)),
        ("MIG_ERROR_Robin", "DUPLICATE_Example", None, ("Robin", "Example", None)),
        ("Robin", "O'CONNOR", None, ("Robin", "O'Connor", None)),
        ("Robin", "MCDONALD", None, ("Robin", "McDonald", None)),
        ("DeShawn", "MÜLLER", None, ("DeShawn", "Müller", None)),
        ("EXAMPLE, Robin", None, None, ("Robin", "Example", None)),
        (None, "Example, Robin Ann", None, ("Robin Ann", "Example", None)),
        ("Example, Robin", "EXAMPLE", None, ("Robin", "Example", None)),
        ("Robin EXAMPLE", None, None, ("Robin", "Example", None)),
        ("EXAMPLE Robin", None, None, ("Robin", "Example", None)),
        ("Robin Example", None, None, ("Robin Example", None, None)),  # which is the surname is not known
        ('Robin "Spud"', "Example", None, ("Robin", "Example", "Spud")),
        ("Robin (Spud)", "Example", "spud", ("Robin", "Example", "spud")),
        ("Robin", "Example aka Spud", "Ghost", ("Robin", "Example", "Ghost; Spud")),
        ("Robin", "Example (née Sample)", None, ("Robin", "Example", "Sample")),
        ("Robin", "Example", "Dr Spud (K)", ("Robin", "Example", "Dr Spud (K)")),
        ("Drew", "Masters", None, ("Drew", "Masters", None)),
        ("  Robin\u200b  ", "Exam\u202eple", None, ("Robin", "Example", None)),
    ],
)
def test_a_name_is_read_as_a_person_would_write_it(given_names, surname, alias, told):
    name = name_of(given_names, surname, alias)
    assert (name.given_names, name.surname, name.alias) == told
    assert name.warnings == ()


@pytest.mark.parametrize("text", ["NOT ENTERED", "unknown", "Unknown Male", "N/K", "???", "-", "XXX", "Not known"])
def test_a_placeholder_is_no_name_and_leaves_a_warning(text):
    name = name_of(text, "Example", None)
    assert (name.given_names, name.given_key, name.warnings) == (None, None, ("NAME_PLACEHOLDER",))


def test_what_is_too_long_is_no_name():
    assert name_of("(" * (LONGEST + 1), "Example", None).warnings == ("NAME_TOO_LONG",)


@pytest.mark.parametrize(
    ("surname", "compared"),
    [
        ("O'Connor", "oconnor"),
        ("O’Connor", "oconnor"),
        ("O Connor", "oconnor"),
        ("Mc Donald", "mcdonald"),
        ("Mac Donald", "macdonald"),
        ("Taylor-Grant", "taylor grant"),
        ("Taylor  Grant", "taylor grant"),
        ("Müller", "muller"),
        ("Łukasik", "lukasik"),
        ("Иванов", "ivanov"),
        ("St. John", "st john"),
        ("<script>alert(1)</script>", "script alert 1 script"),
    ],
)
def test_a_surname_compares_however_it_is_typed(surname, compared):
    assert surname_key(surname) == compared


@pytest.mark.parametrize(
    ("first", "one_root"),
    [
        ("dom", "dominic"),
        ("mohammed", "muhammad"),
        ("mohamed", "muhammad"),
        ("ayesha", "aisha"),
        ("hasan", "hassan"),
        ("khadijah", "khadija"),
        ("katie", "katherine"),
        ("kate", "katherine"),
        ("sam", "samuel"),
        ("benji", "benjamin"),
        ("ben", "benjamin"),
        ("robin", "robin"),
    ],
)
def test_a_nickname_or_variant_leads_to_one_root(first, one_root):
    assert root(first) == one_root


def test_the_nickname_table_is_in_comparable_form_and_one_step_deep():
    for name, one_root in nicknames().items():
        assert (key(name), key(one_root)) == (name, one_root)
        assert one_root not in nicknames()


@pytest.mark.parametrize(
    ("text", "day", "year", "precision", "warning"),
    [
        ("2008-05-17", date(2008, 5, 17), 2008, "DAY", ""),
        ("17/05/2008", date(2008, 5, 17), 2008, "DAY", ""),
        ("20080517", date(2008, 5, 17), 2008, "DAY", ""),
        ("2008-05-17 00:00:00", date(2008, 5, 17), 2008, "DAY", ""),
        ("2004-02-29", date(2004, 2, 29), 2004, "DAY", ""),
        ("2008", None, 2008, "YEAR", ""),
        ("2008-05", None, 2008, "YEAR", ""),
        ("", None, None, "NONE", ""),
        (None, None, None, "NONE", ""),
        ("1900-01-01", None, None, "NONE", "DOB_PLACEHOLDER"),
        ("1970-01-01", None, None, "NONE", "DOB_PLACEHOLDER"),
        ("01/01/1901", None, None, "NONE", "DOB_PLACEHOLDER"),
        ("9999-12-31", None, None, "NONE", "DOB_PLACEHOLDER"),
        ("1900", None, None, "NONE", "DOB_PLACEHOLDER"),
        ("2006-02-29", None, None, "NONE", "DOB_IMPOSSIBLE"),
        ("31/04/2006", None, None, "NONE", "DOB_IMPOSSIBLE"),
        ("2022-03-02", None, None, "NONE", "DOB_IN_FUTURE"),
        ("2023", None, None, "NONE", "DOB_IN_FUTURE"),
        ("1850-01-02", None, None, "NONE", "DOB_TOO_LONG_AGO"),
        ("17/05/08", None, None, "NONE", "DOB_UNREADABLE"),
        ("about 15", None, None, "NONE", "DOB_UNREADABLE"),
    ],
)
def test_a_date_of_birth_is_read_and_never_guessed(text, day, year, precision, warning):
    born = birth_of(text, TONIGHT)
    assert (born.day, born.year, born.precision, born.warning) == (day, year, precision, warning)


def test_nothing_is_verified_about_a_date_that_could_not_be_read():
    raw = pd.DataFrame({"date_of_birth": ["1900-01-01", "2008"], "dob_status": ["VERIFIED", "STATED"]})
    assert list(comparable(raw)["dob_status"]) == ["UNKNOWN", "STATED"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2019/4077812T", ("2019/4077812T", "")),
        ("19/4077812T", ("2019/4077812T", "")),
        ("19/4077812t ", ("2019/4077812T", "")),
        ("1995/0000012P", ("1995/0000012P", "PNC_CHECK_LETTER")),
        ("95/12Q", ("1995/0000012Q", "PNC_CHECK_LETTER")),
        ("2019/4077812A", ("2019/4077812A", "PNC_CHECK_LETTER")),
        ("2019/ABC", (None, "PNC_UNREADABLE")),
        ("00/0000000Z", (None, "PNC_UNREADABLE")),
        (None, (None, "")),
    ],
)
def test_both_forms_of_a_pnc_id_are_one(text, told):
    assert pnc_id_of(text) == told


@given(st.integers(0, 38), st.integers(1, 9_999_999))
def test_every_pnc_id_of_this_century_is_the_same_in_both_forms(year, serial):
    letter = check_letter(f"{year:02}", f"{serial:07}")
    assert pnc_id_of(f"{year:02}/{serial}{letter}") == pnc_id_of(f"20{year:02}/{serial:07}{letter}")
    assert pnc_id_of(f"20{year:02}/{serial:07}{letter}")[1] == ""


@pytest.mark.parametrize(
    ("text", "postcode", "warning"),
    [
        ("NG1 7AZ", "NG1 7AZ", ""),
        ("ng17az", "NG1 7AZ", ""),
        (" NG20  1SG ", "NG20 1SG", ""),
        ("EC1A 1BB", "EC1A 1BB", ""),
        ("W1A 0AX", "W1A 0AX", ""),
        ("GIR 0AA", "GIR 0AA", ""),
        ("QX1 1AA", None, "POSTCODE_UNREADABLE"),
        ("NG1 7CZ", None, "POSTCODE_UNREADABLE"),  # C is never in the inward code
        ("NG1", None, "POSTCODE_UNREADABLE"),
        ("NF1 1NF", None, "NO_FIXED_ABODE"),
        ("NF1 1FA", None, "NO_FIXED_ABODE"),
        ("ZZ99 3VZ", None, "NO_FIXED_ABODE"),
    ],
)
def test_a_postcode_is_one_that_royal_mail_could_have_issued(text, postcode, warning):
    place = postcode_of(text)
    assert (place.postcode, place.warning) == (postcode, warning)
    assert place.outward_code == (postcode.split(" ")[0] if postcode else None)


@pytest.mark.parametrize(
    ("text", "compared", "warning"),
    [
        ("113 Sycamore Close", "113 sycamore cl", ""),
        ("113, Sycamore Cl.", "113 sycamore cl", ""),
        ("Flat 2, 5 Elm Street, NG1 7AZ", "flat 2 5 elm st", ""),
        ("No. 5 Elm Road", "5 elm rd", ""),
        ("No fixed abode", None, "NO_FIXED_ABODE"),
        ("NFA", None, "NO_FIXED_ABODE"),
        ("Unknown", None, ""),
    ],
)
def test_an_address_compares_however_its_street_is_shortened(text, compared, warning):
    assert address_of(text)[1:] == (compared, warning)


@pytest.mark.parametrize(
    ("text", "number", "warning"),
    [
        ("07700 900123", "+447700900123", ""),
        ("+44 (0)7700 900123", "+447700900123", ""),
        ("0044 7700-900123", "+447700900123", ""),
        ("7700900123", "+447700900123", ""),
        ("0115 496 0123", "+441154960123", ""),
        ("+33 6 12 34 56 78", "+33612345678", ""),
        ("00000000000", None, "TELEPHONE_UNREADABLE"),
        ("0770", None, "TELEPHONE_UNREADABLE"),
        ("his mum's", None, "TELEPHONE_UNREADABLE"),
        (None, None, ""),
    ],
)
def test_a_telephone_number_is_one_in_every_way_of_writing_it(text, number, warning):
    assert telephone_of(text) == (number, warning)


@given(st.from_regex(r"\A(\+44|0044|0)7[0-9]{9}\Z").filter(lambda n: len(set(n[-9:])) > 1))
def test_mobile_numbers_are_read_as_the_library_reads_them(text):
    number = phonenumbers.format_number(phonenumbers.parse(text, "GB"), phonenumbers.PhoneNumberFormat.E164)
    assert telephone_of(text)[0] == number


@given(st.text())
def test_tidying_and_comparing_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
    assert key(key(text)) == key(text)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_text_at_all_stops_the_reading_of_a_person(given_names, surname, alias):
    columns = {"given_names": [given_names], "surname": [surname], "alias": [alias]}
    columns |= {name: [alias] for name in ("date_of_birth", "postcode", "telephone", "pnc_id", "address", "gender")}
    (person,) = comparable(pd.DataFrame(columns), TONIGHT).to_dict("records")
    for compared in ("given_key", "surname_key", "alias_key", "address_key"):
        assert person[compared] is None or person[compared].isascii()


def test_absent_columns_are_not_known_and_rows_keep_their_index():
    people = comparable(pd.DataFrame({"surname": ["Example"]}, index=["intel:1#1"]))
    assert list(people.index) == ["intel:1#1"]
    assert people.loc["intel:1#1", "given_names"] is None
    assert people.loc["intel:1#1", "source_person_ids"] == ()


def test_every_row_is_read_as_if_it_were_alone():
    rows = [
        {"given_names": "Sam", "surname": "Example", "alias": None, "date_of_birth": "2008", "gender": "Male"},
        {"given_names": "Sam", "surname": "Sample", "alias": "Spud", "date_of_birth": "1900-01-01", "gender": "M"},
        {"given_names": None, "surname": "Example", "alias": "Spud", "date_of_birth": "2008", "gender": "?"},
    ]
    together = comparable(pd.DataFrame(rows)).to_dict("records")
    assert together == [comparable(pd.DataFrame([row])).to_dict("records")[0] for row in rows]


def test_comparable_columns_are_those_of_the_contract_and_its_warnings_have_sentences():
    people = comparable(pd.DataFrame({"telephone": ["?"], "postcode": ["?"], "pnc_id": ["?"], "date_of_birth": ["?"]}))
    assert set(people.columns) <= set(contract("mention").names)
    assert set(people["warnings"].iloc[0]) <= set(WARNINGS)


def test_several_nominals_come_as_a_list_or_separated_by_semicolons():
    assert comparable(pd.DataFrame({"source_person_ids": ["N2;N1"]}))["source_person_ids"].iloc[0] == ("N1", "N2")
    assert comparable(pd.DataFrame({"source_person_ids": [["N2", "N1"]]}))["source_person_ids"].iloc[0] == ("N1", "N2")
